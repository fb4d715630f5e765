"""Scars by segment: which patches they weaken, and what the pump makes of them."""

import numpy as np
import pytest

from organtwin.errors import ParameterError
from organtwin.physiology.interface import PatchLayout, Wall
from organtwin.physiology.scar import LEFT_SEGMENTS, scar

LAYOUT = PatchLayout()
SEPTAL, LATERAL = (2, 3, 8, 9, 14), (5, 6, 11, 12, 16)


def lost(*segments: int, share: float = 1.0) -> np.ndarray:
    return 1.0 - scar(dict.fromkeys(segments, share), 5.0, LAYOUT).active


def test_all_segments_make_all_of_the_left_ventricle_and_nothing_else():
    found = lost(*LEFT_SEGMENTS)
    left = slice(LAYOUT.slice(Wall.LV).start, LAYOUT.slice(Wall.SEPTUM).stop)
    assert found[left] == pytest.approx(1.0, abs=1e-3)
    assert found.sum() == pytest.approx(18, abs=0.02)


def test_the_septum_is_its_own_wall():
    found = lost(*SEPTAL)
    assert found[LAYOUT.slice(Wall.SEPTUM)] == pytest.approx(1.0, abs=1e-3)
    assert found[LAYOUT.slice(Wall.LV)] == pytest.approx(0.0, abs=1e-3)


def test_a_lateral_scar_lies_where_conduction_arrives_last():
    free = lost(*LATERAL)[LAYOUT.slice(Wall.LV)]
    assert free[-3:].min() > 0.8
    assert free[:3].max() < 0.1


def test_dead_muscle_is_stiffer_and_half_dead_muscle_half_so():
    whole, half = (scar(dict.fromkeys(SEPTAL, x), 5.0, LAYOUT) for x in (1.0, 0.5))
    septum = LAYOUT.slice(Wall.SEPTUM)
    assert whole.passive[septum] == pytest.approx(5.0, abs=0.01)
    assert half.passive[septum] == pytest.approx(3.0, abs=0.01)
    assert half.active[septum] == pytest.approx(0.5, abs=0.01)


def test_a_scar_of_half_of_each_patch_becomes_whole_patches_and_no_more_of_them():
    anterior = (1, 7, 13)
    free = lost(*anterior)[LAYOUT.slice(Wall.LV)]
    assert np.count_nonzero((free > 0.01) & (free < 0.99)) <= 1
    assert lost(*anterior).sum() == pytest.approx(3.05, abs=0.01)  # sum of the table's columns
    assert lost(*anterior, share=0.5).max() == pytest.approx(0.5)


def test_the_rv_dies_only_when_asked_for():
    right = LAYOUT.slice(Wall.RV)
    found = 1.0 - scar({4: 1.0}, 5.0, LAYOUT, right=0.25).active
    assert found[right].sum() == pytest.approx(1.5)
    assert lost(4)[right].sum() == 0.0
    with pytest.raises(ParameterError, match="of the RV"):
        scar({4: 1.0}, 5.0, LAYOUT, right=1.5)


def test_two_scars_join():
    one, other = scar({2: 1.0}, 5.0, LAYOUT), scar({6: 0.5}, 5.0, LAYOUT)
    assert one.joined(None) is one
    assert one.joined(other).active == pytest.approx(one.active * other.active)


@pytest.mark.parametrize("losses", [{0: 1.0}, {18: 1.0}, {3: 1.5}, {3: -0.1}])
def test_a_segment_or_share_that_is_none_is_refused(losses):
    with pytest.raises(ParameterError, match="segments 1 to 17"):
        scar(losses, 5.0, LAYOUT)


def test_another_division_of_the_walls_is_refused():
    with pytest.raises(ParameterError, match="patches"):
        scar({3: 1.0}, 5.0, PatchLayout(1, 1, 1, 1, 1))
