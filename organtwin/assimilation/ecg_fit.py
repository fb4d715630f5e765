"""Which activations and recoveries of this heart explain the patient's ECG: a population, not one.

Two stages, as Camps et al. 2024 (Med Image Anal 94:103108): activation from the QRS, then recovery
from ST segment and T wave with the activations that the first left. Both are tempered ensembles
(``tempering``) over the priors of ``ecg_levers`` with the likelihood of ``ecg_agreement``. In the
second stage every member keeps its activation and finds its recovery: the T wave does not choose
among activations. It would leave a few of them, and on the word of a model of recovery with six
numbers, which is more often wrong than that of activation.

One ECG fits many activations. What differs between members is what the ECG does not tell; it is
shown as such and never averaged away. Verified on a small forward model with planted truth in
``tests/assimilation/test_ecg_fit.py``; ``scripts/measure_ecg_fit.py`` measures it on real hearts.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

import numpy as np

from organtwin.arrays import Float32Array, FloatArray
from organtwin.assimilation.ecg_agreement import Agreement, Window, agreement
from organtwin.assimilation.ecg_levers import NAMES, RECORDING, Candidate, candidate
from organtwin.assimilation.tempering import TemperedEnsemble
from organtwin.physiology.electrophysiology.ecg.repolarisation import Repolarisation

MEMBERS = 64
WORKERS = 2
"""Threads: kernels release the lock, and each evaluation is some tens of milliseconds."""
PAUSE = 0.05
"""Time between two yields [s]; an evaluation that is under way is waited for."""

RECOVERY_NAMES = (
    "apex_base", "anterior_posterior", "right_left", "transmural", "shortest", "spread",
)  # fmt: skip
SHORTEST, SPREAD = (0.20, 0.32), (0.01, 0.12)
"""Ranges [s] of the shortest action potential and of what the longest adds; even. With both the
range is 200 to 400 ms, as in Camps et al. 2024."""
LONGEST = 0.4
"""No action potential of the library is longer [s]: it ends the range of the spread."""


@dataclass(frozen=True, eq=False, slots=True)
class Excitation:
    """``activation`` ``(n_nodes,)`` [s] from the first; ``weights`` ``(n_leads, n_nodes)``."""

    activation: FloatArray
    weights: FloatArray


class Forward(Protocol):
    """The heart in its trunk, as far as a fit needs it."""

    def excitation(self, candidate: Candidate) -> Excitation | None:
        """Activation and lead weights; None when the ventricles are not excited."""

    def leads(
        self, excitation: Excitation, times: FloatArray, repolarisation: Repolarisation
    ) -> FloatArray:
        """Lead voltages ``(n_leads, n)`` [V] at even times [s] from the first excitation."""


@dataclass(frozen=True, eq=False, slots=True)
class EcgTarget:
    """The measured beat: the ``qrs`` and what follows it, ``recovery``, in the same leads."""

    leads: tuple[str, ...]
    qrs: Window
    recovery: Window


@dataclass(frozen=True, eq=False, slots=True)
class EcgMember:
    """One explanation; ``activation`` ``(n_nodes,)`` [s] from the measured onset of the QRS."""

    place: FloatArray
    candidate: Candidate
    activation: Float32Array
    amplitude: float
    repolarisation: Repolarisation
    qrs_misfit: float
    recovery_misfit: float


@dataclass(frozen=True, eq=False, slots=True)
class EcgFitStep:
    """Progress; the last step carries the members."""

    done: float
    doing: str
    members: tuple[EcgMember, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class _Explained:
    """A place of the first stage with what came out of it."""

    candidate: Candidate
    excitation: Excitation
    agreement: Agreement


_NONE = Agreement(-np.inf, 0.0, 1.0)


def fitting_ecg(
    forward: Forward, target: EcgTarget, *, seed: int = 1, n_members: int = MEMBERS
) -> Iterator[EcgFitStep]:
    """Fit both stages; yields at least every 0.2 s or so and may be left at any time."""
    generator = np.random.default_rng(seed)
    with ThreadPoolExecutor(WORKERS) as pool:
        quick = np.isin(NAMES, RECORDING)
        first = TemperedEnsemble(n_members, len(NAMES), generator, quick=quick)
        for done in _run(first, lambda n, u: _qrs(forward, target, u).log_likelihood, pool):
            yield EcgFitStep(0.85 * done, "Fitting activation to the QRS")
        explained = []
        for place in first.members:
            explained.append(_explained(forward, target, place))
            yield EcgFitStep(0.85, "Fitting activation to the QRS")
        second = TemperedEnsemble(n_members, len(RECOVERY_NAMES), generator, resampled=False)
        for done in _run(
            second, lambda n, u: _recovery(forward, target, explained[n], u).log_likelihood, pool
        ):
            yield EcgFitStep(0.85 + 0.15 * done, "Fitting recovery to the T wave")
    members = []
    for each in zip(first.members, explained, second.members, strict=True):
        members.append(_member(forward, target, *each))
        yield EcgFitStep(1.0, "Fitting recovery to the T wave")
    yield EcgFitStep(1.0, "Fitted", tuple(members))


def _run(
    ensemble: TemperedEnsemble,
    log_likelihood: Callable[[int, FloatArray], float],
    pool: ThreadPoolExecutor,
) -> Iterator[float]:
    """Work an ensemble down to its posterior, yielding about how much is done.

    The likelihood is told the number of the member, too.
    """
    since = perf_counter()
    while not ensemble.done:
        places = ensemble.ask()
        found: list[float] = []
        for begin in range(0, len(places), WORKERS):
            part = range(begin, min(begin + WORKERS, len(places)))
            found += pool.map(log_likelihood, part, places[begin : begin + WORKERS])
            if perf_counter() - since > PAUSE:
                yield ensemble.share_done
                since = perf_counter()
        ensemble.tell(np.array(found))


def _qrs(forward: Forward, target: EcgTarget, place: FloatArray) -> Agreement:
    wanted = candidate(place)
    excitation = forward.excitation(wanted)
    if excitation is None:
        return _NONE
    return _compared(forward, target, wanted, excitation)


def _compared(
    forward: Forward, target: EcgTarget, wanted: Candidate, excitation: Excitation
) -> Agreement:
    # the QRS is over before anything recovers: any duration will do
    late = Repolarisation(shortest=0.3, longest=0.3)
    model = forward.leads(excitation, target.qrs.times - wanted.onset, late)
    return agreement(target.qrs, model)


def _explained(forward: Forward, target: EcgTarget, place: FloatArray) -> _Explained | None:
    wanted = candidate(place)
    excitation = forward.excitation(wanted)
    if excitation is None:
        return None
    return _Explained(wanted, excitation, _compared(forward, target, wanted, excitation))


def _recovery(
    forward: Forward, target: EcgTarget, member: _Explained | None, place: FloatArray
) -> Agreement:
    if member is None:
        return _NONE
    times = target.recovery.times - member.candidate.onset
    model = forward.leads(member.excitation, times, repolarisation(place))
    return agreement(target.recovery, model, member.agreement.amplitude)


def repolarisation(place: FloatArray) -> Repolarisation:
    """What a place ``(len(RECOVERY_NAMES),)`` in the second stage's cube stands for."""
    at = dict(zip(RECOVERY_NAMES, (float(u) for u in place), strict=True))
    gradients = {name: 2.0 * at[name] - 1.0 for name in RECOVERY_NAMES[:4]}
    shortest = SHORTEST[0] + at["shortest"] * (SHORTEST[1] - SHORTEST[0])
    greatest = min(SPREAD[1], LONGEST - shortest)
    longest = shortest + SPREAD[0] + at["spread"] * (greatest - SPREAD[0])
    return Repolarisation(**gradients, shortest=shortest, longest=longest)


def _member(
    forward: Forward, target: EcgTarget, place: FloatArray, own: _Explained | None,
    recovery: FloatArray,
) -> EcgMember:  # fmt: skip
    if own is None:
        raise ValueError("a member of the posterior that the model refuses")
    activation = own.excitation.activation + own.candidate.onset
    return EcgMember(
        place,
        own.candidate,
        activation.astype(np.float32),
        own.agreement.amplitude,
        repolarisation(recovery),
        own.agreement.misfit,
        _recovery(forward, target, own, recovery).misfit,
    )
