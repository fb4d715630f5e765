"""Where in the ventricles a place lies, alike for every heart: four coordinates at each node.

Apicobasal
    0 on the line through the wall at the apex of the LV, 1 at the base (valves, or where the
    mesh is cut), even in length along the way between.
Transmural
    0 at the endocardium, 1 at the epicardium; in the septum from 0 at the left to 1 at the right
    endocardium; even in length through the wall.
Rotational
    Around the LV in (-pi, pi]: 0 in the middle of the septum, positive towards anterior,
    +pi/3 at the anterior and -pi/3 at the inferior insertion of the RV, +-pi in the middle of the
    free wall. In the RV from +pi/3 at the anterior to -pi/3 at the inferior insertion over its
    free wall. The septum takes a third of the turn, as in Cobiveco (Schuler et al. 2021, where
    the turn is counted from 0 to 1), so that each wall segment of Cerqueira et al. 2002 spans
    pi/3; sides and range are those of universal ventricular coordinates (Bayer et al. 2018).
Right
    0 in LV and septum, 1 in the RV free wall.

In the LV the rotation is the angle around a curved centre line of the cavity, stretched at each
level so that the insertions fall on their values; anterior and inferior follow from the handedness
of hearts (looking from the apex with the septum on the left, anterior is up), whatever the pose.
A mirrored heart would have them exchanged. An LV alone shows no insertions: then they are given,
or the septum is taken to face right and forward in patient axes, 60 degrees to each side.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from organtwin.anatomy.laplace import Held, held, nodal_average, place_between
from organtwin.anatomy.regions import Region
from organtwin.anatomy.ventricles import Side, Ventricles
from organtwin.arrays import BoolArray, FloatArray
from organtwin.errors import InputError

Indices = NDArray[np.integer]

INSERTION = np.pi / 3
"""Rotation at the anterior insertion of the RV; the inferior one has minus this."""

APEX_CORE = 3e-3
"""Radius of the line through the apical wall that is held at 0 [m]; at least one edge length."""

FACING_SEPTUM = np.array([-1.0, -1.0, 0.0])
"""Where the septum faces in patient axes when no RV shows it: right and forward."""

_TIE = 1e-9
"""Nodes shared evenly by both sides go to the right, whatever the round-off."""

_LEVELS_OF_INSERTION = (0.3, 0.9)
"""Apicobasal range in which insertions are looked for: off the apex and the outflow tracts."""


@dataclass(frozen=True, eq=False)
class Landmarks:
    """Places ``(3,)`` [m] that a user or an image gave; what is None is found on the mesh.

    ``apex`` is the epicardial apex of the LV, ``base`` the middle of its base; the insertions are
    where the RV joins the LV in front and below, given both or not at all.
    """

    apex: FloatArray | None = None
    base: FloatArray | None = None
    anterior_insertion: FloatArray | None = None
    inferior_insertion: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class LongAxis:
    """Axis of the LV.

    ``apex`` on the epicardium and ``tip`` of the cavity [m]; unit vectors ``upward`` to the base,
    and across it to the middle of the septum and to anterior.
    """

    apex: FloatArray
    tip: FloatArray
    upward: FloatArray
    septal: FloatArray
    anterior: FloatArray


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Coordinates ``(n_nodes,)`` of the ventricular nodes, and the axis they were built on.

    ``left_depth`` and ``right_depth`` are the transmural coordinate of one side alone, LV and
    septum or RV: NaN off that side, and both known on the nodes where they join.
    """

    apicobasal: FloatArray
    transmural: FloatArray
    rotational: FloatArray
    right: BoolArray
    left_depth: FloatArray
    right_depth: FloatArray
    axis: LongAxis


def ventricular_coordinates(muscle: Ventricles, landmarks: Landmarks) -> Coordinates:
    """All four coordinates of the nodes of the ventricular muscle."""
    apex, tip, upward = _apex(muscle, landmarks)
    fixed = held(
        len(muscle.nodes), (_core(muscle, apex, tip), 0.0), (muscle.base, 1.0)
    )  # fmt: skip
    apicobasal = filled(place_between(muscle.elements, fixed), muscle.elements.nodes)
    across = _across(muscle, apicobasal, tip, upward)
    septal = _septal_direction(muscle, landmarks, across, upward, apex)
    axis = LongAxis(apex, tip, upward, septal, np.cross(upward, septal))
    share = (muscle.walls == Region.RV).astype(float)
    right = nodal_average(muscle.elements, share) > 0.5 - _TIE
    rotation = _left_rotation(muscle, landmarks, axis, across, apicobasal)
    if right.any():
        rotation[right] = _right_rotation(muscle, rotation)[right]
    left, right_depth = _left_depth(muscle), _right_depth(muscle)
    depth = filled(np.where(right, right_depth, left), muscle.elements.nodes)
    return Coordinates(apicobasal, depth, rotation, right, left, right_depth, axis)


def apex_nodes(muscle: Ventricles, axis: LongAxis) -> Indices:
    """Nodes on the line through the apical wall where the apicobasal coordinate is 0."""
    return _core(muscle, axis.apex, axis.tip)


def filled(field: FloatArray, places: FloatArray) -> FloatArray:
    """The field with the value of the nearest known node wherever it is unknown.

    Raises
    ------
    InputError
        It is known nowhere, because the surfaces it runs between are not both there.
    """
    unknown = np.isnan(field)
    if unknown.all():
        raise InputError(
            "heart mesh", "borders", expected="both surfaces of every wall, and a way between them",
            got="a wall that lacks one", remedy="Check the labels of blood and outside.",
        )  # fmt: skip
    if unknown.any():
        _, nearest = cKDTree(places[~unknown]).query(places[unknown])
        field = field.copy()
        field[unknown] = field[~unknown][nearest]
    return field


def _apex(muscle: Ventricles, landmarks: Landmarks) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Epicardial apex, tip of the cavity, direction to the base."""
    places = muscle.elements.nodes
    left = muscle.touching(Region.LV, Region.SEPTUM)
    blood = np.intersect1d(muscle.sides[Side.LV_BLOOD], left)
    outside = np.intersect1d(muscle.sides[Side.OUTSIDE], left)
    ring = np.intersect1d(muscle.base, blood)
    ring = ring if len(ring) else np.intersect1d(muscle.base, left)
    base = places[ring].mean(axis=0) if landmarks.base is None else landmarks.base
    apex = landmarks.apex
    if apex is None:
        apex = places[outside[np.argmax(np.linalg.norm(places[outside] - base, axis=1))]]
    upward = (base - apex) / np.linalg.norm(base - apex)
    return apex, places[blood[np.argmin((places[blood] - apex) @ upward)]], upward


def _core(muscle: Ventricles, apex: FloatArray, tip: FloatArray) -> Indices:
    places, tets = muscle.elements.nodes, muscle.elements.tets
    edge = np.linalg.norm(places[tets[:, 0]] - places[tets[:, 1]], axis=1).mean()
    way = tip - apex
    along = np.clip((places - apex) @ way / max(float(way @ way), 1e-12), 0.0, 1.0)
    distance = np.linalg.norm(places - apex - along[:, None] * way, axis=1)
    return np.flatnonzero(distance <= max(APEX_CORE, edge, float(distance.min())))


def _across(
    muscle: Ventricles, apicobasal: FloatArray, tip: FloatArray, upward: FloatArray
) -> FloatArray:
    """Vector ``(n_nodes, 3)`` from the curved centre line of the LV cavity, square to the axis."""
    blood = muscle.sides[Side.LV_BLOOD]
    level = apicobasal[blood]
    powers = np.stack([level, level**2], axis=1)
    bend, *_ = np.linalg.lstsq(powers, muscle.elements.nodes[blood] - tip, rcond=None)
    centre = tip + np.stack([apicobasal, apicobasal**2], axis=1) @ bend
    across = muscle.elements.nodes - centre
    return np.asarray(across - np.outer(across @ upward, upward))


def _septal_direction(
    muscle: Ventricles, landmarks: Landmarks, across: FloatArray, upward: FloatArray,
    apex: FloatArray,
) -> FloatArray:  # fmt: skip
    if landmarks.anterior_insertion is not None and landmarks.inferior_insertion is not None:
        towards = _halfway(landmarks, apex, upward)
    elif (muscle.walls == Region.SEPTUM).any():
        towards = across[muscle.elements.tets[muscle.walls == Region.SEPTUM]].mean(axis=(0, 1))
    else:
        towards = FACING_SEPTUM
    towards = towards - (towards @ upward) * upward
    return np.asarray(towards / np.linalg.norm(towards))


def _halfway(landmarks: Landmarks, apex: FloatArray, upward: FloatArray) -> FloatArray:
    sides = []
    for place in (landmarks.anterior_insertion, landmarks.inferior_insertion):
        if place is not None:
            side = place - apex - ((place - apex) @ upward) * upward
            sides.append(side / np.linalg.norm(side))
    return np.asarray(sum(sides))


def _left_rotation(
    muscle: Ventricles, landmarks: Landmarks, axis: LongAxis, across: FloatArray,
    apicobasal: FloatArray,
) -> FloatArray:  # fmt: skip
    angle = np.arctan2(across @ axis.anterior, across @ axis.septal)
    anterior, inferior = _insertions(muscle, landmarks, axis, angle, apicobasal)
    middle, half = (anterior + inferior) / 2, (anterior - inferior) / 2
    turn = np.pi - np.mod(np.pi - (angle - middle), 2 * np.pi)
    beyond = np.abs(turn) - half
    free = INSERTION + beyond / (np.pi - half) * (np.pi - INSERTION)
    return np.asarray(np.where(beyond < 0, turn / half * INSERTION, np.sign(turn) * free))


def _insertions(
    muscle: Ventricles, landmarks: Landmarks, axis: LongAxis, angle: FloatArray,
    apicobasal: FloatArray,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Angle of the anterior and of the inferior insertion at the level of each node."""
    if landmarks.anterior_insertion is not None and landmarks.inferior_insertion is not None:
        reach = []
        for place in (landmarks.anterior_insertion, landmarks.inferior_insertion):
            side = place - axis.apex
            reach.append(np.arctan2(side @ axis.anterior, side @ axis.septal))
        return np.full_like(angle, reach[0]), np.full_like(angle, reach[1])
    joint = np.intersect1d(muscle.touching(Region.LV), muscle.touching(Region.SEPTUM))
    joint = np.intersect1d(joint, muscle.touching(Region.RV))
    lowest, highest = _LEVELS_OF_INSERTION
    joint = joint[(apicobasal[joint] > lowest) & (apicobasal[joint] < highest)]
    found = []
    for sign in (1.0, -1.0):
        own = joint[sign * angle[joint] > 0]
        found.append(_by_level(apicobasal[own], angle[own], apicobasal, sign * INSERTION))
    return found[0], found[1]


def _by_level(level: FloatArray, angle: FloatArray, at: FloatArray, default: float) -> FloatArray:
    """Median angle of each tenth of the height, in between and beyond by interpolation."""
    tenths = np.floor(10 * level).astype(int)
    known = np.unique(tenths)
    if len(known) == 0:
        return np.full_like(at, default)
    medians = [np.median(angle[tenths == tenth]) for tenth in known]
    return np.asarray(np.interp(at, 0.1 * known + 0.05, medians))


def _right_rotation(muscle: Ventricles, left_rotation: FloatArray) -> FloatArray:
    """Rotation over the RV free wall, even in length between the insertions.

    An RV that does not meet the LV in front and below keeps the angle around the LV.
    """
    elements, nodes = muscle.part(Region.RV)
    joint = np.intersect1d(nodes, muscle.touching(Region.LV, Region.SEPTUM))
    anterior = joint[left_rotation[joint] > INSERTION / 2]
    inferior = joint[left_rotation[joint] < -INSERTION / 2]
    if len(anterior) == 0 or len(inferior) == 0:
        return left_rotation
    groups = ((np.searchsorted(nodes, inferior), 0.0), (np.searchsorted(nodes, anterior), 1.0))
    place = filled(place_between(elements, held(len(nodes), *groups)), elements.nodes)
    rotation = np.zeros(len(muscle.nodes))
    rotation[nodes] = INSERTION * (2.0 * place - 1.0)
    return rotation


def _left_depth(muscle: Ventricles) -> FloatArray:
    elements, nodes = muscle.part(Region.LV, Region.SEPTUM)
    joint = np.intersect1d(nodes, muscle.touching(Region.RV))
    outer = np.concatenate([muscle.sides[Side.OUTSIDE], muscle.sides[Side.RV_BLOOD], joint])
    fixed = _within(nodes, muscle.sides[Side.LV_BLOOD], outer)
    return _spread(muscle, nodes, filled(place_between(elements, fixed), elements.nodes))


def _right_depth(muscle: Ventricles) -> FloatArray:
    if not (muscle.walls == Region.RV).any():
        return np.full(len(muscle.nodes), np.nan)
    elements, nodes = muscle.part(Region.RV)
    fixed = _within(nodes, muscle.sides[Side.RV_BLOOD], muscle.sides[Side.OUTSIDE])
    return _spread(muscle, nodes, filled(place_between(elements, fixed), elements.nodes))


def _spread(muscle: Ventricles, nodes: Indices, values: FloatArray) -> FloatArray:
    field = np.full(len(muscle.nodes), np.nan)
    field[nodes] = values
    return field


def _within(nodes: Indices, inner: Indices, outer: Indices) -> Held:
    """Inner nodes held at 0 and outer ones at 1, in the numbering of a part."""
    groups = [
        (np.searchsorted(nodes, np.intersect1d(nodes, group)), value)
        for group, value in ((inner, 0.0), (outer, 1.0))
    ]
    return held(len(nodes), *groups)
