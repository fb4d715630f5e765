"""Rings of valves and ways of vessels, against how the template was made."""

from dataclasses import replace

import numpy as np
import pytest

from organtwin.anatomy import template_frame
from organtwin.anatomy.heart_places import HeartPlaces
from organtwin.anatomy.regions import Cavity, Region, Valve
from organtwin.anatomy.template_file import load_template
from organtwin.anatomy.valve_sites import valve_sites

OPENINGS = {
    Valve.MITRAL: template_frame.MITRAL, Valve.AORTIC: template_frame.AORTIC,
    Valve.TRICUSPID: template_frame.TRICUSPID, Valve.PULMONARY: template_frame.PULMONARY,
}  # fmt: skip
NORMAL_MM = {  # normal adults, roughly: what an echo would not call small or dilated
    Valve.MITRAL: (27, 38), Valve.AORTIC: (20, 27), Valve.TRICUSPID: (28, 40),
    Valve.PULMONARY: (20, 29),
}  # fmt: skip


@pytest.fixture(scope="module")
def template():
    return load_template()


@pytest.fixture(scope="module")
def places(template):
    return HeartPlaces(template)


@pytest.mark.parametrize("valve", Valve)
def test_a_ring_is_found_where_the_template_was_made_with_it(places, valve):
    site, made = places.valves[valve], OPENINGS[valve]
    assert np.linalg.norm(1e3 * site.centre - made.centre) < 4.0  # a point of the blood's mesh
    assert site.outward @ made.outward > 0.98
    low, high = NORMAL_MM[valve]
    assert low < 1e3 * site.diameter < high


def test_without_leaflets_the_semilunar_rings_are_still_found(template):
    sites = valve_sites(replace(template, leaflets={}))
    for valve in (Valve.AORTIC, Valve.PULMONARY):
        away = np.linalg.norm(1e3 * sites[valve].centre - OPENINGS[valve].centre)
        assert away < 6.0  # two points of the blood's mesh


def test_a_heart_without_great_vessels_has_no_place_in_them(template):
    surface = template.surface
    regions = np.where(surface.regions == Region.AORTA, Region.FAT, surface.regions)
    regions = np.where(regions == Region.SYSTEMIC_VEIN, Region.FAT, regions)
    bare = HeartPlaces(replace(template, surface=replace(surface, regions=regions), leaflets={}))
    assert bare.aorta is None
    assert bare.upper_vein is None
    assert Valve.AORTIC not in bare.valves


def test_the_aorta_runs_up_over_the_arch_and_down_behind(places):
    course = places.aorta
    top = int(np.argmax(course[:, 2]))
    assert 0 < top < len(course) - 5
    assert course[-1, 1] > course[0, 1] + 0.05  # descending: behind
    steps = np.linalg.norm(np.diff(course, axis=0), axis=1)
    assert steps.max() < 0.02


def test_apices_lie_down_and_to_the_left_of_the_valves(places):
    for cavity, valve in ((Cavity.LV, Valve.MITRAL), (Cavity.RV, Valve.TRICUSPID)):
        along = places.apex(cavity) - places.valves[valve].centre
        assert along[0] > 0.02
        assert along[2] < -0.02
