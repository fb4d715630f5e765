"""Hearts to test coordinates and fibres on: simple shells, the template, files of others."""

from functools import cache
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from organtwin.anatomy.architecture import architecture
from organtwin.anatomy.mesh import Architecture, Boundary, Surface, Tissue
from organtwin.anatomy.outer_faces import matched, outer_faces
from organtwin.anatomy.regions import Border, Cavity, Region
from organtwin.anatomy.stuffing import stuffed
from organtwin.anatomy.template_file import load_template

WALL, RADIUS, LENGTH = 10.0, 24.0, 70.0
"""LV shell in mm: wall, radius and length of the cavity, base cut at z = 0, apex at -z."""

RV_CENTRE, RV_HALF_AXES, RV_WALL = np.array([-20.0, 6.0, 0.0]), (38.0, 34.0, 58.0), 6.0


def _inside(points, centre, half_axes):
    """Rough signed distance to an ellipsoid."""
    scaled = (points - centre) / np.asarray(half_axes)
    radius = np.linalg.norm(scaled, axis=1)
    return (
        (radius - 1.0)
        * radius
        / np.maximum(np.linalg.norm(scaled / np.asarray(half_axes), axis=1), 1e-9)
    )


def lv_shape(points):
    inner = _inside(points, np.zeros(3), (RADIUS, RADIUS, LENGTH))
    outer = _inside(points, np.zeros(3), (RADIUS + WALL, RADIUS + WALL, LENGTH + WALL))
    return inner, outer


def rv_shape(points):
    grown = np.asarray(RV_HALF_AXES) + RV_WALL
    blood = np.maximum(_inside(points, RV_CENTRE, RV_HALF_AXES), -lv_shape(points)[1])
    return blood, _inside(points, RV_CENTRE, grown)


@cache
def lv_alone(spacing: float = 4.0) -> tuple[Tissue, Boundary]:
    def wall(points):
        inner, outer = lv_shape(points)
        return np.max([outer, -inner, points[:, 2]], axis=0)

    return _meshed(wall, lambda p: np.stack([lv_shape(p)[0], np.full(len(p), 1e3)]), spacing)


@cache
def biventricular(spacing: float = 4.0) -> tuple[Tissue, Boundary]:
    def wall(points):
        (lv_in, lv_out), (rv_in, rv_out) = lv_shape(points), rv_shape(points)
        return np.max([np.minimum(lv_out, rv_out), -lv_in, -rv_in, points[:, 2]], axis=0)

    return _meshed(wall, lambda p: np.stack([lv_shape(p)[0], rv_shape(p)[0]]), spacing)


def _meshed(wall, bloods, spacing):
    lower, upper = np.array([-70.0, -50.0, -88.0]), np.array([44.0, 52.0, 6.0])
    nodes, tets = stuffed(wall, lower, upper, spacing)
    faces, _ = outer_faces(tets)
    middles = nodes[faces].mean(axis=1)
    borders = np.where(middles[:, 2] > -0.3 * spacing, Border.CUT, Border.OUTSIDE)
    near = np.abs(bloods(middles)) < 0.35 * spacing
    for border, close in zip((Border.LV_BLOOD, Border.RV_BLOOD), near, strict=True):
        borders[close & (borders != Border.CUT)] = border
    regions = np.full(len(tets), Region.LV, np.int32)
    return Tissue(nodes * 1e-3, tets, regions), Boundary(faces, borders.astype(np.int32))


@cache
def template() -> tuple[Tissue, Boundary]:
    heart = load_template()
    return heart.tissue, borders_from_cavities(heart.tissue, heart.cavities)


@cache
def template_architecture() -> Architecture:
    return architecture(*template())


def borders_from_cavities(tissue: Tissue, cavities: dict[Cavity, Surface]) -> Boundary:
    """A face looks at a cavity when its surface is close and faces the other way."""
    faces, _ = outer_faces(tissue.tets)
    middles, normals = _middles_and_normals(tissue.nodes, faces)
    borders = np.full(len(faces), Border.OUTSIDE, np.int32)
    nearest = np.full(len(faces), 5e-3)
    for cavity, surface in cavities.items():
        places, outward = _middles_and_normals(surface.points, surface.triangles)
        distance, row = cKDTree(places).query(middles)
        against = np.einsum("ij,ij->i", normals, outward[row]) < 0
        taken = against & (distance < nearest)
        borders[taken] = Border.LV_BLOOD + int(cavity)
        nearest[taken] = distance[taken]
    return Boundary(faces, borders)


def _middles_and_normals(points, triangles):
    a, b, c = (points[triangles[:, i]] for i in range(3))
    normals = np.cross(b - a, c - a)
    return (a + b + c) / 3, normals / np.linalg.norm(normals, axis=1, keepdims=True)


def deformed(tissue: Tissue, kind: int) -> Tissue:
    """A smooth other heart: stretched, bent and twisted about the axis of the template."""
    centre = tissue.nodes.mean(axis=0)
    p = (tissue.nodes - centre) * 1e3
    if kind == 0:
        p = p * np.array([1.15, 0.9, 1.1]) + 0.002 * np.outer(p[:, 1] ** 2, [1.0, 0.0, 0.0])
    else:
        turn = 0.004 * p[:, 2]
        c, s = np.cos(turn), np.sin(turn)
        p = np.stack([c * p[:, 0] - s * p[:, 1], s * p[:, 0] + c * p[:, 1], 0.85 * p[:, 2]], axis=1)
        p += 4.0 * np.sin(p[:, [1, 2, 0]] / 30.0)
    return Tissue(centre + p * 1e-3, tissue.tets, tissue.regions)


def shuffled(tissue: Tissue, boundary: Boundary, seed: int):
    """The same heart with its nodes and elements numbered otherwise; also the new order."""
    random = np.random.default_rng(seed)
    order, elements = random.permutation(len(tissue.nodes)), random.permutation(len(tissue.tets))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    tets = place[tissue.tets[elements]].astype(np.int32)
    moved = Tissue(tissue.nodes[order], tets, tissue.regions[elements])
    return moved, Boundary(place[boundary.faces], boundary.borders), order, elements


def crtdemo(folder: Path):
    """Tissue, borders and nodal fibres of the crtdemo heart (legacy VTK, mm, no labels)."""
    from vtkmodules.util.numpy_support import vtk_to_numpy

    grid = _legacy_grid(folder / "crtdemo_mesh_oriented.vtk")
    nodes = vtk_to_numpy(grid.GetPoints().GetData()).astype(float)
    tets = vtk_to_numpy(grid.GetCells().GetConnectivityArray()).reshape(-1, 4).astype(np.int32)
    with_fibers = _legacy_grid(folder / "crtdemo_f0_oriented.vtk")
    _, same = cKDTree(vtk_to_numpy(with_fibers.GetPoints().GetData())).query(nodes)
    fibers = vtk_to_numpy(with_fibers.GetPointData().GetArray("fiber")).astype(float)[same]
    nodes = nodes * 1e-3
    faces, _ = outer_faces(tets)
    borders = np.full(len(faces), Border.OUTSIDE, np.int32)
    for border, name in ((Border.LV_BLOOD, "LV"), (Border.RV_BLOOD, "RV")):
        points = _obj_points(folder / f"crtdemo_{name}endo_heart_cut.obj")
        on_it = cKDTree(points).query(nodes)[0] < 1e-5
        borders[on_it[faces].all(axis=1)] = border
    left = np.unique(faces[borders == Border.LV_BLOOD])
    centre = nodes[left].mean(axis=0)
    to_apex = np.linalg.svd(nodes[left] - centre)[2][0]
    to_apex *= np.sign((nodes - centre).mean(axis=0) @ to_apex)
    middles, normals = _middles_and_normals(nodes, faces)
    flat = (normals @ to_apex < -0.9) & ((middles - centre) @ to_apex < -20e-3)
    borders[flat] = Border.CUT
    tissue = Tissue(nodes, tets, np.full(len(tets), Region.LV, np.int32))
    return tissue, Boundary(faces, borders), fibers


def pyansys_lv(folder: Path):
    """Tissue and borders of the pyansys-heart LV (VTU, mm), and its own apicobasal coordinate."""
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkIOXML import vtkXMLUnstructuredGridReader

    reader = vtkXMLUnstructuredGridReader()
    reader.SetFileName(str(folder / "heart_model.vtu"))
    reader.Update()
    grid = reader.GetOutput()
    nodes = vtk_to_numpy(grid.GetPoints().GetData()).astype(float) * 1e-3
    corners = vtk_to_numpy(grid.GetCells().GetConnectivityArray())
    starts = vtk_to_numpy(grid.GetCells().GetOffsetsArray())
    size = np.diff(starts)
    tets = corners[starts[:-1][size == 4][:, None] + np.arange(4)].astype(np.int32)
    triangles = corners[starts[:-1][size == 3][:, None] + np.arange(3)]
    surface = vtk_to_numpy(grid.GetCellData().GetArray("_surface-id"))[size == 3]
    faces, _ = outer_faces(tets)
    borders = np.full(len(faces), Border.OUTSIDE, np.int32)
    for border, keep in (
        (Border.CUT, np.isin(surface, range(34724, 34729))),
        (Border.LV_BLOOD, surface == 34722),
    ):
        _, found = matched(faces, triangles[keep])
        borders[found] = border
    own = vtk_to_numpy(grid.GetPointData().GetArray("uvc_longitudinal"))
    tissue = Tissue(nodes, tets, np.full(len(tets), Region.LV, np.int32))
    return tissue, Boundary(faces, borders), own


def _legacy_grid(path: Path):
    from vtkmodules.vtkIOLegacy import vtkUnstructuredGridReader

    reader = vtkUnstructuredGridReader()
    reader.SetFileName(str(path))
    reader.ReadAllVectorsOn()
    reader.Update()
    return reader.GetOutput()


def _obj_points(path: Path):
    rows = [line.split()[1:4] for line in path.read_text().splitlines() if line.startswith("v ")]
    return np.array(rows, float) * 1e-3
