"""What is wrong with files of a heart is told with its place, and broken files are drawn too."""

import numpy as np
import pytest

from organtwin.anatomy.finding import GeometryFindingKind
from organtwin.anatomy.label_map import Structure
from organtwin.patient.geometry.source import HeartSource
from organtwin.twin.heart_examination import examination
from tests.patient.geometry.written_images import small_heart, write_nifti
from tests.patient.geometry.written_meshes import dome, write_ply


@pytest.fixture
def cup():
    points, triangles = dome((30.0, 30.0, 45.0), 0.4)
    return points, triangles


def found(told, kind):
    return [finding for finding in told.findings if finding.kind is kind]


def test_a_wall_in_a_surface_is_refused_at_its_edge_and_drawn(tmp_path, cup):
    points, triangles = cup
    fin = np.vstack([points, points[triangles[40, 0]] * 1.5])
    wall = np.vstack([triangles, [triangles[40, 0], triangles[40, 1], len(points)]])
    file = write_ply(tmp_path / "lv_blood.ply", fin, wall)
    told = examination(HeartSource((file,), unit="mm", axes="LPS"))
    (refusal,) = found(told, GeometryFindingKind.REFUSED)
    edge = 1e-3 * points[triangles[40, :2]].mean(axis=0)
    np.testing.assert_allclose(refusal.places, [edge], atol=1e-6)
    assert len(told.outlines[0].triangles) == len(wall)
    assert told.refused


def test_an_open_rim_is_a_fault_with_its_place(tmp_path, cup):
    file = write_ply(tmp_path / "lv_blood.ply", *cup)
    told = examination(HeartSource((file,), unit="mm", axes="LPS", complete=True))
    rims = [f for f in found(told, GeometryFindingKind.DEFECT) if f.field == "rims"]
    np.testing.assert_allclose(rims[0].places, [[0.0, 0.0, 0.018]], atol=1e-6)
    assert not told.refused


def test_two_hearts_in_an_image_are_both_marked(tmp_path):
    values, affine = small_heart()
    apart = np.zeros_like(values)[:3]
    file = tmp_path / "two.nii"
    write_nifti(file, np.concatenate([values, apart, values]), affine)
    told = examination(HeartSource((file,), "organtwin"))
    (refusal,) = found(told, GeometryFindingKind.REFUSED)
    assert refusal.places.shape == (2, 3)
    low, high = (getattr(told.outlines[0].points, end)(axis=0) for end in ("min", "max"))
    assert ((refusal.places > low) & (refusal.places < high)).all()


def test_labels_at_the_edge_of_an_image_are_marked_there(tmp_path):
    values, affine = small_heart()
    cut = values[:, :, 12:]
    file = tmp_path / "cut.nii"
    write_nifti(file, cut, affine)
    told = examination(HeartSource((file,), "organtwin"))
    edge = [f for f in told.findings if "edge" in f.text]
    assert edge
    assert {f.structure for f in edge} <= set(Structure)
    assert all(len(f.places) == 1 for f in edge)


def test_a_file_that_is_no_image_is_refused_without_an_outline(tmp_path):
    file = tmp_path / "heart.nii"
    file.write_bytes(b"no image")
    told = examination(HeartSource((file,)))
    assert told.refused
    assert told.outlines == ()
