"""Broken geometry files: each is named with file, field, expected, got and a remedy."""

# ruff: noqa: E501  (a table of cases reads best with one case a line)

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from organtwin.anatomy.label_map import Structure
from organtwin.errors import InputError
from organtwin.patient.geometry.labels import label_map
from organtwin.patient.geometry.mapping import preset, read_mapping
from organtwin.patient.geometry.masks import label_map_of_masks
from organtwin.patient.geometry.reading import (
    read_contours,
    read_label_image,
    read_surface,
    read_tets,
)
from organtwin.patient.geometry.surface_checks import checked_surface
from organtwin.patient.geometry.voxelizing import Shell, voxelized
from organtwin.patient.geometry.voxelizing_tets import voxelized_tets
from tests.patient.geometry.written_images import (
    small_heart,
    write_dicom_seg,
    write_nifti,
    write_nrrd,
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

VALUES, LPS = small_heart(6.0)
HEART = VALUES.astype("u1")
POINTS, TRIANGLES = dome((40.0, 35.0, 50.0), rings=8, columns=12)
CUP, TETS = lattice_cup(8.0)
OWN = preset("organtwin")
AXES = np.diag([2.0, 2.0, 3.0, 1.0])

Break = Callable[[Path], object]


def scaled(factor: float) -> np.ndarray:
    affine = LPS.copy()
    affine[:3] *= factor
    return affine


def sheared() -> np.ndarray:
    affine = LPS.copy()
    affine[0, 2] = 2.0
    return affine


def mirrored() -> np.ndarray:
    affine = LPS.copy()
    affine[0] *= -1.0
    return affine


def with_value(array: np.ndarray, index: tuple[int, ...] | int, value: float) -> np.ndarray:
    changed = array.copy()
    changed[index] = value
    return changed


def cut(path: Path, size: int) -> Path:
    path.write_bytes(path.read_bytes()[:size])
    return path


def edited(path: Path, old: bytes, new: bytes) -> Path:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))
    return path


def image(path: Path) -> object:
    return read_label_image(path)


def mapped(path: Path, name: str = "organtwin") -> object:
    return label_map(read_label_image(path), preset(name))


def two_hearts() -> np.ndarray:
    return np.concatenate([HEART, HEART], axis=2)


def fan() -> np.ndarray:
    """Three triangles at one edge."""
    return np.vstack([TRIANGLES, [[TRIANGLES[30, 0], TRIANGLES[30, 1], 0]]])


def moebius() -> tuple[np.ndarray, np.ndarray]:
    """A strip with one side."""
    n = 40
    phi = np.linspace(0.0, 2.0 * np.pi, n, endpoint=False)
    rows = [
        np.column_stack([
            (40 + s * np.cos(phi / 2)) * np.cos(phi), (40 + s * np.cos(phi / 2)) * np.sin(phi),
            s * np.sin(phi / 2),
        ])
        for s in (-8.0, 8.0)
    ]  # fmt: skip
    a = np.arange(n)
    b = a + n
    next_a, next_b = np.append(a[1:], b[0]), np.append(b[1:], a[0])
    faces = np.concatenate([np.stack([a, next_a, b], 1), np.stack([next_a, next_b, b], 1)])
    return np.vstack(rows), faces


def tangled() -> np.ndarray:
    """One point pulled through the elements around it."""
    inner = np.argmin(np.linalg.norm(CUP - [0.0, 30.0, 0.0], axis=1))
    return with_value(CUP, (int(inner),), CUP[inner] + [0.0, -40.0, 0.0])


def nii(path: Path, values: np.ndarray = HEART, lps: np.ndarray = LPS, **rest: object) -> Path:
    return write_nifti(path / "heart.nii", values, lps, **rest)


def nrrd(path: Path, values: np.ndarray = HEART, lps: np.ndarray = LPS, **rest: object) -> Path:
    return write_nrrd(path / "heart.nrrd", values, lps, **rest)


def gz(path: Path) -> Path:
    return write_nifti(path / "heart.nii.gz", HEART, LPS)


def ply(path: Path, points: np.ndarray = POINTS, triangles: np.ndarray = TRIANGLES) -> Path:
    return write_ply(path / "heart.ply", points, triangles)


def vtk(path: Path, points: np.ndarray = CUP, tets: np.ndarray = TETS) -> Path:
    return write_vtk(path / "heart.vtk", points, tets)


def vtu(path: Path, **rest: object) -> Path:
    return write_vtk_xml(path / "heart.vtu", CUP, TETS, **rest)


def seg(path: Path, **rest: object) -> Path:
    mask = np.zeros((6, 5, 4), bool)
    mask[1:4, 1:4] = True
    return write_dicom_seg(path / "heart.dcm", {1: mask}, {1: "lv"}, AXES, **rest)


def surface_segmentation(path: Path) -> Path:
    file = seg(path)
    content = file.read_bytes()
    file.write_bytes(content.replace(b"4.1.1.66.4", b"4.1.1.66.5"))
    return file


def seg_overlap(path: Path) -> Path:
    mask = np.zeros((6, 5, 4), bool)
    mask[1:4, 1:4] = True
    return write_dicom_seg(path / "heart.dcm", {1: mask, 2: mask}, {1: "lv", 2: "rv"}, AXES)


def carp(path: Path) -> Path:
    return write_carp(path / "heart.elem", CUP, TETS)


def contours(path: Path, row: str) -> Path:
    file = path / "heart.txt"
    rows = [f"{x}\t0\t0\tSAX_LV_ENDOCARDIAL\t1\t1.0\t0" for x in range(0, 90, 10)]
    file.write_text("\n".join([*rows, row]))
    return file


def toml(path: Path, text: str) -> Path:
    file = path / "heart.toml"
    file.write_text('format = "organtwin-label-mapping"\nversion = 1\n' + text)
    return file


def shifted_cup(path: Path) -> object:
    far = CUP + np.array([0.0, 0.0, 140.0])
    both = write_vtk(path / "heart.vtk", np.vstack([CUP, far]), np.vstack([TETS, TETS + len(CUP)]))
    return voxelized_tets(read_tets(both, unit="mm"))


def two_surfaces(path: Path) -> object:
    far = 0.7 * POINTS + np.array([100.0, 0.0, 0.0])
    both = ply(path, np.vstack([POINTS, far]), np.vstack([TRIANGLES, TRIANGLES + len(POINTS)]))
    return voxelized({Structure.HEART: read_surface(both, unit="mm")}, 2e-3)


def foreign_endocardium(path: Path) -> object:
    mesh = read_tets(vtk(path), unit="mm", orientation="LPS")
    other = read_surface(ply(path, POINTS + np.array([30.0, 0.0, 0.0])), unit="mm")
    return voxelized_tets(mesh, endocardia={Shell.LV_ENDOCARDIUM: other})


def empty_mask(path: Path) -> object:
    lv = read_label_image(nii(path))
    nothing = replace(lv, values=np.zeros_like(lv.values), source="heart_rv.nii")
    return label_map_of_masks({Structure.RV_BLOOD: nothing})


# (what is wrong, how to make and open it, field, expected, got)
BROKEN: list[tuple[str, Break, str, str, str]] = [
    # label images
    ("gzip cut off", lambda p: image(cut(gz(p), 200)), "compressed data", "complete gzip", "."),
    ("empty file", lambda p: image(cut(nii(p), 0)), "file", "content", "0 bytes"),
    ("missing file", lambda p: image(p / "heart.nii"), "file", "can be read", "No such file"),
    ("header alone", lambda p: image(cut(nii(p), 352)), "voxels", "8000 voxels", "0 voxels"),
    ("header says another size", lambda p: image(nii(p, dim=[3, 20, 20, 25, 1, 1, 1, 1])), "voxels", "10000 voxels", "8000 voxels"),
    ("no NIfTI at all", lambda p: image(edited(nii(p), b"n+1", b"xyz")), "magic", "mark of NIfTI", "without it"),
    ("zero axes", lambda p: image(nii(p, dim=[3, 20, 0, 20, 1, 1, 1, 1])), "dim", "at least one voxel", "0"),
    ("time series", lambda p: image(nii(p, np.stack([HEART, HEART], -1))), "dimensions", "three axes", "4 axes of 20 x 20 x 20 x 2"),
    ("colours", lambda p: image(nii(p, code=128)), "voxel type", "one whole number", "RGB"),
    ("unknown voxel type", lambda p: image(nii(p, code=99)), "datatype", "one of 2, 4", "99"),
    ("probabilities", lambda p: image(nii(p, HEART.astype("f4") * 0.3)), "values", "whole numbers", "voxels with fractions"),
    ("NaN voxels", lambda p: image(nii(p, with_value(HEART.astype("f4"), (0, 0, 0), np.nan))), "values", "whole numbers", "nan"),
    ("no orientation", lambda p: image(nii(p, forms="")), "sform_code, qform_code", "above 0", "does not say"),
    ("zero spacing", lambda p: image(nii(p, lps=LPS @ np.diag([1.0, 0.0, 1.0, 1.0]))), "voxel size", "above zero", "x 0 x"),
    ("sheared affine", lambda p: image(nii(p, lps=sheared())), "affine", "right angles", "7[0-9].*degrees"),
    ("NaN in the affine", lambda p: image(nii(p, lps=with_value(LPS, (1, 3), np.nan))), "affine", "finite", "NaN"),
    ("orientations that mirror each other", lambda p: image(nii(p, forms="sq", qform=mirrored())), "sform and qform", "same handedness", "mirror image"),
    ("metres that are millimetres", lambda p: image(nii(p, units=1)), "voxel size", "0.05 to 20 mm", "6, 6, 6 in m"),
    ("no unit fits", lambda p: image(nii(p, lps=scaled(5.0), units=0)), "voxel size", "0.05 to 20 mm", "without a unit"),
    ("a heart of 17 mm", lambda p: mapped(nii(p, lps=scaled(0.17))), "size", "40 to 260 mm", "17"),
    ("unknown value", lambda p: mapped(nii(p, with_value(HEART, (0, 0, 0), 99))), "values", "knows", "99 in 1 voxels"),
    ("value of another program", lambda p: mapped(nii(p), "mm_whs"), "values", "MM-WHS", "no heart it knows, but 1 in"),
    ("no heart", lambda p: mapped(nii(p, np.where(HEART > 0, 5, 0).astype("u1")), "totalsegmentator_v2"), "values", "part of the heart", "no heart: 5 in"),
    ("background only", lambda p: mapped(nii(p, np.zeros_like(HEART))), "values", "labelled voxels", "background only"),
    ("vessels without a heart", lambda p: mapped(nii(p, np.where(HEART > 0, 9, 0).astype("u1"))), "labels", "part of the heart", "no heart"),
    ("two hearts", lambda p: mapped(nii(p, two_hearts())), "labels", "one connected heart", r"pieces of .* mL at \("),
    ("mirrored heart", lambda p: mapped(nii(p, HEART[::-1])), "orientation", "as usual", "mirrored"),
    ("RAS taken as LPS", lambda p: mapped(nii(p, HEART[::-1, ::-1])), "orientation", "as usual", "RAS read as LPS"),
    ("empty mask", empty_mask, "values", "one value", "none"),
    ("NRRD cut off", lambda p: image(cut(nrrd(p), 600)), "compressed data", "complete gzip", "."),
    ("NRRD of another size", lambda p: image(nrrd(p, replaced={"sizes": "20 20 21"})), "voxels", "8400 voxels", "8000 voxels"),
    ("NRRD without space", lambda p: image(nrrd(p, replaced={"space": None})), "space", "left-posterior-superior", "no patient axes"),
    ("NRRD of an unknown space", lambda p: image(nrrd(p, replaced={"space": "scanner-xyz"})), "space", "left-posterior-superior", "scanner-xyz"),
    ("NRRD of colours", lambda p: image(nrrd(p, replaced={"kinds": "RGB-color domain domain"})), "voxel type", "one whole number", "rgb-color"),
    ("NRRD of many layers", lambda p: image(nrrd(p, np.stack([HEART, HEART]))), "dimensions", "three axes", "4 axes"),
    ("NRRD of an unknown unit", lambda p: image(nrrd(p, units='"inch" "inch" "inch"')), "space units", "m, mm", "inch"),
    ("NRRD of an unknown encoding", lambda p: image(nrrd(p, replaced={"encoding": "lzma"})), "encoding", "raw, gzip", "lzma"),
    ("NRRD of a lost data file", lambda p: image(nrrd(p, replaced={"data file": "lost.raw"})), "data file", "lost.raw", "No such file"),
    ("DICOM SEG cut off", lambda p: image(cut(seg(p), 700)), ".", ".", "."),
    ("DICOM image", lambda p: image(surface_segmentation(p)), "SOPClassUID", "Segmentation Storage", "Surface Segmentation"),
    ("DICOM SEG with uneven slices", lambda p: image(seg(p, move_last=(0.0, 0.0, 1.0))), "ImagePositionPatient", "evenly", "1.00 mm"),
    ("DICOM SEG with a slice aside", lambda p: image(seg(p, move_last=(0.5, 0.0, 0.0))), "ImagePositionPatient", "behind the other", "0.50 mm"),
    ("DICOM SEG that overlaps", lambda p: image(seg_overlap(p)), "segments", "one segment", "36 in 1 and 2"),
    ("wrong extension", lambda p: image(p / "heart.png"), "extension", r"\.nii", r"\.png"),
    # surfaces
    ("PLY cut off", lambda p: read_surface(cut(ply(p), 2500)), ".", ".", "."),
    ("binary PLY cut off", lambda p: read_surface(cut(write_ply(p / "heart.ply", POINTS, TRIANGLES, "binary_big_endian"), 900)), "element vertex", "98 rows", "rows"),
    ("PLY without coordinates", lambda p: read_surface(edited(ply(p), b"float z", b"float q")), "element vertex", "x, y, z", "no z"),
    ("PLY of an unknown kind", lambda p: read_surface(edited(ply(p), b"ascii", b"asgii")), "header", "PLY header", "asgii"),
    ("NaN point", lambda p: read_surface(ply(p, with_value(POINTS, (7, 1), np.nan))), "point 7", "finite", "nan"),
    ("index out of range", lambda p: read_surface(ply(p, triangles=with_value(TRIANGLES, (3, 2), 500))), "triangle 3", "0 to 97", "500"),
    ("STL cut off", lambda p: read_surface(cut(write_stl(p / "heart.stl", POINTS, TRIANGLES), 999)), "facets", "192 triangles", "18 triangles"),
    ("STL text cut off", lambda p: read_surface(cut(write_stl(p / "heart.stl", POINTS, TRIANGLES, "ascii"), 5000)), "end of file", "endsolid", "none"),
    ("OBJ of broken faces", lambda p: read_surface(edited(write_obj(p / "heart.obj", POINTS, TRIANGLES), b"f 1 3 2", b"f 1 0 2")), "line 100", "from 1", "f 1 0 2"),
    ("no triangles", lambda p: read_surface(vtk(p, tets=TETS[:0])), "cells", "triangles", "points only"),
    ("wrong unit", lambda p: read_surface(ply(p), unit="m"), "size", "40 to 260 mm", "mm across in m"),
    ("unit unknown", lambda p: read_surface(ply(p), unit="inch"), "unit", "one of m, cm", "inch"),
    ("size of no unit", lambda p: read_surface(ply(p, 9.0 * POINTS)), "size", "40 to 260 mm", "fits no unit"),
    ("axes unknown", lambda p: read_surface(ply(p), orientation="LAS"), "orientation", "LPS, RAS", "LAS"),
    ("three triangles at an edge", lambda p: checked_surface(read_surface(ply(p, triangles=fan()))), "edges", "one or two triangles", r"up to 3.*\(.* mm"),
    ("one-sided surface", lambda p: checked_surface(read_surface(ply(p, *moebius()))), "triangles", "two sides", "edges at which"),
    ("only flat triangles", lambda p: checked_surface(read_surface(ply(p, triangles=np.array([[0, 1, 1]])))), "triangles", "with area", "none"),
    ("two hearts as surfaces", two_surfaces, "labels", "one connected heart", "separate pieces"),
    ("spacing of no use", lambda p: voxelized({Structure.HEART: read_surface(ply(p))}, 0.02), "spacing", "0.2 to 5 mm", "20 mm"),
    # tetrahedra
    ("VTK cut off", lambda p: read_tets(cut(vtk(p), 3000)), "POINTS", "numbers as the header", "numbers"),
    ("VTK of another kind", lambda p: read_tets(edited(vtk(p), b"UNSTRUCTURED_GRID", b"STRUCTURED_POINTS")), "DATASET", "UNSTRUCTURED_GRID", "STRUCTURED_POINTS"),
    ("VTU cut off", lambda p: read_tets(cut(vtu(p), 3000)), "XML", "complete XML", "."),
    ("VTU with damaged data", lambda p: read_tets(edited(vtu(p, compressed=True), b"eJ", b"xx")), "DataArray", "complete data", "."),
    ("VTU with appended data cut off", lambda p: read_tets(cut(vtu(p, form="appended-raw"), 3000)), "AppendedData", "its end", "end of the file"),
    ("VTU with entities", lambda p: read_tets(edited(vtu(p), b"<VTKFile", b'<!DOCTYPE x [<!ENTITY a "b">]><VTKFile')), "XML", "without entities", "document type"),
    ("tetrahedron index out of range", lambda p: read_tets(vtk(p, tets=with_value(TETS, (4, 0), 9999))), "tetrahedron 4", "0 to", "9999"),
    ("CARP cut off", lambda p: read_tets(cut(carp(p), 700)), "(elements|line)", ".", "."),
    ("CARP of unknown elements", lambda p: read_tets(edited(carp(p), b"Tt", b"Zz")), "line 2", "Tt, Tr", "Zz"),
    ("CARP without points", lambda p: [carp(p), (p / "heart.pts").unlink(), read_tets(p / "heart.elem")], "file", "can be read", "No such file"),
    ("surface where tetrahedra are wanted", lambda p: read_tets(write_vtk(p / "heart.vtk", POINTS, TRIANGLES)), "cells", "tetrahedra", "192 triangles"),
    ("tangled tetrahedra", lambda p: voxelized_tets(read_tets(vtk(p, tangled()), unit="mm")), "tetrahedra", "side by side", r"on top of each other.*\(.* mm"),
    ("doubled tetrahedra", lambda p: voxelized_tets(read_tets(vtk(p, tets=np.vstack([TETS, TETS])), unit="mm")), "tetrahedra", "one or two elements", "faces of up to 4"),
    ("two hearts as tetrahedra", shifted_cup, "tetrahedra", "one connected heart", r"mL at \(.*and .* mL at"),
    ("no cavity", lambda p: voxelized_tets(read_tets(vtk(p, tets=TETS[:40]), unit="mm")), ".", ".", "."),
    ("endocardium of another heart", foreign_endocardium, "lv_blood", "beside the muscle", "% of it inside"),
    # contours and mappings
    ("contour without columns", lambda p: read_contours(contours(p, "1\t2\t3")), "point 10", "separated by tabs", "3 columns"),
    ("contour of an unknown border", lambda p: read_contours(contours(p, "1\t2\t3\tLUNG\t1\t1\t0")), "contour type", "SAX_LV", "LUNG"),
    ("contour of words", lambda p: read_contours(contours(p, "1\ttwo\t3\tAPEX_POINT\t1\t1\t0")), "columns", "numbers", "two"),
    ("mapping to an unknown structure", lambda p: read_mapping(toml(p, '[values]\n1 = "lv_blod"')), r"values\.1", "lv_blood", "did you mean 'lv_blood'"),
    ("mapping of a wrong value", lambda p: read_mapping(toml(p, '[values]\n"9..3" = "ignore"')), r"values\.9\.\.3", "range", r"9\.\.3"),
    ("mapping with an unknown key", lambda p: read_mapping(toml(p, 'colours = 1')), "colours", "values, names", "unknown key"),
    ("mapping that is no TOML", lambda p: read_mapping(toml(p, '[values')), "text", "TOML", "."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("open_broken", "field", "expected", "got"),
    [row[1:] for row in BROKEN],
    ids=[row[0] for row in BROKEN],
)
@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
def test_broken_geometry_is_named_and_explained(
    tmp_path: Path, open_broken: Break, field: str, expected: str, got: str
) -> None:
    with pytest.raises(InputError) as caught:
        open_broken(tmp_path)
    error = caught.value
    assert "heart" in error.source
    for pattern, text in ((field, error.field), (expected, error.expected), (got, error.got)):
        assert re.search(pattern, text), f"{pattern!r} not in {text!r}"
    assert len(error.remedy) > 10


DAMAGED: dict[str, Callable[[Path], Path]] = {
    "nifti": nii, "nifti gz": gz, "nrrd": nrrd, "seg": seg, "ply": ply, "vtk": vtk, "carp": carp,
    "vtu": vtu, "vtu zipped": lambda p: vtu(p, compressed=True),
    "vtu appended": lambda p: vtu(p, form="appended-raw", compressed=True),
    "ply binary": lambda p: write_ply(p / "heart.ply", POINTS, TRIANGLES, "binary_little_endian"),
    "stl": lambda p: write_stl(p / "heart.stl", POINTS, TRIANGLES),
    "obj": lambda p: write_obj(p / "heart.obj", POINTS, TRIANGLES),
    "vtk ascii": lambda p: write_vtk(p / "heart.vtk", CUP, TETS, form="ASCII", version="3.0"),
    "vtk old": lambda p: write_vtk(p / "heart.vtk", CUP, TETS, version="3.0"),
    "contours": lambda p: contours(p, "1\t2\t3\tAPEX_POINT\t1\t1\t0"),
}  # fmt: skip
OPENERS: dict[str, Break] = {
    ".nii": read_label_image, ".gz": read_label_image, ".nrrd": read_label_image,
    ".dcm": read_label_image, ".ply": read_surface, ".stl": read_surface, ".obj": read_surface,
    ".vtk": read_tets, ".vtu": read_tets, ".elem": read_tets, ".txt": read_contours,
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.filterwarnings("ignore")
def test_random_damage_is_read_or_explained(tmp_path: Path, name: str) -> None:
    """Files with a few bytes changed, most of them in the head: never another exception."""
    path = DAMAGED[name](tmp_path)
    good = path.read_bytes()
    rng = np.random.default_rng(11)
    remedies = []
    for trial in range(60):
        damaged = bytearray(good)
        reach = min(len(good), 600) if trial % 3 else len(good)
        for position in rng.integers(0, reach, 4):
            damaged[position] = rng.integers(0, 256)
        path.write_bytes(damaged[: rng.integers(0, len(good))] if trial % 5 == 0 else damaged)
        try:
            OPENERS[path.suffix](path)
        except InputError as error:
            remedies.append(error.remedy)
    assert len(remedies) > 10
    assert all(remedies)
