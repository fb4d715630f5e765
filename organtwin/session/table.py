"""The numbers on screen as a table that leaves the program, each with unit and origin."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from organtwin import PURPOSE
from organtwin.errors import InputError
from organtwin.patient.record import PatientRecord
from organtwin.quantities import QUANTITIES


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity in its clinical unit; ``None`` where there is no such value."""

    quantity: str
    meaning: str
    unit: str
    measured: float | None
    measured_sd: float | None
    provenance: str
    simulated: float | None
    predicted: float | None
    extrapolation: bool = False
    """``predicted`` lies outside what was checked: not to be read as a prediction."""


def rows(
    record: PatientRecord | None,
    before: Mapping[str, float],
    after: Mapping[str, float] | None,
    *,
    extrapolated: bool = False,
) -> tuple[Row, ...]:
    """Every quantity that was measured, simulated or predicted, in the order of the vocabulary."""
    found = []
    for name, quantity in QUANTITIES.items():
        measured = record[name] if record is not None and name in record else None
        if measured is None and name not in before:
            continue
        found.append(
            Row(
                quantity=name,
                meaning=quantity.meaning,
                unit=quantity.unit,
                measured=quantity.from_si(measured.value) if measured else None,
                measured_sd=quantity.from_si(measured.sd) if measured else None,
                provenance=measured.provenance.value if measured else "",
                simulated=quantity.from_si(before[name]) if name in before else None,
                predicted=quantity.from_si(after[name]) if after and name in after else None,
                extrapolation=extrapolated and bool(after) and name in (after or {}),
            )
        )
    return tuple(found)


def write_table(path: Path, table: Sequence[Row], case: str, plan: Sequence[str]) -> None:
    """Write CSV or JSON, by the ending of ``path``; the JSON also names the case and the plan.

    Raises
    ------
    InputError
        The ending is neither ``.csv`` nor ``.json``.
    """
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(Row.__dataclass_fields__))
            writer.writeheader()
            writer.writerows(asdict(row) for row in table)
        return
    if path.suffix != ".json":
        raise InputError(
            path.name, "file name", expected="an ending .csv or .json", got=repr(path.suffix),
            remedy="Choose a name that ends in .csv or .json.",
        )  # fmt: skip
    contents = {
        "purpose": PURPOSE,
        "case": case,
        "plan": list(plan),
        "rows": [asdict(row) for row in table],
    }
    path.write_text(json.dumps(contents, indent=2) + "\n", encoding="utf-8")
