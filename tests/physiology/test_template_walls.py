"""The template with thicker and thinner walls."""

import numpy as np
import pytest

from organtwin.anatomy.mesh import enclosed_volume
from organtwin.anatomy.regions import Cavity, Region
from organtwin.anatomy.stuffing import quality, volumes
from organtwin.anatomy.template_file import load_template
from organtwin.anatomy.template_frame import heart
from organtwin.errors import InputError
from organtwin.physiology.mechanics.placement import TemplatePlacement
from organtwin.physiology.mechanics.template_walls import (
    TEMPLATE_WALLS,
    THICKEST,
    THINNEST,
    WallFactors,
    WallThickness,
    thickened,
    thickness_of,
    wall_factors,
)
from organtwin.physiology.mechanics.wall_riding import wall_modes

NORMAL = np.array([117.5e-6, 124e-6, 57e-6, 66e-6])
DILATED = np.array([220e-6, 200e-6, 100e-6, 100e-6])
SMALL = np.array([75e-6, 95e-6, 70e-6, 60e-6])


@pytest.fixture(scope="module")
def template():
    return load_template()


def test_the_template_has_the_thickness_it_was_built_with(template):
    found = thickness_of(template, NORMAL, TEMPLATE_WALLS)
    assert found.free == pytest.approx(9.5e-3, rel=0.01)
    assert found.septum == pytest.approx(9.5e-3, rel=0.01)


@pytest.mark.parametrize("cavities", [NORMAL, DILATED, SMALL])
@pytest.mark.parametrize("walls", [(8e-3, 7e-3), (12e-3, 15e-3), (11e-3, 19e-3)])
def test_walls_get_the_thickness_asked_for(template, cavities, walls):
    wanted = WallThickness(*walls)
    found = thickness_of(template, cavities, wall_factors(template, cavities, wanted))
    assert found.free == pytest.approx(wanted.free, rel=5e-3)
    assert found.septum == pytest.approx(wanted.septum, rel=5e-3)


@pytest.mark.parametrize("cavities", [DILATED, SMALL])
def test_the_placed_heart_has_the_volumes_and_the_muscle_of_its_walls(template, cavities):
    walls = wall_factors(template, cavities, WallThickness(12e-3, 15e-3))
    placed = TemplatePlacement(template, cavities, walls)
    for cavity in Cavity:
        own = placed.points_of(cavity)
        points = placed.cavities.points[own]
        surface = template.cavities[cavity]
        volume = enclosed_volume(type(surface)(points, surface.triangles, surface.regions))
        assert volume == pytest.approx(cavities[cavity], rel=0.02)
    left = np.isin(template.tissue.regions, (Region.LV, Region.SEPTUM))
    tets = template.tissue.tets[left]
    before = volumes(thickened(template.tissue.nodes, walls), tets).sum()
    assert volumes(placed.tissue, tets).sum() == pytest.approx(before, rel=0.04)


@pytest.mark.parametrize("factor", [THINNEST, THICKEST])
def test_nothing_turns_over_at_the_ends_of_the_range(template, factor):
    walls = WallFactors(factor, factor)
    tissue, model = template.tissue, wall_modes()
    assert quality(thickened(tissue.nodes, walls), tissue.tets).inverted == 0
    assert volumes(thickened(model.nodes, walls), model.tets).min() > 0.0


def test_the_inside_and_the_base_stay(template):
    walls = WallFactors(1.8, 1.8)
    lv = template.cavities[Cavity.LV].points
    assert np.abs(thickened(lv, walls) - lv).max() < 0.2e-3
    points = template.surface.points
    base = points[heart(1e3 * points)[:, 2] > 6.0]
    np.testing.assert_array_equal(thickened(base, walls), base)


@pytest.mark.parametrize(("walls", "field"), [
    ((30e-3, 10e-3), "posterior wall"), ((10e-3, 3e-3), "septal"),
])  # fmt: skip
def test_walls_beyond_the_template_are_refused_by_name(template, walls, field):
    with pytest.raises(InputError, match=field):
        wall_factors(template, NORMAL, WallThickness(*walls))
