"""What an ECG fit may change, and what each of it was before any ECG was seen.

A place in the unit cube is a ``Candidate``: every coordinate goes through the inverse of its
prior's distribution, so that an even spread over the cube is the prior.

- speeds: even over the range of ``assets/parameters/conduction.toml``;
- bundle branches and fascicles: healthy, slowed by an even factor, or blocked, with the shares of
  ``_BRANCHES``: so a bundle branch block is found in the data and not told;
- pose of the heart and height of the chest electrodes: normal, with the spread between people, as
  far as poses were solved;
- anisotropy of the source (``torso.sources``): even in its logarithm, from none to that in cells;
- onset of the QRS: normal, with the error of delineation.

Speed along the sheet's normal follows the sheet (Camps et al. 2021 could not tell it from an ECG).
"""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.special import ndtr, ndtri

from organtwin.arrays import FloatArray
from organtwin.parameters.sets import ParameterSet
from organtwin.physiology.electrophysiology.activation.conduction import (
    BLOCKED,
    Conduction,
    Rhythm,
    Stimulus,
)
from organtwin.physiology.electrophysiology.activation.electric_heart import default_speeds
from organtwin.physiology.electrophysiology.activation.network import Branch
from organtwin.physiology.electrophysiology.activation.sites import Site
from organtwin.physiology.electrophysiology.torso.placement import (
    SHIFT_SPREAD,
    TURN_SPREAD,
    HeartPose,
)
from organtwin.physiology.electrophysiology.torso.sources import INTRACELLULAR
from organtwin.physiology.electrophysiology.torso.variation import SHIFT_RANGE, TURN_RANGE

SPEEDS = (
    "ventricular_fiber_speed", "ventricular_sheet_speed", "dense_speed", "sparse_speed",
    "purkinje_speed",
)  # fmt: skip
NORMAL_PER_SHEET = 1.2
"""Speed along the normal over that along the sheet: 0.48 over 0.40 m/s."""

_BRANCHES = MappingProxyType({  # share healthy, share slowed, greatest factor; the rest blocked
    Branch.LEFT_BUNDLE: (0.4, 0.3, 10.0),
    Branch.RIGHT_BUNDLE: (0.4, 0.3, 6.0),
    Branch.LEFT_ANTERIOR_FASCICLE: (0.3, 0.5, 6.0),
    Branch.LEFT_SEPTAL_FASCICLE: (0.3, 0.5, 6.0),
    Branch.LEFT_POSTERIOR_FASCICLE: (0.3, 0.5, 6.0),
})  # fmt: skip

ELECTRODE_SPREAD = 0.015
"""Standard deviation of the height of the chest electrodes [m]; assumed."""
ELECTRODE_RANGE = 2.0 * ELECTRODE_SPREAD
ONSET_SPREAD = 4e-3
"""Standard deviation of the QRS onset [s]: the error of delineation."""

LARGEST_ANISOTROPY = INTRACELLULAR.fiber / INTRACELLULAR.sheet
"""Of the source; 1, its least, is what Camps et al. 2024 assume."""

EXCITING = (*SPEEDS, *(branch.name.lower() for branch in _BRANCHES))
"""Coordinates that decide the activation: a change of one costs a new solution."""
RECORDING = (
    "shift_left", "shift_back", "shift_up", "turn_left", "turn_back", "turn_up",
    "electrodes_up", "anisotropy", "onset",
)  # fmt: skip
"""Coordinates that decide how an activation is recorded."""
NAMES = (*EXCITING, *RECORDING)
"""Of the coordinates of the cube."""


@dataclass(frozen=True, eq=False, slots=True)
class Candidate:
    """One way the ventricles might be excited and recorded.

    ``electrodes_up`` [m] moves the chest electrodes; ``anisotropy`` is that of the source, along
    over across; ``onset`` [s] is how much later the QRS of the model begins than the measured one.
    """

    conduction: Conduction
    speeds: ParameterSet
    pose: HeartPose
    electrodes_up: float
    anisotropy: float
    onset: float


def candidate(place: FloatArray) -> Candidate:
    """What a place ``(len(NAMES),)`` in the unit cube stands for."""
    at = dict(zip(NAMES, (float(u) for u in place), strict=True))
    values = default_speeds()
    changes = {}
    for name in SPEEDS:
        spec = values.specs[name]
        changes[name] = spec.lower + at[name] * (spec.upper - spec.lower)
    normal = values.specs["ventricular_normal_speed"]
    follow = NORMAL_PER_SHEET * changes["ventricular_sheet_speed"]
    changes["ventricular_normal_speed"] = min(max(follow, normal.lower), normal.upper)
    delays = {branch: _branch_factor(branch, at[branch.name.lower()]) for branch in _BRANCHES}
    delays = {branch: factor for branch, factor in delays.items() if factor != 1.0}
    # only the ventricles are fitted: their beat begins below the AV node
    conduction = Conduction(
        "fitted", Rhythm.NONE, MappingProxyType({**delays, Branch.AV_NODE: BLOCKED}),
        stimuli=(Stimulus(Site.HIS_BUNDLE),),
    )  # fmt: skip
    ways = ("left", "back", "up")
    shift = tuple(_normal(at[f"shift_{way}"], SHIFT_SPREAD, SHIFT_RANGE) for way in ways)
    turn = tuple(_normal(at[f"turn_{way}"], TURN_SPREAD, TURN_RANGE) for way in ways)
    return Candidate(
        conduction,
        values.replace(**changes),
        HeartPose(shift, turn),  # type: ignore[arg-type]
        _normal(at["electrodes_up"], ELECTRODE_SPREAD, ELECTRODE_RANGE),
        LARGEST_ANISOTROPY ** at["anisotropy"],
        _normal(at["onset"], ONSET_SPREAD, 3.0 * ONSET_SPREAD),
    )


def _branch_factor(branch: Branch, u: float) -> float:
    healthy, slowed, greatest = _BRANCHES[branch]
    if u < healthy:
        return 1.0
    if u < healthy + slowed:
        return 1.0 + (greatest - 1.0) * (u - healthy) / slowed
    return BLOCKED


def _normal(u: float, spread: float, reach: float) -> float:
    """Normal with a standard deviation, cut off at a reach."""
    lowest = ndtr(-reach / spread)
    return float(spread * ndtri(lowest + u * (1.0 - 2.0 * lowest)))


def prior_place(**at: float) -> FloatArray:
    """The middle of the prior, healthy, with some coordinates (0 to 1) set by name."""
    middle = dict.fromkeys(NAMES, 0.5)
    middle |= {branch.name.lower(): 0.2 for branch in _BRANCHES}
    return np.array([(middle | at)[name] for name in NAMES])
