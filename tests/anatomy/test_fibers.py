"""Rule-based fibres against the angles they promise."""

from dataclasses import replace

import numpy as np
import pytest

from organtwin.anatomy.architecture import architecture
from organtwin.anatomy.fiber_frames import blended, oriented, quaternions, rotations
from organtwin.anatomy.fibers import FiberAngles
from organtwin.anatomy.mesh import Tissue
from organtwin.anatomy.regions import Region
from tests.anatomy.hearts import (
    LENGTH,
    RADIUS,
    WALL,
    biventricular,
    lv_alone,
    shuffled,
    template,
    template_architecture,
)
from tests.anatomy.test_coordinates import _depth


def _angles(tissue, heart, grown):
    """Helix and transverse angle [degrees] in the exact frame of the shell, counter-clockwise
    seen from the base being circumferential."""
    x, y, z = (tissue.nodes[tissue.tets].mean(axis=1) * 1e3).T
    outward = np.stack([x / (RADIUS + grown) ** 2, y / (RADIUS + grown) ** 2,
                        z / (LENGTH + grown) ** 2], axis=1)  # fmt: skip
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    around = np.stack([-y, x, 0 * x], axis=1) / np.hypot(x, y)[:, None]
    up = np.cross(outward, around)
    along = np.einsum("ij,ij->i", heart.fibers, around)
    helix = np.degrees(np.arctan(np.einsum("ij,ij->i", heart.fibers, up) / along))
    out = np.einsum("ij,ij->i", heart.fibers, outward) * np.sign(along)
    return helix, np.degrees(np.arcsin(out))


@pytest.fixture(scope="module")
def shell():
    tissue, boundary = lv_alone()
    middles = tissue.nodes[tissue.tets].mean(axis=1) * 1e3
    depth = _depth(middles)
    heart = architecture(tissue, boundary)
    helix, transverse = _angles(tissue, heart, depth * WALL)
    wall = (middles[:, 2] > -55) & (middles[:, 2] < -5)
    return depth[wall], helix[wall], transverse[wall]


def test_helix_angle_runs_evenly_from_plus_sixty_to_minus_sixty(shell):
    depth, helix, _ = shell
    slope, inner = np.polyfit(depth, helix, 1)
    assert inner == pytest.approx(60, abs=1)
    assert inner + slope == pytest.approx(-60, abs=1)
    assert np.corrcoef(depth, helix)[0, 1] ** 2 > 0.999
    error = np.abs(helix - (60 - 120 * depth))
    assert np.percentile(error, 99.5) < 3
    assert error.max() < 5


def test_transverse_angle_tips_the_fibre_out_of_the_wall(shell):
    depth, _, transverse = shell
    slope, inner = np.polyfit(depth, transverse, 1)
    assert inner == pytest.approx(20, abs=1)  # minus 20 about the upward axis points outward
    assert inner + slope == pytest.approx(-20, abs=1)


def test_angles_are_those_asked_for():
    tissue, boundary = lv_alone()
    asked = replace(FiberAngles(), left_inner=np.radians(40), left_outer=np.radians(-50),
                    transverse_inner=0.0, transverse_outer=0.0)  # fmt: skip
    heart = architecture(tissue, boundary, angles=asked)
    middles = tissue.nodes[tissue.tets].mean(axis=1) * 1e3
    depth = _depth(middles)
    helix, transverse = _angles(tissue, heart, depth * WALL)
    wall = (middles[:, 2] > -50) & (middles[:, 2] < -5)
    assert np.percentile(np.abs(helix - (40 - 90 * depth))[wall], 99.5) < 3
    assert np.abs(transverse[wall]).max() < 6
    assert np.median(np.abs(transverse[wall])) < 1


def test_every_muscle_element_has_a_unit_fibre_square_to_its_sheet():
    tissue, _ = template()
    heart = template_architecture()
    muscle = tissue.regions <= Region.RA
    for name in ("fibers", "sheets"):
        length = np.linalg.norm(getattr(heart, name), axis=1)
        assert np.abs(length[muscle] - 1).max() < 1e-5, name
        assert length[~muscle].max() == 0, name
    assert np.abs(np.sum(heart.fibers * heart.sheets, axis=1)).max() < 1e-5


def test_fibres_do_not_depend_on_numbering():
    heart = architecture(*biventricular())
    tissue, boundary, _, elements = shuffled(*biventricular(), seed=9)
    other = architecture(tissue, boundary)
    same = np.abs(np.sum(other.fibers * heart.fibers[elements], axis=1))
    assert np.mean(same > 0.999) > 0.998
    assert np.mean(other.segments == heart.segments[elements]) > 0.998


def test_fibres_turn_little_from_element_to_element():
    tissue, boundary = biventricular()
    heart = architecture(tissue, boundary)
    corners = np.sort(tissue.tets[:, [[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]]], axis=2)
    faces, owner = corners.reshape(-1, 3), np.repeat(np.arange(len(tissue.tets)), 4)
    order = np.lexsort(faces.T)
    same = (faces[order][1:] == faces[order][:-1]).all(axis=1)
    one, two = owner[order][1:][same], owner[order][:-1][same]
    along = np.abs(np.sum(heart.fibers[one] * heart.fibers[two], axis=1))
    turn = np.degrees(np.arccos(np.minimum(along, 1.0)))
    assert np.median(turn) < 12
    assert np.mean(turn > 60) < 0.01


def test_septum_reverses_at_two_thirds_and_meets_the_right_ventricle_steeply():
    tissue, boundary = biventricular(3.0)
    heart = architecture(tissue, boundary)
    middles = tissue.nodes[tissue.tets].mean(axis=1)
    depth = heart.transmural[tissue.tets].mean(axis=1)
    turn = np.abs(heart.rotational[tissue.tets]).max(axis=1)
    septal = (turn < 0.4) & (heart.right[tissue.tets].max(axis=1) == 0)
    septal &= (middles[:, 2] > -0.045) & (middles[:, 2] < -0.01)
    around = np.stack([-middles[:, 1], middles[:, 0], 0 * depth], axis=1)
    around /= np.linalg.norm(around, axis=1, keepdims=True)
    along, up = np.sum(heart.fibers * around, axis=1), heart.fibers[:, 2]
    helix = np.degrees(np.arctan2(up * np.sign(along), np.abs(along)))
    for low, high, expected in ((0.0, 0.15, 53), (0.58, 0.75, 0), (0.85, 1.0, -65)):
        layer = septal & (depth > low) & (depth < high)
        assert layer.sum() > 30
        assert np.median(helix[layer]) == pytest.approx(expected, abs=12), (low, high)


def test_outflow_tracts_run_along_the_way_to_their_valves():
    tissue, boundary = template()
    plain = replace(
        FiberAngles(), outflow_inner=np.radians(60.0), outflow_outer=np.radians(-60.0)
    )  # fmt: skip
    heart, other = template_architecture(), architecture(tissue, boundary, angles=plain)
    trunk = np.unique(tissue.tets[tissue.regions == Region.PULMONARY_ARTERY])
    near = (tissue.regions == Region.RV) & np.isin(tissue.tets, trunk).any(axis=1)
    turned = np.abs(np.sum(heart.fibers * other.fibers, axis=1))
    low = (tissue.regions == Region.RV) & (heart.apicobasal[tissue.tets].mean(axis=1) < 0.6)
    assert np.mean(turned[low] > 0.9999) > 0.85
    assert np.median(turned[near]) < 0.9


def test_papillary_muscles_run_along_the_long_axis():
    tissue, boundary = lv_alone()
    regions = tissue.regions.copy()
    middles = tissue.nodes[tissue.tets].mean(axis=1)
    inner = (_depth(middles * 1e3) < 0.2) & (np.abs(middles[:, 2] + 0.03) < 0.008)
    regions[inner & (middles[:, 0] > 0.015)] = Region.PAPILLARY_MUSCLE
    heart = architecture(Tissue(tissue.nodes, tissue.tets, regions), boundary)
    papillary = regions == Region.PAPILLARY_MUSCLE
    assert papillary.sum() > 20
    assert np.abs(heart.fibers[papillary][:, 2]).min() > 0.99
    assert np.abs(np.sum(heart.fibers * heart.sheets, axis=1)).max() < 1e-5


def test_turning_by_helix_then_transverse_angle_tips_the_fibre():
    frame = np.eye(3)[None]
    turned = oriented(frame, np.array([np.pi / 2]), np.array([np.radians(30)]))[0]
    assert turned[:, 0] == pytest.approx([0, np.cos(np.radians(30)), -0.5])
    assert turned[:, 2] @ turned[:, 0] == pytest.approx(0)


def test_blending_goes_the_short_way_between_axes():
    random = np.random.default_rng(2)
    quaternion = random.normal(size=(200, 4))
    frames = rotations(quaternion / np.linalg.norm(quaternion, axis=1, keepdims=True))
    back = rotations(quaternions(frames))
    assert np.allclose(back, frames)
    flipped = frames * np.array([-1.0, 1.0, -1.0])  # the same axes with two arrows reversed
    half = blended(frames, flipped, np.full(200, 0.5))
    assert np.allclose(np.abs(np.einsum("nij,nij->nj", half, frames)), 1)
    small = oriented(frames, np.full(200, 0.4), np.zeros(200))
    middle = blended(frames, small, np.full(200, 0.25))
    cosine = np.abs(np.einsum("ni,ni->n", middle[:, :, 0], frames[:, :, 0]))
    assert np.allclose(cosine, np.cos(0.1))
