"""The template with thicker and thinner walls."""

from dataclasses import replace

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
    WallFactors,
    WallThickness,
    thickening,
    thickness_of,
    wall_factors,
)

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
@pytest.mark.parametrize("walls", [(9e-3, 9e-3), (12e-3, 15e-3), (11e-3, 15e-3)])
def test_walls_get_the_thickness_asked_for(template, cavities, walls):
    wanted = WallThickness(*walls)
    found = thickness_of(template, cavities, wall_factors(template, cavities, wanted))
    assert found.free == pytest.approx(wanted.free, rel=1e-3)
    assert found.septum == pytest.approx(wanted.septum, rel=1e-3)


@pytest.mark.parametrize("cavities", [NORMAL, DILATED, SMALL])
@pytest.mark.parametrize("factor", [0.76, 0.8, 1.5, THICKEST])
def test_cavities_keep_their_volumes_and_nothing_turns_over(template, cavities, factor):
    placed = TemplatePlacement(template, cavities, WallFactors(factor, factor))
    for cavity in Cavity:
        surface = template.cavities[cavity]
        points = placed.cavities.points[placed.points_of(cavity)]
        volume = enclosed_volume(replace(surface, points=points))
        # The beat's own modes remove what is left.
        assert volume == pytest.approx(cavities[cavity], rel=0.06)
    assert quality(placed.tissue, template.tissue.tets).inverted == 0
    corners = placed.corners.reshape(-1, 3)
    assert volumes(corners, np.arange(len(corners)).reshape(-1, 4)).min() > 0.0


def test_muscle_grows_with_the_wall(template):
    left = np.isin(template.tissue.regions, (Region.LV, Region.SEPTUM))
    tets = template.tissue.tets[left]
    plain, thick = (
        volumes(TemplatePlacement(template, NORMAL, walls).tissue, tets).sum()
        for walls in (TEMPLATE_WALLS, WallFactors(1.5, 1.5))
    )
    # The base is left out, and farther out there is more muscle to the millimetre.
    assert 1.4 < thick / plain < 1.75


def test_the_inside_and_the_base_stay(template):
    walls = WallFactors(1.8, 1.8)
    assert np.abs(thickening(template.cavities[Cavity.LV].points, walls)).max() < 0.2e-3
    points = template.surface.points
    base = points[heart(1e3 * points)[:, 2] > 6.0]
    assert not thickening(base, walls).any()


@pytest.mark.parametrize(("walls", "field"), [
    ((30e-3, 10e-3), "posterior wall"), ((10e-3, 1e-3), "septal"),
])  # fmt: skip
def test_walls_beyond_the_template_are_refused_by_name(template, walls, field):
    with pytest.raises(InputError, match=field):
        wall_factors(template, NORMAL, WallThickness(*walls))
