"""Which activations and recoveries of this heart explain the patient's ECG: a population, not one.

Two stages, as Camps et al. 2024 (Med Image Anal 94:103108): activation from the QRS, then recovery
from ST segment and T wave with the activations that the first left. Both are tempered ensembles
(``tempering``) over the priors of ``ecg_levers`` with the likelihood of ``ecg_agreement``. In the
second stage the member of the first is one more coordinate, so that activations which no recovery
can follow are left behind.

One ECG fits many activations. What differs between members is what the ECG does not tell; it is
shown as such and never averaged away. Verified on a small forward model with planted truth in
``tests/assimilation/test_ecg_fit.py``; ``scripts/measure_ecg_fit.py`` measures it on real hearts.
With a few dozen members the ensemble can end in one valley of several; it is then too narrow.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from organtwin.arrays import Float32Array, FloatArray
from organtwin.assimilation.ecg_agreement import Agreement, Window, agreement
from organtwin.assimilation.ecg_levers import NAMES, Candidate, candidate
from organtwin.assimilation.tempering import TemperedEnsemble
from organtwin.physiology.electrophysiology.ecg.repolarisation import Repolarisation

MEMBERS = 96
WORKERS = 2
"""Threads: kernels release the lock, and each evaluation is some tens of milliseconds."""
BATCH = 4
"""Evaluations between two yields, at most 0.2 s."""

RECOVERY_NAMES = (
    "member", "apex_base", "anterior_posterior", "right_left", "transmural", "shortest", "spread",
)  # fmt: skip
SHORTEST, SPREAD = (0.20, 0.32), (0.01, 0.12)
"""Ranges [s] of the shortest action potential and of what the longest adds; even. With both the
range is 200 to 400 ms, as in Camps et al. 2024."""
LONGEST = 0.4


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
        first = TemperedEnsemble(n_members, len(NAMES), generator)
        for done in _run(first, lambda u: _qrs(forward, target, u).log_likelihood, pool):
            yield EcgFitStep(0.75 * done, "Fitting activation to the QRS")
        explained = list(pool.map(lambda u: _explained(forward, target, u), first.members))
        second = TemperedEnsemble(n_members, len(RECOVERY_NAMES), generator)
        for done in _run(
            second, lambda u: _recovery(forward, target, explained, u).log_likelihood, pool
        ):
            yield EcgFitStep(0.75 + 0.25 * done, "Fitting recovery to the T wave")
    members = tuple(
        _member(forward, target, first.members, explained, place) for place in second.members
    )
    yield EcgFitStep(1.0, "Fitted", members)


def _run(
    ensemble: TemperedEnsemble,
    log_likelihood: Callable[[FloatArray], float],
    pool: ThreadPoolExecutor,
) -> Iterator[float]:
    """Work an ensemble down to its posterior, yielding about how much is done."""
    while not ensemble.done:
        places = ensemble.ask()
        found: list[float] = []
        for begin in range(0, len(places), BATCH):
            found += pool.map(log_likelihood, places[begin : begin + BATCH])
            yield _share_done(ensemble)
        ensemble.tell(np.array(found))


def _share_done(ensemble: TemperedEnsemble) -> float:
    """Levels are about evenly spaced in the logarithm of beta, from some 1e-3 upwards."""
    return float(np.clip(1.0 + np.log10(max(ensemble.beta, 1e-3)) / 3.0, 0.0, 0.95))


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
    forward: Forward, target: EcgTarget, explained: list[_Explained | None], place: FloatArray
) -> Agreement:
    member = explained[_member_index(place, len(explained))]
    recovered = repolarisation(place)
    if member is None or recovered is None:
        return _NONE
    times = target.recovery.times - member.candidate.onset
    model = forward.leads(member.excitation, times, recovered)
    return agreement(target.recovery, model, member.agreement.amplitude)


def repolarisation(place: FloatArray) -> Repolarisation | None:
    """What a place in the second stage's cube stands for; None beyond the longest duration."""
    at = dict(zip(RECOVERY_NAMES, (float(u) for u in place), strict=True))
    gradients = {name: 2.0 * at[name] - 1.0 for name in RECOVERY_NAMES[1:5]}
    shortest = SHORTEST[0] + at["shortest"] * (SHORTEST[1] - SHORTEST[0])
    longest = shortest + SPREAD[0] + at["spread"] * (SPREAD[1] - SPREAD[0])
    if longest > LONGEST:
        return None
    return Repolarisation(**gradients, shortest=shortest, longest=longest)


def _member_index(place: FloatArray, n: int) -> int:
    return min(int(place[0] * n), n - 1)


def _member(
    forward: Forward, target: EcgTarget, places: FloatArray,
    explained: list[_Explained | None], place: FloatArray,
) -> EcgMember:  # fmt: skip
    index = _member_index(place, len(explained))
    own, recovered = explained[index], repolarisation(place)
    if own is None or recovered is None:
        raise ValueError("a member of the posterior that the model refuses")
    activation = own.excitation.activation + own.candidate.onset
    return EcgMember(
        places[index],
        own.candidate,
        activation.astype(np.float32),
        own.agreement.amplitude,
        recovered,
        own.agreement.misfit,
        _recovery(forward, target, explained, place).misfit,
    )
