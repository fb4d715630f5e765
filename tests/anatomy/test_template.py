import time

import numpy as np
import pytest
from scipy.spatial import cKDTree

from organtwin.anatomy import template_shape as shape
from organtwin.anatomy.contour import border_loops, is_closed
from organtwin.anatomy.coronaries import coronary_tubes
from organtwin.anatomy.embedding import embedding
from organtwin.anatomy.regions import Cavity, Region, Valve
from organtwin.anatomy.stuffing import least_dihedral_angle, volumes
from organtwin.anatomy.template import template_tissue
from organtwin.anatomy.template_file import ASSET, load_template, save_template
from organtwin.anatomy.template_inside import papillary_muscles
from organtwin.anatomy.template_surface import PERICARDIAL_HOLD, wall_surface
from organtwin.anatomy.template_valves import valve_sheets
from organtwin.resources import asset

MUSCLE = (Region.LV, Region.SEPTUM, Region.RV, Region.LA, Region.RA)


@pytest.fixture(scope="module")
def heart():
    return load_template()


def enclosed_ml(surface):
    a, b, c = (surface.points[surface.triangles[:, i]] for i in range(3))
    return np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0 * 1e6


def test_cavities_are_closed_outward_and_of_a_normal_adult_size(heart):
    # Between the ASE/EACVI 2015 limits for LV EDV (62-150 mL in men) and LA index (16-34 mL/m2).
    normal = {
        Cavity.LV: (110, 130),
        Cavity.RV: (120, 140),
        Cavity.LA: (40, 60),
        Cavity.RA: (45, 70),
    }
    for cavity, (low, high) in normal.items():
        surface = heart.cavities[cavity]
        assert is_closed(surface.triangles)
        assert low < enclosed_ml(surface) < high, cavity


def test_wall_surface_is_closed_and_encloses_the_walls_only(heart):
    assert is_closed(heart.surface.triangles)
    assert 60_000 <= len(heart.surface.triangles) <= 100_000
    assert 250 < enclosed_ml(heart.surface) < 450


def test_no_tetrahedron_is_inverted_or_a_sliver(heart):
    tissue = heart.tissue
    assert 50_000 <= len(tissue.tets) <= 160_000
    assert volumes(tissue.nodes, tissue.tets).min() > 0
    assert np.degrees(least_dihedral_angle(tissue.nodes, tissue.tets).min()) > 10.0


def test_every_region_has_a_place(heart):
    drawn = set(np.unique(heart.surface.regions))
    assert drawn == set(Region) - {Region.FAT, Region.PERICARDIUM}
    assert set(np.unique(heart.tissue.regions)) == {r for r in Region if r <= Region.PULMONARY_VEIN}


@pytest.mark.parametrize(
    ("region", "low", "high"),
    [
        (Region.LV, 8.0, 11.0),
        (Region.RV, 3.0, 5.5),
        (Region.LA, 2.0, 4.0),
        (Region.AORTA, 1.5, 2.6),
    ],
)
def test_walls_have_their_thickness(heart, region, low, high):
    points = heart.surface.points * 1e3
    points = points[heart.surface.regions == region]
    outer = np.abs(shape.outside(points)) < 0.3
    blood = np.min(
        np.abs([shape.drawn_left_blood(points), shape.drawn_right_blood(points)]), axis=0
    )
    distance = cKDTree(points[outer]).query(points[(blood < 0.3) & ~outer])[0]
    assert low < np.median(distance) < high


def test_the_heart_lies_in_the_body_as_a_heart_does(heart):
    def middle(region):
        return heart.surface.points[heart.surface.regions == region].mean(axis=0)

    apex = shape.body(0, 0, -90) - shape.body(0, 0, 0)
    assert apex[0] > 0 > apex[1]
    assert apex[2] < 0
    assert middle(Region.RV)[1] < middle(Region.LV)[1] < middle(Region.LA)[1]
    assert middle(Region.RA)[0] < middle(Region.LA)[0]
    assert middle(Region.AORTA)[2] > middle(Region.LV)[2]


def test_muscle_map_shares_sum_to_one(heart):
    np.testing.assert_allclose(heart.muscle.shares.sum(axis=1), 1.0, atol=0.02)
    for column, region in enumerate(MUSCLE):
        own = heart.muscle.shares[heart.surface.regions == region, column]
        assert np.median(own) > 0.8, region


def test_asset_is_small_and_quick_to_load():
    folder = asset(ASSET).parent
    assert sum(file.stat().st_size for file in folder.iterdir()) < 12e6
    load_template.cache_clear()
    start = time.perf_counter()
    load_template()
    assert time.perf_counter() - start < 1.0, "0.03 s on an idle machine"


def test_a_saved_template_is_what_is_loaded(tmp_path, heart, monkeypatch):
    save_template(heart, tmp_path / "heart.npz")
    monkeypatch.setattr("organtwin.anatomy.template_file.asset", lambda _: tmp_path / "heart.npz")
    again = load_template.__wrapped__()
    np.testing.assert_array_equal(again.surface.points, heart.surface.points)
    np.testing.assert_array_equal(again.tissue.tets, heart.tissue.tets)
    np.testing.assert_array_equal(again.muscle.courses, heart.muscle.courses)
    np.testing.assert_array_equal(again.boundary.borders, heart.boundary.borders)
    for valve in Valve:
        np.testing.assert_array_equal(again.leaflets[valve].opening, heart.leaflets[valve].opening)
    np.testing.assert_array_equal(again.pericardium.points, heart.pericardium.points)


def test_the_asset_is_built_from_the_present_shapes(heart):
    for cavity, surface in heart.cavities.items():
        misfit = np.abs(shape.cavity(cavity)(surface.points * 1e3))
        assert np.percentile(misfit, 90) < 0.05, "run scripts/build_template_heart.py"


def test_building_twice_gives_the_same_walls():
    first, second = (wall_surface(8.0) for _ in range(2))
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])
    coarse, again = (template_tissue(12.0) for _ in range(2))
    np.testing.assert_array_equal(coarse.nodes, again.nodes)
    assert volumes(coarse.nodes, coarse.tets).min() > 0


def test_vessels_leaflets_and_muscles_of_the_asset_are_what_is_built(heart):
    # Built anew on the same shapes: also that building is deterministic.
    parts = [coronary_tubes()[0], papillary_muscles()[0]]
    parts += [valve_sheets(valve).closed for valve in Valve]
    stored = heart.surface.points * 1e3
    for points in parts:
        distance = cKDTree(stored).query(points)[0]
        assert distance.max() < 1e-3, "run scripts/build_template_heart.py"


def test_the_sac_is_open_where_the_great_vessels_leave_it(heart):
    sac = heart.pericardium
    rims = [sac.points[loop] * 1e3 for loop in border_loops(sac.triangles) if len(loop) > 12]
    outsides = shape.lumens(np.concatenate(rims)) - shape.thickness(np.concatenate(rims))
    np.testing.assert_allclose(outsides[:, 4:].min(axis=1), PERICARDIAL_HOLD, atol=0.5)
    nearest = {int(np.argmin(shape.lumens(rim).mean(axis=0)[4:])) for rim in rims}
    assert nearest == {0, 1, 2, 3}, "aorta, pulmonary trunk, caval and pulmonary veins"


def test_the_sac_holds_the_chambers(heart):
    sac = heart.pericardium
    ventricular = heart.surface.points[heart.surface.regions <= Region.RV]
    inward = cKDTree(sac.points).query(ventricular)[1]
    outward = sac.points - sac.points.mean(axis=0)
    beyond = np.einsum("ij,ij->i", ventricular - sac.points[inward], outward[inward])
    assert (beyond > 0.002 * np.linalg.norm(outward[inward], axis=1)).mean() < 0.01


def test_vessels_end_in_open_rings(heart):
    points = heart.surface.points * 1e3
    for opening in shape.OPENINGS:
        depth = (points - opening.centre) @ opening.outward
        on_axis = np.linalg.norm(points - opening.centre - depth[:, None] * opening.outward, axis=1)
        near = np.abs(depth) < 3.0
        assert on_axis[near].min() > 2.0, f"{opening.name} is capped"
        assert depth[on_axis < opening.reach].max() < 80.0


def test_every_part_of_the_surface_hangs_on_the_tissue(heart):
    # ``embedding`` refuses a part that touches no tissue: leaflets, chordae, muscles and vessels.
    weights = embedding(heart.tissue, heart.surface)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-9)
