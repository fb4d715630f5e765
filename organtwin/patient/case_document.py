"""A case file as text: TOML when written by hand, JSON when written by the program."""

import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from organtwin.errors import RecordError
from organtwin.patient.case_table import CaseTable
from organtwin.patient.readers.foreign import unread

FORMAT = "organtwin-case"
VERSION = 1
_KEYS = ("format", "version", "id", "title", "diagnosis", "conduction", "rhythm", "remarks",
         "conditions", "patient", "measurement", "waveform", "heart", "markings")  # fmt: skip


def read_document(path: Path) -> CaseTable:
    """Parse a case file and check its head: format and version.

    Raises
    ------
    RecordError
        The file is missing, empty, malformed, not a case file, or of another version.
    """
    parse = {".toml": _toml, ".json": _json}.get(path.suffix.lower())
    if parse is None or path.is_dir():
        raise unread(path)
    entries = parse(path, _text(path))
    if entries.get("format") != FORMAT:
        raise RecordError(
            str(path), "format", expected=repr(FORMAT), got=repr(entries.get("format", "nothing")),
            remedy=f'A case file begins with `format = "{FORMAT}"` and `version = {VERSION}`.',
        )  # fmt: skip
    version = entries.get("version", "nothing")
    if version != VERSION or isinstance(version, bool):
        raise RecordError(
            str(path), "version", expected=str(VERSION), got=repr(version),
            remedy="Open the file with the program version that wrote it, or correct the number.",
        )  # fmt: skip
    return CaseTable(str(path), "", entries, _KEYS)


def written_whole(path: Path, text: str, newline: str = "\n") -> None:
    """Write a file beside its place and rename it, so that a crash never leaves half a case."""
    unfinished = path.with_name(f"{path.name}.part")
    try:
        unfinished.write_text(text, encoding="utf-8", newline=newline)
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise RecordError(
            str(path), "file", expected="a place that can be written",
            got=error.strerror or str(error), remedy="Save it in another folder.",
        ) from error  # fmt: skip


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors mark UTF-8 in front
    except OSError as error:
        raise RecordError(
            str(path), "file", expected="a readable case file", got=error.strerror or str(error),
            remedy="Check the path and the rights of the file.",
        ) from error  # fmt: skip
    except UnicodeDecodeError as error:
        raise RecordError(
            str(path), f"byte {error.start}", expected="UTF-8 text", got=error.reason,
            remedy="Save the file as UTF-8.",
        ) from error  # fmt: skip
    if not text.strip():
        raise RecordError(
            str(path), "file", expected="a case", got="an empty file",
            remedy="Copy the file again, or start from assets/cases/default.toml.",
        )  # fmt: skip
    return text


def _toml(path: Path, text: str) -> dict[str, object]:
    with _readable_depth(path):
        try:
            return tomllib.loads(text)
        except ValueError as error:
            at = re.search(r"at line (\d+)", str(error))
            line = f": {text.splitlines()[int(at[1]) - 1].strip()}" if at else ""
            raise RecordError(
                str(path), "TOML", expected="well-formed TOML", got=f"{error}{line}",
                remedy="Correct the line named; texts need quotes, numbers a decimal point, and "
                "each key stands once.",
            ) from error  # fmt: skip


def _json(path: Path, text: str) -> dict[str, object]:
    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        entries = dict(pairs)
        if len(entries) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise RecordError(
                str(path), twice, expected="each key once", got="the key twice",
                remedy="Delete one of the two.",
            )  # fmt: skip
        return entries

    with _readable_depth(path):
        try:
            entries = json.loads(text, object_pairs_hook=unique)
        except json.JSONDecodeError as error:
            raise RecordError(
                str(path), f"line {error.lineno}", expected="well-formed JSON", got=error.msg,
                remedy="Correct the line named; texts need double quotes.",
            ) from error  # fmt: skip
        except RecordError:
            raise
        except ValueError as error:  # an integer of thousands of digits
            raise RecordError(
                str(path), "JSON", expected="numbers of ordinary length", got=str(error),
                remedy="Correct the long number.",
            ) from error  # fmt: skip
    if not isinstance(entries, dict):
        raise RecordError(
            str(path), "JSON", expected="an object {...}", got=type(entries).__name__,
            remedy="A case file is one object; see FORMAT.md.",
        )  # fmt: skip
    return entries


@contextmanager
def _readable_depth(path: Path) -> Iterator[None]:
    """Say so when a file is nested deeper than it can be parsed; a case needs three levels."""
    try:
        yield
    except RecursionError as error:
        raise RecordError(
            str(path), "nesting", expected="tables and lists three deep at most",
            got="hundreds of levels", remedy="This is no case file; see FORMAT.md.",
        ) from error  # fmt: skip
