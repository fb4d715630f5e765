"""One simulated beat, and the way a simulation ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import UnknownNameError
from organtwin.physiology.heart import HeartState
from organtwin.physiology.interface import Activation


class Outcome(Enum):
    """How a simulation ended; ``remedy`` tells what to do when it is not STEADY."""

    STEADY = ("steady state reached", "")
    BEAT_LIMIT = (
        "not yet steady when the beat limit was reached",
        "Allow more beats, or make the change smaller.",
    )
    EMPTIED = (
        "a chamber or vessel ran empty",
        "Give more volume, or withdraw less: the heart cannot fill under these conditions.",
    )
    OUT_OF_RANGE = (
        "the walls left the range in which the model was checked",
        "Use a smaller dose or a less extreme setting.",
    )

    def __init__(self, meaning: str, remedy: str) -> None:
        self.meaning, self.remedy = meaning, remedy


@dataclass(frozen=True, eq=False)
class Trace:
    """A periodic signal over one beat, read at any time by linear interpolation."""

    times: FloatArray
    values: FloatArray
    duration: float

    def __call__(self, t: float | FloatArray) -> FloatArray:
        return np.asarray(np.interp(t, self.times, self.values, period=self.duration))


@dataclass(frozen=True, eq=False)
class Beat:
    """One cardiac cycle from the sinus impulse to the next.

    Attributes
    ----------
    duration
        Cycle length [s].
    times
        ``(n,)`` [s], uniform, starting at 0; the end point is not repeated.
    traces
        ``(n,)`` each, SI: ``{lv,rv,la,ra}_volume``, ``{lv,rv,la,ra}_pressure``,
        ``aortic_pressure``, ``pulmonary_artery_pressure``, ``systemic_venous_pressure``,
        ``pulmonary_venous_pressure``, ``{mitral,aortic,tricuspid,pulmonary,systemic_venous,
        pulmonary_venous}_flow``, ``septal_volume`` (cap volume of the septum), ``junction_radius``,
        ``pericardial_pressure``, ``{lvad,impella,rvad,ecmo}_flow`` of the pumps and
        ``balloon_volume``, zero where there is none.
    patch_strain
        ``(n, n_patches)`` natural fibre strain, zero at the reference sarcomere length of 2 um.
    patch_stress
        ``(n, n_patches)`` fibre stress [Pa].
    activation
        The excitation pattern of this beat.
    av_delay
        Time from the sinus impulse to the first excitation of the ventricles [s]: the PR interval.
    end_state
        Where the next beat starts.
    """

    duration: float
    times: FloatArray
    traces: Mapping[str, FloatArray]
    patch_strain: FloatArray
    patch_stress: FloatArray
    activation: Activation
    av_delay: float
    end_state: HeartState

    def __getitem__(self, name: str) -> Trace:
        if name not in self.traces:
            raise UnknownNameError("trace", name, tuple(self.traces))
        return Trace(self.times, self.traces[name], self.duration)


@dataclass(frozen=True, eq=False)
class Solution:
    """The last beat of a simulation, how it ended, and how long it took to get there."""

    beat: Beat
    outcome: Outcome
    n_beats: int
    detail: str = ""
    """What exactly happened when the outcome is not STEADY, e.g. which chamber emptied."""
