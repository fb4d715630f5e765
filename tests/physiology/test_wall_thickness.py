"""Muscle, thickness and cavity of the left ventricle against the template and the echo formula."""

import pytest

from organtwin.anatomy.template_file import load_template
from organtwin.anatomy.template_sizes import measured
from organtwin.physiology.interface import Wall
from organtwin.physiology.mechanics.wall_thickness import (
    NORMAL_CAVITY,
    NORMAL_MUSCLE,
    NORMAL_THICKNESS,
    SEPTAL_SHARE,
    area_ratio,
    muscle_ratios,
)
from organtwin.simulation.conditions import Conditions

BOTH = (Wall.LV, Wall.SEPTUM)


def test_the_normal_values_are_those_of_the_template_and_of_the_model():
    found = measured(load_template())
    assert pytest.approx(found["septal_wall"], rel=2e-3) == NORMAL_THICKNESS
    assert pytest.approx(found["lateral_wall"], rel=2e-3) == NORMAL_THICKNESS
    assert pytest.approx(found["lv_volume"], rel=1e-3) == NORMAL_CAVITY
    assert pytest.approx(found["lv_mass"] / 1050, rel=2e-3) == NORMAL_MUSCLE
    parameters = Conditions().parameters
    free, septal = (parameters[f"{wall}_wall_volume"] for wall in ("lv", "septum"))
    assert pytest.approx(septal / (free + septal), abs=5e-4) == SEPTAL_SHARE


def test_normal_thickness_around_a_normal_cavity_is_normal_muscle():
    found = muscle_ratios(dict.fromkeys(BOTH, NORMAL_THICKNESS), NORMAL_CAVITY)
    assert found[Wall.LV] == pytest.approx(1.0, abs=1e-9)
    assert found[Wall.SEPTUM] == pytest.approx(1.0, abs=1e-9)


def test_the_muscle_found_has_the_thickness_asked_for():
    asked = {Wall.LV: 13e-3, Wall.SEPTUM: 18e-3}
    found = muscle_ratios(asked, 80e-6)
    muscle = (1 - SEPTAL_SHARE) * found[Wall.LV] + SEPTAL_SHARE * found[Wall.SEPTUM]
    for wall, thickness in asked.items():
        back = NORMAL_THICKNESS * found[wall] / area_ratio(muscle, 80e-6)
        assert back == pytest.approx(thickness, rel=1e-9)


def test_one_wall_alone_counts_for_both():
    alone = muscle_ratios({Wall.SEPTUM: 12e-3}, 100e-6)
    assert alone == pytest.approx(muscle_ratios(dict.fromkeys(BOTH, 12e-3), 100e-6))


@pytest.mark.parametrize(
    ("diameter", "thickness"), [(47e-3, 9e-3), (44e-3, 13e-3), (62e-3, 9e-3), (50e-3, 16e-3)]
)
def test_muscle_grows_as_by_the_linear_echo_formula(diameter, thickness):
    """Lang et al. 2015 J Am Soc Echocardiogr 28:1: 0.8 x 1.04 ((D + 2t)^3 - D^3) + 0.6 g.

    The cavity by Teichholz et al. 1976, 7 D^3/(2.4 + D) with D in cm; both idealise the shape, and
    so do we, hence a tolerance of 10 % on the ratio to the normal heart.
    """

    def mass(d, t):
        return 0.8 * 1.04 * ((100 * (d + 2 * t)) ** 3 - (100 * d) ** 3) + 0.6

    def cavity(d):
        return 7.0 * (100 * d) ** 3 / (2.4 + 100 * d) * 1e-6

    normal = 49.7e-3  # gives the template's cavity
    assert cavity(normal) == pytest.approx(NORMAL_CAVITY, rel=0.01)
    ours = muscle_ratios(dict.fromkeys(BOTH, thickness), cavity(diameter))[Wall.LV]
    assert ours == pytest.approx(mass(diameter, thickness) / mass(normal, 9.53e-3), rel=0.10)
