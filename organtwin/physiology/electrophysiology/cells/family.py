"""One kind of cell in many durations: the same cell with its repolarising currents scaled.

Members differ by one factor on the delayed rectifiers, from half to double, the range that
populations of human cells are calibrated in (Britton et al., PNAS 110:E2098 (2013), -50 to +100 %
and wider). The inward rectifier is left alone: it sets the resting potential, which shall not
vary. Each member is paced for some beats from the model's own 1 Hz rhythm.

A drug acts on the members, not on the durations: a place in the heart keeps its factor, and what
its duration becomes is read off the family under the block (`durations_under`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.physiology.electrophysiology.action_potential import SAMPLE_TIMES
from organtwin.physiology.electrophysiology.cells.biomarkers import (
    action_potential_duration,
    activation_time,
)
from organtwin.physiology.electrophysiology.cells.cell import UNBLOCKED, CellModel, ChannelBlock
from organtwin.physiology.electrophysiology.cells.pacing import CellBeat, pacing

FACTORS = np.geomspace(2.0, 0.5, 17)
"""From the shortest action potential to the longest."""
BEATS = 30
"""After these APD90 moves by less than 0.1 % per beat."""


@dataclass(frozen=True, eq=False, slots=True)
class CellFamily:
    """Members from short to long action potentials."""

    factors: FloatArray
    """``(n_members,)`` on the repolarising currents, falling."""
    durations: FloatArray
    """``(n_members,)`` APD90 [s]."""
    traces: FloatArray
    """``(n_members, n_times)`` [V] at ``action_potential.SAMPLE_TIMES``, upstroke at 0."""


@dataclass(frozen=True, eq=False, slots=True)
class FamilyStep:
    """One beat more; ``family`` is there after the last."""

    done: int
    wanted: int
    family: CellFamily | None = None

    @property
    def fraction(self) -> float:
        return self.done / self.wanted


def aligned_trace(beat: CellBeat) -> FloatArray:
    """Potential ``(n_times,)`` [V] at ``SAMPLE_TIMES`` after the upstroke, at rest before it."""
    times = beat.times - activation_time(beat)
    trace: FloatArray = np.interp(SAMPLE_TIMES, times, beat.potentials)
    return trace


def building_family(
    model: CellModel,
    *,
    repolarising: tuple[str, ...],
    block: ChannelBlock = UNBLOCKED,
    cycle_length: float = 1.0,
    factors: FloatArray = FACTORS,
    beats: int = BEATS,
) -> Iterator[FamilyStep]:
    """Pace each member; the last step holds the family. Some 15 s for a ventricular cell.

    ``repolarising`` names the currents that are scaled, on top of the ``block``.
    """
    wanted = factors.size * beats
    durations, traces = np.empty(factors.size), np.empty((factors.size, SAMPLE_TIMES.size))
    for member, factor in enumerate(factors):
        scaled = block * ChannelBlock(dict.fromkeys(repolarising, float(factor)))
        train = pacing(model, cycle_length=cycle_length, beats=beats, block=scaled)
        for step in train:
            beat = step.beat
            yield FamilyStep(member * beats + step.done, wanted + 1)
        durations[member] = action_potential_duration(beat, 0.9)
        traces[member] = aligned_trace(beat)
    yield FamilyStep(wanted + 1, wanted + 1, CellFamily(factors, durations, traces))


def durations_under(durations: FloatArray, *, before: CellFamily, after: CellFamily) -> FloatArray:
    """What durations ``(n,)`` [s] of places become when a block turns one family into another.

    Beyond the first family's range a place changes in proportion to its nearest member.
    """
    within = np.clip(durations, before.durations[0], before.durations[-1])
    changed = np.interp(within, before.durations, after.durations)
    scaled: FloatArray = durations / within * changed
    return scaled
