"""Bands with the model's own error in them, beside the patient's doubt and that of the response.

On the scale of the error (``therapy.model_error``) its reach and that of the members add in
quadrature, to each side of the members' median m:

    low = m - hypot(m - q05, z share sd)      high = m + hypot(q95 - m, z share sd)

z = 1.645 for 90 %, 0.674 for 50 %. A change is widened by as many units as the value after it.
What is compared heart by heart (one plan with another) has no such error: it is the same in both.
Verified in tests/twin/test_model_doubt.py.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.therapy.model_error import REACH_50, REACH_90, OutputError, model_error
from organtwin.therapy.variability import score

FEATURE = "model error"
"""Names the scores by which members of a forecast are moved."""
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
NOTHING: frozenset[str] = frozenset()
_REACHES = (-REACH_90, -REACH_50, REACH_50, REACH_90)


@dataclass(frozen=True, slots=True)
class Band:
    """Quantiles of what is predicted, SI."""

    low90: float
    low50: float
    high50: float
    high90: float


def quantiles(values: FloatArray | Sequence[Sequence[float]] | Sequence[float]) -> FloatArray:
    """At ``LEVELS`` over the first axis, the members.

    By ranks among n + 1 places: the plain quantiles of 100 members hold 88 % where 90 are meant.
    """
    return np.asarray(np.quantile(np.asarray(values), LEVELS, axis=0, method="weibull"))


def bands_of(
    values: Mapping[str, Sequence[float]], share: float = 0.0, certain: frozenset[str] = NOTHING
) -> dict[str, Band]:
    """The bands of values over members, by name, with a ``share`` of the model error.

    ``certain`` names what the plan itself sets, which has none.
    """
    found = {}
    for name, series in values.items():
        low90, low50, middle, high50, high90 = quantiles(series).tolist()
        own = 0.0 if name in certain else share
        found[name] = Band(*_widened(name, middle, (low90, low50, high50, high90), own))
    return found


def change_bands_of(
    changes: Mapping[str, Sequence[float]],
    after: Mapping[str, Sequence[float]],
    share: float,
    certain: frozenset[str] = NOTHING,
) -> dict[str, Band]:
    """The same of changes over members, whose values ``after`` say how large the error is."""
    found = {}
    for name, series in changes.items():
        low90, low50, middle, high50, high90 = quantiles(series).tolist()
        reached = float(np.median(after[name]))
        ends = (low90, low50, high50, high90)
        moved = steps(name, reached, 0.0 if name in certain else share)
        found[name] = Band(*(
            middle + math.copysign(math.hypot(end - middle, step), side)
            for end, step, side in zip(ends, moved, _REACHES, strict=True)
        ))  # fmt: skip
    return found


def steps(name: str, value: float, share: float) -> tuple[float, float, float, float]:
    """How far [SI] the error alone reaches below and above a value: 90, 50, 50, 90 %."""
    error = model_error().outputs.get(name)
    if error is None or share == 0.0:
        return (0.0, 0.0, 0.0, 0.0)
    low90, low50, high50, high90 = (error.moved(value, share * z) - value for z in _REACHES)
    return low90, low50, high50, high90


def limits_of(name: str, values: FloatArray, shares: FloatArray) -> FloatArray:
    """90 % limits ``(2, n)`` of values ``(members, n)`` with ``shares`` ``(n,)`` of the error."""
    found = quantiles(values)
    pairs = [
        _widened(name, middle, (low, low, high, high), share)
        for (low, _, middle, _, high), share in zip(found.T.tolist(), shares.tolist(), strict=True)
    ]
    return np.array([[ends[0] for ends in pairs], [ends[3] for ends in pairs]])


def foretold(
    name: str, values: Sequence[float], places: Sequence[int], share: float
) -> list[float]:
    """Values of the members at ``places``, each moved by its own draw of the model error."""
    error = model_error().outputs.get(name)
    if error is None or share == 0.0:
        return list(values)
    return [
        error.moved(value, share * score(place, FEATURE, name))
        for value, place in zip(values, places, strict=True)
    ]


def _widened(
    name: str, middle: float, ends: tuple[float, float, float, float], share: float
) -> tuple[float, float, float, float]:
    error = model_error().outputs.get(name)
    if error is None or share == 0.0:
        return ends
    low90, low50, high50, high90 = (
        _end(error, middle, end, share * z) for end, z in zip(ends, _REACHES, strict=True)
    )
    return low90, low50, high50, high90


def _end(error: OutputError, middle: float, end: float, distance: float) -> float:
    """An end of a band, moved away from the middle; where it has no place on the scale, itself."""
    centre, place = error.scaled(middle), error.scaled(end)
    if math.isnan(centre) or math.isnan(place):
        return end
    apart = math.hypot(place - centre, distance * error.sd)
    return error.unscaled(centre + math.copysign(apart, distance))
