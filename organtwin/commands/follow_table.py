"""The lines that ``organtwin follow`` prints every few seconds, and its summary."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from organtwin.assimilation.following import FOLLOWED, Followed
from organtwin.commands.follow_facts import SHOWN, band, percent
from organtwin.quantities import quantity
from organtwin.twin.stream_loop import FollowStep

_SHORT = {
    "contractility": "contr", "systemic_tone": "SVR", "volume": "vol", "pulmonary_tone": "PVR",
    "compliance": "stiff",
}  # fmt: skip
_PRESSURES = ("systolic_pressure", "diastolic_pressure", "mean_arterial_pressure", "ra_pressure")
HEADINGS = (
    f"{'time':>8} {'HR':>4}  {'measured':^19}  {'twin':^19}  {'SV [90 %]':^15} {'CO [90 %]':^17} "
    + " ".join(f"{_SHORT[drift.name]:>5}" for drift in FOLLOWED)
    + f" {'lag':>6} {'beats':>6} {'not':>5}\n"
    f"{'s':>8} {'/min':>4}  {'sys/dia mean RA mmHg':^19}  {'sys/dia mean RA mmHg':^19} "
    f"{'mL':^15} {'L/min':^17} "
    + " ".join(f"{'%':>5}" for _ in FOLLOWED)
    + f" {'ms':>6} {'used':>6} {'used':>5}"
)


def line(step: FollowStep, beat: Followed, time: float) -> str:
    """The last beat, ``time`` [s] as it is shown, and how the stream stands, in one line."""
    bands = {name: [quantity(name).from_si(v) for v in band(beat.quantities[name])]
             for name in SHOWN}  # fmt: skip
    stroke, output = (bands[name] for name in SHOWN)
    twin = {name: float(np.median(beat.quantities[name])) for name in _PRESSURES}
    factors = " ".join(
        f"{percent(float(np.median(beat.factor(drift.name)))):>+5.0f}" for drift in FOLLOWED
    )
    return (
        f"{time:8.1f} {60.0 / beat.interval:4.0f}  {_pressures(beat.measured)}  "
        f"{_pressures(twin)}  "
        f"{stroke[1]:4.0f} [{stroke[0]:3.0f}-{stroke[2]:3.0f}] "
        f"{output[1]:5.2f} [{output[0]:4.1f}-{output[2]:4.1f}] {factors} "
        f"{_milliseconds(step.lag):>6} {step.used:6d} {sum(step.reasons.values()):5d}"
    )


def _pressures(values: Mapping[str, float]) -> str:
    def text(name: str, width: int) -> str:
        if name not in values:
            return f"{'-':>{width}}"
        return f"{quantity(name).from_si(values[name]):{width}.0f}"

    high, low, mean, atrium = (text(n, w) for n, w in zip(_PRESSURES, (4, 0, 4, 4), strict=True))
    return f"{high}/{low:<3} {mean} {atrium}  "


def _milliseconds(seconds: float) -> str:
    return f"{1e3 * seconds:.0f}" if math.isfinite(seconds) else "-"


def summary(step: FollowStep, ages: list[float], seconds: float) -> dict[str, Any]:
    """What came of it all; ``ages`` [s] of the newest sample when each step was done."""
    known = [age for age in ages if math.isfinite(age)]
    lags = [float(v) for v in np.percentile(known, (50, 95, 99))] if known else []
    return {
        "seconds": seconds,
        "beats_used": step.used,
        "beats_not_used": dict(sorted(step.reasons.items(), key=lambda each: -each[1])),
        "gaps": step.n_gaps,
        "gap_seconds": step.gap_seconds,
        "duplicates": step.duplicates,
        "late": step.late,
        "refused": dict(step.refused),
        "lag_percentiles_s": dict(zip(("50", "95", "99"), lags, strict=False)),
        "unexplained": [
            {"quantity": each.name, "since": each.since, "sd": each.by}
            for each in step.unexplained
        ],
    }  # fmt: skip


def summary_text(facts: Mapping[str, Any], at: Callable[[float], float]) -> str:
    """The summary for people; ``at`` turns source time into what is shown."""
    lags = facts["lag_percentiles_s"]
    parts = [
        f"followed for {facts['seconds']:.0f} s: {facts['beats_used']} beats used, "
        f"{sum(facts['beats_not_used'].values())} not used"
    ]
    parts += [f"  {count} x {reason}" for reason, count in facts["beats_not_used"].items()]
    parts.append(
        f"gaps {facts['gaps']} ({facts['gap_seconds']:.1f} s), duplicates {facts['duplicates']}, "
        f"late {facts['late']}"
    )
    if lags:
        told = ", ".join(f"{_milliseconds(value)} ms ({name} %)" for name, value in lags.items())
        parts.append(f"from sample to twin: {told}")
    parts += [f"refused: {sentence} ({n} times)" for sentence, n in facts["refused"].items()]
    drift = [
        f"{quantity(each['quantity']).label} since {at(each['since']):.0f} s ({each['sd']:+.1f} sd)"
        for each in facts["unexplained"]
    ]
    parts.append(f"not explained at the end: {', '.join(drift) or 'nothing'}")
    return "\n".join(parts)
