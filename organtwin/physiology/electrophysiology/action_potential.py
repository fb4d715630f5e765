"""Libraries of action potentials of every duration, aligned on one upstroke.

    V(t; d) = V_rest + sum over the two nearest cells k of w_k (V_k(s_k(t)) - V_rest)
    s_k(t) = t_0 + (t - t_0) (d_k - t_0) / (d - t_0)  for t > t_0,  s_k(t) = t before

d APD90 [s], d_k and V_k duration [s] and trace [V] of cell k of a family (`cells.family`), whose
repolarising currents are scaled by a factor; w_k linear weights in d; t_0 [s] the end of the
upstroke and notch, which are never stretched. Between two cells s_k differs little from t; only
beyond the shortest and the longest cell the trace of that cell is stretched in time.

The resting potentials of the family's cells differ by some tenths of a millivolt. A gradient of
rest across the heart would show as a shift of the ECG's baseline that no healthy heart has, so
every trace is moved to one rest, and a straight line takes away what is left of the beat at the
last sample. Peaks are not scaled: they differ by a few millivolts, as the cells' do.

Verified by tests/physiology/electrophysiology/test_action_potential.py. Assumes that a cell in
tissue repolarises like a cell alone, paced at 1 Hz.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.resources import asset

Chamber = Literal["ventricle", "atrium"]
ASSET = "electrophysiology/action_potentials.npz"
STRETCHED_AFTER = 0.02
"""Upstroke and notch lie before [s]."""
VOLTS_PER_COUNT = 5e-6
"""Resolution of a stored potential."""
LONGER = {"ventricle": np.linspace(0.41, 0.56, 16), "atrium": np.linspace(0.36, 0.42, 4)}
"""APD90 [s] beyond the longest cell, under drugs: its trace stretched, then led back to the
common rest. Steps are wider than within the cells' range, where the heart without drugs lies."""
SAMPLE_TIMES: FloatArray = np.linspace(-0.010, 0.700, 711)


@dataclass(frozen=True, eq=False, slots=True)
class ActionPotentials:
    """Traces by duration; outside the times a cell is at rest, ``voltages[:, 0]``."""

    times: FloatArray
    """``(n_times,)`` [s], evenly spaced; the steepest upstroke is at 0."""
    durations: FloatArray
    """``(n_durations,)`` APD90 [s], rising."""
    voltages: FloatArray
    """``(n_durations, n_times)`` [V]; first and last sample of each row are the rest."""


@cache
def load_action_potentials(chamber: Chamber) -> ActionPotentials:
    """The bundled library of a chamber, at 1 Hz and without a drug."""
    with np.load(asset(ASSET)) as stored:
        counts = stored[f"{chamber}_counts"].astype(np.float64)
        durations = np.round(stored[f"{chamber}_durations"].astype(np.float64), 6)
    voltages = counts * VOLTS_PER_COUNT
    last = float(durations[-1])
    longer = [_stretched(voltages[-1], last, float(wanted)) for wanted in LONGER[chamber]]
    return ActionPotentials(
        SAMPLE_TIMES,
        np.concatenate([durations, LONGER[chamber]]),
        np.concatenate([voltages, [_faded(trace) for trace in longer]]),
    )


def library(traces: FloatArray, *, durations: FloatArray) -> ActionPotentials:
    """Library of the ``durations`` wished [s] from the cells of a family.

    Parameters
    ----------
    traces
        ``(n_cells, n_times)`` [V] at ``SAMPLE_TIMES``, upstroke at 0, from short to long.
    """
    rested = _at_common_rest(traces)
    traced = np.array([trace_duration(trace) for trace in rested])
    raw = np.array([_blended(rested, traced, float(wanted)) for wanted in durations])
    read = np.array([trace_duration(trace) for trace in _at_common_rest(raw)])
    aimed = durations + (durations - read)  # moving to one rest has shifted the 90 % level
    voltages = np.array([_blended(rested, traced, float(wanted)) for wanted in aimed])
    return ActionPotentials(SAMPLE_TIMES, durations, _at_common_rest(voltages))


def trace_duration(trace: FloatArray) -> float:
    """APD90 [s] of a trace ``(n_times,)`` at ``SAMPLE_TIMES``, from the upstroke at 0."""
    peak = int(np.argmax(trace))
    level = trace[peak] - 0.9 * (trace[peak] - trace[0])
    after = peak + int(np.argmax(trace[peak:] <= level))
    share = (trace[after - 1] - level) / (trace[after - 1] - trace[after])
    return float(SAMPLE_TIMES[after - 1] + share * (SAMPLE_TIMES[after] - SAMPLE_TIMES[after - 1]))


def _blended(traces: FloatArray, durations: FloatArray, wanted: float) -> FloatArray:
    """Trace of the ``wanted`` duration [s] from the two cells nearest to it."""
    above = int(np.clip(np.searchsorted(durations, wanted), 1, durations.size - 1))
    first, last = float(durations[above - 1]), float(durations[above])
    share = float(np.clip((wanted - first) / (last - first), 0.0, 1.0))
    lower = _stretched(traces[above - 1], first, wanted)
    upper = _stretched(traces[above], last, wanted)
    blend: FloatArray = (1.0 - share) * lower + share * upper
    return blend


def _stretched(trace: FloatArray, duration: float, wanted: float) -> FloatArray:
    """Trace whose repolarisation is stretched so that APD90 is ``wanted`` [s]."""
    scale = (duration - STRETCHED_AFTER) / (wanted - STRETCHED_AFTER)
    late = SAMPLE_TIMES > STRETCHED_AFTER
    source = np.where(
        late, STRETCHED_AFTER + (SAMPLE_TIMES - STRETCHED_AFTER) * scale, SAMPLE_TIMES
    )
    stretched: FloatArray = np.interp(source, SAMPLE_TIMES, trace)
    return stretched


def _faded(trace: FloatArray) -> FloatArray:
    """Trace ``(n_times,)`` that ends at the rest it began at; the last 0.1 s are led there."""
    share = np.clip((SAMPLE_TIMES - SAMPLE_TIMES[-1]) / 0.1 + 1.0, 0.0, 1.0)
    faded: FloatArray = trace - share * (trace[-1] - trace[0])
    faded[-1] = trace[0]
    return faded


def _at_common_rest(traces: FloatArray) -> FloatArray:
    """Traces ``(n, n_times)`` that all start and end at the median of their rests."""
    share = (SAMPLE_TIMES - SAMPLE_TIMES[0]) / (SAMPLE_TIMES[-1] - SAMPLE_TIMES[0])
    baselines = traces[:, :1] + share * (traces[:, -1:] - traces[:, :1])
    moved: FloatArray = traces - baselines + np.median(traces[:, 0])
    moved[:, -1] = moved[:, 0]
    return moved
