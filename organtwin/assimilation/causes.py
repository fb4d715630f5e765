"""What made the pressure fall: one change of one thing, tried on hearts that followed the patient.

Hearts as they stood before the fall live through the same RR intervals again, each time with one
followed parameter changed by an amount a from the onset on; a is the least squares fit to the
measured changes d of all values over the beats since,

    chi2_c = min over a of  sum ((d - (h_c(a) - h_0))/r)^2 + (a/A)^2,   p_c ~ exp(-chi2_c/2)

h_0 the hearts with the RR intervals of before, r the error of a value plus ``DISCREPANCY`` of the
fall, because hearts and patient differ, A the parameter's reach. The rate alone is the hypothesis
without any a; an amount is charged ``PRICE`` for being free. Changes are compared, not levels, so a
transducer hung too high does not matter.

Where the intervals alone explain more than half of the fall, the rate is its cause, whatever else
fits the rest. Measured on planted falls by scripts/measure_following.py; tests in
tests/assimilation/test_causes.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.assimilation.following import FOLLOWED, OBSERVED, Drift, drifted
from organtwin.errors import ParameterError
from organtwin.physiology.heart import HeartState
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.quick_beats import quick_beat

RATE = "rate"
CAUSES: tuple[str, ...] = ("volume", "contractility", "systemic_tone")
"""Followed parameters that lower the pressure at once."""
FIRST_AMOUNT = 0.15
ROUNDS = 3
DISCREPANCY = 0.08
PRICE = 4.0
MAIN, BY_RATE = 0.5, 40.0
"""Share of the fall beyond which it is the rate's, and what other causes are then charged."""
FALLING = "mean_arterial_pressure"
LAST = 12
"""Beats that are compared: the latest, where most of the change has come."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A single change that might explain what happened.

    ``amount`` is the logarithm of the factor on the parameter (0 for the rate), ``share`` the
    probability among the causes tried, ``misfit`` its chi square per value.
    """

    name: str
    amount: float
    share: float
    misfit: float


@dataclass(frozen=True, eq=False)
class Fall:
    """What was seen since the onset of a fall.

    ``intervals`` ``(n,)`` [s]; ``changes`` ``(n,)`` [Pa] by name against before, when the interval
    was ``before`` [s].
    """

    before: float
    intervals: FloatArray
    changes: Mapping[str, FloatArray]

    @property
    def names(self) -> tuple[str, ...]:
        """Measured values, the mean pressure that fell first."""
        return tuple(sorted(self.changes, key=lambda name: name != FALLING))


def causes_of(
    hearts: Sequence[tuple[Conditions, HeartState]], fall: Fall
) -> Iterator[tuple[Cause, ...]]:
    """The causes by their probability, the likeliest first; yields after every heart, refined.

    ``hearts`` stood so before the fall: members of the filter, or some of them.
    """
    scores: dict[str, list[tuple[float, float]]] = {}
    for conditions, state in hearts:
        found = _tried(conditions, state, fall)
        if found is None:
            continue
        for name, answer in found.items():
            scores.setdefault(name, []).append(answer)
        yield _ranked(scores, fall)


def _ranked(scores: Mapping[str, list[tuple[float, float]]], fall: Fall) -> tuple[Cause, ...]:
    n_values = sum(min(LAST, len(changes)) for changes in fall.changes.values())
    misfits = {name: float(np.mean([score for _, score in own])) for name, own in scores.items()}
    by_rate = float(np.mean([share for share, _ in scores[RATE]]))
    prices = {name: 0.0 if name == RATE else PRICE for name in misfits}
    if by_rate > MAIN:
        prices = {name: 0.0 if name == RATE else BY_RATE for name in misfits}
    # The beats of a fall are not independent: together they count as one of each value.
    effective = {
        name: misfit * len(fall.changes) / n_values + prices[name]
        for name, misfit in misfits.items()
    }
    best = min(effective.values())
    weights = {name: float(np.exp(-0.5 * (value - best))) for name, value in effective.items()}
    total = sum(weights.values())
    causes = [
        Cause(
            name,
            0.0 if name == RATE else float(np.mean([amount for amount, _ in scores[name]])),
            weights[name] / total,
            misfits[name] / n_values,
        )
        for name in scores
    ]
    return tuple(sorted(causes, key=lambda cause: -cause.share))


def _tried(
    conditions: Conditions, state: HeartState, fall: Fall
) -> dict[str, tuple[float, float]] | None:
    """Amount and chi square of every cause in one heart; ``None`` if it does not live so.

    The amount of the rate is the share of the fall that the intervals alone explain.
    """
    names = fall.names
    still = _lived(conditions, state, np.full(len(fall.intervals), fall.before), names)
    plain = _lived(conditions, state, fall.intervals, names)
    if still is None or plain is None:
        return None
    seen = np.array([fall.changes[name][-LAST:] for name in names])
    errors = np.array([OBSERVED[name] for name in names])[:, np.newaxis]
    errors = np.hypot(errors, DISCREPANCY * np.abs(seen).max())
    reference = still.mean(axis=1, keepdims=True)
    residual = (seen - (plain - reference)) / errors
    by_rate = float((plain - reference)[0].mean() / seen[0].mean())
    found = {RATE: (by_rate, float(np.sum(residual**2)))}
    for drift in FOLLOWED:
        if drift.name in CAUSES:
            answer = _amount(conditions, state, fall, drift, (plain, seen + reference, errors))
            if answer is not None:
                found[drift.name] = answer
    return found


def _amount(
    conditions: Conditions, state: HeartState, fall: Fall, drift: Drift,
    comparison: tuple[FloatArray, FloatArray, FloatArray],
) -> tuple[float, float] | None:  # fmt: skip
    """The amount that explains most, by secants, and its chi square."""
    plain, wanted, errors = comparison
    names = fall.names
    amount, previous, now = -FIRST_AMOUNT, 0.0, plain
    best: tuple[float, float] | None = None
    for _ in range(ROUNDS):
        trial = _changed(conditions, state, fall.intervals, names, drift, amount)
        if trial is None:
            amount = 0.5 * (amount + previous)
            continue
        score = float(np.sum(((wanted - trial) / errors) ** 2)) + (amount / drift.reach) ** 2
        if best is None or score < best[1]:
            best = amount, score
        slope = ((trial - now) / (amount - previous)) / errors
        miss = (wanted - trial) / errors
        step = float(np.sum(slope * miss) / max(float(np.sum(slope**2)), 1e-12))
        previous, now = amount, trial
        amount = float(np.clip(amount + step, -drift.reach, drift.reach))
        if abs(amount - previous) < 1e-3:
            break
    return best


def _changed(
    conditions: Conditions, state: HeartState, intervals: FloatArray, names: tuple[str, ...],
    drift: Drift, amount: float,
) -> FloatArray | None:  # fmt: skip
    try:
        changed = drifted(conditions, (drift,), np.array([amount]))
    except ParameterError:
        return None
    return _lived(changed, state, intervals, names)


def _lived(
    conditions: Conditions, state: HeartState, intervals: FloatArray, names: tuple[str, ...]
) -> FloatArray | None:
    """Values ``(n_names, n)`` of the last beats."""
    rows = []
    for interval in intervals:
        answer = quick_beat(conditions, state, float(interval))
        if answer is None:
            return None
        values, state = answer
        rows.append([values[name] for name in names])
    return np.array(rows[-LAST:]).T
