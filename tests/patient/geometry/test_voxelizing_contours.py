"""Outlines on slices become ventricles of the right volume; odd slices are told."""

from dataclasses import replace

import numpy as np
import pytest

from organtwin.anatomy.finding import GeometryFindingKind
from organtwin.anatomy.label_map import Structure
from organtwin.errors import InputError
from organtwin.patient.geometry.raw import ContourSet
from organtwin.patient.geometry.slices import body, completed, joined, off_axis, signed_distance
from organtwin.patient.geometry.voxelizing_contours import voxelized_contours
from tests.patient.geometry.written_meshes import dome_volume

INNER, OUTER, TOP = (25.0, 25.0, 45.0), (35.0, 35.0, 55.0), 20.0
BASEWARD = np.array([-0.58, 0.64, 0.50]) / np.linalg.norm([-0.58, 0.64, 0.50])
FROM_RIGHT = np.array([0.75, 0.65, 0.0]) - BASEWARD * (BASEWARD @ [0.75, 0.65, 0.0])
FROM_RIGHT /= np.linalg.norm(FROM_RIGHT)
TURN = np.column_stack([FROM_RIGHT, np.cross(BASEWARD, FROM_RIGHT), BASEWARD])
"""Columns in patient axes: from the right to the left ventricle, across, from apex to base."""


def circle(radius: float, height: float, phi: np.ndarray) -> np.ndarray:
    return np.column_stack([
        radius * np.cos(phi), radius * np.sin(phi), np.full(len(phi), height)
    ])  # fmt: skip


def radius(semi: tuple[float, float, float], height: float) -> float:
    return semi[0] * float(np.sqrt(max(0.0, 1.0 - (height / semi[2]) ** 2)))


def drawn_heart(spacing: float = 6.0) -> ContourSet:
    """A left ventricle of two ellipsoids and half a right one around it, [mm] turned in space."""
    parts: list[tuple[str, int, np.ndarray]] = []
    ring = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    half = np.linspace(0.6 * np.pi, 1.4 * np.pi, 30)
    for number, height in enumerate(np.arange(-38.0, 12.0, spacing)):
        parts.append(("SAX_LV_ENDOCARDIAL", number, circle(radius(INNER, height), height, ring)))
        outer = radius(OUTER, height)
        rest = ring[(ring < 0.59 * np.pi) | (ring > 1.41 * np.pi)]
        parts.append(("SAX_LV_EPICARDIAL", number, circle(outer, height, rest)))
        septum = circle(outer, height, half)
        wall = septum.copy()
        wall[:, 0] -= 30.0 * np.sin((half - 0.6 * np.pi) / 0.8)
        parts.append(("SAX_RV_SEPTUM", number, septum))
        parts.append(("SAX_RV_FREEWALL", number, np.roll(wall[::-1], 7, axis=0)))
    along = np.linspace(-INNER[2], TOP, 40)
    side = [[radius(INNER, h), 0.0, h] for h in along]
    parts.append(("LAX_LV_ENDOCARDIAL", 90, np.array(side)))
    side = [[radius(OUTER, h), 0.0, h] for h in np.linspace(-OUTER[2], TOP, 40)]
    parts.append(("LAX_LV_EPICARDIAL", 90, np.array(side)))
    parts.append(("MITRAL_VALVE", 90, circle(20.0, TOP, ring[::15])))
    points = np.concatenate([points for *_, points in parts])
    labels = tuple(name for name, _, points in parts for _ in points)
    slices = np.concatenate([np.full(len(points), n, np.int32) for _, n, points in parts])
    world = 1e-3 * points @ TURN.T + [0.02, -0.1, 0.3]
    return ContourSet(world, labels, slices, np.ones(len(slices)), 0, "heart.txt")


def test_a_drawn_heart_has_its_volumes() -> None:
    heart = voxelized_contours(drawn_heart())
    scale = 1e-9
    # Beyond the last slice at 10 mm the outline goes on unchanged to the valve.
    blood = dome_volume(INNER, 10.0 / INNER[2]) + np.pi * radius(INNER, 10.0) ** 2 * 10.0
    whole = dome_volume(OUTER, 10.0 / OUTER[2]) + np.pi * radius(OUTER, 10.0) ** 2 * 10.0
    assert heart.volumes[Structure.LV_BLOOD] == pytest.approx(blood * scale, rel=0.02)
    muscle = (whole - blood) * scale
    assert heart.volumes[Structure.LV_MUSCLE] == pytest.approx(muscle, rel=0.03)
    per_slice = [_bulge_area(radius(OUTER, h)) for h in np.arange(-38.0, 12.0, 6.0)]
    right = 6.0 * (np.sum(per_slice) - (per_slice[0] + per_slice[-1]) / 2) * scale
    assert heart.volumes[Structure.RV_BLOOD] == pytest.approx(right, rel=0.05)
    assert not [f for f in heart.findings if f.kind is GeometryFindingKind.CONFIRM]


def _bulge_area(outer: float) -> float:
    """Between septum and wall of one slice [mm2]: shoelace over both lines."""
    half = np.linspace(0.6 * np.pi, 1.4 * np.pi, 30)
    septum = circle(outer, 0.0, half)[:, :2]
    wall = septum - np.column_stack([30.0 * np.sin((half - 0.6 * np.pi) / 0.8), 0.0 * half])
    ring = np.concatenate([septum, wall[::-1]])
    x, y = ring.T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def test_a_slice_of_another_breath_is_put_back_and_told() -> None:
    contours = drawn_heart()
    moved = contours.points.copy()
    moved[contours.slices == 4] += TURN[:, 0] * 0.02
    heart = voxelized_contours(replace(contours, points=moved))
    (finding,) = [f for f in heart.findings if f.field == "slices"]
    assert finding.kind is GeometryFindingKind.CONFIRM
    assert "4 by 20 mm" in finding.text
    still = voxelized_contours(contours)
    for kind, volume in still.volumes.items():
        assert heart.volumes[kind] == pytest.approx(volume, rel=0.01)


def test_an_oblique_slice_is_left_out_and_told() -> None:
    contours = drawn_heart()
    turned = contours.points.copy()
    of = contours.slices == 5
    middle = turned[of].mean(axis=0)
    angle = 0.5
    tilt = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)],
                     [0, np.sin(angle), np.cos(angle)]])  # fmt: skip
    turned[of] = (turned[of] - middle) @ (TURN @ tilt @ TURN.T).T + middle
    heart = voxelized_contours(replace(contours, points=turned))
    (finding,) = [f for f in heart.findings if f.kind is GeometryFindingKind.NOT_USED]
    assert "slices [5]" in finding.text


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("MITRAL_VALVE", "MITRAL_VALVE"),
        ("SAX_LV_ENDOCARDIAL", "SAX_LV_ENDOCARDIAL"),
        ("SAX_LV_EPICARDIAL", "SAX_LV_EPICARDIAL"),
    ],
)
def test_what_a_ventricle_cannot_do_without_is_named(label: str, field: str) -> None:
    contours = drawn_heart()
    kept = np.array(contours.labels) != label
    lacking = replace(
        contours,
        points=contours.points[kept],
        labels=tuple(np.array(contours.labels)[kept].tolist()),
        slices=contours.slices[kept],
        weights=contours.weights[kept],
    )
    with pytest.raises(InputError) as caught:
        voxelized_contours(lacking)
    assert caught.value.field == field


def test_two_slices_are_too_few() -> None:
    with pytest.raises(InputError, match="3 parallel short-axis slices or more"):
        voxelized_contours(drawn_heart(spacing=40.0))


def test_lines_listed_from_any_start_and_direction_join_to_one_ring() -> None:
    phi = np.linspace(0, np.pi, 21)
    upper = np.column_stack([np.cos(phi), np.sin(phi)])
    lower = np.column_stack([0.9 * np.cos(phi), -0.5 * np.sin(phi)])
    for shift in (0, 4, 13):
        for other in (lower, lower[::-1]):
            ring = joined(np.roll(upper, shift, axis=0), np.roll(other, shift + 3, axis=0))
            assert np.linalg.norm(ring - np.roll(ring, 1, axis=0), axis=1).max() < 0.2


def test_a_ring_is_completed_only_where_it_is_open() -> None:
    phi = np.linspace(0, 2 * np.pi, 80, endpoint=False)
    whole = circle(10.0, 0.0, phi)[:, :2]
    inner = circle(8.0, 0.0, phi[30:50])[:, :2]
    assert len(completed(whole, inner)) == 80
    open_ring = np.delete(whole, np.s_[32:48], axis=0)
    ring = completed(open_ring, inner)
    filled = int((np.linalg.norm(ring, axis=1) < 9.0).sum())
    # One more at each end may pass: the middle of an open ring is not quite its centre.
    assert 16 <= filled <= 18
    assert len(ring) == 64 + filled


def test_distance_to_an_outline_is_positive_inside() -> None:
    square = np.array([[2.5, 2.5], [7.5, 2.5], [7.5, 8.5], [2.5, 8.5]])
    level = signed_distance(square, (11, 12))
    assert level[5, 5] == pytest.approx(2.5)
    assert level[0, 5] == pytest.approx(-2.5)
    np.testing.assert_array_equal((level > 0).sum(), 5 * 6)


def test_a_cone_between_two_slices_and_a_paraboloid_to_the_apex() -> None:
    phi = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    rings = {
        depth: np.column_stack([20 + r * np.cos(phi), 20 + r * np.sin(phi)])
        for depth, r in ((12.0, 10.0), (24.0, 16.0))
    }
    inside = body(rings, (41, 41, 30), apex=2.0)
    areas = inside.sum(axis=(0, 1))
    assert areas[18] == pytest.approx(np.pi * 13.0**2, rel=0.05)
    assert areas[29] == pytest.approx(np.pi * 16.0**2, rel=0.05)
    assert areas[6] == pytest.approx(np.pi * 10.0**2 * (1 - 0.6), rel=0.08)
    assert areas[2] == 0
    assert body(rings, (41, 41, 30), apex=None)[:, :, :12].sum() == 0


def test_a_third_of_misplaced_slices_does_not_move_the_axis() -> None:
    square = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    rings = {float(d): square + np.array([0.3 * d, -0.1 * d]) for d in range(9)}
    for depth in (1.0, 4.0, 6.0):
        rings[depth] = rings[depth] + np.array([7.0, 5.0])
    away = off_axis(rings)
    for depth, offset in away.items():
        expected = [7.0, 5.0] if depth in (1.0, 4.0, 6.0) else [0.0, 0.0]
        np.testing.assert_allclose(offset, expected, atol=0.8)
