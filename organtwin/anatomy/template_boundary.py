"""The outer faces of a tissue mesh of the template, and what lies beyond each of them.

A face of a tetrahedral mesh is outer if it belongs to one element only. What lies beyond is read
off the shapes that made the mesh: the nearest of outside, left blood, right blood and the planes of
the openings; blood is told apart at the valve planes.
"""

import numpy as np

from organtwin.anatomy import template_shape as shape
from organtwin.anatomy.mesh import Boundary, Tissue
from organtwin.anatomy.outer_faces import outer_faces
from organtwin.anatomy.regions import Border, Cavity
from organtwin.anatomy.template_frame import AORTIC, OPENINGS, PULMONARY
from organtwin.arrays import FloatArray, IntArray

"""Faces of a tetrahedron of positive volume, counter-clockwise seen from outside."""


def template_boundary(tissue: Tissue, least_wall: float) -> Boundary:
    """Borders of a mesh from ``template.template_tissue``, ``least_wall`` [mm] as it was built."""
    faces, _ = outer_faces(tissue.tets)
    middles = tissue.nodes[faces].mean(axis=1) * 1e3
    openings = np.max([opening.beyond(middles) for opening in OPENINGS], axis=0)
    left, right = shape.left_blood(middles, least_wall), shape.right_blood(middles, least_wall)
    distance = np.abs(np.stack([shape.outside(middles), left, right, openings]))
    nearest = np.argmin(distance, axis=0)
    blood = shape.lumens(middles)
    left_side = _compartment(middles, blood, (Cavity.LV, Cavity.LA), (4, 7))
    right_side = _compartment(middles, blood, (Cavity.RV, Cavity.RA), (5, 6))
    borders = np.choose(nearest, [Border.OUTSIDE, left_side, right_side, Border.CUT])
    return Boundary(faces, borders.astype(np.int32))


def _compartment(
    points: FloatArray, blood: FloatArray, chambers: tuple[Cavity, Cavity], vessels: tuple[int, int]
) -> IntArray:
    """``Border`` of the nearest blood space of one side, artery first among its ``vessels``."""
    ventricle, atrium = (shape.cavity(chamber)(points) for chamber in chambers)
    valve = shape.upstream(AORTIC if chambers[0] is Cavity.LV else PULMONARY)
    artery = np.maximum(blood[:, vessels[0]], valve.beyond(points))
    nearest = np.argmin([ventricle, atrium, artery, blood[:, vessels[1]]], axis=0)
    known = [_BLOOD[chambers[0]], _BLOOD[chambers[1]], Border.VESSEL_BLOOD, Border.VESSEL_BLOOD]
    return np.asarray(np.choose(nearest, known), np.int32)


_BLOOD = {
    Cavity.LV: Border.LV_BLOOD,
    Cavity.RV: Border.RV_BLOOD,
    Cavity.LA: Border.LA_BLOOD,
    Cavity.RA: Border.RA_BLOOD,
}
