"""His bundle, bundle branches and fascicles on the endocardium of any heart, by coordinates.

Waypoints are given as apicobasal (0 apex, 1 base) and rotational coordinates (0 middle of the
septum, +pi/3 anterior, -pi/3 inferior insertion of the RV, +-pi middle of the LV free wall), so the
same table serves every heart. The bundle runs in the wall from the AV node to the crest of the
muscular septum; the branches run on the endocardium, as shortest ways between the waypoints, and
the moderator band straight through the blood of the RV to the base of the anterior papillary
muscle.

Where muscle is reached follows Durrer et al. 1970 (Circulation 41:899): on the left high on the
anterior paraseptal wall just under the attachment of the mitral valve, in the centre of the septum,
and posterior paraseptal at a third of the way from apex to base; on the right near the insertion of
the anterior papillary muscle. The fascicles go on from there to the bases of the papillary
muscles, where the subendocardial net begins to be dense. The tree is a stand-in: many trees fit the
same activation, and no patient's own can be seen. Free-running strands are not drawn.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.coordinates import INSERTION
from organtwin.anatomy.outer_faces import outer_faces
from organtwin.anatomy.regions import Cavity
from organtwin.arrays import FloatArray, IntArray
from organtwin.physiology.electrophysiology.activation.lining import STEP, Lining, lining, resampled
from organtwin.physiology.electrophysiology.activation.network import Branch, Growing
from organtwin.physiology.electrophysiology.activation.tissue import ElectricTissue

Indices = NDArray[np.integer]

Waypoint = tuple[float, float]

LEFT_FORK: Waypoint = (0.80, -0.05)
"""Where the left bundle divides into its fascicles."""
CREST: Waypoint = (0.93, 0.0)
"""Where the bundle divides: the crest of the muscular septum, under the membranous septum. Between
the valves coordinates change fast, so of all places near these the one nearest to the left fork is
taken, and the right bundle begins opposite."""


@dataclass(frozen=True)
class Fascicle:
    """The way of a fascicle from the left fork to its first junction, and the junctions beyond."""

    branch: Branch
    course: tuple[Waypoint, ...]
    beyond: tuple[Waypoint, ...]


LEFT_FASCICLES = (
    Fascicle(
        Branch.LEFT_ANTERIOR_FASCICLE, ((0.74, 1.25),), ((0.50, 2.2), (0.65, 2.7))
    ),
    Fascicle(Branch.LEFT_SEPTAL_FASCICLE, ((0.50, -0.05),), ((0.25, 0.2),)),
    Fascicle(
        Branch.LEFT_POSTERIOR_FASCICLE, ((0.55, -0.70), (0.36, -1.20)),
        ((0.50, -2.2), (0.60, -2.6)),
    ),
)  # fmt: skip
RIGHT: tuple[Waypoint, ...] = ((0.70, 0.25), (0.42, 0.30))
RIGHT_ANTERIOR: tuple[Waypoint, ...] = ((0.45, 0.15), (0.70, 0.35))
"""On the RV free wall, whose rotation runs from +pi/3 to -pi/3 between the insertions: the base of
the anterior papillary muscle, where the moderator band ends, and on towards the outflow tract."""
RIGHT_SEPTAL: tuple[Waypoint, ...] = ((0.60, 0.20), (0.80, 0.10), (0.80, 0.70))
"""Where the right bundle reaches the septum beyond its last waypoint. Without these the septum is
crossed from the left alone and cancels the left free wall in V5 and V6. Assumed: the right side of
the septum is known to follow the left by some 5 to 10 ms, but at no place by name."""
RIGHT_POSTERIOR_SEPTAL: Waypoint = (0.45, -0.30)
RIGHT_POSTERIOR: tuple[Waypoint, ...] = ((0.55, -0.60), (0.75, -0.50))
"""Where the posterior division reaches the septum, and the free wall from its posterior papillary
muscle on."""

AV_NODE: Waypoint = (1.0, -0.4)
"""Beneath the AV node: the apex of Koch's triangle, behind the membranous septum."""

_OUTSIDE = 0.97

_VAGUE = 0.05
"""Places this near to the crest in coordinates are taken to be it."""

_RADIAN = 0.3
"""Apicobasal way that is as long as a radian of rotation: about 25 of 85 mm."""


@dataclass(frozen=True, eq=False)
class Cavities:
    """Where the branches run: inside the LV, and on the right side of septum and RV free wall.

    ``free_right`` is empty in a heart without RV; its septum has a right side all the same.
    """

    tissue: ElectricTissue
    left: Lining
    right: Lining
    septal_right: Indices
    free_right: Indices

    def left_node(self, where: Waypoint) -> int:
        """Node of the LV endocardium nearest to a waypoint."""
        return nearest_node(self.tissue, self.left.nodes, where)

    def right_node(self, where: Waypoint) -> int:
        """Node of the right side of the septum nearest to a waypoint."""
        return nearest_node(self.tissue, self.septal_right, where)

    def free_node(self, where: Waypoint) -> int:
        """Node of the endocardium of the RV free wall nearest to a waypoint."""
        return nearest_node(self.tissue, self.free_right, where)

    def crest(self) -> tuple[int, int]:
        """Nodes of both sides of the crest of the muscular septum."""
        fork = self.tissue.nodes[self.left_node(LEFT_FORK)]
        off = _off(self.tissue, self.left.nodes, CREST)
        near = self.left.nodes[off < off.min() + _VAGUE]
        left = nearest_place(self.tissue, near, fork)
        return left, nearest_place(self.tissue, self.septal_right, self.tissue.nodes[left])


def nearest_place(tissue: ElectricTissue, among: Indices, point: FloatArray) -> int:
    """Of some nodes, the one nearest to a point ``(3,)`` [m]."""
    return int(among[np.argmin(np.linalg.norm(tissue.nodes[among] - point, axis=1))])


def nearest_node(tissue: ElectricTissue, among: Indices, where: Waypoint) -> int:
    """Of some nodes, the one whose coordinates are nearest to a waypoint."""
    return int(among[np.argmin(_off(tissue, among, where))])


def _off(tissue: ElectricTissue, among: Indices, where: Waypoint) -> FloatArray:
    return off_waypoint(tissue.apicobasal[among], tissue.rotational[among], where)


def off_waypoint(apicobasal: FloatArray, rotational: FloatArray, where: Waypoint) -> FloatArray:
    """How far ``(k,)`` places are from a waypoint, as a share of the way from apex to base."""
    turn = np.angle(np.exp(1j * (rotational - where[1])))
    return np.asarray(np.hypot(apicobasal - where[0], _RADIAN * turn))


def cavities(tissue: ElectricTissue) -> Cavities:
    """Prepare the endocardium of the ventricles for the branches."""
    left = lining(tissue.nodes, tissue.endocardium(Cavity.LV))
    faces = tissue.endocardium(Cavity.RV)
    if len(faces) == 0:
        faces = _septal_outside(tissue)
    right = lining(tissue.nodes, faces)
    free = tissue.right[right.nodes] > 0.5
    return Cavities(tissue, left, right, right.nodes[~free], right.nodes[free])


def _septal_outside(tissue: ElectricTissue) -> IntArray:
    """The side of the septum that the RV would be on, in an LV alone."""
    faces, _ = outer_faces(tissue.tets[tissue.ventricular])
    outside = (tissue.transmural[faces] > _OUTSIDE).all(axis=1)
    return np.asarray(faces[outside & (np.abs(tissue.rotational[faces]) < INSERTION).all(axis=1)])


def grow_ventricles(growing: Growing, walls: Cavities, av_exit: int, start: FloatArray) -> None:
    """Add everything from the exit of the AV node, at ``start`` ``(3,)`` [m], to the junctions."""
    crest = np.asarray(walls.tissue.nodes[list(walls.crest())].mean(axis=0))
    bundle = resampled(np.stack([start, crest]), STEP)
    fork = growing.branch(Branch.HIS_BUNDLE, bundle, av_exit)[-1]
    _grow_left(growing, walls, fork, crest)
    _grow_right(growing, walls, fork, crest)


def _grow_left(growing: Growing, walls: Cavities, start: int, crest: FloatArray) -> None:
    begin, fork = walls.crest()[0], walls.left_node(LEFT_FORK)
    trunk = walls.left.way(begin, fork)
    own = growing.branch(Branch.LEFT_BUNDLE, np.concatenate([crest[None], trunk]), start)
    for fascicle in LEFT_FASCICLES:
        stops = [fork, *(walls.left_node(where) for where in fascicle.course)]
        place = growing.branch(fascicle.branch, walls.left.way(*stops), own[-1])[-1]
        growing.junction(fascicle.branch, place, stops[-1])
        further = [walls.left_node(where) for where in fascicle.beyond]
        _grow_on(growing, walls.left, fascicle.branch, place, [stops[-1], *further])


def _grow_on(
    growing: Growing, surface: Lining, kind: Branch, place: int, nodes: list[int]
) -> None:  # fmt: skip
    """From a place at the first node on to the others, a junction at each of these."""
    for last, node in itertools.pairwise(nodes):
        place = growing.branch(kind, surface.way(last, node), place)[-1]
        growing.junction(kind, place, node)


def _grow_right(growing: Growing, walls: Cavities, start: int, crest: FloatArray) -> None:
    stops = [walls.crest()[1], *(walls.right_node(where) for where in RIGHT)]
    way = np.concatenate([crest[None], walls.right.way(*stops)])
    end = growing.branch(Branch.RIGHT_BUNDLE, way, start)[-1]
    septal = [stops[-1], *(walls.right_node(where) for where in RIGHT_SEPTAL)]
    _grow_on(growing, walls.right, Branch.RIGHT_BUNDLE, end, septal)
    posterior = [stops[-1], walls.right_node(RIGHT_POSTERIOR_SEPTAL)]
    if len(walls.free_right):
        anterior = [walls.free_node(where) for where in RIGHT_ANTERIOR]
        band = resampled(walls.tissue.nodes[[stops[-1], anterior[0]]], STEP)
        place = growing.branch(Branch.MODERATOR_BAND, band, end)[-1]
        growing.junction(Branch.MODERATOR_BAND, place, anterior[0])
        _grow_on(growing, walls.right, Branch.MODERATOR_BAND, place, anterior)
        posterior += [walls.free_node(where) for where in RIGHT_POSTERIOR]
    _grow_on(growing, walls.right, Branch.RIGHT_POSTERIOR_DIVISION, end, posterior)
