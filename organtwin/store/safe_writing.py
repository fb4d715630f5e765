"""Files that are there whole or not at all, also after a kill or a loss of power."""

import os
from contextlib import suppress
from pathlib import Path

from organtwin.errors import RecordError


def write_safely(path: Path, content: bytes) -> None:
    """Write beside the place, let the disk confirm, and only then give it the name.

    Raises
    ------
    RecordError
        It cannot be written; what was there before stays.
    """
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        _confirm_name(path.parent)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise RecordError(
            str(path), "file", expected="a place that can be written",
            got=error.strerror or str(error), remedy="Check rights and space of the disk.",
        ) from error  # fmt: skip


def _confirm_name(folder: Path) -> None:
    """Let the disk confirm the new name as well, where a folder can be opened (not on Windows)."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
