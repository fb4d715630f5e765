"""Waves through tissue that may be excited again: paced beats, block, circus movement.

An eikonal model with memory: each node keeps the end of its last action potential; a wave that
reaches it after a diastolic interval of at least the shortest one excites it again, at the speed
and for the duration that its restitution gives (Gander et al. 2024; tables from ten
Tusscher-Panfilov tissue). Curvature of the front and the load of neighbours are not in it: wave
tips turn too sharply, so where circus movement needs no obstacle its period is not to be trusted.
Verified in ``tests/physiology/electrophysiology/reentry/test_waves.py``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray, IntArray
from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.reentry.event_queue import pushed
from organtwin.physiology.electrophysiology.reentry.restitution import Restitution
from organtwin.physiology.electrophysiology.reentry.wave_kernels import (
    DURATION,
    EARLIER,
    ENDED,
    NEVER,
    TENTATIVE,
    run_waves,
)

LONG_AGO = -1e3
"""When resting tissue was excited last [s]."""
CHUNK = 50_000
"""Activations between two yields: about 0.1 s of work."""


@dataclass(frozen=True, eq=False)
class Substrate:
    """Tissue ``nodes`` ``(n, 3)`` [m], ``tets`` ``(m, 4)``, unit ``fibers`` ``(m, 3)``.

    ``across`` is the speed across the fibres relative to that along them; ``kinds`` ``(n,)`` picks
    for each node one of ``restitutions``. Tissue that does not conduct is left out of the mesh.
    """

    nodes: FloatArray
    tets: IntArray
    fibers: FloatArray
    kinds: IntArray
    restitutions: tuple[Restitution, ...]
    across: float = 0.45


@dataclass(frozen=True, eq=False, slots=True)
class Stimulation:
    """``nodes`` ``(k,)`` are excited at ``time`` [s] if they have recovered."""

    time: float
    nodes: IntArray


@dataclass(frozen=True, eq=False, slots=True)
class Activations:
    """Excitations in the order of time: ``times`` [s], ``nodes``, ``durations`` [s], ``(k,)``.

    ``done`` is the share of the run that is over; ``alive`` whether any wave still runs.
    """

    times: FloatArray
    nodes: IntArray
    durations: FloatArray
    done: float
    alive: bool


def waves(
    tissue: Substrate,
    stimuli: Sequence[Stimulation],
    *,
    end: float,
    refractory: FloatArray | None = None,
) -> Iterator[Activations]:
    """Run to ``end`` [s], yielding the activations of every stretch.

    ``refractory`` ``(n,)`` [s] is when each node's action potential before the start ends; without
    it all of the tissue is at rest.

    Raises
    ------
    InputError
        A stimulus names a node that the tissue does not have.
    """
    n = len(tissue.nodes)
    run = _Run(tissue)
    if refractory is not None:
        run.state[ENDED] = refractory
    for stimulus in sorted(stimuli, key=lambda s: s.time):
        if len(stimulus.nodes) and not 0 <= stimulus.nodes.min() <= stimulus.nodes.max() < n:
            raise InputError(
                "waves", "stimulus", expected=f"nodes 0 to {n - 1}",
                got=f"{stimulus.nodes.min()} to {stimulus.nodes.max()}",
                remedy="Pick the site on this mesh.",
            )  # fmt: skip
        yield from run.until(stimulus.time, end)
        run.stimulate(stimulus)
    yield from run.until(end, end)


class _Run:
    """State of a run: nodes, queue and tables."""

    def __init__(self, tissue: Substrate) -> None:
        self._tets = np.ascontiguousarray(tissue.tets, np.int32)
        self._kinds = np.ascontiguousarray(tissue.kinds, np.int32)
        self._starts, self._around = _incidence(self._tets, len(tissue.nodes))
        self._shortest = np.array([r.shortest for r in tissue.restitutions])
        fastest = max(float(r.speeds.max()) for r in tissue.restitutions)
        self._grams = _grams(tissue, fastest)
        self._apd, self._cv, self._counts = _tables(tissue.restitutions, fastest)
        self.state = np.zeros((4, len(tissue.nodes)))
        self.state[EARLIER] = self.state[ENDED] = LONG_AGO
        self.state[DURATION], self.state[TENTATIVE] = 0.0, NEVER
        room = 64 + 32 * len(tissue.nodes)
        self._times, self._nodes, self._size = np.empty(room), np.empty(room, np.int32), 0

    def stimulate(self, stimulus: Stimulation) -> None:
        rested = stimulus.time - self.state[ENDED, stimulus.nodes]
        for node in stimulus.nodes[rested >= self._shortest[self._kinds[stimulus.nodes]]]:
            if stimulus.time < self.state[TENTATIVE, node]:
                self.state[TENTATIVE, node] = stimulus.time
                self._size = pushed(
                    self._times, self._nodes, self._size, stimulus.time, int(node)
                )  # fmt: skip

    def until(self, time: float, end: float) -> Iterator[Activations]:
        while True:
            times, nodes, lengths = np.empty(CHUNK), np.empty(CHUNK, np.int32), np.empty(CHUNK)
            self._size, found = run_waves(
                time, self._tets, self._grams, self._starts, self._around, self._kinds,
                self._shortest, self._apd, self._cv, self._counts, self.state, self._times,
                self._nodes, self._size, times, nodes, lengths,
            )  # fmt: skip
            alive = self._size > 0
            waiting = alive and self._times[0] <= time and found > 0
            reached = float(times[found - 1]) if waiting else time
            share = min(reached / end, 1.0) if end > 0.0 else 1.0
            yield Activations(times[:found], nodes[:found], lengths[:found], share, alive)
            if not waiting:
                return


def _incidence(tets: IntArray, n: int) -> tuple[IntArray, IntArray]:
    """Elements around each node: where its list starts, and the lists."""
    flat = tets.ravel()
    order = np.argsort(flat, kind="stable")
    starts = np.searchsorted(flat[order], np.arange(n + 1)).astype(np.int32)
    return starts, (order // 4).astype(np.int32)


def _grams(tissue: Substrate, fastest: float) -> FloatArray:
    """``G`` ``(m, 4, 4)`` [s2] about the centre of each element."""
    corners = tissue.nodes[tissue.tets]
    corners = corners - corners.mean(axis=1, keepdims=True)
    along = np.einsum("mai,mi->ma", corners, tissue.fibers)
    inner = np.einsum("mai,mbi->mab", corners, corners)
    outer = along[:, :, None] * along[:, None, :]
    across = fastest * tissue.across
    return np.ascontiguousarray(outer / fastest**2 + (inner - outer) / across**2)


def _tables(
    restitutions: tuple[Restitution, ...], fastest: float
) -> tuple[FloatArray, FloatArray, IntArray]:
    longest = max(max(len(r.intervals), len(r.speed_intervals)) for r in restitutions)
    apd, cv = np.zeros((len(restitutions), 2, longest)), np.zeros((len(restitutions), 2, longest))
    counts = np.zeros((len(restitutions), 2), np.int32)
    for k, table in enumerate(restitutions):
        counts[k] = len(table.intervals), len(table.speed_intervals)
        apd[k, :, : counts[k, 0]] = table.intervals, table.durations
        cv[k, :, : counts[k, 1]] = table.speed_intervals, table.speeds / fastest
    return apd, cv, counts
