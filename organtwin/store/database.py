"""The file of the library: opened after checking it, brought to this version, written whole or not.

Write-ahead logging with full synchronisation: a write that has returned survives a kill of the
process and a loss of power; one that was cut short leaves no trace.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from organtwin.errors import RecordError
from organtwin.store.schema import APPLICATION_ID, MIGRATIONS, VERSION

PATIENCE = 15.0
"""[s] to wait for another process that is writing; its transactions take milliseconds."""
_MARK = b"SQLite format 3\0"
_RETRY = 0.01
"""[s] between two attempts to switch to the log, for which SQLite itself does not wait."""


def connected(path: Path, *, create: bool, patience: float = PATIENCE) -> sqlite3.Connection:
    """A connection to a library that is sound and of this version.

    An absent or empty file becomes a library when ``create``; an older one is brought up to date.

    Raises
    ------
    RecordError
        The file is absent, damaged, of a newer version, or no library. It stays as it is.
    """
    _check_file(path, create)
    with told(path):
        connection = sqlite3.connect(
            path, timeout=patience, isolation_level=None, check_same_thread=True
        )
    try:
        with told(path):
            _check_content(path, connection)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA recursive_triggers = ON")  # REPLACE, too, is a deletion
            connection.execute("PRAGMA synchronous = FULL")
            _use_log(connection, patience)
            _migrate(path, connection)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(path: Path, connection: sqlite3.Connection) -> Iterator[None]:
    """All that is written inside appears at once, or nothing of it."""
    with told(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Errors of SQLite, told in the words of this program."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", "") or type(error).__name__
        if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            got = "another process that has been writing to it all the time"
            remedy = "Close other windows of the program, then try again; nothing was changed."
        elif code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            raise _damaged(path, str(error)) from error
        elif code.startswith("SQLITE_CONSTRAINT"):
            got = f"what the library refuses: {error}"
            remedy = "Nothing was changed; check what was to be written."
        else:
            got, remedy = str(error), "Check the path, its rights and the space on the disk."
        raise RecordError(
            str(path), "library", expected="a library that can be read and written",
            got=got, remedy=remedy,
        ) from error  # fmt: skip


def _damaged(path: Path, got: str) -> RecordError:
    return RecordError(
        str(path), "library", expected="a sound database", got=got,
        remedy="It was left as it is. Put back a copy from before, or move it away to begin anew.",
    )  # fmt: skip


def _check_file(path: Path, create: bool) -> None:
    if not path.exists():
        if create:
            return
        raise RecordError(
            str(path), "library", expected="a library", got="no such file",
            remedy="Check --library, or begin one with `organtwin visit`.",
        )  # fmt: skip
    try:
        with path.open("rb") as file:
            beginning = file.read(len(_MARK))
    except OSError as error:
        raise RecordError(
            str(path), "library", expected="a file that can be read",
            got=error.strerror or str(error), remedy="Check the path and the rights of the file.",
        ) from error  # fmt: skip
    # Empty is what a process leaves that was killed as it began the library.
    if beginning != _MARK and (beginning or not create):
        raise _damaged(path, "a file of another kind" if beginning else "an empty file")


def _check_content(path: Path, connection: sqlite3.Connection) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    version = _version(connection)
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID and (application or version or tables):
        raise RecordError(
            str(path), "application_id", expected=f"{APPLICATION_ID:#x}, a library of organtwin",
            got=f"{application:#x}, a database of another program",
            remedy="Name another file; this one was left as it is.",
        )  # fmt: skip
    if version > VERSION:
        raise RecordError(
            str(path), "user_version", expected=f"version {VERSION} or older", got=f"{version}",
            remedy="A newer organtwin wrote this library: open it with that one or a later one.",
        )  # fmt: skip
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise _damaged(path, str(found))


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _use_log(connection: sqlite3.Connection, patience: float) -> None:
    last = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > last:
                raise
            time.sleep(_RETRY)
        else:
            return


def _migrate(path: Path, connection: sqlite3.Connection) -> None:
    if _version(connection) == VERSION:
        return
    with transaction(path, connection):
        for migration in MIGRATIONS[_version(connection) :]:  # another process may have been faster
            migration(connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
