"""Unsaved work, written down while the program runs and found again after a crash.

One file per running program. A lock beside it, which the system drops however the process ends,
tells a crashed program's work from that of another window that is open. Every write is whole or
absent, so a kill at any moment loses at most the edit it fell into.
"""

import sqlite3
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from organtwin.errors import RecordError
from organtwin.resources import user_data
from organtwin.store.safe_writing import write_safely
from organtwin.store.unsaved import UnsavedWork, work_of, work_text

SUFFIX, LOCK = ".unsaved.json", ".lock"


def unsaved_folder() -> Path:
    """Where unsaved work lies when no other folder is named."""
    return user_data("unsaved")


class Autosave:
    """Keeps the unsaved work of one running program; call it from one thread.

    Writing takes some milliseconds, most of which the disk needs to confirm.
    """

    def __init__(self, folder: Path) -> None:
        """Take a place of its own in the folder.

        Raises
        ------
        RecordError
            The folder cannot be written.
        """
        name = uuid.uuid4().hex
        self.path = folder / f"{name}{SUFFIX}"
        self._lock_path = folder / f"{name}{LOCK}"
        self._kept: UnsavedWork | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = _locked(self._lock_path)
        except OSError as error:
            raise RecordError(
                str(folder), "folder", expected="a folder that can be written",
                got=error.strerror or str(error), remedy="Unsaved work is not kept till it can be.",
            ) from error  # fmt: skip
        if lock is None:  # unreachable: nobody else knows the name
            raise RuntimeError(f"{self._lock_path} is locked")
        self._lock: sqlite3.Connection | None = lock

    def keep(self, work: UnsavedWork) -> None:
        """Write the work down, unless that is what was written last.

        Raises
        ------
        RecordError
            It cannot be written; what was written before stays.
        """
        if work != self._kept:
            write_safely(self.path, work_text(work, self.path.parent, datetime.now(UTC)))
            self._kept = work

    def discard(self) -> None:
        """The work is saved elsewhere, or given up by the user."""
        self._kept = None
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Leave the place; work that was not discarded is found at the next start."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
            with suppress(OSError):
                self._lock_path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Found:
    """Work that a program left which ended without saving or discarding it.

    ``work`` is absent where the file is damaged, which ``problem`` tells then.
    """

    path: Path
    saved_at: datetime | None
    work: UnsavedWork | None
    problem: str = ""


def unsaved_work(folder: Path) -> tuple[Found, ...]:
    """What crashed programs left, the latest first; the work of running ones is left alone."""
    left = (path for path in sorted(folder.glob(f"*{SUFFIX}")) if not _in_use(path))
    found = [_read(path) for path in left]
    never = datetime.min.replace(tzinfo=UTC)
    return tuple(sorted(found, key=lambda one: one.saved_at or never, reverse=True))


def forget(found: Found) -> None:
    """Delete what was found, once it is taken up or the user does not want it."""
    found.path.unlink(missing_ok=True)
    with suppress(OSError):
        _lock_of(found.path).unlink(missing_ok=True)


def _lock_of(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(SUFFIX) + LOCK)


def _read(path: Path) -> Found:
    try:
        work, saved_at = work_of(path.read_bytes(), path)
    except (RecordError, OSError) as error:
        return Found(path, None, None, str(error))
    return Found(path, saved_at, work)


def _in_use(path: Path) -> bool:
    lock = _lock_of(path)
    if not lock.exists():
        return False
    taken = _locked(lock)
    if taken is None:
        return True
    taken.close()
    return False


def _locked(path: Path) -> sqlite3.Connection | None:
    """A lock that ends with the process, on any system; ``None`` where another process has it.

    SQLite asks each system for the lock in its own way; nothing is ever written into the file.
    """
    try:
        connection = sqlite3.connect(path, timeout=0.0, isolation_level=None,
                                     check_same_thread=False)  # fmt: skip
    except sqlite3.Error as error:
        raise OSError(str(error)) from error
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        connection.close()
        if "locked" in str(error):
            return None
        raise OSError(str(error)) from error
    return connection
