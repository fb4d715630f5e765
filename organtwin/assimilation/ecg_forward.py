"""The electrical model as an ECG fit uses it: ventricles only, leads that were measured.

A fit asks for some thousand beats of one heart. Two things make that cheap, both without a change
of the answer: activations are kept for a while, because many candidates differ only in how they
are recorded; and lead weights are blended from a few solved ones,

    W(pose, electrodes, r) = sum over k of c_k W_k,

cubic in the height of the chest electrodes, parabolas in the six movements, linear in the
anisotropy ``r``, which is how ``ElectricModel.weights`` depends on each of them.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from organtwin.arrays import Float32Array, FloatArray
from organtwin.assimilation.ecg_fit import Excitation
from organtwin.assimilation.ecg_levers import ELECTRODE_RANGE, Candidate
from organtwin.compilation import fast_kernel
from organtwin.physiology.electrophysiology.ecg.electrocardiogram import electrocardiogram
from organtwin.physiology.electrophysiology.ecg.repolarisation import Repolarisation, durations
from organtwin.physiology.electrophysiology.torso.placement import HeartPose
from organtwin.physiology.electrophysiology.torso.sources import ANISOTROPY
from organtwin.physiology.electrophysiology.torso.variation import SHIFT_RANGE, TURN_RANGE
from organtwin.simulation.electric_model import ElectricModel, ElectricState, chamber_recorder

KEPT = 512
"""Activations kept, 0.13 MB each on the template: members and what they try at one time."""
HEIGHTS = ELECTRODE_RANGE * np.array([-1.0, -1.0 / 3.0, 1.0 / 3.0, 1.0])
"""Heights [m] between which the weights of the chest electrodes are cubic."""
MOVEMENTS = np.repeat([SHIFT_RANGE, TURN_RANGE], 3)
"""Range of each movement of the heart [m, rad]."""


@dataclass(eq=False, slots=True)
class _Remembered:
    """The activations that were used last, for any number of threads."""

    found: OrderedDict[Hashable, FloatArray] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def get(self, key: Hashable) -> FloatArray | None:
        with self.lock:
            if key in self.found:
                self.found.move_to_end(key)
            return self.found.get(key)

    def keep(self, key: Hashable, activation: FloatArray) -> None:
        with self.lock:
            self.found[key] = activation
            while len(self.found) > KEPT:
                self.found.popitem(last=False)


@dataclass(frozen=True, eq=False, slots=True)
class VentricularForward:
    """Computes the leads of ``model`` numbered in ``chosen`` for any candidate.

    ``weights`` ``(n_parts, n_nodes * n_leads)`` are those that are blended, node by node: heights
    of the electrodes, then slope and bend of each movement, and all of them once more for what the
    anisotropy adds. Build it with ``ventricular_forward``.
    """

    model: ElectricModel
    chosen: tuple[int, ...]
    weights: Float32Array
    remembered: _Remembered = field(default_factory=_Remembered)

    def excitation(self, candidate: Candidate) -> Excitation | None:
        """Activation and lead weights; None when the ventricles are not excited."""
        activation = self._activation(candidate)
        first = float(activation.min())
        if not np.isfinite(first):
            return None
        return Excitation(activation - first, self._blended(candidate))

    def leads(
        self, excitation: Excitation, times: FloatArray, repolarisation: Repolarisation
    ) -> FloatArray:
        """Lead voltages ``(n_leads, n)`` [V] at even times [s] from the first excitation."""
        n = self.model.heart.tissue.n_ventricular
        own = durations(repolarisation, self.model.coordinates[:n])
        record = chamber_recorder("ventricle", excitation.weights, times)
        return electrocardiogram(record, excitation.activation, durations=own)

    def _activation(self, candidate: Candidate) -> FloatArray:
        key = (
            tuple(sorted((b.value, d) for b, d in candidate.conduction.delays.items())),
            tuple(candidate.speeds[name] for name in candidate.speeds.specs),
        )
        known = self.remembered.get(key)
        if known is None:
            known = self.model.heart.activation(candidate.conduction, candidate.speeds).ventricular
            self.remembered.keep(key, known)
        return known

    def _blended(self, candidate: Candidate) -> FloatArray:
        parts = np.array([*candidate.pose.shift, *candidate.pose.turn]) / MOVEMENTS
        usual = np.array([*_cubic(candidate.electrodes_up), *parts, *parts**2])
        blend = np.concatenate([usual, (candidate.anisotropy - ANISOTROPY) * usual])
        return _sum(blend, self.weights).reshape(-1, len(self.chosen)).T


def ventricular_forward(model: ElectricModel, leads: tuple[str, ...]) -> VentricularForward:
    """For leads of the model by name; some 0.5 s.

    Raises
    ------
    InputError
        The model was not built ``movable``.
    """
    chosen = [model.leads.index(lead) for lead in leads]

    def weights(more: float, parts: FloatArray, up: float = 0.0) -> FloatArray:
        shift, turn = parts[:3], parts[3:]
        pose = HeartPose(tuple(shift), tuple(turn))
        state = ElectricState(pose=pose, electrodes_up=up, anisotropy=ANISOTROPY + more)
        solved = model.weights(state)[chosen, : model.heart.tissue.n_ventricular]
        return np.ascontiguousarray(solved.T).ravel()

    halves = []
    for more in (0.0, 1.0):
        usual = weights(more, np.zeros(6))
        heights = [weights(more, np.zeros(6), float(up)) for up in HEIGHTS]
        ends = [
            (weights(more, row), weights(more, -row)) for row in np.diag(MOVEMENTS)
        ]  # fmt: skip
        slopes = [0.5 * (upper - lower) for upper, lower in ends]
        bends = [0.5 * (upper + lower) - usual for upper, lower in ends]
        halves.append(np.stack([*heights, *slopes, *bends]))
    parts = np.concatenate([halves[0], halves[1] - halves[0]])
    return VentricularForward(model, tuple(chosen), parts.astype(np.float32))


@fast_kernel
def _sum(shares: FloatArray, parts: Float32Array) -> FloatArray:
    """``shares @ parts`` in stretches that stay in cache.

    Not left to BLAS, whose threads and those of the fit wait for each other: 20 ms in place of 3 on
    two busy cores.
    """
    n_parts, n = parts.shape
    out = np.zeros(n)
    for begin in range(0, n, 2048):
        end = min(n, begin + 2048)
        for k in range(n_parts):
            share = shares[k]
            for j in range(begin, end):
                out[j] += share * parts[k, j]
    return out


def _cubic(up: float) -> FloatArray:
    """Share ``(4,)`` of each of the ``HEIGHTS`` at a height [m]: Lagrange."""
    shares = np.empty(len(HEIGHTS))
    for i, own in enumerate(HEIGHTS):
        others = np.delete(HEIGHTS, i)
        shares[i] = np.prod((up - others) / (own - others))
    return shares
