"""Every published response of the shared table against the model, row by row.

    PYTHONPATH=. .venv/bin/python scripts/validate_therapies.py [--members 24] [--only TAVI2 MC1]

Builds each group from its published baseline (``validate_therapies.toml`` says how, and what had to
be assumed), gives the dose, and compares. Half A are the odd rows of the table, counted from 1
below its header, half B the even ones: A is for tuning, B is reported and never tuned to. Rows of
B that went into a dose-response curve before this split (``tests/verification/data``, role tuned;
``informed`` of the studies) are marked and left out of B's figures; rows from memory or assumed
never count.

Error: of the response, predicted against published, where both start at the published baseline;
where only a change was published, of the change. Change error: of the change, always. The band is
the 90 % band of the predicted change from the members that fit the group; the spread of the
published group is not in it, nor the doubt of the dose-response curve. It is not asked where both
columns are under a therapy.
"""

import argparse
import csv
import statistics
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from organtwin.errors import OrganTwinError
from organtwin.patient.case_file import load_case
from organtwin.patient.measurement import Measurement
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.patient.uncertainty import default_sd
from organtwin.quantities import quantity
from organtwin.simulation.beat import Outcome
from organtwin.therapy.catalogue import THERAPIES, parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.building import fitting
from organtwin.twin.prediction import Prediction, predict
from organtwin.twin.twin import Twin
from organtwin.units import L_PER_MIN, ML, MMHG, PER_MIN
from scripts.evidence_notes import note_rows

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT.parent / "shared" / "science" / "data" / "therapy_validation_targets.csv"
TUNED = ROOT / "tests" / "verification" / "data" / "therapy_targets.csv"
SURFACE = 1.9
"""[m2] by which indexed values are multiplied."""
NO_EVIDENCE = ("memory", "assumed")
ENDING_SHARE = 0.9
"""End-systolic over systolic arterial pressure, as usual for elastances without a loop."""
PLAIN: Mapping[str, tuple[str, float]] = {
    "CO": ("cardiac_output", L_PER_MIN), "CI": ("cardiac_output", L_PER_MIN * SURFACE),
    "MAP": ("mean_arterial_pressure", MMHG), "dMAP": ("mean_arterial_pressure", MMHG),
    "HR": ("heart_rate", PER_MIN), "PCWP": ("pcwp", MMHG), "LVFP": ("pcwp", MMHG),
    "RAP": ("ra_pressure", MMHG), "LVEDP": ("lv_edp", MMHG), "SBP": ("systolic_pressure", MMHG),
    "SV": ("stroke_volume", ML), "forward_SV": ("stroke_volume", ML),
    "SVI": ("stroke_volume", ML * SURFACE), "dPdtmax": ("dp_dt_max", MMHG),
    "SVR": ("systemic_vascular_resistance", 1e5), "PVR": ("pulmonary_vascular_resistance", 1e5),
    "LVEF": ("lv_ef", 0.01), "RVEF": ("rv_ef", 0.01), "LVEF_wk24": ("lv_ef", 0.01),
    "dLVEF": ("lv_ef", 0.01), "dLVESVI": ("lv_esv", ML * SURFACE),
    "dLVEDVI": ("lv_edv", ML * SURFACE), "LVEDV": ("lv_edv", ML), "mPAP": ("pa_mean", MMHG),
    "mean_gradient": ("aortic_mean_gradient", MMHG), "native_CO": ("native_output", L_PER_MIN),
    "dCO_total": ("cardiac_output", L_PER_MIN), "dPCWP_total": ("pcwp", MMHG),
    "dCVP_total": ("ra_pressure", MMHG), "dCO_per_step": ("cardiac_output", L_PER_MIN),
    "dPCWP_per_step": ("pcwp", MMHG),
}  # fmt: skip
"""Variable of the table: quantity, and what one of its units is in SI."""
PERCENT = {"CI_pct": "cardiac_output", "CO_pct": "cardiac_output", "PCWP_pct": "pcwp",
           "SVR_pct": "systemic_vascular_resistance", "SVI_pct_low": "stroke_volume",
           "SVI_pct_high": "stroke_volume"}  # fmt: skip
REFUSED = {
    "EOA": "is the dose, not a response", "QRSd": "electrical, not of the pump",
    "dLVOTG_rest": "obstruction of the outflow tract is not modelled",
    "dLVOTG_Valsalva": "obstruction of the outflow tract is not modelled",
    "LVEF_wk180": "no dose for week 180",
    "VO2": "gas exchange is not modelled", "avO2diff": "gas exchange is not modelled",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A row of the table; ``number`` counts from 1."""

    number: int
    study: str
    therapy: str
    variable: str
    baseline: float
    response: float
    evidence: str
    tuned: bool

    @property
    def half(self) -> str:
        return "A" if self.number % 2 else "B"

    @property
    def is_change(self) -> bool:
        return self.baseline == 0.0

    @property
    def change(self) -> float:
        return self.response - self.baseline


@dataclass(frozen=True)
class Compared:
    """A row beside its prediction, in the row's own unit; the band is that of the response."""

    row: Row
    response: float
    low: float | None
    high: float | None

    @property
    def change(self) -> float:
        return self.response - self.row.baseline

    @property
    def same_sign(self) -> bool | None:
        return None if self.row.change == 0.0 else self.change * self.row.change > 0.0

    @property
    def error(self) -> float | None:
        published = self.row.response
        return None if published == 0.0 else abs(self.response / published - 1.0)

    @property
    def change_error(self) -> float | None:
        return None if self.row.change == 0.0 else abs(self.change / self.row.change - 1.0)

    @property
    def covered(self) -> bool | None:
        if self.low is None or self.high is None:
            return None
        return self.low <= self.row.response <= self.high


def table_rows(path: Path, studies: Mapping[str, Any]) -> list[Row]:
    with TUNED.open(encoding="utf-8") as file:
        tuned = {
            (r["therapy"].split()[0], float(r["baseline"]), float(r["response"]))
            for r in csv.DictReader(file) if r["role"] == "tuned"
        }  # fmt: skip
    with path.open(encoding="utf-8") as file:
        return [
            _row(number, entry, tuned, studies)
            for number, entry in enumerate(csv.DictReader(file), 1)
        ]


def _row(
    number: int,
    entry: Mapping[str, str],
    tuned: set[tuple[str, float, float]],
    studies: Mapping[str, Any],
) -> Row:
    before, after = float(entry["baseline"]), float(entry["response"])
    keys = [(entry["therapy"], before * k, after * k) for k in (1.0, SURFACE)]
    known = any(
        name == key[0] and abs(b - key[1]) < 0.01 and abs(a - key[2]) < 0.01
        for key in keys for name, b, a in tuned
    )  # fmt: skip
    informed = studies.get(entry["id"], {}).get("informed", ())
    return Row(
        number, entry["id"], entry["therapy"], entry["variable"], before, after,
        entry["evidence"], known or entry["variable"] in (*informed, "SVI_pct_low", "SVI_pct_high"),
    )  # fmt: skip


def group_record(name: str, study: Mapping[str, Any]) -> PatientRecord:
    if "case" in study:
        return load_case(study["case"])
    entries = dict(study.get("assumed", {}))
    for key, value in study.get("stated", {}).items():
        q = quantity(key)
        entries[key] = (value, q.from_si(default_sd(key, q.to_si(value))))
    measured = tuple(
        Measurement(key, quantity(key).to_si(value), quantity(key).to_si(sd), None, name)
        for key, (value, sd) in entries.items()
    )
    return PatientRecord(
        name, name, "", Demographics(), measured, conduction=study.get("conduction", "normal")
    )


def predictions(
    study: Mapping[str, Any], name: str, members: int
) -> tuple[Prediction | None, Prediction]:
    """Under the therapies of the baseline, if there are any, and under those of the response."""
    twins = [step.twin for step in fitting(group_record(name, study), members) if step.twin]
    twin: Twin = twins[-1]
    return (
        _under(twin, study["before"]) if "before" in study else None,
        _under(twin, study["after"]),
    )


def _under(twin: Twin, texts: list[str]) -> Prediction:
    found = predict(twin, TherapyPlan(tuple(parse_therapy(text) for text in texts)))
    if found.solution.outcome is not Outcome.STEADY:
        raise OrganTwinError(f"{found.plan}: {found.solution.outcome.meaning}")
    return found


def measured(variable: str, numbers: Mapping[str, float]) -> float:
    """A variable of the table, in its unit, of simulated numbers."""
    if variable in PLAIN:
        name, unit = PLAIN[variable]
        return numbers[name] / unit
    if variable in PERCENT:
        return numbers[PERCENT[variable]]
    pressure = ENDING_SHARE * numbers["systolic_pressure"] / MMHG
    ejected = numbers["lv_edv"] - numbers["lv_esv"]
    return {
        "Ees": pressure / (numbers["lv_esv"] / ML), "Ea": pressure / (ejected / ML),
        "Ea/Ees": numbers["lv_esv"] / ejected,
    }[variable]  # fmt: skip


def compare(
    row: Row, study: Mapping[str, Any], pair: tuple[Prediction | None, Prediction]
) -> Compared:
    first, last = pair
    numbers = first.after if first else last.before
    before, after = measured(row.variable, numbers), measured(row.variable, last.after)
    place = partial(_placed, row, before, study.get("steps", 1))
    name = PERCENT.get(row.variable) or PLAIN.get(row.variable, ("", 0.0))[0]
    band = last.change_bands.get(name)
    if band is None or first is not None:  # no member was run from one therapy to the other
        return Compared(row, place(after), None, None)
    unit = 1.0 if row.variable in PERCENT else PLAIN[row.variable][1]
    ends = sorted((place(before + band.low90 / unit), place(before + band.high90 / unit)))
    return Compared(row, place(after), *ends)


def _placed(row: Row, before: float, steps: int, after: float) -> float:
    """The response as the table gives it: its own baseline, and the model's relative change."""
    if row.variable in PERCENT:
        return 100.0 * (after / before - 1.0)
    if row.is_change:
        return (after - before) / (steps if row.variable.endswith("per_step") else 1)
    return row.baseline * after / before


def missing_therapy(study: Mapping[str, Any]) -> str:
    texts = (*study.get("before", ()), *study["after"])
    return ", ".join(t.split()[0] for t in texts if t.split()[0] not in THERAPIES)


def reason_to_leave_out(row: Row, study: Mapping[str, Any] | None) -> str:
    if row.evidence in NO_EVIDENCE:
        return f"evidence: {row.evidence}"
    if study is None:
        return "study not described"
    if "declined" in study:
        return str(study["declined"])
    if row.variable in REFUSED:
        return REFUSED[row.variable]
    if absent := missing_therapy(study):
        return f"therapy not built: {absent}"
    return ""


def outcomes(
    rows: list[Row], studies: Mapping[str, Any], members: int
) -> Iterator[Compared | tuple[Row, str]]:
    """Every row beside its prediction, or why there is none."""
    done: dict[str, tuple[Prediction | None, Prediction] | str] = {}
    for row in rows:
        study = studies.get(row.study)
        reason = reason_to_leave_out(row, study)
        if reason or study is None:
            yield row, reason
            continue
        if row.study not in done:
            try:
                done[row.study] = predictions(study, row.study, members)
            except OrganTwinError as error:
                done[row.study] = f"failed: {error}"
            print(f"  {row.study} simulated", file=sys.stderr, flush=True)
        found = done[row.study]
        yield (row, found) if isinstance(found, str) else compare(row, study, found)


def line(item: Compared) -> str:
    row = item.row
    band = "" if item.low is None else f"{item.low:.3g} to {item.high:.3g}"
    sign = {True: "yes", False: "NO", None: "-"}[item.same_sign]
    error = "-" if item.error is None else f"{item.error:.0%}"
    change = "-" if item.change_error is None else f"{item.change_error:.0%}"
    return (
        f"{row.number:4d} {row.half} {row.study:7} {row.therapy[:22]:22} {row.variable:15} "
        f"{row.baseline:8.4g} {row.response:8.4g} {item.response:8.3g}  {band:18} {sign:4} "
        f"{error:>6} {change:>6} {'tuned' if row.tuned else ''}"
    )


def summary(title: str, items: list[Compared]) -> str:
    signs = [item.same_sign for item in items if item.same_sign is not None]
    errors = [item.error for item in items if item.error is not None]
    changes = [item.change_error for item in items if item.change_error is not None]
    covered = [item.covered for item in items if item.covered is not None]
    if not items:
        return f"{title}: no rows"
    coverage = f"{sum(covered)} of {len(covered)}" if covered else "not asked"
    return (
        f"{title}: {len(items)} rows, sign right in {sum(signs)} of {len(signs)}, median error of "
        f"the response {statistics.median(errors):.0%}, of the change "
        f"{statistics.median(changes):.0%}, inside the 90 % band {coverage}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument("--members", type=int, default=24, help="hearts for the bands (0: none)")
    parser.add_argument("--only", nargs="*", help="ids of studies")
    options = parser.parse_args()
    if not options.table.is_file():
        sys.exit(f"{options.table}: not here; name the table with --table")
    with Path(__file__).with_suffix(".toml").open("rb") as file:
        studies = tomllib.load(file)["study"]
    rows = [
        r for r in table_rows(options.table, studies) if not options.only or r.study in options.only
    ]
    items = list(outcomes(rows, studies, options.members))
    compared = [item for item in items if isinstance(item, Compared)]
    print(" row h study   therapy                variable        baseline response predicted "
          "90 % band         sign  error change")  # fmt: skip
    print("\n".join(map(line, compared)))
    print("\nLeft out:")
    for item in items:
        if not isinstance(item, Compared):
            row, reason = item
            print(f"{row.number:4d} {row.half} {row.study:7} {row.therapy[:22]:22} "
                  f"{row.variable:15} {reason}")  # fmt: skip
    print()
    untouched = [c for c in compared if c.row.half == "B" and not c.row.tuned]
    print(summary("Half A (odd rows, tuning)", [c for c in compared if c.row.half == "A"]))
    print(summary("Half B (even rows), untouched ones", untouched))
    print(summary("All rows", compared))
    rows_of: dict[str, list[Compared]] = {}
    for item in compared:
        for text in studies[item.row.study]["after"]:
            rows_of.setdefault(text.split()[0], []).append(item)
    told = {name: ([i.same_sign for i in r], summary(name, r)) for name, r in rows_of.items()}
    note_rows(told, partly=bool(options.only))


if __name__ == "__main__":
    main()
