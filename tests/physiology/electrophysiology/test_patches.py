"""What the pump gets: every piece of muscle in one patch, equal shares, the mean time of each."""

import numpy as np
import pytest

from organtwin.anatomy.regions import Segment
from organtwin.errors import InputError
from organtwin.parameters.files import parameter_specs
from organtwin.parameters.sets import ParameterSet
from organtwin.physiology.electrophysiology.activation.conduction import conduction_named
from organtwin.physiology.electrophysiology.activation.electric_heart import default_speeds
from organtwin.physiology.electrophysiology.activation.patches import (
    LAYOUT,
    SEGMENTS,
    patches,
    pump_activation,
)
from organtwin.physiology.heart import pack
from organtwin.physiology.interface import Wall
from tests.physiology.electrophysiology.electric_hearts import (
    activated,
    left_ventricle,
    template_heart,
)

VENTRICLES = slice(LAYOUT.slice(Wall.LV).start, None)


@pytest.fixture
def parts():
    return patches(template_heart().tissue)


def test_all_muscle_of_the_template_belongs_to_a_patch(parts):
    assert (parts.of_tet >= 0).all()
    assert (np.bincount(parts.of_tet, minlength=LAYOUT.total) > 0).all()


def test_every_segment_belongs_to_one_wall():
    named = [segment for segments in SEGMENTS.values() for segment in segments]
    atrial = {Segment.LEFT_ATRIUM, Segment.RIGHT_ATRIUM}
    assert sorted(named) == sorted(set(Segment) - atrial - {Segment.NONE})


def test_patches_of_a_wall_are_equally_large(parts):
    """To within an element: the pump gives every patch the same share."""
    largest = template_heart().tissue.volumes().max()
    for wall in SEGMENTS:
        own = parts.volumes[LAYOUT.slice(wall)]
        assert np.ptp(own) < 2.0 * largest


def test_volumes_are_those_of_the_muscle(parts):
    assert parts.volumes.sum() == pytest.approx(template_heart().tissue.volumes().sum())


def test_patches_of_the_left_wall_run_from_the_septum_to_the_side(parts):
    tissue = template_heart().tissue
    turn = np.abs(tissue.rotational[tissue.tets]).mean(axis=1)
    left = range(*LAYOUT.slice(Wall.LV).indices(LAYOUT.total))
    mean = [np.average(turn[parts.of_tet == patch]) for patch in left]
    assert mean[0] < mean[4] < mean[8] < mean[11]


def test_patches_of_the_septum_run_from_apex_to_base(parts):
    tissue = template_heart().tissue
    height = tissue.apicobasal[tissue.tets].mean(axis=1)
    own = LAYOUT.slice(Wall.SEPTUM)
    lowest = [height[parts.of_tet == patch].min() for patch in range(own.start, own.stop)]
    highest = [height[parts.of_tet == patch].max() for patch in range(own.start, own.stop)]
    assert (np.array(lowest[1:]) >= np.array(highest[:-1])).all()


def test_delay_of_a_patch_is_the_mean_over_its_volume(parts):
    tissue, found = template_heart().tissue, activated("lbbb")
    patch = LAYOUT.slice(Wall.LV).start + 5
    own = parts.of_tet == patch
    expected = np.average(found.times[tissue.tets[own]].mean(axis=1), weights=tissue.volumes()[own])
    assert parts.delays(tissue, found)[patch] == pytest.approx(expected)


def test_pump_delays_count_from_the_beginning_of_the_qrs(parts):
    tissue, found = template_heart().tissue, activated("normal")
    pump = pump_activation(tissue, parts, found)
    expected = parts.delays(tissue, found)[VENTRICLES] - found.ventricular_onset
    np.testing.assert_allclose(pump.delays[VENTRICLES], expected)
    assert (pump.delays[VENTRICLES] < found.ventricular_duration).all()
    assert pump.pattern == "normal"
    assert pump.layout == LAYOUT


def test_first_degree_block_does_not_change_the_pump_delays(parts):
    tissue = template_heart().tissue
    one, other = (pump_activation(tissue, parts, activated(n)) for n in ("normal", "av_block_1"))
    np.testing.assert_allclose(one.delays, other.delays, atol=1e-5)


def test_left_bundle_branch_block_delays_the_lv_against_the_rv(parts):
    tissue = template_heart().tissue
    apart = []
    for name in ("normal", "lbbb"):
        delays = pump_activation(tissue, parts, activated(name)).delays
        apart.append(delays[LAYOUT.slice(Wall.LV)].mean() - delays[LAYOUT.slice(Wall.RV)].mean())
    assert apart[1] > apart[0] + 30e-3


def test_the_pump_takes_the_delays(parts):
    pump = pump_activation(template_heart().tissue, parts, activated("lbbb"))
    heart = pack(ParameterSet(parameter_specs("heart")), pump)
    assert np.isfinite(heart.activation_times).all()


def test_walls_a_heart_lacks_take_the_mean_of_the_others():
    heart = left_ventricle()
    own = patches(heart.tissue)
    found = heart.activation(conduction_named("normal"), default_speeds())
    delays = pump_activation(heart.tissue, own, found).delays
    right = delays[LAYOUT.slice(Wall.RV)]
    assert np.ptp(right) == 0.0
    assert delays[2:20].min() < right[0] < delays[2:20].max()
    assert own.volumes[LAYOUT.slice(Wall.RV)].sum() == 0.0


def test_a_beat_that_does_not_reach_the_ventricles_is_refused(parts):
    with pytest.raises(InputError, match="ventricles"):
        pump_activation(template_heart().tissue, parts, activated("av_block_2"))
