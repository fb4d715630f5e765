"""Sinus node, fast tracts of the atria and the AV node, on any heart that has a right atrium.

The sinus node lies where the superior vena cava meets the right atrium, in front and to the right;
the terminal crest leads from it to the inferior vena cava, Bachmann's bundle over the roof to the
left atrium and on towards its appendage. Both are muscle: fast, and tied to their surroundings all
along. Besides, the left atrium is reached wherever the walls of both atria touch. The AV node lies
at the septal side of the tricuspid valve, above the crest of the muscular septum; a heart without a
right atrium begins there. Directions are those of patient axes (x left, y back, z head).

Places follow textbook anatomy; no field of a patient's own image shows them.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from organtwin.anatomy.outer_faces import outer_faces
from organtwin.anatomy.regions import Cavity, Region
from organtwin.arrays import FloatArray
from organtwin.physiology.electrophysiology.activation.lining import STEP, Lining, lining, resampled
from organtwin.physiology.electrophysiology.activation.network import (
    Branch,
    ConductionNetwork,
    Growing,
)
from organtwin.physiology.electrophysiology.activation.purkinje import (
    AV_NODE,
    cavities,
    grow_ventricles,
)
from organtwin.physiology.electrophysiology.activation.tissue import ElectricTissue

Indices = NDArray[np.integer]

TIED = 3e-3
"""How far from a tract muscle is still part of it [m]: about an edge of the coarsest meshes."""

AV_LENGTH = 5e-3
"""Length of the AV node as drawn [m]; what counts is its delay."""

_SINUS, _CREST_END = np.array([-1.0, -0.5, 0.0]), np.array([-1.0, 0.0, -0.5])
_APPENDAGE = np.array([1.0, -0.5, 0.5])


def conduction_network(tissue: ElectricTissue) -> ConductionNetwork:
    """The whole conduction system of a heart; the same heart always gets the same."""
    growing, walls = Growing(), cavities(tissue)
    right = tissue.touching(Region.RA)
    beneath = tissue.nodes[walls.right_node(AV_NODE)]
    sinus = -1
    entry = None
    if len(right):
        sinus = _sinus_node(tissue, right)
        _grow_crest(growing, tissue, right, sinus)
        if (tissue.regions == Region.LA).any():
            _grow_bachmann(growing, tissue, sinus)
        node = _av_node(tissue, right, beneath)
        beneath = tissue.nodes[node]
        entry = growing.place(beneath)
        growing.junction(Branch.AV_NODE, entry, node)
    crest = tissue.nodes[walls.crest()[0]]
    exit_point = _toward(beneath, crest)
    own = growing.branch(Branch.AV_NODE, np.stack([beneath, exit_point]), entry)
    grow_ventricles(growing, walls, own[-1], exit_point)
    return growing.finished(sinus_node=sinus, av_entry=own[0], av_exit=own[-1])


def _av_node(tissue: ElectricTissue, right: Indices, beneath: FloatArray) -> int:
    """Node of the right atrium's endocardium nearest to the crest of the septum."""
    inner: Indices = np.unique(tissue.endocardium(Cavity.RA))
    inner = inner if len(inner) else right
    return int(inner[cKDTree(tissue.nodes[inner]).query(beneath)[1]])


def _toward(start: FloatArray, end: FloatArray) -> FloatArray:
    way = end - start
    length = float(np.linalg.norm(way))
    return np.asarray(start + way * min(AV_LENGTH, 0.5 * length) / max(length, 1e-9))


def _farthest(tissue: ElectricTissue, among: Indices, direction: FloatArray) -> int:
    return int(among[np.argmax(tissue.nodes[among] @ direction)])


def _rings(tissue: ElectricTissue, right: Indices) -> tuple[Indices, Indices]:
    """Nodes of the RA around the superior and the inferior vena cava; by height without veins."""
    height = tissue.nodes[right, 2]
    middle = 0.5 * (height.min() + height.max())
    mouths = np.intersect1d(right, tissue.mouths)
    upper = mouths[tissue.nodes[mouths, 2] > middle]
    lower = mouths[tissue.nodes[mouths, 2] <= middle]
    if len(upper) == 0:
        upper = right[height > np.quantile(height, 0.95)]
    if len(lower) == 0:
        lower = right[height < np.quantile(height, 0.05)]
    return upper, lower


def _sinus_node(tissue: ElectricTissue, right: Indices) -> int:
    return _farthest(tissue, _rings(tissue, right)[0], _SINUS)


def _wall(tissue: ElectricTissue, region: Region) -> Lining:
    faces, _ = outer_faces(tissue.tets[tissue.regions == region])
    return lining(tissue.nodes, faces)


def _grow_crest(growing: Growing, tissue: ElectricTissue, right: Indices, sinus: int) -> None:
    end = _farthest(tissue, _rings(tissue, right)[1], _CREST_END)
    way = _wall(tissue, Region.RA).way(_on(tissue, Region.RA, sinus), _on(tissue, Region.RA, end))
    numbers = growing.branch(Branch.TERMINAL_CREST, way)
    _tie(growing, tissue, Branch.TERMINAL_CREST, numbers, way, right)


def _on(tissue: ElectricTissue, region: Region, node: int) -> int:
    """The node of an atrium's surface nearest to a node."""
    faces, _ = outer_faces(tissue.tets[tissue.regions == region])
    nodes = np.unique(faces)
    return int(nodes[cKDTree(tissue.nodes[nodes]).query(tissue.nodes[node])[1]])


def _grow_bachmann(growing: Growing, tissue: ElectricTissue, sinus: int) -> None:
    right, left = _wall(tissue, Region.RA), _wall(tissue, Region.LA)
    here, there = _bridge(tissue, right.nodes, left.nodes)
    end = _farthest(tissue, left.nodes, _APPENDAGE)
    gap = resampled(tissue.nodes[[here, there]], STEP)
    way = np.concatenate([
        right.way(_on(tissue, Region.RA, sinus), here), gap[1:-1], left.way(there, end),
    ])  # fmt: skip
    numbers = growing.branch(Branch.BACHMANN_BUNDLE, way)
    muscle = np.union1d(right.nodes, left.nodes)
    _tie(growing, tissue, Branch.BACHMANN_BUNDLE, numbers, way, muscle)


def _bridge(tissue: ElectricTissue, right: Indices, left: Indices) -> tuple[int, int]:
    """Where the upper halves of both atria come nearest to each other, in front rather."""
    upper = [
        nodes[tissue.nodes[nodes, 2] > np.median(tissue.nodes[nodes, 2])] for nodes in (right, left)
    ]
    distance, nearest = cKDTree(tissue.nodes[upper[1]]).query(tissue.nodes[upper[0]])
    best = np.argmin(distance + 0.2 * tissue.nodes[upper[0], 1])
    return int(upper[0][best]), int(upper[1][nearest[best]])


def _tie(
    growing: Growing, tissue: ElectricTissue, kind: Branch, numbers: list[int], way: FloatArray,
    muscle: Indices,
) -> None:  # fmt: skip
    """Join a tract to the muscle along it, each node of muscle to the nearest point alone.

    Two ties of one node would let excitation jump from one of them to the other.
    """
    distance, nearest = cKDTree(tissue.nodes[muscle]).query(way)
    for node in np.unique(nearest):
        mine = np.flatnonzero(nearest == node)
        point = int(mine[np.argmin(distance[mine])])
        if distance[point] < TIED:
            growing.junction(kind, numbers[point], int(muscle[node]))
