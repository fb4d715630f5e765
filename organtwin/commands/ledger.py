"""``organtwin ledger``: what was foretold, how it turned out, and how often the twin was right."""

import argparse
import json
from collections.abc import Iterator, Sequence

import numpy as np

from organtwin import PURPOSE
from organtwin.commands.tables import Json, columns
from organtwin.commands.written import written_day, written_measurement
from organtwin.errors import UsageError
from organtwin.quantities import quantity
from organtwin.store.ledger import Forecast, Score, forecasts, score, scores
from organtwin.store.library import Library, default_library
from organtwin.store.reliability import BINS, HitRate, Reliability, reliability


def show_ledger(options: argparse.Namespace) -> int:
    """Print the ledger of everybody or of one patient, after scoring where that was asked."""
    day = written_day("ledger", "--on", options.on)
    measured = [written_measurement("ledger", "--measured", m, day) for m in options.measured]
    if bool(measured) != (options.score is not None):
        raise UsageError(
            "ledger", "--measured" if measured else "--score", expected="both or neither",
            got="one of --score and --measured", remedy="--score N names the forecast.",
        )  # fmt: skip
    with Library.open(options.library or default_library(), create=False) as library:
        if options.patient is not None:
            library.patient(options.patient)
        if measured:
            score(library, options.score, measured, again=options.again)
        found = forecasts(library, options.patient)
        known = {f.forecast_id for f in found}
        graded = [s for s in scores(library) if s.forecast_id in known]
    print(
        json.dumps(ledger_json(found, graded), indent=2)
        if options.json
        else ledger_text(found, graded)
    )
    return 0


def ledger_text(found: Sequence[Forecast], graded: Sequence[Score]) -> str:
    """Open and scored forecasts as tables, and the hit rate."""
    if not found:
        return "no forecasts yet"
    done = {s.forecast_id for s in graded}
    still = [f for f in found if f.forecast_id not in done]
    parts = [f"{len(found)} forecasts, {len(still)} of them open"]
    rows: list[tuple[str, ...]]
    if still:
        header: tuple[str, ...] = ("no", "made", "patient", "plan", "ended", "program")
        rows = [
            (str(f.forecast_id), f"{f.made_at:%Y-%m-%d %H:%M}", f.patient_id, f.told, f.outcome,
             f.program)
            for f in still
        ]  # fmt: skip
        parts.append(columns(rows, header, (True, *[False] * 5)))
    if graded:
        by_number = {f.forecast_id: f for f in found}
        header = ("no", "plan", "quantity", "untreated", "foretold", "90 % band", "measured",
                  "unit", "z", "CRPS", "PIT", "50 %", "90 %")  # fmt: skip
        rows = [_cells(by_number[s.forecast_id], s) for s in graded]
        right = (True, False, False, True, True, True, True, False, True, True, True, False, False)
        parts += [columns(rows, header, right), _reliability_text(found, graded)]
    return "\n\n".join((*parts, PURPOSE))


def ledger_json(found: Sequence[Forecast], graded: Sequence[Score]) -> Json:
    """The same as plain values in clinical units."""
    names = dict.fromkeys(s.quantity for s in graded)
    return {
        "forecasts": [
            {
                "number": f.forecast_id, "patient": f.patient_id, "plan": json.loads(f.plan),
                "told": f.told, "made_at": f.made_at.isoformat(), "outcome": f.outcome,
                "record_digest": f.record_digest, "parameters_digest": f.parameters_digest,
                "program": f.program,
                "scores": [_score_json(f, s) for s in graded if s.forecast_id == f.forecast_id],
            }
            for f in found
        ],
        "reliability": _reliability_json(reliability(graded, found)),
        "by_quantity": {
            name: _reliability_json(reliability(graded, found, name), name) for name in names
        },
    }  # fmt: skip


def _cells(of: Forecast, s: Score) -> tuple[str, ...]:
    q, grade, one = quantity(s.quantity), s.grade, of.foretold[s.quantity]
    d = max(q.decimals, 1)
    before, point, measured = (f"{q.from_si(x):.{d}f}" for x in (one.before, one.point, s.measured))
    if grade.pit is None or grade.crps is None or grade.z is None:
        doubt, told = "", [""] * 5
    else:
        low, high = np.quantile([q.from_si(x) for x in one.members], (0.05, 0.95))
        doubt = f"{low:.{d}f} to {high:.{d}f}"
        crps = q.from_si(grade.crps)
        yes = ("yes" if inside else "no" for inside in (grade.inside_50, grade.inside_90))
        told = [f"{grade.z:+.1f}", f"{crps:.3g}", f"{grade.pit:.2f}", *yes]
    number = str(of.forecast_id)
    return number, of.told, q.label, before, point, doubt, measured, q.unit, *told


def _reliability_text(found: Sequence[Forecast], graded: Sequence[Score]) -> str:
    return "\n".join(_reliability_lines(reliability(graded, found)))


def _reliability_lines(whole: Reliability) -> Iterator[str]:
    yield (
        f"{whole.n_numbers} measurements score {whole.n_forecasts} forecasts"
        + (f", {whole.without_bands} without a band" if whole.without_bands else "")
        + (f", {whole.in_hindsight} foretold in hindsight" if whole.in_hindsight else "")
    )
    for band in (whole.band_50, whole.band_90):
        if band.rate is not None:
            yield (
                f"inside the {band.nominal:.0%} band: {band.hits} of {band.n}, {band.rate:.0%} "
                f"(95 % interval by forecasts {band.low:.0%} to {band.high:.0%})"
                + ("" if band.as_promised else ": NOT as promised")
            )
    if whole.band_90.n:
        yield f"PIT in {BINS} bins, flat where bands hold: {' '.join(map(str, whole.pit))}"


def _score_json(of: Forecast, s: Score) -> Json:
    q, grade = quantity(s.quantity), s.grade
    return {
        "quantity": s.quantity, "unit": q.unit, "measured": q.from_si(s.measured),
        "sd": q.from_si(s.sd), "foretold": q.from_si(of.foretold[s.quantity].point),
        "measured_on": s.measured_on.isoformat() if s.measured_on else None, "source": s.source,
        "error": q.from_si(grade.error), "z": grade.z, "pit": grade.pit,
        "crps": None if grade.crps is None else q.from_si(grade.crps),
        "inside_50": grade.inside_50, "inside_90": grade.inside_90,
    }  # fmt: skip


def _reliability_json(whole: Reliability, name: str | None = None) -> Json:
    def band(of: HitRate) -> Json:
        return {"hits": of.hits, "n": of.n, "rate": of.rate, "interval": [of.low, of.high]}

    found: Json = {
        "forecasts": whole.n_forecasts, "measurements": whole.n_numbers,
        "without_bands": whole.without_bands, "in_hindsight": whole.in_hindsight,
        "50": band(whole.band_50), "90": band(whole.band_90), "pit": list(whole.pit),
    }  # fmt: skip
    if name is not None and whole.bias is not None:
        q = quantity(name)
        found["unit"], found["bias"] = q.unit, q.from_si(whole.bias)
        found["crps"] = None if whole.crps is None else q.from_si(whole.crps)
    return found
