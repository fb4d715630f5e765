from dataclasses import replace

import numpy as np
import pytest

from organtwin.anatomy.regions import Cavity, Region
from organtwin.anatomy.template_file import load_template
from organtwin.anatomy.warping_map import Warp
from organtwin.errors import UnknownNameError
from organtwin.scene.planes import (
    ANATOMICAL,
    FOUR_CHAMBER,
    SHORT_AXIS,
    THREE_CHAMBER,
    TWO_CHAMBER,
    Shift,
    centre,
    facing,
    section,
    shifted,
)
from tests.label_maps import rotation
from tests.synthetic_heart import synthetic_anatomy

HEART = synthetic_anatomy(12)
LONG_AXIS = (FOUR_CHAMBER, TWO_CHAMBER, THREE_CHAMBER)


def heights(points, plane):
    return (points - plane.origin) @ np.array(plane.normal)


def right_of(seen):
    return np.cross(seen.up, seen.direction)


@pytest.mark.parametrize("name", LONG_AXIS)
def test_long_axis_planes_open_both_left_chambers_with_the_apex_up(name):
    seen = section(HEART, name)
    for cavity in (Cavity.LV, Cavity.LA):
        found = heights(HEART.cavities[cavity].points, seen.plane)
        assert found.min() < -0.005
        assert found.max() > 0.005
    lv, la = (HEART.cavities[cavity].points.mean(axis=0) for cavity in (Cavity.LV, Cavity.LA))
    assert (lv - la) @ seen.up > 0.01


def test_the_two_chamber_plane_leaves_the_right_ventricle_aside():
    found = heights(HEART.cavities[Cavity.RV].points, section(HEART, TWO_CHAMBER).plane)
    assert found.min() > 0 or found.max() < 0


def test_the_two_chamber_view_has_the_front_on_the_viewers_right():
    surface = HEART.surface
    trunk = surface.points[surface.regions == Region.PULMONARY_ARTERY].mean(axis=0)
    lv = HEART.cavities[Cavity.LV].points.mean(axis=0)
    assert (trunk - lv) @ right_of(section(HEART, TWO_CHAMBER)) > 0


def test_the_three_chamber_plane_opens_the_aorta_on_the_viewers_right():
    seen = section(HEART, THREE_CHAMBER)
    aorta = HEART.surface.points[HEART.surface.regions == Region.AORTA]
    found = heights(aorta, seen.plane)
    assert found.min() < -0.005
    assert found.max() > 0.005
    la = HEART.cavities[Cavity.LA].points.mean(axis=0)
    assert (aorta.mean(axis=0) - la) @ right_of(seen) > 0


@pytest.mark.parametrize("name", ANATOMICAL)
def test_what_is_kept_lies_behind_the_plane(name):
    seen = section(HEART, name)
    assert seen.direction @ np.array(seen.plane.normal) == pytest.approx(-1.0)
    assert seen.up @ seen.direction == pytest.approx(0.0, abs=1e-12)


def test_depth_goes_into_the_kept_half_and_nothing_else():
    base = section(HEART, SHORT_AXIS)
    moved = shifted(base, Shift(depth=0.012))
    np.testing.assert_allclose(moved.normal, base.plane.normal)
    assert heights(np.array(moved.origin), base.plane) == pytest.approx(0.012)


def test_turning_keeps_the_upright_in_the_plane_and_tilting_the_level():
    base = section(HEART, FOUR_CHAMBER)
    turned = np.array(shifted(base, Shift(turn=0.4)).normal)
    assert turned @ base.up == pytest.approx(0.0, abs=1e-12)
    assert turned @ np.array(base.plane.normal) == pytest.approx(np.cos(0.4))
    tilted = np.array(shifted(base, Shift(tilt=0.3)).normal)
    assert tilted @ right_of(base) == pytest.approx(0.0, abs=1e-12)


def test_the_half_that_the_camera_looks_into_is_kept():
    base = section(HEART, FOUR_CHAMBER)
    behind = facing(base, -base.direction)
    assert np.array(behind.plane.normal) @ -base.direction < 0
    assert facing(base, base.direction) is base


def test_an_unknown_plane_offers_the_nearest_name():
    with pytest.raises(UnknownNameError, match="Short axis"):
        section(HEART, "Short axes")


def without(anatomy, *lost):
    kept = {c: surface for c, surface in anatomy.cavities.items() if c not in lost}
    return replace(anatomy, cavities=kept)


def apart(anatomy, cavity, *lost):
    """How far a chamber is taken to lie from where it does [m]."""
    assumed = centre(without(anatomy, cavity, *lost), cavity)
    return np.linalg.norm(assumed - centre(anatomy, cavity))


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("cavity", Cavity)
def test_a_missing_chamber_is_taken_to_lie_where_the_template_has_it(cavity, directed):
    heart = load_template()
    heart = heart if directed else replace(heart, architecture=None)
    assert apart(heart, cavity) < 0.012
    assert apart(heart, cavity, *(set(Cavity) - {Cavity.LV})) < 0.025
    assert apart(heart, cavity, *Cavity) < 0.025


def test_missing_chambers_are_looked_for_along_the_hearts_own_axes():
    heart = Warp(rotation((1, 2, 3), 70.0), np.array([0.1, 0.0, -0.2])).anatomy(load_template())
    for cavity in Cavity:
        assert apart(heart, cavity, *(set(Cavity) - {Cavity.LV})) < 0.025


@pytest.mark.parametrize("name", ANATOMICAL)
def test_a_heart_without_atria_is_opened_nearly_as_the_whole_one(name):
    whole = load_template()
    seen = section(without(whole, Cavity.LA, Cavity.RA), name)
    expected = section(whole, name)
    assert seen.direction @ expected.direction > np.cos(np.radians(20.0))
    assert seen.up @ expected.up > np.cos(np.radians(20.0))
