"""Restitution: how the next action potential depends on the rest before it.

    APD(DI): S1-S2, one early beat after a steady train; dynamic, the train itself made faster

DI diastolic interval [s], from 90 % repolarisation of a beat to the stimulus of the next. All
durations of one curve end at one potential, the 90 % level of the stored 1 Hz rhythm, because an
early beat starts before the cell is at rest. The two protocols differ: in the dynamic one the ions
have followed the rate. Verified by tests/physiology/electrophysiology/test_restitution.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.cells.biomarkers import activation_time
from organtwin.physiology.electrophysiology.cells.cell import UNBLOCKED, CellModel, ChannelBlock
from organtwin.physiology.electrophysiology.cells.pacing import CellBeat, one_beat, pacing

_CAPTURED = 0.0
"""A beat that does not rise above this potential [V] has not been excited."""
_LONGEST_BEAT = 1.0
"""Time that an early beat is followed for [s]."""


@dataclass(frozen=True, eq=False, slots=True)
class Restitution:
    """Durations by diastolic interval; an interval without excitation is left out."""

    diastolic_intervals: FloatArray
    """``(n,)`` [s], rising."""
    durations: FloatArray
    """``(n,)`` APD90 [s]."""

    def duration(self, diastolic_interval: FloatArray) -> FloatArray:
        """APD90 [s] after these intervals [s], linear between those measured, constant beyond."""
        answer: FloatArray = np.interp(diastolic_interval, self.diastolic_intervals, self.durations)
        return answer


@dataclass(frozen=True, eq=False, slots=True)
class RestitutionStep:
    """One cycle length more; ``restitution`` holds what has been measured so far."""

    restitution: Restitution
    done: int
    wanted: int

    @property
    def fraction(self) -> float:
        return self.done / self.wanted


def early_beat_restitution(
    model: CellModel,
    diastolic_intervals: FloatArray,
    *,
    basic_cycle: float = 1.0,
    beats: int = 10,
    block: ChannelBlock = UNBLOCKED,
) -> Restitution:
    """S1-S2 curve: ``beats`` at ``basic_cycle`` [s], then one after each interval [s].

    Raises
    ------
    InputError
        A beat of the train is not over before the next.
    """
    *_, last = pacing(model, cycle_length=basic_cycle, beats=beats, block=block)
    state = last.beat.state
    train = one_beat(model, state, cycle_length=basic_cycle, block=block)
    level = _end_level(model, block)
    end = _end_of(train, level)
    if np.isnan(end) or train.potentials[0] > level:
        raise InputError(
            model.name, "basic cycle", expected="beats that end before the next",
            got=f"{basic_cycle} s", remedy="Pace more slowly.",
        )  # fmt: skip
    intervals, durations = [], []
    for interval in np.sort(diastolic_intervals):
        before = one_beat(model, state, cycle_length=float(end + interval), block=block)
        early = one_beat(model, before.state, cycle_length=_LONGEST_BEAT, block=block)
        over = _end_of(early, level)
        if early.potentials.max() > _CAPTURED and not np.isnan(over):
            intervals.append(float(interval))
            durations.append(over - activation_time(early))
    return Restitution(np.array(intervals), np.array(durations))


def dynamic_restitution(
    model: CellModel,
    cycle_lengths: FloatArray,
    *,
    beats: int = 50,
    block: ChannelBlock = UNBLOCKED,
) -> Iterator[RestitutionStep]:
    """Dynamic curve: ``beats`` at each cycle [s], slowest first, each from the state before.

    A cycle counts when its last beat is excited and over in time; alternans shows as the longer or
    the shorter of the two beats.
    """
    slow_first = np.sort(cycle_lengths)[::-1]
    found: list[tuple[float, float]] = []
    state, level = model.resting_state(), _end_level(model, block)
    for done, cycle in enumerate(slow_first, start=1):
        for step in pacing(model, cycle_length=float(cycle), beats=beats, block=block, start=state):
            beat = step.beat
        state = beat.state
        end = _end_of(beat, level)
        if beat.potentials.max() > _CAPTURED and not np.isnan(end):
            found.append((float(cycle) - end, end - activation_time(beat)))
        ordered = np.array(sorted(found)).reshape(-1, 2)
        yield RestitutionStep(Restitution(ordered[:, 0], ordered[:, 1]), done, slow_first.size)


def _end_level(model: CellModel, block: ChannelBlock) -> float:
    """Potential of 90 % repolarisation [V] of the first blocked beat after the 1 Hz rhythm."""
    beat = one_beat(model, model.resting_state(), cycle_length=1.0, block=block)
    peak = float(beat.potentials.max())
    return peak - 0.9 * (peak - float(beat.potentials[0]))


def _end_of(beat: CellBeat, level: float) -> float:
    """When the potential falls through ``level`` after the peak [s]; NaN if never."""
    peak = int(np.argmax(beat.potentials))
    below = np.flatnonzero(beat.potentials[peak:] <= level)
    if below.size == 0:
        return float("nan")
    after = peak + max(int(below[0]), 1)
    times, values = beat.times, beat.potentials
    share = (values[after - 1] - level) / (values[after - 1] - values[after])
    return float(times[after - 1] + share * (times[after] - times[after - 1]))
