"""Surfaces and tetrahedra become label maps of the right volume, with flat caps."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from organtwin.anatomy.finding import GeometryFindingKind
from organtwin.anatomy.label_map import Structure
from organtwin.errors import InputError
from organtwin.patient.geometry.enclosed import blocked_directions
from organtwin.patient.geometry.filling import Grid, filled, grid_around
from organtwin.patient.geometry.muscle import labelled_muscle
from organtwin.patient.geometry.raw import SurfaceFile, TetFile
from organtwin.patient.geometry.surface_kernels import column_crossings
from organtwin.patient.geometry.tet_checks import checked_tets, tet_volumes
from organtwin.patient.geometry.voxelizing import Part, Shell, likely_part, voxelized
from organtwin.patient.geometry.voxelizing_tets import voxelized_tets
from tests.patient.geometry.written_meshes import (
    dome,
    dome_volume,
    lattice_cup,
    lattice_tets,
    ring,
)

SEMI = (0.040, 0.035, 0.050)
NO_FIELDS: dict[str, np.ndarray] = {}
NO_TRIANGLES = np.empty((0, 3), np.int32)


def surface(points: np.ndarray, triangles: np.ndarray, part: str = "x") -> SurfaceFile:
    return SurfaceFile(points, triangles.astype(np.int32), f"{part}.ply", part)


def cup(spacing: float = 4.0) -> TetFile:
    points, tets = lattice_cup(spacing)
    return TetFile(1e-3 * points, tets, NO_FIELDS, NO_FIELDS, "cup.vtu", NO_TRIANGLES, NO_FIELDS)


def in_ellipsoid(grid: Grid) -> np.ndarray:
    index = np.stack(np.meshgrid(*(np.arange(n) for n in grid.shape), indexing="ij"), axis=-1)
    place = grid.origin + grid.spacing * index
    return ((place / SEMI) ** 2).sum(axis=-1)


def test_voxels_of_a_closed_surface_are_those_inside() -> None:
    points, triangles = dome(SEMI, rings=60, columns=120)
    grid = grid_around(points, 2e-3, "x")
    level = in_ellipsoid(grid)
    inside = filled(points, triangles, grid)
    clear = np.abs(level - 1.0) > 0.01
    np.testing.assert_array_equal(inside[clear], level[clear] < 1.0)


@pytest.mark.parametrize("missing", [1, 8, 40])
def test_a_surface_with_holes_is_filled_as_if_it_had_none(missing: int) -> None:
    points, triangles = dome(SEMI, rings=40, columns=80)
    grid = grid_around(points, 2e-3, "x")
    whole = filled(points, triangles, grid)
    kept = np.delete(triangles, np.random.default_rng(5).permutation(len(triangles))[:missing], 0)
    holed = filled(points, kept, grid)
    # Only voxels that touch a hole may differ.
    assert np.count_nonzero(holed != whole) <= 2 * missing


def test_a_voxel_behind_two_holes_is_still_inside() -> None:
    points, triangles = dome(SEMI, rings=40, columns=80)
    grid = grid_around(points, 2e-3, "x")
    middle = points[triangles].mean(axis=1) / SEMI
    kept = triangles[(middle[:, 0] > -0.97) & (middle[:, 2] > -0.97)]
    assert 100 < len(triangles) - len(kept) < 500
    holed, whole = filled(points, kept, grid), filled(points, triangles, grid)
    assert np.count_nonzero(holed != whole) < 0.005 * np.count_nonzero(whole)
    centre = tuple(np.rint(grid.in_voxels(np.zeros(3))).astype(int))
    assert holed[centre]


def test_columns_agree_with_a_plain_test_along_one_of_them() -> None:
    points, triangles = dome((9.0, 8.0, 7.0), rings=10, columns=20)
    points = points + np.array([10.3, 9.7, 8.2])
    shape = np.array([21, 20, 17], np.int32)
    found = column_crossings(points, triangles, shape, 2)
    for i, j in ((10, 9), (4, 9), (15, 12), (1, 1)):
        heights = []
        for a, b, c in points[triangles]:
            matrix = np.array([[b[0] - a[0], c[0] - a[0]], [b[1] - a[1], c[1] - a[1]]])
            if abs(np.linalg.det(matrix)) < 1e-12:
                continue
            u, v = np.linalg.solve(matrix, [i - a[0], j - a[1]])
            if u > 0 and v > 0 and u + v < 1:
                heights.append(a[2] + u * (b[2] - a[2]) + v * (c[2] - a[2]))
        inside = [sum(h < k for h in heights) % 2 for k in range(17)]
        np.testing.assert_array_equal(found[i, j, :17], inside)
        assert found[i, j, 17] == 0


def test_an_opening_is_closed_flat() -> None:
    points, triangles = dome(SEMI, cut=0.4, rings=40, columns=80)
    heart = voxelized({Shell.LV_ENDOCARDIUM: surface(points, triangles)})
    assert heart.volumes[Structure.LV_BLOOD] == pytest.approx(dome_volume(SEMI, 0.4), rel=5e-3)
    top = np.argwhere(heart.map.labels)[:, 2].max()
    height = heart.map.affine[2, 3] + top * 1e-3
    assert 0.4 * SEMI[2] - 1e-3 <= height <= 0.4 * SEMI[2]
    told = [str(f) for f in heart.findings]
    assert any("opening of 36" in text for text in told), told


def shells(gap: float = 0.0015) -> dict[Part, SurfaceFile]:
    outer = dome((0.040, 0.040, 0.060), cut=0.3)
    inner = dome((0.030, 0.030, 0.045), cut=0.4)
    base = ring(outer[0][-48:] * (1 - gap / 0.038), inner[0][-48:] * (1 + gap / 0.028))
    base[0][:, 2] = 0.018
    return {
        Shell.EPICARDIUM: surface(*outer),
        Shell.BASE: surface(*base),
        Shell.LV_ENDOCARDIUM: surface(inner[0], inner[1][:, [0, 2, 1]]),
    }


@pytest.mark.parametrize("with_base", [True, False])
def test_muscle_lies_between_the_shells(with_base: bool) -> None:
    parts = shells()
    if not with_base:
        del parts[Shell.BASE]
    heart = voxelized(parts)
    blood = dome_volume((0.030, 0.030, 0.045), 0.4)
    muscle = dome_volume((0.040, 0.040, 0.060), 0.3) - blood
    assert heart.volumes[Structure.LV_BLOOD] == pytest.approx(blood, rel=0.01)
    assert heart.volumes[Structure.LV_MUSCLE] == pytest.approx(muscle, rel=0.02)
    assert set(heart.volumes) == {Structure.LV_BLOOD, Structure.LV_MUSCLE}


def test_closed_structures_are_drawn_as_themselves() -> None:
    points, triangles = dome(SEMI)
    inner = surface(0.6 * points, triangles)
    heart = voxelized({Structure.LV_MUSCLE: surface(points, triangles), Structure.LV_BLOOD: inner})
    whole = dome_volume(SEMI)
    assert heart.volumes[Structure.LV_BLOOD] == pytest.approx(0.216 * whole, rel=0.02)
    assert heart.volumes[Structure.LV_MUSCLE] == pytest.approx(0.784 * whole, rel=0.02)


def test_the_septum_is_the_left_ventricles_muscle() -> None:
    x, y, z = np.ogrid[-50:51, -40:41, -45:46]
    left = (x / 22) ** 2 + (y / 22) ** 2 + (z / 35) ** 2 < 1
    wall = (x / 32) ** 2 + (y / 32) ** 2 + (z / 45) ** 2 < 1
    right = ((x + 25) / 21) ** 2 + (y / 28) ** 2 + (z / 33) ** 2 < 1
    outer = ((x + 25) / 25) ** 2 + (y / 32) ** 2 + (z / 37) ** 2 < 1
    below = np.broadcast_to(z < 5, wall.shape)
    blood = {Structure.LV_BLOOD: left & below, Structure.RV_BLOOD: right & ~wall & below}
    labels = labelled_muscle((wall | outer) & ~left & ~(right & ~wall) & below, blood)
    septum = labels[50 - 31 : 50 - 22, 40, 20:45]
    assert set(np.unique(septum)) <= {Structure.LV_MUSCLE, Structure.RV_BLOOD, Structure.LV_BLOOD}
    assert np.count_nonzero(septum == Structure.LV_MUSCLE) > 100
    assert labels[50 - 48, 40, 45] == Structure.RV_MUSCLE
    assert labels[50 + 28, 40, 45] == Structure.LV_MUSCLE


def test_blocked_directions_agree_with_a_plain_walk() -> None:
    rng = np.random.default_rng(8)
    muscle = rng.random((7, 6, 5)) < 0.1
    steps = np.array([s for s in np.ndindex(3, 3, 3) if s != (1, 1, 1)], np.int32) - np.int32(1)
    expected = np.zeros(muscle.shape, int)
    for place in np.ndindex(muscle.shape):
        for step in steps:
            at = np.array(place) + step
            while (at >= 0).all() and (at < muscle.shape).all():
                if muscle[tuple(at)]:
                    expected[place] += 1
                    break
                at = at + step
    np.testing.assert_array_equal(blocked_directions(muscle, steps), expected)


def test_tetrahedra_become_muscle_and_the_space_inside_becomes_blood() -> None:
    mesh = cup()
    heart = voxelized_tets(mesh)
    muscle = tet_volumes(mesh.points, mesh.tets).sum()
    assert heart.volumes[Structure.LV_MUSCLE] == pytest.approx(muscle, rel=5e-3)
    assert set(heart.volumes) == {Structure.LV_MUSCLE, Structure.LV_BLOOD}
    # What a lid on the stair-cased cup encloses.
    cup_voxels = heart.map.labels == Structure.LV_MUSCLE
    lidded = _with_lid(cup_voxels)
    held = np.count_nonzero(ndimage.binary_fill_holes(lidded)) - np.count_nonzero(lidded)
    blood = np.count_nonzero(heart.map.labels == Structure.LV_BLOOD)
    assert blood == pytest.approx(held, rel=0.01)
    (finding,) = [f for f in heart.findings if f.field == "cavities"]
    assert finding.kind is GeometryFindingKind.CONFIRM


def _with_lid(muscle: np.ndarray) -> np.ndarray:
    lidded = muscle.copy()
    top = int(np.argwhere(muscle)[:, 2].max())
    lidded[:, :, top + 1] = ndimage.binary_fill_holes(muscle[:, :, top])
    return lidded


def test_an_inner_surface_beside_the_tetrahedra_marks_the_cavity() -> None:
    mesh = cup()
    inner, triangles = dome((0.022, 0.022, 0.032), cut=0.4)
    inner = inner + np.array([0.0, 0.0, 0.008])
    endo = SurfaceFile(inner, triangles.astype(np.int32), "lv.ply", "lv", "m")
    heart = voxelized_tets(mesh, endocardia={Shell.LV_ENDOCARDIUM: endo})
    blood = dome_volume((0.022, 0.022, 0.032), 0.4)
    assert heart.volumes[Structure.LV_BLOOD] == pytest.approx(blood, rel=0.03)


def test_more_cavities_than_ventricles_ask_for_names() -> None:
    tags = np.ones((22, 12, 16), bool)
    for first in (2, 9, 15):
        tags[first : first + 5, 3:9, 3:13] = False
    points, tets, _ = lattice_tets(tags, 5.0)
    mesh = TetFile(1e-3 * points, tets, NO_FIELDS, NO_FIELDS, "x.vtu", NO_TRIANGLES, NO_FIELDS)
    with pytest.raises(InputError, match="3 spaces of 38, 38, 38 mL"):
        voxelized_tets(mesh, 1.25e-3)


def test_elements_listed_the_other_way_are_renumbered_and_told() -> None:
    mesh = cup(8.0)
    some = mesh.tets.copy()
    some[::10] = some[::10][:, [1, 0, 2, 3]]
    checked = checked_tets(replace(mesh, tets=some))
    assert (tet_volumes(checked.points, checked.tets) > 0).all()
    (finding,) = checked.findings
    assert finding.kind is GeometryFindingKind.REPAIRED
    assert len(finding.places) == len(range(0, len(some), 10))
    every = checked_tets(replace(mesh, tets=mesh.tets[:, [1, 0, 2, 3]]))
    (finding,) = every.findings
    assert finding.kind is GeometryFindingKind.CONFIRM
    assert "mirrored" in finding.text


def test_flat_elements_are_removed_with_their_fields() -> None:
    mesh = cup(8.0)
    flat = np.array([[0, 1, 0, 2]], np.int32)
    number = np.arange(len(mesh.tets) + 1.0)
    whole = replace(
        mesh, tets=np.vstack([mesh.tets[:3], flat, mesh.tets[3:]]), cell_fields={"n": number}
    )
    checked = checked_tets(whole)
    np.testing.assert_array_equal(checked.cell_fields["n"], np.delete(number, 3))
    np.testing.assert_array_equal(checked.tets, mesh.tets)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("heart_endo_lv", Shell.LV_ENDOCARDIUM),
        ("crtdemo_RVendo_heart_cut", Shell.RV_ENDOCARDIUM),
        ("heart_epi", Shell.EPICARDIUM),
        ("heart_base", Shell.BASE),
        ("my_aorta", Structure.AORTA),
        ("thing", None),
    ],
)
def test_file_names_propose_a_part(name: str, part: Part | None) -> None:
    assert likely_part(name) is part
