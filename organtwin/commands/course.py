"""``organtwin course``: a plan in time as a table, CSV or JSON."""

import argparse
import csv
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from organtwin import PURPOSE
from organtwin.commands.progress import shown
from organtwin.commands.tables import Json, columns, extrapolation_text
from organtwin.commands.twins import decline, fitted_twin, written_plan
from organtwin.errors import InputError, UsageError
from organtwin.quantities import QUANTITIES
from organtwin.therapy.model_error import model_error
from organtwin.twin.beyond import Beyond
from organtwin.twin.checked_course import Stretch, beyond_in_time, stretches_beyond
from organtwin.twin.long_course import LONGEST, SHORTEST, Course, coursing
from organtwin.twin.long_course import QUANTITIES as FOLLOWED
from organtwin.twin.time_course import Scheduled

_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_TIMES = re.compile(r"^(?P<therapy>.*?)(?: from (?P<start>\S+ \S+))?(?: to (?P<stop>\S+ \S+))?$")
_LINES = 25
"""Of the table; the CSV holds every beat."""
MARK = "!"
"""Of what is an extrapolation by the state that is reached."""


def show_course(options: argparse.Namespace) -> int:
    """Print the course; status 1 when the heart does not last to its end."""
    plan = _plan(options.therapy)
    duration = _time(options.duration, "--duration")
    if not SHORTEST <= duration <= LONGEST:
        raise _usage("--duration", f"{SHORTEST:g} s to {LONGEST / 86_400:g} d", options.duration)
    if options.members < 0:
        raise _usage("--members", "0 or more", str(options.members))
    twin = fitted_twin(options.case)
    reasons = beyond_in_time(twin, plan)
    decline(reasons, insist=options.insist)
    steps = shown(coursing(twin, plan, duration, members=options.members))
    course = [step.course for step in steps if step.course][-1]
    stretches = stretches_beyond(course)
    if options.csv is not None:
        _write(options.csv, course, reasons, stretches)
    if options.json:
        facts = _json(course, twin.record.case_id)
        facts["extrapolated_stretches"] = [
            {"start_s": s.start, "stop_s": s.stop, "reasons": [str(r) for r in s.reasons]}
            for s in stretches
        ]
        facts["extrapolation"] = [str(reason) for reason in reasons]
        print(json.dumps(facts, indent=2))
    else:
        doubted = extrapolation_text(reasons)
        print(f"{twin.record.title}\n{doubted}{_text(course, stretches)}\n{PURPOSE}")
    return 1 if course.stopped else 0


def _plan(texts: Sequence[str]) -> tuple[Scheduled, ...]:
    found = []
    for text in texts:
        match = _TIMES.match(text.strip())
        if match is None:  # unreachable: everything is optional
            raise _usage("--therapy", "a therapy with its times", text)
        (therapy,) = written_plan([match["therapy"]]).therapies
        start = _time(match["start"], "--therapy") if match["start"] else 0.0
        stop = _time(match["stop"], "--therapy") if match["stop"] else None
        try:
            found.append(Scheduled(therapy, start, stop))
        except InputError as error:
            raise _usage("--therapy", error.expected, error.got) from error
    written_plan([match["therapy"] for text in texts if (match := _TIMES.match(text.strip()))])
    return tuple(found)


def _time(text: str, option: str) -> float:
    """``"20 min"`` in seconds."""
    words = text.split()
    try:
        return float(words[0]) * _SECONDS[words[1]]
    except (IndexError, ValueError, KeyError):
        raise _usage(option, "a number and s, min, h or d, such as 20 min", repr(text)) from None


def _usage(option: str, expected: str, got: str) -> UsageError:
    return UsageError(
        "organtwin course", option, expected=expected, got=got, remedy="Correct the option."
    )


def _columns(course: Course) -> dict[str, list[float]]:
    """Clinical values of every beat by heading, and exposures in their units."""
    found = {"time min": [moment.time / 60.0 for moment in course.moments]}
    for name in FOLLOWED:
        quantity = QUANTITIES[name]
        heading = f"{quantity.label} {quantity.unit}"
        found[heading] = [quantity.from_si(m.quantities[name]) for m in course.moments]
    for item in course.course:
        if (drug := item.therapy.kind.drug) is not None:
            heading = f"{item.therapy.name} {drug.exposure_unit}"
            found[heading] = [m.exposures[item.therapy.name] for m in course.moments]
    return found


def _text(course: Course, stretches: Sequence[Stretch]) -> str:
    table = _columns(course)
    times = np.array(table["time min"])
    wanted = np.linspace(times[0], times[-1], _LINES)
    places = sorted({int(np.abs(times - time).argmin()) for time in wanted})
    decimals = [1, *(QUANTITIES[name].decimals for name in FOLLOWED)]
    decimals += [2] * (len(table) - len(decimals))
    rows = [
        [
            *(f"{values[p]:.{d}f}" for values, d in zip(table.values(), decimals, strict=True)),
            MARK if any(s.holds(course.moments[p].time) for s in stretches) else "",
        ]
        for p in places
    ]
    told = [f"{MARK} {_told_of(stretch)}" for stretch in stretches]
    told += [f"! ended early: {course.stopped}"] if course.stopped else []
    told += [f"- {note}" for note in course.notes]
    told += _band_lines(course) or ["- point estimate, without bands"]
    beats = f"- {len(course.moments)} beats were run; in between nothing changed fast"
    right = (*(True for _ in table), False)
    return "\n".join(["", columns(rows, [*table, ""], right), "", *told, beats])


def _told_of(stretch: Stretch) -> str:
    minutes = f"{stretch.start / 60.0:.1f} to {stretch.stop / 60.0:.1f} min"
    return f"{minutes} is an extrapolation: {' '.join(map(str, stretch.reasons))}"


def _band_lines(course: Course) -> list[str]:
    lines = []
    for name, band in course.bands.items():
        quantity = QUANTITIES[name]
        low, high = (quantity.text(side[-1]) for side in band)
        lines.append(f"- {quantity.label} at the end: 90 % band {low} to {high}")
    return [*lines, f"- bands hold the {model_error().told}"] if lines else lines


def _json(course: Course, case: str) -> Json:
    bands = {
        name: {
            "minutes": (course.band_times / 60.0).tolist(),
            "low90": [QUANTITIES[name].from_si(value) for value in band[0]],
            "high90": [QUANTITIES[name].from_si(value) for value in band[1]],
        }
        for name, band in course.bands.items()
    }
    plan = [
        {"therapy": str(item.therapy), "start_s": item.start, "stop_s": item.stop}
        for item in course.course
    ]
    return {
        "purpose": PURPOSE, "case": case, "plan": plan, "duration_s": course.duration,
        "stopped": course.stopped, "beats": _columns(course), "bands": bands,
    }  # fmt: skip


def _write(
    path: Path, course: Course, reasons: Sequence[Beyond], stretches: Sequence[Stretch]
) -> None:
    table: dict[str, list[Any]] = {**_columns(course)}
    why = [_why_at(moment.time, reasons, stretches) for moment in course.moments]
    table["extrapolation"] = [bool(text) for text in why]
    table["extrapolation because"] = why
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(table)
        writer.writerows(zip(*table.values(), strict=True))


def _why_at(time: float, reasons: Sequence[Beyond], stretches: Sequence[Stretch]) -> str:
    """Why the beat at a time [s] lies outside what was checked; empty where it does not."""
    reached = [reason for s in stretches if s.holds(time) for reason in s.reasons]
    return " ".join(map(str, (*reasons, *reached)))
