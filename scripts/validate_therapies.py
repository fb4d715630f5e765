"""Every published response against the model, row by row.

    PYTHONPATH=. .venv/bin/python scripts/validate_therapies.py [--members 24] [--figure FILE.svg]
        [--data FILE.json] [--only TAVI2 MC1 nitroglycerin F3]

Builds each group from its published baseline (``validate_therapies.toml`` says how, and what had to
be assumed), gives the dose, and compares. Half A are the odd rows of the shared table, counted from
1 below its header, half B the even ones: A is for tuning, B is reported and never tuned to. A row
of B is left out of B's figures where it went into a dose-response curve before this split
(``tests/verification/data``, role tuned; ``informed`` of the studies). It is *seen* where its error
was known when the mechanism or the group was mended; B is counted with and without those. F are
fresh rows (``validate_therapies_fresh.csv``), counted with and without those that were seen in the
same sense. Rows from memory or assumed never count.

Error: of the response, predicted against published, where both start at the published baseline;
where only a change was published, of the change. Change error: of the change, always. Two coverages
are counted, and they are not the same thing. The band of one patient's response is what a user
sees: doubt of the fit, of the patient's response, and the model's own error; a published mean
should lie inside it far more often than 90 %. The doubt of the mean is the model error alone
(``therapy/model_error.py``) with that of the published mean (``spread`` of the studies, 1.645
sd/sqrt(n) where the abstract gives both): means should agree within it in 90 %. Neither is asked
where both columns are under a therapy.
"""

import argparse
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from evidence_notes import note_rows
from therapy_comparison import outcomes
from therapy_report import data, picture, summary, text
from therapy_rows import FRESH, TABLE, Compared, Row, table_rows


@dataclass(frozen=True)
class Validation:
    """One run: rows beside their predictions, rows without one and why, when it was made."""

    compared: tuple[Compared, ...]
    left_out: tuple[tuple[Row, str], ...]
    members: int
    made: datetime

    @cached_property
    def data(self) -> dict[str, Any]:
        """Plain values for whoever keeps results."""
        found = data(self.compared, self.left_out)
        return {"made": self.made.isoformat(timespec="seconds"), "members": self.members, **found}

    @property
    def text(self) -> str:
        return text(self.compared, self.left_out)

    @property
    def picture(self) -> str:
        return picture(
            self.compared, f"{len(self.compared)} published responses, {self.made:%Y-%m-%d}"
        )


def studies() -> Mapping[str, Any]:
    with Path(__file__).with_suffix(".toml").open("rb") as file:
        found: Mapping[str, Any] = tomllib.load(file)["study"]
    return found


def all_rows(table: Path, described: Mapping[str, Any]) -> list[Row]:
    return [*table_rows(table, described), *table_rows(FRESH, described, fresh=True)]


def chosen(rows: Sequence[Row], only: Sequence[str] | None) -> list[Row]:
    """Rows by id of study, therapy or number; all of them without a choice."""
    if not only:
        return list(rows)
    known = {name for row in rows for name in (row.study, row.therapy, row.name)}
    if unknown := [name for name in only if name not in known]:
        sys.exit(f"--only: no such study, therapy or row: {', '.join(unknown)}")
    return [row for row in rows if {row.study, row.therapy, row.name} & set(only)]


def validated(rows: Sequence[Row], described: Mapping[str, Any], members: int) -> Validation:
    """Run the comparison; ``members`` hearts for the bands, none for no bands."""
    items = list(outcomes(list(rows), described, members))
    return Validation(
        tuple(item for item in items if isinstance(item, Compared)),
        tuple(item for item in items if not isinstance(item, Compared)),
        members,
        datetime.now(UTC),
    )


def by_therapy(
    compared: Sequence[Compared], described: Mapping[str, Any]
) -> dict[str, tuple[list[bool | None], str]]:
    """For the evidence of each therapy: whether the signs of its rows are right, and a summary."""
    rows: dict[str, list[Compared]] = {}
    for item in compared:
        for told in described[item.row.study]["after"]:
            rows.setdefault(told.split()[0], []).append(item)
    return {name: ([i.same_sign for i in own], summary(name, own)) for name, own in rows.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument("--members", type=int, default=24, help="hearts for the bands (0: none)")
    parser.add_argument("--only", nargs="*", help="ids of studies, therapies, numbers of rows")
    parser.add_argument("--figure", type=Path, help="write predicted over published as SVG")
    parser.add_argument("--data", type=Path, help="write everything as JSON")
    options = parser.parse_args()
    if not options.table.is_file():
        sys.exit(f"{options.table}: not here; name the table with --table")
    described = studies()
    rows = chosen(all_rows(options.table, described), options.only)
    run = validated(rows, described, options.members)
    print(run.text)
    note_rows(by_therapy(run.compared, described), partly=bool(options.only))
    if options.figure:
        options.figure.write_text(run.picture, encoding="utf-8")
    if options.data:
        options.data.write_text(json.dumps(run.data, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
