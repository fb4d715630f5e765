"""Meshes of every format arrive as they were written; unit and axes are told where assumed."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from organtwin.anatomy.finding import GeometryFindingKind
from organtwin.errors import InputError
from organtwin.patient.geometry.reading import (
    read_contours,
    read_surface,
    read_surfaces,
    read_tets,
    with_point_fields,
)
from tests.patient.geometry.written_meshes import (
    dome,
    lattice_cup,
    write_carp,
    write_obj,
    write_ply,
    write_stl,
    write_vtk,
    write_vtk_xml,
)

Write = Callable[[Path, np.ndarray, np.ndarray], Path]

SURFACES: dict[str, tuple[str, Write]] = {
    "ply ascii": ("a.ply", lambda f, p, t: write_ply(f, p, t, "ascii")),
    "ply little": ("a.ply", lambda f, p, t: write_ply(f, p, t, "binary_little_endian")),
    "ply big": ("a.ply", lambda f, p, t: write_ply(f, p, t, "binary_big_endian")),
    "stl binary": ("a.stl", lambda f, p, t: write_stl(f, p, t, "binary")),
    "stl ascii": ("a.stl", lambda f, p, t: write_stl(f, p, t, "ascii")),
    "obj": ("a.obj", lambda f, p, t: write_obj(f, p, t, "plain")),
    "obj normals": ("a.obj", lambda f, p, t: write_obj(f, p, t, "normals")),
    "obj negative": ("a.obj", lambda f, p, t: write_obj(f, p, t, "negative")),
    "vtk binary": ("a.vtk", lambda f, p, t: write_vtk(f, p, t)),
    "vtk ascii": ("a.vtk", lambda f, p, t: write_vtk(f, p, t, form="ASCII")),
    "vtk old": ("a.vtk", lambda f, p, t: write_vtk(f, p, t, version="3.0")),
    "vtk old ascii": (
        "a.vtk",
        lambda f, p, t: write_vtk(f, p, t, version="3.0", form="ASCII"),
    ),
}
XML_FORMS = [
    {"form": form, "compressed": compressed, "order": order, "word": word}
    for form in ("ascii", "binary", "appended-raw", "appended-base64")
    for compressed in (False, True)
    for order, word in (("<", "u4"), (">", "u8"))
]
POINTS, TRIANGLES = dome((40.0, 35.0, 50.0), cut=0.4, rings=6, columns=10)
CUP_POINTS, CUP_TETS = lattice_cup(8.0)
FIBER = np.cross(CUP_POINTS[CUP_TETS].mean(axis=1), [0.0, 0.0, 1.0])


def assert_same_triangles(found: np.ndarray, expected: np.ndarray) -> None:
    """Corner by corner, since some formats renumber the points."""
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", SURFACES)
def test_a_surface_arrives_in_metres(tmp_path: Path, name: str) -> None:
    file, write = SURFACES[name]
    surface = read_surface(write(tmp_path / file, POINTS, TRIANGLES), unit="mm", orientation="LPS")
    assert_same_triangles(surface.points[surface.triangles], 1e-3 * POINTS[TRIANGLES])
    assert len(surface.points) == len(POINTS)
    assert surface.part == "a"
    assert surface.findings == ()


@pytest.mark.parametrize("form", XML_FORMS, ids=str)
def test_vtp_of_every_form(tmp_path: Path, form: dict[str, object]) -> None:
    path = write_vtk_xml(tmp_path / "a.vtp", POINTS, TRIANGLES, **form)
    surface = read_surface(path, unit="mm")
    assert_same_triangles(surface.points[surface.triangles], 1e-3 * POINTS[TRIANGLES])


@pytest.mark.parametrize("form", XML_FORMS, ids=str)
def test_vtu_of_every_form_with_fibres(tmp_path: Path, form: dict[str, object]) -> None:
    path = write_vtk_xml(tmp_path / "a.vtu", CUP_POINTS, CUP_TETS, fiber=FIBER, **form)
    mesh = read_tets(path, unit="mm", orientation="RAS")
    np.testing.assert_allclose(mesh.points, 1e-3 * CUP_POINTS * [-1, -1, 1], atol=1e-12)
    np.testing.assert_array_equal(mesh.tets, CUP_TETS)
    np.testing.assert_allclose(mesh.cell_fields["fiber"], FIBER * [-1, -1, 1], rtol=1e-5)


@pytest.mark.parametrize("form", ["BINARY", "ASCII"])
@pytest.mark.parametrize("version", ["3.0", "5.1"])
def test_vtk_grids_of_either_version_tell_what_they_leave_out(
    tmp_path: Path, form: str, version: str
) -> None:
    path = tmp_path / "a.vtk"
    write_vtk(path, CUP_POINTS, CUP_TETS, form=form, version=version, fiber=FIBER,
              extra_line_cell=True)  # fmt: skip
    mesh = read_tets(path, unit="mm", orientation="LPS")
    np.testing.assert_array_equal(mesh.tets, CUP_TETS)
    np.testing.assert_allclose(mesh.cell_fields["fiber"], FIBER, rtol=1e-5)
    np.testing.assert_array_equal(mesh.cell_fields["number"], np.arange(len(CUP_TETS)))
    (finding,) = mesh.findings
    assert finding.kind is GeometryFindingKind.NOT_USED
    assert "1 lines" in finding.text


@pytest.mark.parametrize("extension", [".pts", ".elem", ".lon"])
def test_carp_is_read_from_any_of_its_files(tmp_path: Path, extension: str) -> None:
    write_carp(tmp_path / "heart.elem", 1e3 * CUP_POINTS, CUP_TETS, FIBER)
    mesh = read_tets(tmp_path / f"heart{extension}", unit="um")
    np.testing.assert_allclose(mesh.points, 1e-3 * CUP_POINTS, atol=1e-12)
    np.testing.assert_array_equal(mesh.tets, CUP_TETS)
    np.testing.assert_allclose(mesh.cell_fields["fiber"], FIBER)
    np.testing.assert_allclose(mesh.cell_fields["sheet"], np.tile([0, 0, 1.0], (len(FIBER), 1)))
    assert set(mesh.cell_fields["region"]) == {3.0}


def test_carp_without_fibres_is_a_mesh_without_fibres(tmp_path: Path) -> None:
    write_carp(tmp_path / "heart.elem", CUP_POINTS, CUP_TETS)
    assert list(read_tets(tmp_path / "heart.elem").cell_fields) == ["region"]


def test_polygons_are_split_into_triangles(tmp_path: Path) -> None:
    path = tmp_path / "box.obj"
    path.write_text("v 0 0 0\nv 90 0 0\nv 90 80 0\nv 0 80 0\nv 0 40 0\nf 1 2 3 4 5\n")
    surface = read_surface(path, unit="mm")
    np.testing.assert_array_equal(surface.triangles, [[0, 1, 2], [0, 2, 3], [0, 3, 4]])


@pytest.mark.parametrize(("factor", "unit"), [(1e-3, "m"), (0.1, "cm"), (1.0, "mm"), (1e3, "um")])
def test_a_mesh_without_unit_gets_the_one_that_fits_a_heart(
    tmp_path: Path, factor: float, unit: str
) -> None:
    surface = read_surface(write_ply(tmp_path / "a.ply", factor * POINTS, TRIANGLES))
    np.testing.assert_allclose(np.ptp(surface.points, axis=0), 1e-3 * np.ptp(POINTS, axis=0))
    assert surface.unit == unit
    told = {f.field: f for f in surface.findings if f.kind is GeometryFindingKind.CONFIRM}
    assert f"taken as {unit} because" in told["unit"].text
    assert "LPS" in told["orientation"].text


def test_parts_of_one_heart_share_the_unit_that_fits_them_together(tmp_path: Path) -> None:
    whole = write_ply(tmp_path / "epi.ply", 0.1 * POINTS, TRIANGLES)
    valve = write_stl(tmp_path / "valve.stl", 0.02 * POINTS, TRIANGLES)
    with pytest.raises(InputError, match="fits no unit"):
        read_surface(valve)
    first, second = read_surfaces([whole, valve])
    assert (first.unit, second.unit) == ("cm", "cm")
    np.testing.assert_allclose(np.ptp(second.points, axis=0), 2e-4 * np.ptp(POINTS, axis=0))
    assert (first.part, second.part) == ("epi", "valve")


def test_stated_axes_are_turned_and_unknown_ones_are_told(tmp_path: Path) -> None:
    path = write_ply(tmp_path / "a.ply", POINTS, TRIANGLES)
    lps = read_surface(path, unit="mm", orientation="LPS")
    ras = read_surface(path, unit="mm", orientation="RAS")
    unknown = read_surface(path, unit="mm", orientation="unknown")
    np.testing.assert_allclose(ras.points, lps.points * [-1, -1, 1])
    assert not lps.findings
    assert not ras.findings
    (finding,) = unknown.findings
    assert "unknown" in finding.text


def test_fields_of_another_file_follow_the_place_of_a_point_not_its_number(
    tmp_path: Path,
) -> None:
    mesh = read_tets(write_vtk(tmp_path / "a.vtk", CUP_POINTS, CUP_TETS), unit="mm")
    order = np.random.default_rng(1).permutation(len(CUP_POINTS))
    lines = ["# vtk DataFile Version 3.0", "fibres", "ASCII", "DATASET UNSTRUCTURED_GRID",
             f"POINTS {len(order)} float", *(" ".join(map(str, p)) for p in CUP_POINTS[order]),
             f"POINT_DATA {len(order)}", "SCALARS height float", "LOOKUP_TABLE default",
             *(str(p[2]) for p in CUP_POINTS[order])]  # fmt: skip
    (tmp_path / "f.vtk").write_text("\n".join(lines))
    joined = with_point_fields(mesh, tmp_path / "f.vtk")
    np.testing.assert_allclose(joined.point_fields["height"], CUP_POINTS[:, 2])
    assert "another order" in joined.findings[-1].text


def test_fields_of_another_heart_are_refused(tmp_path: Path) -> None:
    mesh = read_tets(write_vtk(tmp_path / "a.vtk", CUP_POINTS, CUP_TETS), unit="mm")
    other = write_vtk(tmp_path / "b.vtk", CUP_POINTS + np.array([0.5, 0.0, 0.0]), CUP_TETS)
    with pytest.raises(InputError, match=r"up to 0\.5 mm"):
        with_point_fields(mesh, other)


def test_contours_come_frame_by_frame(tmp_path: Path) -> None:
    path = tmp_path / "points.txt"
    rows = [f"{x:.1f}\t{-2 * x:.1f}\t{x / 2:.1f}\tSAX_LV_ENDOCARDIAL\t{x // 20}\t1.0\t{x % 2}"
            for x in range(0, 90, 3)]  # fmt: skip
    path.write_text("x\ty\tz\tcontour type\tsliceID\tweight\ttime frame\n" + "\n".join(rows))
    first, second = read_contours(path)
    assert (first.frame, second.frame) == (0, 1)
    assert len(first.points) == len(first.labels) == len(first.slices) == 15
    np.testing.assert_allclose(first.points[1], [6e-3, -12e-3, 3e-3])
    assert set(second.labels) == {"SAX_LV_ENDOCARDIAL"}
