"""Targets that cannot be a heart are refused with the reason."""

import numpy as np
import pytest

from organtwin.anatomy.regions import Cavity
from organtwin.anatomy.warping_parts import Part, part_named
from organtwin.anatomy.warping_targets import Target, Targets, check_targets, thinned
from organtwin.errors import InputError


def ball(n=200, radius=0.04):
    rng = np.random.default_rng(0)
    points = rng.normal(size=(n, 3))
    return radius * points / np.linalg.norm(points, axis=1, keepdims=True)


def test_a_ball_of_the_size_of_a_ventricle_passes():
    check_targets(Targets({Part.LV_ENDOCARDIUM: Target(ball())}))


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (ball(20), "at least 30 points"),
        (ball() * [1.0, 1.0, 0.0], "single plane"),
        (ball() * 1e3, "millimetres"),
        (ball() * 1e2, "centimetres"),
        (ball() * 1e-5, "unit"),
        (np.where(np.arange(600).reshape(-1, 3) == 4, np.nan, ball()), "finite"),
        (ball()[:0], "three coordinates"),
        (ball()[:, :2], "three coordinates"),
    ],
)
def test_bad_points_are_refused(points, message):
    with pytest.raises(InputError, match=message):
        check_targets(Targets({Part.LV_ENDOCARDIUM: Target(points)}))


def test_a_volume_in_millilitres_is_refused():
    with pytest.raises(InputError, match="LV volume"):
        check_targets(Targets(volumes={Cavity.LV: 120.0}))


def test_nothing_at_all_is_refused():
    with pytest.raises(InputError, match="neither"):
        check_targets(Targets())


def test_an_unknown_label_lists_the_known_ones():
    with pytest.raises(InputError, match="lv_endocardium"):
        part_named("LEFT_KIDNEY")


@pytest.mark.parametrize("name", ["LV endocardium", "lv-endocardium", "LV_ENDOCARDIUM"])
def test_labels_are_read_in_any_spelling(name):
    assert part_named(name) is Part.LV_ENDOCARDIUM


def test_thinning_keeps_one_point_per_cube():
    points = np.repeat(np.arange(5)[:, None] * 1e-2 + 1e-3, 3, axis=1)
    kept = thinned(np.concatenate([points, points + 1e-4]), 5e-3)
    np.testing.assert_array_equal(kept, np.arange(5))
