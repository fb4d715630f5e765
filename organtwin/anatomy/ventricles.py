"""The ventricular muscle alone: its elements, the surfaces it ends at, and its three walls.

A wall is told by what it sees. Three harmonic fields, each 1 on one of LV endocardium, RV
endocardium and epicardium and 0 on the other two (Bayer et al. 2012), are the chances that a random
walk from a place ends there. The wall that hardly sees the epicardium is the septum, the one
that hardly sees the RV is the LV free wall, the one that hardly sees the LV is the RV free wall.
So no labels beyond "ventricle" are needed, and an LV alone is one free wall.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from organtwin.anatomy.laplace import Elements, harmonic, held, linear_elements, nodal_average
from organtwin.anatomy.mesh import Boundary, Tissue
from organtwin.anatomy.outer_faces import matched, outer_faces
from organtwin.anatomy.regions import Border, Region
from organtwin.arrays import FloatArray, IntArray
from organtwin.errors import InputError

Indices = NDArray[np.integer]

WALLS = (Region.LV, Region.SEPTUM, Region.RV)

BASE_REACH = 10e-3
"""Atria and vessels that touch ventricular muscle farther than this from the blood [m] only lie
against it: an ascending aorta beside the outflow tract is not the base."""

_UPWARD, _TOP = np.array([-1.0, 1.0, 1.0]), 0.1
"""From apex to base in patient axes, and the part of a closed cavity that counts as base."""


class Side(IntEnum):
    """What an outer face of the ventricular muscle looks at."""

    NOTHING = 0
    LV_BLOOD = 1
    RV_BLOOD = 2
    OUTSIDE = 3
    CUT = 4
    MITRAL = 5
    TRICUSPID = 6
    AORTIC = 7
    PULMONARY = 8


_OF_BORDER = {
    Border.OUTSIDE: Side.OUTSIDE,
    Border.LV_BLOOD: Side.LV_BLOOD,
    Border.RV_BLOOD: Side.RV_BLOOD,
    Border.LA_BLOOD: Side.MITRAL,
    Border.RA_BLOOD: Side.TRICUSPID,
    Border.CUT: Side.CUT,
}
_OF_REGION = {
    Region.LA: Side.MITRAL,
    Region.RA: Side.TRICUSPID,
    Region.AORTA: Side.AORTIC,
    Region.PULMONARY_ARTERY: Side.PULMONARY,
    Region.FAT: Side.OUTSIDE,
    Region.PERICARDIUM: Side.OUTSIDE,
    Region.CORONARY_ARTERY: Side.OUTSIDE,
    Region.CORONARY_VEIN: Side.OUTSIDE,
}


@dataclass(frozen=True, eq=False)
class Ventricles:
    """A part of the tissue with its own numbering of nodes and elements.

    ``nodes`` and ``tets`` are the numbers in the tissue. ``sides`` holds the nodes on each side;
    ``base`` all nodes where atria, vessels or the end of the mesh begin. ``fields``
    ``(3, n_nodes)``: chance to see LV blood, RV blood, epicardium; ``seen`` ``(n_tets, 3)`` the
    same, averaged over neighbours; ``walls`` ``(n_tets,)`` values of ``Region``.
    """

    elements: Elements
    nodes: Indices
    tets: Indices
    sides: dict[Side, Indices]
    base: Indices
    fields: FloatArray
    seen: FloatArray
    walls: IntArray

    def part(self, *walls: Region) -> tuple[Elements, Indices]:
        """Elements of some walls alone, and their nodes ``(k,)`` among the ventricular ones."""
        tets = self.elements.tets[np.isin(self.walls, walls)]
        nodes, numbered = np.unique(tets, return_inverse=True)
        return linear_elements(self.elements.nodes[nodes], numbered.reshape(-1, 4)), nodes

    def touching(self, *walls: Region) -> Indices:
        """Nodes of the elements of some walls."""
        return np.unique(self.elements.tets[np.isin(self.walls, walls)])


def ventricles(tissue: Tissue, boundary: Boundary) -> Ventricles:
    """Take the ventricular muscle out of a heart.

    Muscle that is closed all round, as a segmented LV without atrium can be, is taken to have
    its base where the upper tenth of the cavity begins, its apex pointing left, forward and down.

    Raises
    ------
    InputError
        There is no ventricular muscle, no LV blood beside it or no epicardium.
    """
    tets = np.flatnonzero(np.isin(tissue.regions, WALLS))
    if len(tets) == 0:
        raise _missing("regions", "elements of LV, septum or RV")
    nodes, numbered = np.unique(tissue.tets[tets], return_inverse=True)
    elements = linear_elements(tissue.nodes[nodes], numbered.reshape(-1, 4))
    sides = _sides(tissue, boundary, nodes, tets)
    for side, what in ((Side.LV_BLOOD, "LV blood"), (Side.OUTSIDE, "the outside")):
        if len(sides[side]) == 0:
            raise _missing("borders", f"faces of ventricular muscle towards {what}")
    base = _base(elements.nodes, sides)
    if len(base) == 0:
        base = _top_of_closed(elements.nodes, sides[Side.LV_BLOOD])
    fields = _fields(elements, sides)
    middles = fields.T[elements.tets].mean(axis=1)
    seen = nodal_average(elements, middles)[elements.tets].mean(axis=1)
    walls = np.array([Region.RV, Region.LV, Region.SEPTUM], np.int32)[np.argmin(seen, axis=1)]
    if len(sides[Side.RV_BLOOD]) == 0:
        walls[:] = Region.LV
    return Ventricles(elements, nodes, tets, sides, base, fields, seen, walls)


def with_walls(tissue: Tissue, boundary: Boundary) -> Tissue:
    """The tissue with its ventricular elements told apart into LV, septum and RV."""
    muscle = ventricles(tissue, boundary)
    regions = tissue.regions.copy()
    regions[muscle.tets] = muscle.walls
    return Tissue(tissue.nodes, tissue.tets, regions)


def touched_sides(
    tissue: Tissue, tets: Indices, boundary: Boundary, of_border: dict[Border, int],
    of_region: dict[Region, int],
) -> tuple[Indices, IntArray]:  # fmt: skip
    """Outer faces ``(k, 3)`` of some elements, and what each looks at.

    By border where the tissue ends, by region where other elements go on, 0 where neither says.
    """
    faces, _ = outer_faces(tissue.tets[tets])
    elsewhere = np.ones(len(tissue.tets), np.bool_)
    elsewhere[tets] = False
    others = np.flatnonzero(elsewhere)
    other_faces, owners = outer_faces(tissue.tets[others])
    sides = np.zeros(len(faces), np.int32)
    lookup = np.zeros(max(Region) + 1, np.int32)
    lookup[list(of_region)] = list(of_region.values())
    row, found = matched(faces, other_faces)
    if found.any():
        sides[found] = lookup[tissue.regions[others[owners[row[found]]]]]
    lookup = np.zeros(max(Border) + 1, np.int32)
    lookup[list(of_border)] = list(of_border.values())
    row, found = matched(faces, boundary.faces)
    sides[found] = lookup[boundary.borders[row[found]]]
    return faces, sides


def _sides(
    tissue: Tissue, boundary: Boundary, nodes: Indices, tets: Indices
) -> dict[Side, Indices]:
    faces, looks_at = touched_sides(
        tissue, tets, boundary, {k: int(v) for k, v in _OF_BORDER.items()},
        {k: int(v) for k, v in _OF_REGION.items()},
    )  # fmt: skip
    return {
        side: np.searchsorted(nodes, np.unique(faces[looks_at == side])).astype(np.int64)
        for side in Side
    }


def _base(places: FloatArray, sides: dict[Side, Indices]) -> Indices:
    blood = np.union1d(sides[Side.LV_BLOOD], sides[Side.RV_BLOOD])
    rings = [sides[Side.CUT]]
    for side in (Side.MITRAL, Side.TRICUSPID, Side.AORTIC, Side.PULMONARY):
        near = _near_ring(places, sides[side], blood)
        sides[side] = near
        rings.append(near)
    return np.unique(np.concatenate(rings))


def _top_of_closed(places: FloatArray, blood: Indices) -> Indices:
    inner = places[blood] - places[blood].mean(axis=0)
    axis = np.linalg.svd(inner, full_matrices=False)[2][0]
    axis = axis * np.sign(axis @ _UPWARD)
    height, own = places @ axis, places[blood] @ axis
    return np.flatnonzero(height > own.max() - _TOP * np.ptp(own))


def _near_ring(places: FloatArray, border: Indices, blood: Indices) -> Indices:
    ring = np.intersect1d(border, blood)
    if len(ring) == 0:
        return ring
    distance, _ = cKDTree(places[ring]).query(places[border])
    return np.asarray(border[distance < BASE_REACH])


def _fields(elements: Elements, sides: dict[Side, Indices]) -> FloatArray:
    lv, rv, out = sides[Side.LV_BLOOD], sides[Side.RV_BLOOD], sides[Side.OUTSIDE]
    n = len(elements.nodes)
    left = harmonic(elements, held(n, (lv, 1.0), (rv, 0.0), (out, 0.0)))
    right = np.zeros(n)
    if len(rv):
        right = harmonic(elements, held(n, (lv, 0.0), (rv, 1.0), (out, 0.0)))
    return np.nan_to_num(np.stack([left, right, 1.0 - left - right]))


def _missing(field: str, expected: str) -> InputError:
    return InputError(
        "heart mesh", field, expected=expected, got="none",
        remedy="Label the tissue and its outer faces, then try again.",
    )  # fmt: skip
