import numpy as np
import pytest

from organtwin.errors import UnknownNameError
from organtwin.physiology.electrophysiology.torso.body import (
    Physique,
    Sex,
    TrunkSizes,
    half_axes,
    on_skin,
    skin,
    trunk_sizes,
)
from organtwin.physiology.electrophysiology.torso.electrodes import (
    STANDARD,
    electrode_places,
    standard_electrode,
    standard_electrodes,
)

SIZES = TrunkSizes()


def test_places_on_the_skin_lie_on_it() -> None:
    angles = np.radians(np.arange(-180.0, 180.0, 15.0))
    for height in (-0.25, -0.1, 0.0, 0.1, 0.2):
        places = on_skin(SIZES, angles, np.full(len(angles), height))
        np.testing.assert_allclose(skin(SIZES, places), 0.0, atol=1e-3)


def test_skin_is_a_distance_near_it() -> None:
    place = on_skin(SIZES, np.array([0.0, np.pi / 2]), np.zeros(2))
    inward = np.array([[0, 1.0, 0], [-1.0, 0, 0]])
    np.testing.assert_allclose(skin(SIZES, place + 0.01 * inward), -0.01, atol=5e-4)


def test_chest_has_the_sizes_asked_for() -> None:
    width, depth = half_axes(SIZES, np.array([0.0]))
    # The profile is 1 between heights of -0.1 and 0.1 lengths, up to 1 % of the depth.
    assert 2 * width[0] == pytest.approx(SIZES.width, rel=0.011)
    assert 2 * depth[0] == pytest.approx(SIZES.depth, rel=0.011)


def test_sections_grow_with_weight_over_height() -> None:
    thin, heavy = (trunk_sizes(Physique(Sex.MALE, 1.76, weight)) for weight in (60.0, 120.0))
    area = heavy.width * heavy.depth / (thin.width * thin.depth)
    assert area == pytest.approx(2.0)
    assert heavy.fat > thin.fat


def test_an_average_man_has_the_default_sizes() -> None:
    assert trunk_sizes(Physique()) == TrunkSizes()


def test_an_impossible_body_is_refused() -> None:
    with pytest.raises(ValueError, match="expected an adult"):
        Physique(height=176.0)


def test_precordial_electrodes_follow_the_rule() -> None:
    place = dict(zip(STANDARD, electrode_places(standard_electrodes(SIZES), SIZES), strict=True))
    assert place["V1"][0] == pytest.approx(-place["V2"][0])
    assert place["V1"][2] == place["V2"][2] > place["V4"][2] == place["V6"][2]
    np.testing.assert_allclose(place["V3"], 0.5 * (place["V2"] + place["V4"]), atol=6e-3)
    assert place["V4"][0] < place["V5"][0] < place["V6"][0]
    assert place["RA"][0] < 0 < place["LA"][0]


def test_right_sided_leads_mirror_the_left_ones() -> None:
    left, right = (standard_electrode(name, SIZES) for name in ("V4", "V4R"))
    assert (right.angle, right.height) == (-left.angle, left.height)


def test_an_unknown_electrode_is_named() -> None:
    with pytest.raises(UnknownNameError, match="V12"):
        standard_electrode("V12", SIZES)


def test_moving_an_electrode_goes_along_the_skin() -> None:
    electrode = standard_electrode("V2", SIZES)
    before, after = electrode_places(
        {"before": electrode, "after": electrode.moved(left=0.01, up=0.02)}, SIZES
    )
    # The radius in front is 0.115 m, not the mean 0.14 m that turns lengths into angles.
    assert after[0] - before[0] == pytest.approx(0.01, rel=0.25)
    assert after[2] - before[2] == pytest.approx(0.02)
