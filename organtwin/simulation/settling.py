"""The steady state in fewer beats: each beat tells where the next ones lead.

A beat is a map g of what it starts from: the volumes x of the eight compartments and, with the
reflex, the sensed pressure. Plain iteration x <- g(x) goes on at the pace of its slowest mode, the
moving of blood between the two circulations. Anderson's mixing (J ACM 12:547, 1965; type II as in
Walker and Ni, SIAM J Numer Anal 49:1715, 2011) takes the last few residuals f = g(x) - x,

    x_next = g_k - sum_i c_i (g_(i+1) - g_i),    c = argmin |f_k - sum_i c_i (f_(i+1) - f_i)|

Muscle, flows and junction follow within the beat and are taken from the last one. The first beats
take longer time steps (``quick_beats``); those that decide are full ones. What does not settle so
is run again plainly, so the way it fails is told as ever. Measured against plain iteration in
tests/simulation/test_settling.py.
"""

from dataclasses import dataclass, replace

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import ParameterError
from organtwin.physiology.heart import HeartState
from organtwin.simulation.baroreflex import SET_POINT, resting_nerves
from organtwin.simulation.beat import Beat, Outcome, Solution
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.quick_beats import TIME_STEP as QUICK_STEP
from organtwin.simulation.reflex import SETTLING_SHARE, Reflex, mean_pressure, reflex_of
from organtwin.simulation.reflex import steady_under as plainly_steady
from organtwin.simulation.sac import within_sac
from organtwin.simulation.simulator import TIME_STEP, Periodicity, SimulationStopped, beats
from organtwin.units import ML

MEMORY = 4
"""Earlier beats that are mixed."""
PLAIN_BEATS = 2
"""At first: the jump into new conditions tells nothing of where they lead."""
LARGEST_STEP = 0.15
"""Of a volume, by mixing alone; a larger one may empty a chamber on the way."""
QUICK_UNTIL = 3e-3
"""Change per beat below which time steps are full ones."""
CONDITION = 1e-6
"""Directions of differences smaller than this share of the largest tell nothing."""
_SMALLEST = 20 * ML
_MMHG_SCALE = 100.0


@dataclass(frozen=True, eq=False, slots=True)
class _Point:
    """Where a beat starts: the state, and the pressure that the reflex senses [mmHg]."""

    state: HeartState
    sensed: float

    @property
    def vector(self) -> FloatArray:
        return np.append(self.state.volumes, self.sensed)


def steady_under(
    conditions: Conditions, untreated: Beat, rule: Periodicity, *, otherwise: Beat | None = None,
    time_step: float = TIME_STEP,
) -> tuple[Solution | None, Conditions]:  # fmt: skip
    """As ``reflex.steady_under``, to the same tolerance, in a third of its time.

    ``time_step`` [s] of the last beats, up to that of ``quick_beats``.
    """
    found = _mixed(conditions, untreated, rule, time_step)
    if found is not None:
        return found
    return plainly_steady(conditions, untreated, rule, otherwise=otherwise)


def _mixed(
    conditions: Conditions, untreated: Beat, rule: Periodicity, full_step: float
) -> tuple[Solution, Conditions] | None:
    """The steady state by mixing, or ``None`` where that does not find one."""
    conditions = within_sac(conditions, untreated)
    reflex = reflex_of(untreated) if conditions.reflex else None
    point, mixing, step = _Point(untreated.end_state, SET_POINT), _Mixing(), QUICK_STEP
    for count in range(1, rule.beat_limit + 1):
        try:
            beat, acting, after = _one_beat(conditions, reflex, point, step)
        except (SimulationStopped, ParameterError):
            return None
        change = mixing.change(point, after)
        if change < rule.tolerance and step == full_step:
            return Solution(beat, Outcome.STEADY, count), acting
        if count > PLAIN_BEATS and _filled(acting, after.state):
            point = mixing.next(point, after)
        else:
            point = after
        if change < QUICK_UNTIL and step != full_step:
            step = full_step
            mixing.interrupt()
    return None


def _one_beat(
    conditions: Conditions, reflex: Reflex | None, start: _Point, step: float
) -> tuple[Beat, Conditions, _Point]:
    acting = conditions
    if reflex is not None:
        acting = reflex.acting(conditions, resting_nerves(start.sensed).tone)
    beat = next(beats(acting, start.state, time_step=step))
    sensed = start.sensed
    if reflex is not None:
        wanted = reflex.sensed(mean_pressure(beat), conditions)
        sensed += SETTLING_SHARE * (wanted - sensed)
    return beat, acting, _Point(beat.end_state, sensed)


def _filled(acting: Conditions, state: HeartState) -> bool:
    """Blood and fluid in the sac are what is wanted; on the way there nothing repeats."""
    wanted = acting.parameters["blood_volume"]
    dry = abs(acting.parameters["pericardial_effusion"] - state.effusion) < 1e-3 * ML
    return dry and abs(state.blood_volume - wanted) < 0.01 * wanted


class _Mixing:
    """Differences of ends and residuals of successive beats, each a share of its scale."""

    def __init__(self) -> None:
        self._last: tuple[FloatArray, FloatArray] | None = None
        self._ends: list[FloatArray] = []
        self._residuals: list[FloatArray] = []

    @staticmethod
    def scale(point: _Point) -> FloatArray:
        volumes = np.maximum(np.abs(point.state.volumes), _SMALLEST)
        return np.append(volumes, _MMHG_SCALE)

    def change(self, start: _Point, end: _Point) -> float:
        """Largest change by a beat, as a share."""
        residual = np.abs(end.vector - start.vector) / self.scale(start)
        return float(residual.max())

    def interrupt(self) -> None:
        """The next beat is of another model: what was learnt stays, they make no difference."""
        self._last = None

    def next(self, start: _Point, end: _Point) -> _Point:
        """Where to start the next beat."""
        scale = self.scale(end)
        residual = (end.vector - start.vector) / scale
        if self._last is not None:
            self._ends.append((end.vector - self._last[0]) / scale)
            self._residuals.append(residual - self._last[1])
            del self._ends[:-MEMORY], self._residuals[:-MEMORY]
        self._last = end.vector, residual
        if not self._ends:
            return end
        gamma = np.linalg.lstsq(np.array(self._residuals).T, residual, rcond=CONDITION)[0]
        move = -(gamma @ np.array(self._ends))
        largest = float(np.abs(move).max())
        if not np.isfinite(largest):
            return end
        move *= min(1.0, LARGEST_STEP / max(largest, 1e-12)) * scale
        volumes = end.state.volumes + move[:-1]
        volumes *= end.state.blood_volume / volumes.sum()
        return _Point(replace(end.state, volumes=volumes), end.sensed + float(move[-1]))
