"""Who the patient is, by the header of a recording, and what of it the model leaves out."""

import math
import re
from collections.abc import Iterator, Mapping

from organtwin.patient.finding import Finding, FindingKind
from organtwin.patient.record import Demographics
from organtwin.patient.recording import Recording

_SEXES = {"f": "female", "m": "male"}
_UNSTATED = ("", "nan", "na", "n/a", "none", "unknown", "?")
_AGE = re.compile(r"0*(\d+(?:\.\d+)?)\s*([a-z]*)\.?")
_YEARS = {
    **dict.fromkeys(("", "y", "yr", "yrs", "year", "years"), 1.0),
    **dict.fromkeys(("m", "mo", "mos", "month", "months"), 1.0 / 12.0),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), 7.0 / 365.25),
    **dict.fromkeys(("d", "day", "days"), 1.0 / 365.25),
}
"""Years in a unit of age, as DICOM (one letter) and people write it; a bare number is in years."""
_BOUNDS: Mapping[str, tuple[str, float, float]] = {
    "age": ("age", 0.0, 120.0),
    "height": ("height [m]", 0.4, 2.6),
    "weight": ("weight [kg]", 2.0, 400.0),
}  # fmt: skip
"""Fact in the header, and what a case file accepts too."""
_CHANGES = {"age": 1.0, "height": 0.03, "weight": 5.0}
"""What may change between the recording and the visit [years, m, kg] without being a conflict."""

ADULT = 18.0
"""[years]"""
BODY_SURFACE = (1.3, 2.4)
"""[m2] Adults have 1.79 on average, men 1.91 and women 1.71 (Sacco et al., PLoS One 2010;5:e8933);
beyond this a normal heart is a third smaller or larger than the one of the model."""


def header_demographics(recording: Recording) -> Demographics:
    """What the header of a recording tells; ``None`` where it tells nothing that can be read."""
    sex = _SEXES.get(recording.facts.get("sex", "").strip().lower()[:1])
    return Demographics(sex, *(_number(recording, what) for what in _BOUNDS))


def header_findings(recording: Recording, who: Demographics) -> Iterator[Finding]:
    """Where the header of a recording tells what cannot be read, or what the case does not say."""
    header = header_demographics(recording)
    if header.sex is not None and who.sex != header.sex:
        yield _header_finding(recording, "sex", header.sex, who.sex)
    for what, (fact, _, _) in _BOUNDS.items():
        written = recording.facts.get(fact, "").strip()
        on_file, stated = getattr(header, what), getattr(who, what)
        if on_file is None:
            if written.lower() not in _UNSTATED:
                yield Finding(
                    FindingKind.NOT_USED, f"{fact} {written!r} in {recording.source} is not used: "
                    "it is no plausible value (some collections write 300 for an age above 89)",
                )  # fmt: skip
        elif stated is None or abs(stated - on_file) > _CHANGES[what]:
            said = None if stated is None else f"{stated:.3g}"
            yield _header_finding(recording, what, f"{on_file:.3g}", said)


def unused_findings(who: Demographics) -> Iterator[Finding]:
    """What of the patient the fit does not take up, and where the model is another body."""
    names = ["age"] if who.age is not None else []
    if who.body_surface_area is None:
        names += [what for what in ("height", "weight") if getattr(who, what) is not None]
    if names:
        only = "shown only" if names == ["age"] else "used for the trunk of the ECG only"
        text = f"{', '.join(names)}: {only}; no sourced number relates it to where a fit starts"
        yield Finding(FindingKind.NOT_USED, text)
    far = "what the measurements do not determine is wrong for this patient"
    if who.age is not None and who.age < ADULT:
        age = f"{who.age:.0f} years" if who.age >= 2.0 else f"{12.0 * who.age:.0f} months"
        text = f"the patient is {age} old, the model is an adult: {far}"
        yield Finding(FindingKind.CONTRADICTION, text)
    area = who.body_surface_area
    if area is not None and not BODY_SURFACE[0] <= area <= BODY_SURFACE[1]:
        text = f"the body surface is {area:.2f} m2, that of the model about 1.8 m2: {far}"
        yield Finding(FindingKind.CONTRADICTION, text)


def _number(recording: Recording, what: str) -> float | None:
    fact, lower, upper = _BOUNDS[what]
    match = _AGE.fullmatch(recording.facts.get(fact, "").strip().lower())
    factor = _YEARS.get(match[2]) if match else None
    if match is None or factor is None or (what != "age" and match[2]):
        return None
    value = float(match[1]) * factor
    return value if math.isfinite(value) and lower <= value <= upper else None


def _header_finding(recording: Recording, what: str, on_file: str, stated: str | None) -> Finding:
    if stated is None:
        text = f"{what} {on_file} in {recording.source} is not used: the case states none"
        return Finding(FindingKind.NOT_USED, text)
    text = f"{recording.source} says {what} {on_file}, the case says {stated}"
    return Finding(FindingKind.CONTRADICTION, text)
