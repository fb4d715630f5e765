import json
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkIOGeometry import vtkGLTFReader, vtkSTLReader
from vtkmodules.vtkIOPLY import vtkPLYReader
from vtkmodules.vtkIOXML import vtkXMLUnstructuredGridReader

from organtwin.anatomy.mesh import Architecture
from organtwin.anatomy.regions import Region, Segment
from organtwin.errors import InputError
from organtwin.scene.exporting import FRAMES, Export, export
from tests.synthetic_heart import SolidMotion, SyntheticMotion, filled_anatomy

HEART = filled_anatomy(8)
MOTION = SolidMotion(HEART)
MM3 = 1e9


def read(reader, path):
    made = reader()
    made.SetFileName(str(path))
    made.Update()
    return made.GetOutput()


def points_of(mesh):
    return vtk_to_numpy(mesh.GetPoints().GetData()).astype(float)


def triangles_of(mesh):
    return vtk_to_numpy(mesh.GetPolys().GetConnectivityArray()).reshape(-1, 3)


def enclosed(points, triangles):
    a, b, c = (points[triangles[:, k]] for k in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)


def drawn(phase=0.0):
    out = np.empty(HEART.surface.points.shape, np.float32)
    MOTION.surface_points(phase, out)
    return out.astype(float)


def written(path, **wanted):
    return list(export(MOTION, path, Export(**wanted)))


@pytest.mark.parametrize(("suffix", "reader"), [(".stl", vtkSTLReader), (".ply", vtkPLYReader)])
def test_a_surface_keeps_its_volume_and_is_in_millimetres(tmp_path, suffix, reader):
    path = tmp_path / f"heart{suffix}"
    assert written(path, phase=0.3) == [path]
    mesh = read(reader, path)
    found = enclosed(points_of(mesh), triangles_of(mesh))
    assert found == pytest.approx(enclosed(drawn(0.3), HEART.surface.triangles) * MM3, rel=1e-5)
    assert b"millimetre" in path.read_bytes()[:400]


def test_hidden_layers_are_not_written(tmp_path):
    path = tmp_path / "vessels.ply"
    written(path, hidden=frozenset({"walls"}))
    regions = HEART.surface.regions
    wanted = (regions[HEART.surface.triangles] >= Region.AORTA).any(axis=1).sum()
    assert read(vtkPLYReader, path).GetNumberOfCells() == wanted


def test_a_whole_beat_of_surfaces_is_one_file_per_frame(tmp_path):
    files = written(tmp_path / "heart.stl", whole_beat=True)
    assert [file.name for file in files][:2] == ["heart_00.stl", "heart_01.stl"]
    assert len(files) == FRAMES
    assert sorted(tmp_path.iterdir()) == sorted(files)
    small = read(vtkSTLReader, files[FRAMES // 2]).GetBounds()
    large = read(vtkSTLReader, files[0]).GetBounds()
    assert small[1] - small[0] == pytest.approx(0.8 * (large[1] - large[0]), rel=1e-4)


def glb_parts(path):
    raw = path.read_bytes()
    length = int(np.frombuffer(raw[12:16], "<u4")[0])
    document = json.loads(raw[20 : 20 + length])
    return document, raw[20 + length + 8 :]


def accessor(document, body, number):
    entry = document["accessors"][number]
    view = document["bufferViews"][entry["bufferView"]]
    raw = body[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]
    return np.frombuffer(raw, "<f4").reshape(entry["count"], -1)


def test_gltf_stands_upright_in_metres(tmp_path):
    path = tmp_path / "heart.glb"
    written(path)
    blocks = read(vtkGLTFReader, path)
    mesh = blocks.GetBlock(0).GetBlock(0).GetBlock(0)
    found = points_of(mesh)
    x, y, z = drawn().T
    np.testing.assert_allclose(found, np.stack([x, z, -y], axis=1), atol=1e-7)
    volume = enclosed(found, triangles_of(mesh))
    assert volume == pytest.approx(enclosed(drawn(), HEART.surface.triangles), rel=1e-5)
    assert "animations" not in glb_parts(path)[0]


def test_the_animation_of_gltf_passes_through_every_frame(tmp_path):
    path = tmp_path / "beat.glb"
    written(path, whole_beat=True)
    document, body = glb_parts(path)
    (primitive,) = document["meshes"][0]["primitives"]
    rest = accessor(document, body, primitive["attributes"]["POSITION"])
    sampler = document["animations"][0]["samplers"][0]
    times = accessor(document, body, sampler["input"])[:, 0]
    weights = accessor(document, body, sampler["output"]).reshape(len(times), -1)
    assert times[-1] == pytest.approx(MOTION.duration)
    assert (weights[[0, -1]] == 0).all()
    targets = [accessor(document, body, t["POSITION"]) for t in primitive["targets"]]
    middle = FRAMES // 2
    blended = rest + np.tensordot(weights[middle], np.array(targets), 1)
    x, y, z = drawn(0.5).T
    np.testing.assert_allclose(blended, np.stack([x, z, -y], axis=1), atol=1e-6)


def test_tissue_keeps_volume_regions_and_displacement(tmp_path):
    path = tmp_path / "tissue.vtu"
    written(path, phase=0.5)
    grid = read(vtkXMLUnstructuredGridReader, path)
    nodes = points_of(grid)
    tets = vtk_to_numpy(grid.GetCells().GetConnectivityArray()).reshape(-1, 4)
    np.testing.assert_array_equal(tets, HEART.tissue.tets)
    np.testing.assert_allclose(nodes, MOTION.tissue_nodes(0.5))
    regions = vtk_to_numpy(grid.GetCellData().GetArray("region"))
    np.testing.assert_array_equal(regions, HEART.tissue.regions)
    moved = vtk_to_numpy(grid.GetPointData().GetArray("displacement"))
    np.testing.assert_allclose(HEART.tissue.nodes + moved, nodes, atol=1e-8)
    assert np.nanmin(vtk_to_numpy(grid.GetPointData().GetArray("strain"))) < -0.05
    assert b"unit metre" in path.read_bytes()[:400]


def test_fibres_and_segments_go_along_where_there_are_any(tmp_path):
    count, elements = len(HEART.tissue.nodes), len(HEART.tissue.tets)
    node = np.linspace(0, 1, count, dtype=np.float32)
    fibers = np.tile(np.array([0.6, 0.0, 0.8], np.float32), (elements, 1))
    segments = np.full(elements, Segment.MID_INFERIOR, np.int32)
    architecture = Architecture(node, node, node, node, fibers, fibers, segments)
    motion = SolidMotion(replace(HEART, architecture=architecture))
    path = tmp_path / "tissue.vtu"
    list(export(motion, path, Export()))
    cells = read(vtkXMLUnstructuredGridReader, path).GetCellData()
    np.testing.assert_array_equal(vtk_to_numpy(cells.GetArray("fiber")), fibers)
    assert set(vtk_to_numpy(cells.GetArray("segment"))) == {Segment.MID_INFERIOR}


def test_a_beat_of_tissue_has_a_list_with_times(tmp_path):
    *frames, index = written(tmp_path / "tissue.vtu", whole_beat=True)
    assert index.name == "tissue.pvd"
    entries = ElementTree.parse(index).getroot().findall(".//DataSet")
    assert [entry.get("file") for entry in entries] == [frame.name for frame in frames]
    assert float(entries[1].get("timestep")) == pytest.approx(MOTION.duration / FRAMES)


def test_an_unknown_ending_and_an_unmoved_tissue_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"\.stl"):
        written(tmp_path / "heart.obj")
    with pytest.raises(InputError, match="tissue"):
        list(export(SyntheticMotion(HEART), tmp_path / "heart.vtu", Export()))
    assert list(tmp_path.iterdir()) == []


def test_a_failed_export_leaves_nothing_behind(tmp_path):
    with pytest.raises(OSError, match="missing"):
        written(tmp_path / "missing" / "heart.stl")
    assert list(tmp_path.iterdir()) == []
