"""The library: patients, their visits, and what was fitted at each.

A ``Library`` belongs to the thread that opened it; several threads and processes may each open
the same file. Of arrays only numbers with their shape are kept, never pickles.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import RecordError, UnknownNameError
from organtwin.resources import user_data
from organtwin.store import cells
from organtwin.store.blobs import packed, unpacked
from organtwin.store.database import PATIENCE, connected, told, transaction
from organtwin.store.entries import (
    FitQuality,
    ParameterEntry,
    Patient,
    Posterior,
    Visit,
    VisitFacts,
)

LONGEST_ID = 100
"""Characters of a patient's id: a line of a table holds it."""
Row = tuple[object, ...]
_VISIT = "id, patient, day, case_digest, case_folder, program, prior_visit, added"


def default_library() -> Path:
    """Where the library lies when no other is named."""
    return user_data("library.db")


class Library:
    """An open library; use it in a ``with`` statement, or ``close`` it."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def open(cls, path: Path, *, create: bool = True, patience: float = PATIENCE) -> "Library":
        """Open a library, or begin one where ``create`` allows it.

        Raises
        ------
        RecordError
            The file is damaged, of a newer version or no library; it is left as it is.
        """
        if create:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise RecordError(
                    str(path), "library", expected="a folder that can be made",
                    got=error.strerror or str(error), remedy="Name another place.",
                ) from error  # fmt: skip
        return cls(path, connected(path, create=create, patience=patience))

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> "Library":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def rows(self, question: str, values: Sequence[object] = ()) -> list[Row]:
        """All rows that answer a question in SQL."""
        with told(self.path):
            return self._connection.execute(question, tuple(values)).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: what is written inside appears at once, or nothing of it."""
        with transaction(self.path, self._connection):
            yield self._connection

    def patients(self) -> tuple[Patient, ...]:
        """Everybody, by id."""
        rows = self.rows("SELECT id, label, added FROM patients ORDER BY id")
        return tuple(
            Patient(cells.text(i), cells.text(label), cells.instant(at)) for i, label, at in rows
        )

    def patient(self, patient_id: str) -> Patient:
        """One patient.

        Raises
        ------
        UnknownNameError
            The library has no such patient.
        """
        everybody = {patient.patient_id: patient for patient in self.patients()}
        if patient_id not in everybody:
            raise UnknownNameError("patient", patient_id, tuple(everybody))
        return everybody[patient_id]

    def add_patient(self, patient_id: str, label: str = "") -> Patient:
        """Enter a patient, or find the one who is there already."""
        if not patient_id or len(patient_id) > LONGEST_ID or not patient_id.isprintable():
            raise RecordError(
                str(self.path), "patient", got=repr(patient_id),
                expected=f"1 to {LONGEST_ID} printable characters", remedy="Choose another id.",
            )  # fmt: skip
        with self.writing() as connection:
            connection.execute(
                "INSERT INTO patients (id, label, added) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (patient_id, label, now_text()),
            )
        return self.patient(patient_id)

    def visits(self, patient_id: str) -> tuple[Visit, ...]:
        """The visits of a patient from the first to the last; those of one day as entered."""
        rows = self.rows(
            f"SELECT {_VISIT} FROM visits WHERE patient = ? ORDER BY day, id", (patient_id,)
        )
        return tuple(_visit(row) for row in rows)

    def check_visit(self, facts: VisitFacts) -> None:
        """Refuse what ``add_visit`` would; to be asked before a long fit."""
        _check_new(str(self.path), facts, self.visits(facts.patient_id))

    def add_visit(
        self, facts: VisitFacts, parameters: Sequence[ParameterEntry], posterior: Posterior,
        quality: FitQuality | None = None,
    ) -> Visit:  # fmt: skip
        """Enter a visit with its fit, whole or not at all.

        Raises
        ------
        RecordError
            The patient is unknown, has this very case that day, or was seen later: the posteriors
            of later visits rest on what was known then.
        """
        with self.writing() as connection:
            self.check_visit(facts)
            cursor = connection.execute(
                "INSERT INTO visits (patient, day, case_digest, case_folder, program, prior_visit,"
                " added) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    facts.patient_id, facts.day.isoformat(), facts.case_digest, facts.case_folder,
                    facts.program, facts.prior_visit, now_text(),
                ),
            )  # fmt: skip
            visit = int(cursor.lastrowid or 0)
            if quality is not None:
                counts = (quality.n_measurements, quality.n_fitted, quality.n_within)
                connection.execute("INSERT INTO fits VALUES (?, ?, ?, ?)", (visit, *counts))
            connection.executemany(
                "INSERT INTO parameters VALUES (?, ?, ?, ?, ?)",
                [(visit, p.name, p.value, p.sd, int(p.determined)) for p in parameters],
            )
            connection.executemany(
                "INSERT INTO levers VALUES (?, ?, ?)",
                [(visit, place, name) for place, name in enumerate(posterior.levers)],
            )
            connection.executemany(
                "INSERT INTO arrays VALUES (?, ?, ?, ?, ?)",
                [(visit, name, *packed(array)) for name, array in _arrays(posterior).items()],
            )
        return self.visit(visit)

    def visit(self, visit_id: int) -> Visit:
        """One visit by its number.

        Raises
        ------
        UnknownNameError
            There is none of that number.
        """
        rows = self.rows(f"SELECT {_VISIT} FROM visits WHERE id = ?", (visit_id,))
        if not rows:
            known = tuple(str(number) for (number,) in self.rows("SELECT id FROM visits"))
            raise UnknownNameError("visit", str(visit_id), known)
        return _visit(rows[0])

    def quality(self, visit: Visit) -> FitQuality | None:
        """How well a visit was met; ``None`` where an older program entered it."""
        rows = self.rows(
            "SELECT n_measurements, n_fitted, n_within FROM fits WHERE visit = ?",
            (visit.visit_id,),
        )
        return FitQuality(*map(cells.whole, rows[0])) if rows else None

    def parameters(self, visit: Visit) -> tuple[ParameterEntry, ...]:
        """The fitted parameters of a visit, in the order they were entered."""
        rows = self.rows(
            "SELECT name, value, sd, determined FROM parameters WHERE visit = ? ORDER BY rowid",
            (visit.visit_id,),
        )
        return tuple(
            ParameterEntry(cells.text(name), cells.real(value), cells.real(sd), bool(determined))
            for name, value, sd, determined in rows
        )

    def posterior(self, visit: Visit) -> Posterior:
        """What the fit of a visit knows of the levers."""
        rows = self.rows(
            "SELECT name FROM levers WHERE visit = ? ORDER BY place", (visit.visit_id,)
        )
        stored: dict[str, FloatArray] = {}
        for name, n_rows, n_columns, data in self.rows(
            "SELECT name, n_rows, n_columns, data FROM arrays WHERE visit = ?", (visit.visit_id,)
        ):
            stored[cells.text(name)] = unpacked(
                cells.whole(n_rows), cells.whole(n_columns), cells.raw(data)
            )
        levers = tuple(cells.text(name) for (name,) in rows)
        _check_shapes(str(self.path), visit, stored, len(levers))
        base, mean = stored["base"][0], stored["mean"][0]
        return Posterior(levers, base, mean, stored["covariance"], stored["members"])


def now_text() -> str:
    """The present instant, UTC, as the library writes it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _check_new(library: str, facts: VisitFacts, earlier: Sequence[Visit]) -> None:
    told = (facts.day, facts.case_digest)
    if any((visit.day, visit.facts.case_digest) == told for visit in earlier):
        raise RecordError(
            library, "case", expected="a case that this patient does not have yet",
            got=f"the case of the visit of {facts.day}",
            remedy="Its measurements would count twice. Enter the case of another visit.",
        )  # fmt: skip
    if earlier and facts.day < earlier[-1].day:
        raise RecordError(
            library, "day", expected=f"{earlier[-1].day}, the latest visit, or later",
            got=facts.day.isoformat(),
            remedy="Later visits were fitted without it. Enter all visits anew, in their order.",
        )  # fmt: skip


def _check_shapes(library: str, visit: Visit, stored: dict[str, FloatArray], n_levers: int) -> None:
    shapes = {name: array.shape for name, array in stored.items()}
    members = shapes.get("members", (0, 0))[0]
    wanted = {
        "base": (1, n_levers), "mean": (1, n_levers), "covariance": (n_levers, n_levers),
        "members": (members, n_levers),
    }  # fmt: skip
    if shapes != wanted:
        raise RecordError(
            library, f"visit {visit.visit_id}", expected=f"arrays of the shapes {wanted}",
            got=str(shapes), remedy="The library was changed by hand; put back a copy.",
        )  # fmt: skip


def _arrays(posterior: Posterior) -> dict[str, FloatArray]:
    n = len(posterior.levers)
    return {
        "base": posterior.base, "mean": posterior.mean, "covariance": posterior.covariance,
        "members": np.reshape(posterior.members, (-1, n)),
    }  # fmt: skip


def _visit(row: Row) -> Visit:
    number, patient, day, digest, folder, program, prior, added = row
    facts = VisitFacts(
        cells.text(patient), cells.day(day), cells.text(digest), cells.text(folder),
        cells.text(program),
        None if prior is None else cells.whole(prior),
    )  # fmt: skip
    return Visit(cells.whole(number), facts, cells.instant(added))
