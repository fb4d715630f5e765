"""The tables of the library, made by migrations that are only ever added to.

A library tells its version by SQLite's ``user_version``, which counts the migrations it went
through, and that it is one by ``application_id``.
"""

from collections.abc import Callable
from sqlite3 import Connection

APPLICATION_ID = 0x4F54574E
"""``OTWN``: tells a library from the databases of other programs."""

_PATIENTS_AND_VISITS = """
CREATE TABLE patients (
    id TEXT PRIMARY KEY NOT NULL CHECK (id <> ''),
    label TEXT NOT NULL,
    added TEXT NOT NULL
) STRICT;
CREATE TABLE visits (
    id INTEGER PRIMARY KEY,
    patient TEXT NOT NULL REFERENCES patients (id),
    day TEXT NOT NULL,
    case_digest TEXT NOT NULL,
    case_folder TEXT NOT NULL,
    program TEXT NOT NULL,
    prior_visit INTEGER REFERENCES visits (id),
    added TEXT NOT NULL,
    UNIQUE (patient, day, case_digest)
) STRICT;
CREATE INDEX visits_in_time ON visits (patient, day, id);
CREATE TABLE parameters (
    visit INTEGER NOT NULL REFERENCES visits (id),
    name TEXT NOT NULL,
    value REAL NOT NULL,
    sd REAL NOT NULL CHECK (sd >= 0),
    determined INTEGER NOT NULL CHECK (determined IN (0, 1)),
    PRIMARY KEY (visit, name)
) STRICT;
CREATE TABLE levers (
    visit INTEGER NOT NULL REFERENCES visits (id),
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (visit, place),
    UNIQUE (visit, name)
) STRICT;
CREATE TABLE arrays (
    visit INTEGER NOT NULL REFERENCES visits (id),
    name TEXT NOT NULL CHECK (name IN ('base', 'mean', 'covariance', 'members')),
    n_rows INTEGER NOT NULL CHECK (n_rows >= 0),
    n_columns INTEGER NOT NULL CHECK (n_columns >= 0),
    data BLOB NOT NULL CHECK (length(data) = 8 * n_rows * n_columns),
    PRIMARY KEY (visit, name)
) STRICT;
"""

_LEDGER = """
CREATE TABLE forecasts (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    patient TEXT NOT NULL REFERENCES patients (id),
    made_at TEXT NOT NULL,
    record_digest TEXT NOT NULL,
    plan TEXT NOT NULL,
    told TEXT NOT NULL,
    parameters_digest TEXT NOT NULL,
    program TEXT NOT NULL,
    outcome TEXT NOT NULL
) STRICT;
CREATE TABLE predicted (
    forecast INTEGER NOT NULL REFERENCES forecasts (id),
    quantity TEXT NOT NULL,
    before REAL NOT NULL,
    point REAL NOT NULL,
    n_members INTEGER NOT NULL CHECK (n_members >= 0),
    members BLOB NOT NULL CHECK (length(members) = 8 * n_members),
    PRIMARY KEY (forecast, quantity)
) STRICT;
CREATE TABLE scores (
    id INTEGER PRIMARY KEY,
    forecast INTEGER NOT NULL,
    quantity TEXT NOT NULL,
    measured REAL NOT NULL,
    sd REAL NOT NULL CHECK (sd >= 0),
    measured_on TEXT,
    source TEXT NOT NULL,
    visit INTEGER REFERENCES visits (id),
    scored_at TEXT NOT NULL,
    error REAL NOT NULL,
    z REAL,
    crps REAL,
    pit REAL CHECK (pit >= 0 AND pit <= 1),
    FOREIGN KEY (forecast, quantity) REFERENCES predicted (forecast, quantity)
) STRICT;
"""
_FITS = """
CREATE TABLE fits (
    visit INTEGER PRIMARY KEY REFERENCES visits (id),
    n_measurements INTEGER NOT NULL CHECK (n_measurements >= 0),
    n_fitted INTEGER NOT NULL CHECK (n_fitted >= 0),
    n_within INTEGER NOT NULL CHECK (n_within >= 0 AND n_within <= n_fitted)
) STRICT;
"""
_APPEND_ONLY = ("forecasts", "predicted", "scores")


def _run(connection: Connection, script: str) -> None:
    """Run statements one by one: ``executescript`` would end the transaction around them."""
    for statement in script.split(";\n"):
        if statement.strip():
            connection.execute(statement)


def patients_and_visits(connection: Connection) -> None:
    """Version 1."""
    _run(connection, _PATIENTS_AND_VISITS)


def ledger(connection: Connection) -> None:
    """Version 2: forecasts and their scores, to which can only be added."""
    _run(connection, _LEDGER)
    for table in _APPEND_ONLY:
        for change in ("UPDATE", "DELETE"):
            connection.execute(
                f"CREATE TRIGGER no_{change.lower()}_of_{table} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END"
            )


def fits(connection: Connection) -> None:
    """Version 3: how much was measured at a visit, and how well the twin meets it."""
    _run(connection, _FITS)


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (patients_and_visits, ledger, fits)
"""Number n leads from version n to n + 1. One that was released is never changed."""

VERSION = len(MIGRATIONS)
