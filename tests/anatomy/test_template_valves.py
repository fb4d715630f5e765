import numpy as np
import pytest
from scipy import ndimage

from organtwin.anatomy import template_shape as shape
from organtwin.anatomy.contour import is_closed
from organtwin.anatomy.regions import Region, Valve
from organtwin.anatomy.template_file import load_template
from organtwin.anatomy.template_valves import OPENINGS, valve_sheets

PIXEL = 0.4
BLOOD = {
    Valve.MITRAL: shape.left_blood,
    Valve.AORTIC: shape.left_blood,
    Valve.TRICUSPID: shape.right_blood,
    Valve.PULMONARY: shape.right_blood,
}
LEVEL = {Valve.MITRAL: 2.5, Valve.AORTIC: 0.5, Valve.TRICUSPID: 2.5, Valve.PULMONARY: 0.5}
"""Height over the valve plane at which the leaflets hang [mm]."""


def seen_along_the_axis(valve, points, triangles):
    """Places in the orifice, and which of them some triangle covers, looking along the axis."""
    opening = OPENINGS[valve]
    first = np.cross(opening.outward, [0.3, 1.0, 0.2])
    first /= np.linalg.norm(first)
    second = np.cross(opening.outward, first)
    grid = np.arange(-22, 22, PIXEL) + 0.5 * PIXEL
    u, v = (a.ravel() for a in np.meshgrid(grid, grid, indexing="ij"))
    places = opening.centre + u[:, None] * first + v[:, None] * second
    inside = BLOOD[valve](places + LEVEL[valve] * opening.outward) < -0.6
    parts = ndimage.label(inside.reshape(len(grid), -1))[0].ravel()
    inside = parts == parts[np.argmin(np.hypot(u, v))]
    flat = np.stack([(points - opening.centre) @ first, (points - opening.centre) @ second], axis=1)
    covered = np.zeros((len(grid), len(grid)), bool)
    for triangle in flat[triangles]:
        cover(covered, grid, triangle)
    return inside, covered.ravel()


def cover(covered, grid, triangle):
    low = np.searchsorted(grid, triangle.min(axis=0) - PIXEL)
    high = np.searchsorted(grid, triangle.max(axis=0) + PIXEL)
    x, y = np.meshgrid(grid[low[0] : high[0]], grid[low[1] : high[1]], indexing="ij")
    sides = []
    for a, b in zip(triangle, np.roll(triangle, -1, axis=0), strict=True):
        sides.append((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]))
    inside = np.all(np.array(sides) >= 0, axis=0) | np.all(np.array(sides) <= 0, axis=0)
    covered[low[0] : high[0], low[1] : high[1]] |= inside


@pytest.fixture(scope="module")
def sheets():
    return {valve: valve_sheets(valve) for valve in Valve}


@pytest.mark.parametrize("valve", Valve)
def test_closed_leaflets_leave_no_gap(sheets, valve):
    inside, covered = seen_along_the_axis(valve, sheets[valve].closed, sheets[valve].triangles)
    assert (inside & ~covered).sum() * PIXEL**2 < 2.0, "mm2"


@pytest.mark.parametrize(
    ("valve", "low", "high"),
    [
        # Normal areas [cm2]: ASE/EAE 2009 valve stenosis (mitral, aortic), the others of anatomy.
        (Valve.MITRAL, 4.0, 6.0),
        (Valve.AORTIC, 3.0, 4.0),
        (Valve.TRICUSPID, 6.0, 8.0),
        (Valve.PULMONARY, 3.0, 4.0),
    ],
)
def test_open_leaflets_leave_a_normal_orifice(sheets, valve, low, high):
    inside, covered = seen_along_the_axis(valve, sheets[valve].opened, sheets[valve].triangles)
    assert low < (inside & ~covered).sum() * PIXEL**2 / 100 < high


@pytest.mark.parametrize("valve", Valve)
def test_each_leaflet_is_a_closed_outward_sheet(sheets, valve):
    sheet = sheets[valve]
    assert is_closed(sheet.triangles)
    for points in (sheet.closed, sheet.opened):
        a, b, c = (points[sheet.triangles[:, i]] for i in range(3))
        assert np.einsum("ij,ij->", a, np.cross(b, c)) > 0


@pytest.mark.parametrize("valve", Valve)
def test_leaflets_hang_on_the_wall_and_stay_there(sheets, valve):
    sheet = sheets[valve]
    wall = BLOOD[valve](sheet.closed) > 0.3
    assert wall.sum() > 40
    hinge = wall & (np.linalg.norm(sheet.opened - sheet.closed, axis=1) < 1.5)
    assert hinge.sum() > 20
    assert np.linalg.norm(sheet.opened - sheet.closed, axis=1).max() < 25.0


def test_the_asset_knows_its_leaflets():
    heart = load_template()
    assert set(heart.leaflets) == set(Valve)
    for leaflets in heart.leaflets.values():
        assert (heart.surface.regions[leaflets.points] == Region.VALVE_LEAFLET).all()
        assert leaflets.opening.shape == (len(leaflets.points), 3)
    every = np.concatenate([leaflets.points for leaflets in heart.leaflets.values()])
    assert len(np.unique(every)) == (heart.surface.regions == Region.VALVE_LEAFLET).sum()
