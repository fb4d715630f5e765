"""A report of one page, put into words, tables and curves."""

import platform
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from organtwin import PURPOSE
from organtwin.quantities import quantity
from organtwin.session.plan_table import Beside
from organtwin.session.report import EMPTY, PREDICTED, Reported, ReportedPlan
from organtwin.session.report_digests import ReportDigests
from organtwin.session.report_response import response
from organtwin.session.report_words import (
    Cell,
    Chart,
    Curve,
    HeartPicture,
    Lines,
    Page,
    Table,
    UnitText,
    number,
    signed,
)
from organtwin.units import ML, MMHG, MS

if TYPE_CHECKING:
    from organtwin.store.evidence_card import EvidenceCard
    from organtwin.therapy.kind import Therapy
    from organtwin.twin.driving import Drivers
    from organtwin.twin.twin import FitRow

FIT_ROWS = 9
"""Measurements that are listed, those that fit worst first."""
DRIVEN = ("cardiac_output", "mean_arterial_pressure", "systolic_pressure", "pcwp")
"""Whose change is explained, as many as the number of plans leaves room for."""
DRIVERS_SHOWN = 3
LEADS_SHOWN = ("II", "V1", "V5")
SAID_BY_FIT = "not determined by the data"
"""A finding that the table of the fit says already."""
SLACK = 2.0
"""Standard deviations within which measured and twin agree, as in the window."""
ALARM = 3.0
MINUTE, HOUR = 60.0, 3600.0
MV = 1e-3
"""[V]"""


def page(
    found: Reported, digests: ReportDigests, made: datetime, unit_text: UnitText = str
) -> Page:
    """The page; ``unit_text`` writes units for people."""
    record = found.twin.record
    who = record.demographics
    age = f"{who.age:.0f} years" if who.age is not None else ""
    told = (record.diagnosis, who.sex or "", age, f"case {record.case_id}")
    return Page(
        title=record.title,
        subtitle=" · ".join(filter(None, told)),
        stamp=(f"OrganTwin {digests.program}", f"{made:%Y-%m-%d %H:%M}"),
        purpose=PURPOSE,
        fit=_fit(found, unit_text),
        hearts=_hearts(found),
        plans=_plans(found, unit_text),
        response=response(found, unit_text),
        charts=(*_loops_and_traces(found), *_leads(found)),
        drivers=_drivers(found),
        warnings=_warnings(found),
        evidence=_evidence(found),
        digests=_digests(digests),
    )


def steps(plan: ReportedPlan, unit_text: UnitText = str) -> tuple[str, ...]:
    """What is done in a plan, each with dose and times."""
    given = [_step(therapy, plan, unit_text) for therapy in plan.draft.applied]
    return (*given, *plan.draft.electrics.told)


def _step(therapy: "Therapy", plan: ReportedPlan, unit_text: UnitText) -> str:
    kind, when = therapy.kind, plan.draft.times_of(therapy.kind.name)
    text = f"{kind.label} {therapy.dose:g} {unit_text(kind.unit)}".rstrip()
    if when.start == 0.0 and when.stop is None:
        return text
    until = "on" if when.stop is None else f"to {_time(when.stop)}"
    return f"{text} (from {_time(when.start)} {until})"


def _time(seconds: float) -> str:
    return f"{seconds / HOUR:g} h" if seconds >= 5 * HOUR else f"{seconds / MINUTE:g} min"


def _fit(found: Reported, unit_text: UnitText) -> Table:
    fit = found.twin.fit
    rows = sorted(fit.rows, key=lambda row: (row.direct, -abs(row.z)))
    unknown = [p.label.lower() for p in fit.parameters if not p.determined]
    left_out = len(rows) - FIT_ROWS
    parts = [f"{fit.within_two_sd} of {fit.n_targets} fitted measurements within 2 sd."]
    if left_out > 0:
        parts.append(f"{left_out} that fit better or were put in are not listed.")
    if unknown:
        parts.append(f"Not determined by the data: {', '.join(unknown)}.")
    return Table(
        "How well the twin fits", ("quantity", "measured", "sd", "twin", "z", "unit"),
        tuple(_fit_row(row, unit_text) for row in rows[:FIT_ROWS]), frozenset((0, 5)),
        " ".join(parts),
    )  # fmt: skip


def _fit_row(row: "FitRow", unit_text: UnitText) -> tuple[Cell, ...]:
    measured = row.measurement
    q = measured.quantity
    value, sd, twin = (q.from_si(x) for x in (measured.value, measured.sd, row.model))
    finer = q.decimals if sd >= 0.5 * 10**-q.decimals else q.decimals + 1
    tone = "good" if abs(row.z) <= SLACK else "watch" if abs(row.z) <= ALARM else "bad"
    z = Cell("set", "muted") if row.direct else Cell(signed(row.z, 1), tone)
    typical = "" if measured.provenance.value == "measured" else f" ({measured.provenance.value})"
    return (
        Cell(f"{q.label}{typical}"), Cell(number(value, q.decimals)),
        Cell(number(sd, finer), "muted"), Cell(number(twin, q.decimals)), z,
        Cell(unit_text(q.unit), "muted"),
    )  # fmt: skip


def _hearts(found: Reported) -> tuple[HeartPicture, ...]:
    return (HeartPicture("Untreated, end of systole", ""), *map(_heart, found.plans))


def _heart(plan: ReportedPlan) -> HeartPicture:
    if plan.shown.why:
        return HeartPicture(f"Plan {plan.letter}", plan.letter, plan.state)
    title = f"Plan {plan.letter}, outline: untreated"
    return HeartPicture(title, plan.letter, extrapolated=plan.extrapolated)


def _plans(found: Reported, unit_text: UnitText) -> Lines:
    lines = []
    for plan in found.plans:
        name = plan.shown.title.partition(" ")[2]
        title = f"{plan.letter} {name}: " if name else f"{plan.letter}: "
        tone = "ink" if plan.state in (PREDICTED, EMPTY) else "bad"
        lines.append(Cell(f"{title}{' + '.join(steps(plan, unit_text))}  [{plan.state}]", tone))
        if plan.shown.why:
            lines.append(Cell(f"{plan.letter} {plan.state}: {plan.shown.why}", "bad"))
        if plan.prediction is not None:
            lines += [Cell(f"{plan.letter} extrapolation: {reason}", "bad")
                      for reason in plan.prediction.beyond]  # fmt: skip
    if any(plan.draft.times for plan in found.plans):
        lines.append(Cell("Numbers are the steady response to all of a plan at once.", "muted"))
    return Lines("Plans", tuple(lines) or (Cell("No therapy is planned.", "muted"),))


def _loops_and_traces(found: Reported) -> tuple[Chart, ...]:
    beating = [heart for heart in found.hearts if heart.heartbeat is not None]
    beyond = ", ".join(plan.letter for plan in found.plans if plan.extrapolated)
    doubtful = f"extrapolation: plan {beyond}" if beyond else ""
    loops = [
        Curve(heart.letter, _closed(heart, "lv_volume") / ML, _closed(heart, "lv_pressure") / MMHG)
        for heart in beating
    ]
    pressures = [
        Curve(heart.letter, *_trace(heart, name))
        for heart in beating
        for name in ("lv_pressure", "aortic_pressure", "la_pressure")
    ]
    return (
        Chart("LV pressure–volume loop", ("volume", "mL"), ("pressure", "mmHg"), tuple(loops),
              doubtful),
        Chart("LV, aortic and LA pressure", ("time", "ms"), ("pressure", "mmHg"),
              tuple(pressures), doubtful),
    )  # fmt: skip


def _closed(heart: Beside, name: str) -> np.ndarray:
    values = _values(heart, name)
    return np.append(values, values[0])


def _values(heart: Beside, name: str) -> np.ndarray:
    if heart.heartbeat is None:
        return np.zeros(1)
    return np.asarray(heart.heartbeat.beat.traces[name], dtype=float)


def _trace(heart: Beside, name: str) -> tuple[np.ndarray, np.ndarray]:
    times = np.zeros(1) if heart.heartbeat is None else heart.heartbeat.beat.times
    return times / MS, _values(heart, name) / MMHG


def _leads(found: Reported) -> tuple[Chart, ...]:
    """One lead, of all plans whose electrics differ; nothing where there are no leads."""
    own = found.untreated.leads
    name = next((lead for lead in LEADS_SHOWN if own is not None and lead in own.leads), None)
    if own is None or name is None:
        return ()
    curves = []
    for heart in found.hearts:
        signals = heart.leads
        if signals is None or (heart.letter and signals is own) or name not in signals.leads:
            continue
        volts = signals.volts[signals.leads.index(name)]
        curves.append(Curve(heart.letter, signals.times / MS, volts / MV))
    title = f"Simulated ECG, lead {name}"
    beyond = ", ".join(h.letter for h in found.hearts if h.doubted_leads and h.leads is not own)
    doubtful = f"outside what was checked: plan {beyond}" if beyond else ""
    return (
        Chart(title, ("time from QRS", "ms"), ("voltage", "mV"), tuple(curves), doubtful),
    )  # fmt: skip


def _drivers(found: Reported) -> Lines:
    lines = []
    for plan in found.plans:
        known = plan.prediction.drivers if plan.prediction is not None else {}
        names = [name for name in DRIVEN if name in known]
        if plan.shown.why or not names:
            continue
        few = names[: max(1, 4 // len(found.plans))]
        lines += [_driven(plan.letter, name, known[name], plan.extrapolated) for name in few]
    nothing = "Told where a plan was predicted with all hearts and changes something."
    return Lines(
        "What drives the change (↑ more of it, higher value)",
        tuple(lines) or (Cell(nothing, "muted"),),
    )


def _driven(letter: str, name: str, known: "Drivers", extrapolated: bool) -> Cell:
    first = [
        f"{d.place}. {d.label} {d.share:.0%} {'↑' if d.rising else '↓'}"
        for d in known.ranked[:DRIVERS_SHOWN]
    ]
    return Cell(
        f"{letter} {quantity(name).label}: {', '.join(first)}. Spread: {known.patient:.0%} "
        f"patient, {known.therapy:.0%} therapy, {known.other:.0%} neither alone.",
        "bad" if extrapolated else "ink", struck=extrapolated,
    )  # fmt: skip


def _warnings(found: Reported) -> Lines:
    lines: list[Cell] = []
    for plan in found.plans:
        warned = plan.prediction.warnings if plan.prediction is not None else ()
        lines += [Cell(f"{plan.letter}: {text}", "watch") for text in (*warned, *plan.remarks)]
    findings = [text for text in found.twin.fit.findings if not text.startswith(SAID_BY_FIT)]
    lines += [Cell(f"Fit: {text}", "watch") for text in findings]
    return Lines("Warnings", tuple(lines) or (Cell("None.", "muted"),))


def _evidence(found: Reported) -> Table:
    rows = []
    for name, card in found.cards.items():
        letters = "".join(
            plan.letter for plan in found.plans if any(kind.name == name for kind in plan.kinds)
        )
        rows.append((
            Cell(card.label), Cell(letters), Cell(card.grade), Cell(card.risk),
            Cell(f"{_checked(card)} Source: {'; '.join(card.source.splitlines())}", "muted"),
        ))  # fmt: skip
    note = ""
    if any(plan.uncarded for plan in found.plans):
        note = "Conduction changed by hand is computed and has no evidence card of its own."
    return Table(
        "Evidence", ("therapy", "plan", "grade", "risk", "checked range and source"), tuple(rows),
        frozenset(range(5)), note, widest=4,
    )  # fmt: skip


def _checked(card: "EvidenceCard") -> str:
    """In whom and at which doses; what is excluded stands in the reasons where it matters."""
    if card.checked.in_nobody:
        return "Checked in nobody."
    checked = card.checked
    return f"Checked in {checked.patients}, {checked.lowest:g} to {checked.highest:g} {card.unit}."


def _digests(digests: ReportDigests) -> Lines:
    told = [f"record {digests.record}", f"twin {digests.twin}"]
    told += [f"plan {letter} {digest}" for letter, digest in digests.plans.items()]
    lines = [Cell("   ".join(told[n : n + 2]), "muted") for n in range(0, len(told), 2)]
    code = f"program {digests.program}, Python {platform.python_version()}"
    return Lines("SHA-256 digests", (*lines, Cell(code, "muted")))
