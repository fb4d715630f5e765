"""Fibres of the atria on one whose valve and vein share an axis, and on the template."""

import numpy as np

from organtwin.anatomy.atrial_fibers import atrial_frames
from organtwin.anatomy.mesh import Boundary, Tissue
from organtwin.anatomy.outer_faces import outer_faces
from organtwin.anatomy.regions import Border, Region
from organtwin.anatomy.stuffing import stuffed
from tests.anatomy.hearts import template, template_architecture

RADIUS, WALL = 20.0, 4.0


def _round_atrium(above=Region.PULMONARY_VEIN):
    """A spherical shell, open below at the valve and above at one vein, both on the z axis."""

    def shell(points):
        radius = np.linalg.norm(points, axis=1)
        shape = np.maximum(radius - RADIUS - WALL, RADIUS - radius)
        return np.max([shape, points[:, 2] - 19.0, -points[:, 2] - 17.0], axis=0)

    nodes, tets = stuffed(shell, np.full(3, -27.0), np.full(3, 27.0), 3.0)
    faces, _ = outer_faces(tets)
    middles = nodes[faces].mean(axis=1)
    inner = np.linalg.norm(middles, axis=1) < RADIUS + 0.8
    borders = np.where(inner, Border.LA_BLOOD, Border.OUTSIDE)
    borders[np.abs(middles[:, 2] - 1.0) > 17.0] = Border.CUT
    height = nodes[tets].mean(axis=1)[:, 2]
    regions = np.where(height < -13.0, Region.LV, Region.LA)
    regions[height > 15.0] = above
    tissue = Tissue(nodes * 1e-3, tets, regions.astype(np.int32))
    return tissue, Boundary(faces, borders.astype(np.int32))


def _to_circles(tissue, elements, fibers):
    x, y, _ = tissue.nodes[tissue.tets[elements]].mean(axis=1).T
    around = np.stack([-y, x, 0 * x], axis=1) / np.hypot(x, y)[:, None]
    return np.degrees(np.arccos(np.minimum(np.abs(np.sum(around * fibers, axis=1)), 1.0)))


def test_fibres_run_around_valve_and_vein():
    tissue, boundary = _round_atrium()
    elements, frames = atrial_frames(tissue, boundary, Region.LA)
    away = _to_circles(tissue, elements, frames[:, :, 0])
    assert np.percentile(away, 95) < 12
    assert np.median(away) < 4


def test_sheets_stand_across_the_wall():
    tissue, boundary = _round_atrium()
    elements, frames = atrial_frames(tissue, boundary, Region.LA)
    middles = tissue.nodes[tissue.tets[elements]].mean(axis=1)
    radial = middles / np.linalg.norm(middles, axis=1, keepdims=True)
    assert np.median(np.sum(frames[:, :, 2] * radial, axis=1)) > 0.97


def test_an_atrium_without_veins_runs_around_its_valve():
    tissue, boundary = _round_atrium(above=Region.LA)
    borders = np.where(boundary.borders == Border.CUT, Border.OUTSIDE, boundary.borders)
    elements, frames = atrial_frames(tissue, Boundary(boundary.faces, borders), Region.LA)
    low = tissue.nodes[tissue.tets[elements]].mean(axis=1)[:, 2] < 0
    assert np.median(_to_circles(tissue, elements, frames[:, :, 0])[low]) < 12


def test_atria_of_the_template_have_fibres_tangential_to_their_walls():
    tissue, boundary = template()
    heart = template_architecture()
    faces = boundary.faces[boundary.borders == Border.LA_BLOOD]
    a, b, c = (tissue.nodes[faces[:, i]] for i in range(3))
    normal = np.cross(b - a, c - a)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    of_face = {tuple(sorted(face)): n for face, n in zip(faces.tolist(), normal, strict=True)}
    outer, owner = outer_faces(tissue.tets)
    pairs = [
        (of_face[name], heart.fibers[element])
        for face, element in zip(outer.tolist(), owner, strict=True)
        if (name := tuple(sorted(face))) in of_face and tissue.regions[element] == Region.LA
    ]
    out = np.array([abs(n @ f) for n, f in pairs])
    assert len(out) > 1000
    assert np.degrees(np.arcsin(np.median(out))) < 15
