"""What is wrong with a surface is found, located, and repaired where the shape stays the same."""

import numpy as np
import pytest

from organtwin.anatomy.finding import GeometryFinding, GeometryFindingKind
from organtwin.patient.geometry.raw import SurfaceFile
from organtwin.patient.geometry.stitching import stitched, zipped
from organtwin.patient.geometry.surface_checks import checked_surface, self_crossings
from organtwin.patient.geometry.surface_kernels import winding_numbers
from organtwin.patient.geometry.topology import edges_of, rims, signed_volume
from tests.patient.geometry.written_meshes import dome, ring

SEMI = (0.040, 0.035, 0.050)
CLOSED = dome(SEMI)
OPEN = dome(SEMI, cut=0.4)


def surface(points: np.ndarray, triangles: np.ndarray) -> SurfaceFile:
    return SurfaceFile(points, triangles.astype(np.int32), "x.ply", "x")


def together(*shapes: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    shifts = np.cumsum([0, *(len(points) for points, _ in shapes)])
    triangles = [t + shift for (_, t), shift in zip(shapes, shifts, strict=False)]
    return np.vstack([points for points, _ in shapes]), np.vstack(triangles)


def finding(checked: SurfaceFile, kind: GeometryFindingKind, field: str) -> GeometryFinding:
    (found,) = [f for f in checked.findings if f.kind is kind and f.field == field]
    return found


def volume(checked: SurfaceFile) -> float:
    return signed_volume(checked.points, checked.triangles)


def test_a_sound_surface_is_left_alone() -> None:
    checked = checked_surface(surface(*CLOSED))
    assert checked.findings == ()
    np.testing.assert_array_equal(checked.triangles, CLOSED[1])
    assert volume(checked) > 0.0


def test_inward_normals_are_turned() -> None:
    checked = checked_surface(surface(CLOSED[0], CLOSED[1][:, [0, 2, 1]]))
    assert volume(checked) > 0.0
    assert "faced the inside" in finding(checked, GeometryFindingKind.REPAIRED, "triangles").text


def test_the_few_against_their_neighbours_are_turned() -> None:
    triangles = CLOSED[1].copy()
    triangles[100:130] = triangles[100:130, [0, 2, 1]]
    checked = checked_surface(surface(CLOSED[0], triangles))
    np.testing.assert_allclose(volume(checked), signed_volume(*CLOSED))
    assert finding(checked, GeometryFindingKind.REPAIRED, "triangles").text.startswith("30 ")


def test_the_wall_of_a_hollow_keeps_facing_the_hollow() -> None:
    inner = (0.6 * CLOSED[0], CLOSED[1])
    checked = checked_surface(surface(*together(CLOSED, inner)))
    assert volume(checked) == pytest.approx((1 - 0.6**3) * signed_volume(*CLOSED))


def test_doubled_points_are_joined_and_flat_triangles_removed() -> None:
    apart = CLOSED[0][CLOSED[1]].reshape(-1, 3)
    triangles = np.vstack([np.arange(len(apart)).reshape(-1, 3), [[0, 1, 1], [3, 3, 3]]])
    checked = checked_surface(surface(apart, triangles))
    assert len(checked.points) == len(CLOSED[0])
    assert len(checked.triangles) == len(CLOSED[1])
    assert not rims(checked.triangles)
    flat = finding(checked, GeometryFindingKind.REPAIRED, "triangles")
    assert flat.text.startswith("2 triangles without area")
    np.testing.assert_allclose(flat.places, [apart[0], apart[3]])


def test_an_open_rim_is_counted_measured_and_located() -> None:
    checked = checked_surface(surface(*OPEN))
    rim = finding(checked, GeometryFindingKind.DEFECT, "rims")
    assert rim.text.startswith("48 open edges in 1 rims, 216 mm")
    np.testing.assert_allclose(rim.places, [[0.0, 0.0, 0.4 * SEMI[2]]], atol=1e-9)


def test_two_holes_are_two_rims() -> None:
    triangles = np.delete(CLOSED[1], [5, 700], axis=0)
    (first, second) = rims(triangles)
    assert {len(first), len(second)} == {3}


def test_crossing_triangles_are_found_where_they_are() -> None:
    shifted = (CLOSED[0] + [0.07, 0.0, 0.0], CLOSED[1])
    points, triangles = together(CLOSED, shifted)
    checked = checked_surface(surface(points, triangles))
    crossing = finding(checked, GeometryFindingKind.DEFECT, "self-intersections")
    # Two equal ellipsoids cross in the plane half-way between their centres.
    np.testing.assert_allclose(crossing.places[:, 0], 0.035, atol=0.004)
    assert "2 separate pieces" in finding(checked, GeometryFindingKind.TOLD, "pieces").text


def test_crossings_agree_with_a_plain_test_of_every_pair() -> None:
    rng = np.random.default_rng(4)
    points = (rng.uniform(0, 3, (20, 1, 3)) + rng.normal(size=(20, 3, 3))).reshape(-1, 3)
    triangles = np.arange(60).reshape(20, 3).astype(np.int32)

    def pierces(edge: np.ndarray, face: np.ndarray) -> bool:
        matrix = np.column_stack([face[1] - face[0], face[2] - face[0], edge[0] - edge[1]])
        u, v, t = np.linalg.solve(matrix, edge[0] - face[0])
        return bool(u > 0 and v > 0 and u + v < 1 and 0 < t < 1)

    expected = np.zeros(20, bool)
    for i in range(20):
        for j in range(20):
            a, b = points[triangles[i]], points[triangles[j]]
            if i != j and any(pierces(a[[k, (k + 1) % 3]], b) for k in range(3)):
                expected[[i, j]] = True
    np.testing.assert_array_equal(self_crossings(points, triangles), expected)
    assert 0 < expected.sum() < 20


def test_winding_numbers_agree_with_the_inside_of_an_ellipsoid() -> None:
    rng = np.random.default_rng(2)
    places = rng.uniform(-0.06, 0.06, (200, 3))
    level = ((places / SEMI) ** 2).sum(axis=1)
    clear = np.abs(level - 1.0) > 0.05
    numbers = winding_numbers(*CLOSED, places[clear])
    np.testing.assert_allclose(numbers, level[clear] < 1.0, atol=1e-9)


@pytest.mark.parametrize("gap", [0.0, 0.0015])
@pytest.mark.parametrize("base_up", [True, False])
def test_shells_that_nearly_meet_become_one_closed_wall(gap: float, base_up: bool) -> None:
    outer = dome((0.040, 0.040, 0.060), cut=0.3)
    inner = dome((0.030, 0.030, 0.045), cut=0.4)
    base = ring(outer[0][-48:] * (1 - gap / 0.038), inner[0][-48:] * (1 + gap / 0.028))
    base[0][:, 2] = 0.018
    faces = base[1] if base_up else base[1][:, [0, 2, 1]]
    wall = stitched(surface(*outer), surface(base[0], faces), [surface(*inner)])
    assert (edges_of(wall.triangles).counts == 2).all()
    assert len(wall.gaps) == (2 if gap else 0)
    assert not wall.caps
    expected = signed_volume(*_capped(outer)) - signed_volume(*_capped(inner))
    assert signed_volume(wall.points, wall.triangles) == pytest.approx(expected, rel=2e-3)


def _capped(shape: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    from organtwin.patient.geometry.topology import capped

    points, triangles, _ = capped(*shape)
    return points, triangles


def test_rims_of_different_numbers_of_points_are_zipped_edge_to_edge() -> None:
    def circle(n: int, radius: float, height: float) -> np.ndarray:
        phi = np.linspace(0, 2 * np.pi, n, endpoint=False) + 0.1
        return np.column_stack([radius * np.cos(phi), radius * np.sin(phi), np.full(n, height)])

    points = np.vstack([circle(31, 1.0, 0.0), circle(17, 1.1, 0.2)])
    band = zipped(points, np.arange(31), np.arange(31, 48)[::-1])
    edges = edges_of(band)
    assert len(band) == 48
    assert (edges.counts == 1).sum() == 48
    assert edges.counts.max() == 2
