"""Lead weights for electrodes and a heart that move, without solving anew.

A lead field, and with it the weights ``q_e``, changes smoothly with the electrode's place as seen
from the heart some centimetres away. Weights are solved once for places on a grid of angle and
height over the chest and for four places around each limb electrode; an electrode in between takes
the cubic (chest) or linear (limbs) blend of its neighbours' weights.

A heart that moves takes its blood along and pushes the lungs aside, so each of its six movements
is solved anew at either end of a range, and the weights of the standard electrodes follow a
parabola in each movement. Movements add up:

    W(electrodes, pose) = W(electrodes, usual) + sum over movements of (W_k(p_k) - W(usual)).

The part of the source along the fibres (``sources.FIBER_PART``) is solved with the same fields and
answered apart as ``along``, so that its anisotropy can be chosen afterwards.

Blends of weights are weights: rows sum to zero whatever moves. Measured errors: ``CHEST_ANGLES``
and ``SHIFT_RANGE``. Verified by ``tests/physiology/torso/test_variation.py``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from organtwin.anatomy.mesh import Anatomy
from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.torso.body import TrunkSizes, on_skin
from organtwin.physiology.electrophysiology.torso.conductor import solving
from organtwin.physiology.electrophysiology.torso.electrodes import (
    REFERENCE,
    Electrode,
    standard_electrode,
    standard_electrodes,
)
from organtwin.physiology.electrophysiology.torso.leads import LEADS, LIMBS, lead_matrix
from organtwin.physiology.electrophysiology.torso.placement import HeartPose
from organtwin.physiology.electrophysiology.torso.sources import (
    FIBER_PART,
    Muscle,
    source_weights,
)
from organtwin.physiology.electrophysiology.torso.trunk import (
    COARSE,
    FINE,
    Trunk,
    building,
    electrode_currents,
    lead_fields,
    located,
    sampled,
)

CHEST_ANGLES = np.radians(np.arange(-75.0, 166.0, 15.0))
CHEST_HEIGHTS = np.arange(-0.090, 0.061, 0.030)
"""Grid of the chest: angles [rad], and heights [m] for a trunk of 0.33 m.

Electrodes moved by 15 mm: 1.8 % off solving anew (all leads of the template together, root mean
square), where the move itself changes 10 to 19 %.
"""

SHIFT_RANGE, TURN_RANGE = 0.02, float(np.radians(15.0))
"""Largest shift [m] and turn [rad] of each movement of the heart.

A heart moved by 10 mm: 2.1 to 2.5 % off solving anew, where the move itself changes 12 to 16 %.
"""

_LIMB_ANGLE, _LIMB_HEIGHT = np.radians(15.0), 0.03
"""Half sides of the grids around the limb electrodes [rad, m]."""


@dataclass(frozen=True, eq=False, slots=True)
class Patch:
    """A grid of places on the skin: ``angles`` [rad], ``heights`` [m], first row of weights."""

    angles: FloatArray
    heights: FloatArray
    first: int


@dataclass(frozen=True, eq=False, slots=True)
class WeightFan:
    """Weights by place of the skin: ``weights`` ``(n_places, n_nodes)``, without unit.

    ``limbs`` holds the patch of each limb electrode, ``chest`` that of all others.
    """

    chest: Patch
    limbs: Mapping[str, Patch]
    weights: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class FanStep:
    """Progress of ``fanning``, share done; the last one has the fan, also of the fibre part."""

    done: float
    fan: WeightFan | None = None
    along: WeightFan | None = None


@dataclass(frozen=True, eq=False, slots=True)
class PoseVariation:
    """How electrode weights change with the heart's six movements.

    ``slopes`` and ``bends`` ``(6, n_electrodes, n_nodes)`` per unit and unit squared of each
    movement, in parts of its range; ``electrodes`` names the rows.
    """

    electrodes: tuple[str, ...]
    slopes: FloatArray
    bends: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class PoseStep:
    """Progress of ``posing``; the last one has the variation, also of the fibre part."""

    done: float
    variation: PoseVariation | None = None
    along: PoseVariation | None = None


def fanning(trunk: Trunk, muscle: Muscle) -> Iterator[FanStep]:
    """Solve the weights of all places of the grid."""
    chest, limbs, places = fan_grids(trunk.sizes)
    loads = electrode_currents(trunk, places)
    corners, shares = located(trunk, muscle.nodes)
    yield FanStep(0.03)
    found, along = [], []
    for step in solving(trunk.conductor, loads):
        if step.potentials is not None:
            potentials = np.einsum("knc,nc->kn", step.potentials[:, corners], shares)
            found.append(source_weights(muscle, potentials))
            along.append(source_weights(muscle, potentials, conductivity=FIBER_PART))
        yield FanStep(0.03 + 0.96 * step.done)
    whole, fiber = (WeightFan(chest, limbs, np.concatenate(part)) for part in (found, along))
    yield FanStep(1.0, whole, fiber)


def posing(
    anatomy: Anatomy, sizes: TrunkSizes, muscle: Muscle, *, fine: float = FINE,
    coarse: float = COARSE,
) -> Iterator[PoseStep]:  # fmt: skip
    """Solve the weights of the standard electrodes, usual and at both ends of six movements."""
    electrodes = {n: e for n, e in standard_electrodes(sizes).items() if n != REFERENCE}
    ends = np.concatenate([np.zeros((1, 6)), np.eye(6), -np.eye(6)])
    found, along = [], []
    for n, parts in enumerate(ends):
        trunk = None
        for step in building(anatomy, sizes, pose=_pose(parts), fine=fine, coarse=coarse):
            trunk = step.trunk
            yield PoseStep((n + 0.5 * step.done) / len(ends))
        if trunk is not None:
            fields = sampled(trunk, lead_fields(trunk, electrodes), muscle.nodes)
            found.append(source_weights(muscle, fields))
            along.append(source_weights(muscle, fields, conductivity=FIBER_PART))
    names = tuple(electrodes)
    yield PoseStep(1.0, _parabolas(names, found), _parabolas(names, along))


def _parabolas(electrodes: tuple[str, ...], found: Sequence[FloatArray]) -> PoseVariation:
    """Through the usual place and both ends of each movement."""
    usual, upper, lower = found[0], np.stack(found[1:7]), np.stack(found[7:])
    return PoseVariation(electrodes, 0.5 * (upper - lower), 0.5 * (upper + lower) - usual)


def varied_weights(
    fan: WeightFan, *, electrodes: Mapping[str, Electrode], leads: Sequence[str] = LEADS,
    pose: HeartPose | None = None, variation: PoseVariation | None = None,
) -> FloatArray:  # fmt: skip
    """Weights ``(n_leads, n_nodes)`` in milliseconds, as ``trunk.lead_weights`` in seconds.

    Raises
    ------
    InputError
        An electrode or the heart lies beyond what was solved, or the heart moves and no variation
        is given.
    """
    matrix = lead_matrix(list(electrodes), leads=leads)
    shares = np.stack([_shares(fan, name, at) for name, at in electrodes.items()])
    weights = (matrix @ shares) @ fan.weights
    parts = _parts(pose or HeartPose())
    if not parts.any():
        return np.asarray(weights)
    if variation is None or np.abs(parts).max() > 1.0 + 1e-9:
        raise InputError(
            "heart in the trunk", "pose",
            expected=f"shifts up to {100 * SHIFT_RANGE:.0f} cm and turns up to "
            f"{np.degrees(TURN_RANGE):.0f} degrees, and a solved variation",
            got=f"{np.abs(parts).max():.2f} of that range",
            remedy="Move the heart less, or solve a trunk of its own for it.",
        )  # fmt: skip
    change = np.tensordot(parts, variation.slopes, 1) + np.tensordot(parts**2, variation.bends, 1)
    own = lead_matrix(variation.electrodes, leads=[n for n in leads if n in LEADS])
    chosen = [row for row, name in enumerate(leads) if name in LEADS]
    weights[chosen] += own @ change
    return np.asarray(weights)


def _pose(parts: FloatArray) -> HeartPose:
    x, y, z = (float(part) * SHIFT_RANGE for part in parts[:3])
    a, b, c = (float(part) * TURN_RANGE for part in parts[3:])
    return HeartPose((x, y, z), (a, b, c))


def _parts(pose: HeartPose) -> FloatArray:
    ranges = np.repeat([SHIFT_RANGE, TURN_RANGE], 3)
    return np.asarray(np.array([*pose.shift, *pose.turn]) / ranges, float)


def fan_grids(sizes: TrunkSizes) -> tuple[Patch, dict[str, Patch], FloatArray]:
    """The patches and all their places ``(n, 3)`` [m], angle by angle."""
    scale = sizes.length / 0.33
    chest = Patch(CHEST_ANGLES, CHEST_HEIGHTS * scale, 0)
    first, limbs = len(chest.angles) * len(chest.heights), {}
    sides = np.array([-1.0, 1.0])
    for name in LIMBS:
        usual = standard_electrode(name, sizes)
        limbs[name] = Patch(
            usual.angle + _LIMB_ANGLE * sides, usual.height + _LIMB_HEIGHT * scale * sides, first
        )
        first += 4
    places = [
        on_skin(
            sizes,
            np.repeat(patch.angles, len(patch.heights)),
            np.tile(patch.heights, len(patch.angles)),
        )
        for patch in (chest, *limbs.values())
    ]
    return chest, limbs, np.concatenate(places)


def _shares(fan: WeightFan, name: str, electrode: Electrode) -> FloatArray:
    """Share ``(n_places,)`` of every place's weights in those of an electrode."""
    shares = np.zeros(len(fan.weights))
    if name == REFERENCE:
        return shares
    patch = fan.limbs.get(name, fan.chest)
    by_angle = _blend(patch.angles, electrode.angle, f"electrode {name}", "angle [rad]")
    by_height = _blend(patch.heights, electrode.height, f"electrode {name}", "height [m]")
    count = len(patch.angles) * len(patch.heights)
    shares[patch.first : patch.first + count] = np.outer(by_angle, by_height).ravel()
    return shares


def _blend(known: FloatArray, place: float, source: str, field: str) -> FloatArray:
    """Weights ``(n,)`` of an even grid's values at a place between: Lagrange over up to four."""
    if not known[0] - 1e-9 <= place <= known[-1] + 1e-9:
        raise InputError(
            source, field, expected=f"{known[0]:.3f} to {known[-1]:.3f}", got=f"{place:.3f}",
            remedy="Place it nearer to where it belongs, or solve its own lead field.",
        )  # fmt: skip
    count = min(4, len(known))
    cell = int(np.searchsorted(known, place, "right")) - 1
    first = max(0, min(cell - count // 2 + 1, len(known) - count))
    chosen = known[first : first + count]
    weights = np.zeros(len(known))
    for i in range(count):
        others = np.delete(chosen, i)
        weights[first + i] = np.prod((place - others) / (chosen[i] - others))
    return weights
