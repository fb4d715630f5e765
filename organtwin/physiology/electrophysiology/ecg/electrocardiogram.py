"""Lead voltages from activation times, action potential durations and lead weights.

    V_j(t)   = A(t - a_j; d_j),      u_l(t) = sum_j w_lj V_j(t),

``a_j`` [s] is when node ``j`` is excited, ``d_j`` [s] its action potential duration, ``A`` [V] the
library of action potentials, linear between its rows and its times (the reaction-eikonal model
without diffusion, R-E-: A. Neic et al., J Comput Phys 346:191, 2017). ``w`` are lead weights whose
rows sum to zero, so only departures from the resting voltage count, and a node that is never
excited (``a_j`` infinite) adds nothing.

The fast way sorts the weights into a histogram over duration and activation time: each node's
weight is shared between two rows of the library and two bins of time, linearly in both. Then

    u_l(t) = sum over rows c and bins b of H_lcb (A_c(t - t_b) - rest),

whose second part does not depend on the mesh. Bins are at most 0.5 ms wide. Sharing between rows is
exact; sharing between bins is linear interpolation of ``A`` in time, exact where the library's
times lie on bins.

Assumption: a node stands for its surroundings. Where excitation takes 5 ms from node to node (mesh
of 2.5 mm), the QRS complex is rough by 2 % of its peak (root mean square), 10 % at most.

Verified by ``tests/physiology/ecg/test_electrocardiogram.py`` against the direct sum.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.compilation import fast_kernel, kernel

WIDEST_BIN = 5e-4
"""Widest bin of activation time [s]: less than 0.3 % of the peak with an upstroke of 1 ms."""


class ActionPotentialLibrary(Protocol):
    """Action potentials by duration, each starting with its upstroke.

    ``times`` ``(n_times,)`` [s] increasing; ``durations`` ``(n_durations,)`` [s] increasing;
    ``voltages`` ``(n_durations, n_times)`` [V]. Before the first and after the last time the
    voltage stays what it was there.
    """

    @property
    def times(self) -> FloatArray: ...
    @property
    def durations(self) -> FloatArray: ...
    @property
    def voltages(self) -> FloatArray: ...


@dataclass(frozen=True, eq=False, slots=True)
class Recorder:
    """What a record needs that does not change with activation and repolarisation.

    ``weights`` ``(n_nodes, n_leads)``; ``durations`` ``(n_durations,)`` [s]; ``waves``
    ``(n_durations, n)`` [V] above rest, in steps of ``bin_width`` [s] from ``first_wave`` [s]
    after activation; ``start`` [s], ``n_samples`` and ``stride``, bins per sample, of the record.
    """

    weights: FloatArray
    durations: FloatArray
    waves: FloatArray
    first_wave: float
    bin_width: float
    start: float
    n_samples: int
    stride: int


def recorder(
    weights: FloatArray, library: ActionPotentialLibrary, *, times: FloatArray
) -> Recorder:
    """Prepare records of leads with ``weights`` ``(n_leads, n_nodes)`` at ``times`` ``(n,)`` [s].

    Raises
    ------
    ValueError
        The times are not evenly spaced.
    """
    times = np.asarray(times, float)
    steps = np.diff(times)
    step = float(steps.mean())
    if not np.allclose(steps, step, rtol=1e-6, atol=0.0):
        raise ValueError("a record needs evenly spaced times")
    stride = int(np.ceil(step / WIDEST_BIN - 1e-9))
    width = step / stride
    first = width * (np.floor(float(library.times[0]) / width + 1e-9) - 1.0)
    after = first + width * np.arange(int(np.ceil((library.times[-1] - first) / width)) + 2)
    waves = np.stack([np.interp(after, library.times, row) for row in library.voltages])
    return Recorder(
        weights=np.ascontiguousarray(np.asarray(weights, float).T),
        durations=np.asarray(library.durations, float),
        waves=waves - rest(library),
        first_wave=first,
        bin_width=width,
        start=float(times[0]),
        n_samples=len(times),
        stride=stride,
    )


def electrocardiogram(
    prepared: Recorder, activation: FloatArray, *, durations: FloatArray
) -> FloatArray:
    """Lead voltages ``(n_leads, n_samples)`` [V].

    ``activation`` ``(n_nodes,)`` [s], infinite where excitation never comes; ``durations``
    ``(n_nodes,)`` [s].

    Raises
    ------
    ValueError
        A duration of an excited node lies outside the library.
    """
    activation, durations = np.asarray(activation, float), np.asarray(durations, float)
    excited = np.isfinite(activation)
    if not excited.any():
        return np.zeros((prepared.weights.shape[1], prepared.n_samples))
    rows = _rows(prepared.durations, durations, excited)
    # Bins lie on the grid of the samples, so that every sample meets the same places of the waves.
    first = int(np.floor((activation[excited].min() - prepared.start) / prepared.bin_width)) - 1
    begin = prepared.start + first * prepared.bin_width
    places = np.where(excited, (activation - begin) / prepared.bin_width, 0.0)
    n_bins = int(places.max()) + 2
    counts = _histogram(rows, places, excited, prepared.weights, len(prepared.durations), n_bins)
    lag = -first - round(prepared.first_wave / prepared.bin_width)
    return np.asarray(_summed(counts, prepared.waves, lag, prepared.stride, prepared.n_samples))


def direct_electrocardiogram(
    weights: FloatArray, library: ActionPotentialLibrary, *,
    times: FloatArray, activation: FloatArray, durations: FloatArray,
) -> FloatArray:  # fmt: skip
    """The same as a plain sum over all nodes, without histogram: the reference, and slow."""
    weights = np.asarray(weights, float)
    out = np.empty((len(weights), len(times)))
    for n, time in enumerate(times):
        voltage = voltages(library, float(time), activation=activation, durations=durations)
        out[:, n] = weights @ (voltage - rest(library))
    return out


def voltages(
    library: ActionPotentialLibrary, time: float, *, activation: FloatArray, durations: FloatArray
) -> FloatArray:
    """Transmembrane voltage ``(n_nodes,)`` [V] of every node at a time [s].

    Raises
    ------
    ValueError
        A duration of an excited node lies outside the library.
    """
    activation, durations = np.asarray(activation, float), np.asarray(durations, float)
    excited = np.isfinite(activation)
    rows = _rows(np.asarray(library.durations, float), durations, excited)
    return np.asarray(
        _voltages(
            np.asarray(library.times, float),
            np.ascontiguousarray(library.voltages, np.float64),
            time - np.where(excited, activation, 0.0),
            rows,
            excited,
            rest(library),
        )
    )


def rest(library: ActionPotentialLibrary) -> float:
    """Resting voltage [V]: what all action potentials start from, on average."""
    return float(np.mean(library.voltages[:, 0]))


def _rows(known: FloatArray, durations: FloatArray, excited: np.ndarray) -> FloatArray:
    """Place of every duration among the library's rows, as a real number."""
    wanted = durations[excited]
    slack = 1e-9
    if wanted.size and not (wanted.min() >= known[0] - slack and wanted.max() <= known[-1] + slack):
        raise ValueError(
            f"durations from {wanted.min():.3f} to {wanted.max():.3f} s: the library holds "
            f"{known[0]:.3f} to {known[-1]:.3f} s"
        )
    places = np.interp(np.where(excited, durations, known[0]), known, np.arange(len(known)))
    return np.asarray(places, float)


@kernel
def _histogram(
    rows: FloatArray, places: FloatArray, excited: np.ndarray, weights: FloatArray,
    n_rows: int, n_bins: int,
) -> FloatArray:  # fmt: skip
    n_leads = weights.shape[1]
    counts = np.zeros((n_rows, n_bins, n_leads))
    for j in range(len(rows)):
        if not excited[j]:
            continue
        row, place = min(int(rows[j]), n_rows - 2 if n_rows > 1 else 0), int(places[j])
        upper, later = rows[j] - row, places[j] - place
        for r in range(2 if n_rows > 1 else 1):
            share = upper if r else 1.0 - upper
            if share == 0.0:
                continue
            for lead in range(n_leads):
                part = share * weights[j, lead]
                counts[row + r, place, lead] += part * (1.0 - later)
                counts[row + r, place + 1, lead] += part * later
    return counts


@fast_kernel
def _summed(
    counts: FloatArray, waves: FloatArray, lag: int, stride: int, n_samples: int
) -> FloatArray:
    """Sum over rows and bins; sample ``n`` sees bin ``b`` at place ``lag + stride n - b``.

    Waves are split by their remainder modulo the stride first, so that a lead's samples run through
    memory one by one.
    """
    n_rows, n_bins, n_leads = counts.shape
    n_waves = waves.shape[1]
    length = (n_waves + stride - 1) // stride
    out = np.zeros((n_leads, n_samples))
    split = np.empty((stride, length))
    for row in range(n_rows):
        for k in range(stride * length):
            split[k % stride, k // stride] = waves[row, min(k, n_waves - 1)]
        for b in range(n_bins):
            empty = True
            for lead in range(n_leads):
                if counts[row, b, lead] != 0.0:
                    empty = False
            if empty:
                continue
            phase = (lag - b) % stride
            shift = (lag - b - phase) // stride
            wave = split[phase]
            from_wave = min(max(-shift, 0), n_samples)
            to_wave = max(min(length - shift, n_samples), from_wave)
            for lead in range(n_leads):
                share = counts[row, b, lead]
                before, after = share * wave[0], share * wave[length - 1]
                for n in range(from_wave):
                    out[lead, n] += before
                for n in range(from_wave, to_wave):
                    out[lead, n] += share * wave[n + shift]
                for n in range(to_wave, n_samples):
                    out[lead, n] += after
    return out


@kernel
def _voltages(
    times: FloatArray, waves: FloatArray, since: FloatArray, rows: FloatArray,
    excited: np.ndarray, at_rest: float,
) -> FloatArray:  # fmt: skip
    out = np.full(len(since), at_rest)
    for j in range(len(since)):
        if not excited[j]:
            continue
        k = min(max(np.searchsorted(times, since[j], "right") - 1, 0), len(times) - 2)
        t = min(max((since[j] - times[k]) / (times[k + 1] - times[k]), 0.0), 1.0)
        row = min(int(rows[j]), len(waves) - 2) if len(waves) > 1 else 0
        upper = rows[j] - row
        out[j] = 0.0
        for r in range(2 if len(waves) > 1 else 1):
            voltage = (1.0 - t) * waves[row + r, k] + t * waves[row + r, k + 1]
            out[j] += (upper if r else 1.0 - upper) * voltage
    return out
