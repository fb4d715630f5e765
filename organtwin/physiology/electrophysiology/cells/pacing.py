"""Trains of beats of one cell, in SI at the door: seconds, volts, mol/m3 (which is mM).

The stimulus of the model starts each beat. How many beats make a steady state is a matter of the
model: membrane and calcium settle within tens of beats, sodium and potassium within hundreds.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.cells.cell import UNBLOCKED, CellModel, ChannelBlock
from organtwin.physiology.electrophysiology.cells.membrane import LONGEST
from organtwin.units import MS

_MILLIVOLT = 1e-3
_SPARE_ROWS = 20_000
"""Rows of a trace for steep changes, beyond those of the longest step: 6 V of change."""


@dataclass(frozen=True, eq=False, slots=True)
class CellBeat:
    """One beat of a cell, from the onset of its stimulus to the next."""

    times: FloatArray
    """``(n,)`` [s] after the onset, not evenly spaced."""
    potentials: FloatArray
    """``(n,)`` membrane potential [V]."""
    calcium: FloatArray
    """``(n,)`` free calcium of the bulk of the cell [mol/m3]."""
    state: FloatArray
    """``(n_states,)`` at the end, in the model's own units: where the next beat starts."""


@dataclass(frozen=True, eq=False, slots=True)
class PacingStep:
    """One beat more: the beat, and how far the train is."""

    beat: CellBeat
    done: int
    wanted: int

    @property
    def fraction(self) -> float:
        return self.done / self.wanted


def one_beat(
    model: CellModel, start: FloatArray, *, cycle_length: float, block: ChannelBlock = UNBLOCKED
) -> CellBeat:
    """Beat of ``cycle_length`` [s] from the state ``start`` ``(n_states,)``, which is kept.

    Raises
    ------
    InputError
        The cycle is shorter than the stimulus, the block names an unknown current, or the model
        left what numbers can follow.
    """
    duration = cycle_length / MS
    if not duration > model.stimulus.duration_ms:
        raise InputError(
            model.name, "cycle length",
            expected=f"more than the stimulus of {model.stimulus.duration_ms} ms",
            got=f"{duration:g} ms", remedy="Give the cycle length in seconds.",
        )  # fmt: skip
    pace = np.array([duration, model.stimulus.current, model.stimulus.duration_ms])
    trace = np.empty((int(duration / LONGEST) + _SPARE_ROWS, 3))
    state = start.copy()
    used = model.advance(state, model.blocked_strengths(block), model.setting_values(), pace, trace)
    if used < 0 or not np.isfinite(state).all():
        raise InputError(
            model.name, "channel block", expected="a cell whose potential stays finite",
            got="a run that diverged", remedy="Use factors nearer to 1.",
        )  # fmt: skip
    return CellBeat(
        trace[:used, 0] * MS, trace[:used, 1] * _MILLIVOLT, trace[:used, 2].copy(), state
    )


def pacing(
    model: CellModel,
    *,
    cycle_length: float,
    beats: int,
    block: ChannelBlock = UNBLOCKED,
    start: FloatArray | None = None,
) -> Iterator[PacingStep]:
    """Beat after beat at ``cycle_length`` [s], from ``start`` or the stored 1 Hz rhythm."""
    state = model.resting_state() if start is None else start
    for number in range(beats):
        beat = one_beat(model, state, cycle_length=cycle_length, block=block)
        state = beat.state
        yield PacingStep(beat, number + 1, beats)


def paced(
    model: CellModel,
    *,
    cycle_length: float,
    beats: int,
    block: ChannelBlock = UNBLOCKED,
    start: FloatArray | None = None,
) -> CellBeat:
    """Last beat of a train; see ``pacing``. Takes long for hundreds of beats."""
    if beats < 1:
        raise InputError(
            model.name, "beats", expected="at least 1", got=str(beats), remedy="Ask for one beat.",
        )  # fmt: skip
    *_, last = pacing(model, cycle_length=cycle_length, beats=beats, block=block, start=start)
    return last.beat
