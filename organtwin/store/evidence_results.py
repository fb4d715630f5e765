"""When each test and script last ran on this machine, and how it ended; in the user's own folder.

Tests write it (``tests/evidence_hooks.py``), and so do the scripts that measure. It is no part of
any prediction: it is shown beside one.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from organtwin import __version__
from organtwin.errors import RecordError
from organtwin.resources import user_data
from organtwin.store.safe_writing import write_safely

PLACE = "ORGANTWIN_EVIDENCE"
"""Environment variable that names another file."""
_FIELDS = {"at": str, "passed": int, "failed": int, "skipped": int, "partly": bool, "told": str,
           "program": str}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunResult:
    """The last run of one test file or script; ``told`` sums up what a script measured."""

    at: str
    passed: int
    failed: int
    skipped: int = 0
    partly: bool = False
    """Not everything of the file was run."""
    told: str = ""
    program: str = __version__

    @property
    def verdict(self) -> str:
        """``passed``, ``failed`` or ``skipped``."""
        if self.failed:
            return "failed"
        return "passed" if self.passed else "skipped"

    def __str__(self) -> str:
        counts = f"{self.passed} passed"
        counts += f", {self.failed} FAILED" if self.failed else ""
        counts += f", {self.skipped} skipped" if self.skipped else ""
        part = ", part of it" if self.partly else ""
        told = f"; {self.told}" if self.told else ""
        return f"{self.at[:10]} {self.at[11:16]} UTC: {counts}{part}{told}"


def result_now(
    passed: int, failed: int, *, skipped: int = 0, partly: bool = False, told: str = ""
) -> RunResult:
    """A result of this moment and this program."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return RunResult(now, passed, failed, skipped, partly, told)


def results_file() -> Path:
    """Where the results lie, perhaps not written yet."""
    named = os.environ.get(PLACE, "")
    return Path(named) if named else user_data("evidence") / "results.json"


def known_results(path: Path | None = None) -> dict[str, RunResult]:
    """Results by path of test or script; none where nothing has run here.

    Raises
    ------
    RecordError
        The file is damaged.
    """
    path = path or results_file()
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): _result(entry) for name, entry in told.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError, KeyError, RecursionError) as error:
        raise RecordError(
            str(path), "results", expected="results as this program writes them",
            got=f"{type(error).__name__}: {error}", remedy="Delete it, and run the tests again.",
        ) from error  # fmt: skip


def _result(entry: Mapping[str, object]) -> RunResult:
    values = {name: entry[name] for name in _FIELDS}
    for name, kind in _FIELDS.items():
        if type(values[name]) is not kind:
            raise TypeError(f"{name}: {values[name]!r}")
    datetime.fromisoformat(str(values["at"]))
    return RunResult(**values)  # type: ignore[arg-type]


def note_results(new: Mapping[str, RunResult], path: Path | None = None) -> None:
    """Enter results beside those of other tests; a damaged file is begun anew.

    Raises
    ------
    RecordError
        It cannot be written.
    """
    path = path or results_file()
    try:
        known = known_results(path)
    except RecordError:
        known = {}
    merged = known | dict(new)
    content = {name: asdict(merged[name]) for name in sorted(merged)}
    write_safely(path, (json.dumps(content, indent=1) + "\n").encode())
