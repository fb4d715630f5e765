"""A wave through tissue: reaction and diffusion in turns, and when each node is activated.

Godunov splitting: ionic step, then diffusion. Activation is the first upward crossing of 0 mV,
interpolated inside the step, as the benchmark of Niederer et al. 2011 asks (Phil Trans R Soc A
369:4331). Verified in ``tests/verification/test_niederer.py``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from organtwin.arrays import BoolArray, FloatArray, RealArray
from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.monodomain.diffusion import Diffusion
from organtwin.physiology.electrophysiology.monodomain.tentusscher import resting_cells, step_cells
from organtwin.units import MS

BETWEEN = 0.15
"""Steps are yielded after about this share of a second of work, at 20 million cells a second."""
LONGEST_RUN = 500
"""Steps between two yields at most: a small mesh would run on long after the wave has passed."""

Reaction = Callable[[RealArray, float], None]
"""Advances cells ``(n_states, n)`` in place by a time [ms]; the first state is the voltage."""


@dataclass(frozen=True, eq=False, slots=True)
class Stimulus:
    """``nodes`` ``(n,)`` are pushed by ``rate`` [mV/ms] for ``duration`` [s] from the start."""

    nodes: BoolArray
    rate: float = 50.0 / 1.4
    duration: float = 2.0 * MS


@dataclass(frozen=True, eq=False, slots=True)
class PropagationStep:
    """Progress; ``activation`` ``(n,)`` [s] is NaN where the wave has not been."""

    done: float
    time: float
    activation: FloatArray
    voltage: RealArray


def propagating(
    diffusion: Diffusion,
    stimulus: Stimulus,
    *,
    end: float,
    time_step: float,
    precision: DTypeLike = np.float64,
    cells: RealArray | None = None,
    reaction: Reaction = step_cells,
) -> Iterator[PropagationStep]:
    """Run until ``end`` [s], or until all of the tissue was activated.

    ``cells`` ``(n_states, n)`` start at rest as ten Tusscher-Panfilov cells of the epicardium.

    Raises
    ------
    InputError
        The time step is too long for the explicit diffusion.
    """
    if time_step > diffusion.limit:
        raise InputError(
            "monodomain", "time step", expected=f"at most {diffusion.limit / MS:.3g} ms",
            got=f"{time_step / MS:.3g} ms", remedy="Take a shorter step or a coarser mesh.",
        )  # fmt: skip
    n = len(stimulus.nodes)
    state = resting_cells(n, precision) if cells is None else cells
    activation = np.full(n, np.nan)
    steps = round(end / time_step)
    every = min(max(1, int(BETWEEN * 20e6 / n)), LONGEST_RUN)
    voltage = state[0]
    for index in range(steps):
        before = voltage.copy()
        reaction(state, time_step / MS)
        if index * time_step < stimulus.duration - 1e-9:
            voltage[stimulus.nodes] += voltage.dtype.type(stimulus.rate * time_step / MS)
        diffusion.advance(voltage, time_step)
        _mark(before, voltage, activation, index * time_step, time_step)
        finished = index == steps - 1
        if finished or index % every == every - 1:
            finished = finished or not np.isnan(activation).any()
            done = 1.0 if finished else (index + 1) / steps
            yield PropagationStep(done, (index + 1) * time_step, activation, voltage)
            if finished:
                return


def activation_times(steps: Iterator[PropagationStep]) -> FloatArray:
    """Activation ``(n,)`` [s] at the end of a run."""
    last = None
    for step in steps:
        last = step
    return np.empty(0) if last is None else last.activation


def _mark(
    before: RealArray, after: RealArray, activation: FloatArray, start: float, dt: float
) -> None:
    crossed = np.flatnonzero((before < 0.0) & (after >= 0.0))
    if len(crossed):
        fresh = crossed[np.isnan(activation[crossed])]
        low, high = before[fresh].astype(float), after[fresh].astype(float)
        activation[fresh] = start + dt * low / (low - high)
