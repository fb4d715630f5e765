"""From coded numbers to measurements: what they mean, their units, and one value per quantity.

A record is one patient at one time. Of several values the newest is taken, of those of one day the
one that its maker chose, then the better method, then the last in time. Nothing is averaged; what
is not taken is told.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from organtwin.errors import UnitError
from organtwin.patient.case_entries import FINEST
from organtwin.patient.case_table import EARLIEST
from organtwin.patient.measurement import Measurement
from organtwin.patient.numbers.codes import BODY, NAME, Meaning, meaning_of
from organtwin.patient.numbers.found import CodedValue, Reason, Unused, day_of, moment_key
from organtwin.patient.numbers.ucum import ucum_factor
from organtwin.patient.uncertainty import default_sd
from organtwin.quantities import QUANTITIES, Quantity
from organtwin.units import from_si, si_factor, to_si

_BODY = {
    "height": ("cm", 40.0, 260.0), "weight": ("kg", 2.0, 400.0),
}  # fmt: skip
"""Unit and bounds that a case file accepts."""
_SAME = 1e-9
"""Relative difference below which two values are one."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A value of a known quantity in SI."""

    given: CodedValue
    meaning: Meaning
    value: float
    sd: float | None

    @property
    def key(self) -> tuple[object, ...]:
        """Differs between methods of one day."""
        return self.meaning.code, self.order[:3]

    @property
    def order(self) -> tuple[str, bool, int, str]:
        day = day_of(self.given.taken)
        rank = self.meaning.rank + self.given.rank
        return (
            "" if day is None else day.isoformat(), self.given.chosen, rank,
            moment_key(self.given.taken),
        )  # fmt: skip


def chosen(
    values: Sequence[CodedValue], kind: str
) -> tuple[tuple[Measurement, ...], dict[str, float], list[Unused]]:
    """Measurements, height and weight [m, kg], and what is not used; ``kind`` names the format."""
    unused: list[Unused] = []
    by_quantity: dict[str, list[_Candidate]] = {}
    for given in values:
        found = _candidate(given)
        if isinstance(found, Unused):
            unused.append(found)
        else:
            by_quantity.setdefault(found.meaning.quantity, []).append(found)
    measurements, body = [], {}
    for name, candidates in by_quantity.items():
        best = max(candidates, key=lambda candidate: candidate.order)
        unused += _passed_over(best, candidates)
        if name in BODY:
            body[name] = best.value
        else:
            measurements.append(_measurement(best, kind))
    return tuple(measurements), body, unused


def _candidate(given: CodedValue) -> _Candidate | Unused:
    meaning = _meaning(given)
    if isinstance(meaning, str):
        reason = Reason.AMBIGUOUS if "different" in meaning else Reason.UNKNOWN
        return Unused(given.label, reason, "" if meaning == "unknown code" else meaning)
    if given.problem is not None:
        return Unused(given.label, *given.problem)
    unit, lower, upper = _range(meaning.quantity)
    try:
        factor = (ucum_factor if given.ucum else si_factor)(given.unit, unit)
    except UnitError as error:
        detail = error.got if given.unit else "no unit is given"
        return Unused(given.label, Reason.UNIT, f"{detail}, where {unit} or the like is wanted")
    value = given.value * factor
    if not (math.isfinite(value) and to_si(lower, unit) <= value <= to_si(upper, unit)):
        shown = f"{given.value:g} {given.unit}, accepted are {lower:g} to {upper:g} {unit}"
        return Unused(given.label, Reason.RANGE, shown)
    day = day_of(given.taken)
    if day is not None and not EARLIEST <= day <= date.today() + timedelta(days=1):
        return Unused(given.label, Reason.FUTURE)
    sd = None if given.sd is None else given.sd * factor
    if sd is not None and not _plausible_sd(meaning.quantity, sd):
        return Unused(given.label, Reason.RANGE, "its standard deviation cannot be")
    return _Candidate(given, meaning, value, sd)


def _meaning(given: CodedValue) -> Meaning | str:
    for system, code in given.codes:
        if system == NAME and (code in QUANTITIES or code in BODY):
            return Meaning((system, code), code, "named in a table")
    return meaning_of(given.codes, given.site, given.flow, arterial=given.arterial)


def _range(name: str) -> tuple[str, float, float]:
    if name in _BODY:
        return _BODY[name]
    known = QUANTITIES[name]
    return known.unit, known.lower, known.upper


def _plausible_sd(name: str, sd: float) -> bool:
    """As a case file accepts it."""
    unit, lower, upper = _range(name)
    return to_si(FINEST * (upper - lower), unit) <= sd <= to_si(upper - lower, unit)


def _measurement(best: _Candidate, kind: str) -> Measurement:
    """Its source is made of the program's own words alone: those of a file may name the patient."""
    name, given = best.meaning.quantity, best.given
    system, code = best.meaning.code
    said = "" if system == NAME else f" {system} {code}"
    assumed = best.sd is None
    sd = default_sd(name, best.value) if best.sd is None else best.sd
    return Measurement(
        name, best.value, sd, day_of(given.taken), f"{best.meaning.text}{said}, {kind}",
        sd_assumed=assumed,
    )  # fmt: skip


def _passed_over(best: _Candidate, candidates: Sequence[_Candidate]) -> Iterator[Unused]:
    name = best.meaning.quantity
    known: Quantity | None = QUANTITIES.get(name)
    unit = _range(name)[0]
    for other in candidates:
        if other is best:
            continue
        label = other.given.label
        day, last = day_of(other.given.taken), day_of(best.given.taken)
        same_day = day == last
        if same_day and abs(other.value - best.value) <= _SAME * abs(best.value):
            yield Unused(label, Reason.DUPLICATE)
        elif same_day and (
            other.meaning.code != best.meaning.code or other.order[:3] != best.order[:3]
        ):
            shown = known.text(other.value) if known else f"{from_si(other.value, unit):g} {unit}"
            yield Unused(label, Reason.OTHER_METHOD, shown)
        else:
            yield Unused(label, Reason.OLDER)
