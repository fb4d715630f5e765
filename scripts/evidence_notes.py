"""Writes down for the evidence cards what a script found of each therapy."""

from collections.abc import Mapping, Sequence

from organtwin.store.evidence_results import note_results, result_now

VALIDATION = "scripts/validate_therapies.py"
QT = "scripts/measure_qt.py"


def note_rows(found: Mapping[str, tuple[Sequence[bool | None], str]], *, partly: bool) -> None:
    """Published rows by name of therapy: whether each sign is right (``None``: not asked), summary.

    A row with the wrong sign counts as failed. How large the errors are stands in the summary.
    """
    results = {}
    for name, (signs, told) in found.items():
        wrong = sum(sign is False for sign in signs)
        key = f"{VALIDATION}#{name}"
        results[key] = result_now(
            sum(sign is True for sign in signs), wrong, partly=partly, told=told.split(": ", 1)[1]
        )
    note_results(results)


def note_qt(therapy: str, predicted: float, published: float) -> None:
    """The change of QTc [ms] under a drug; that it goes the wrong way counts as failed."""
    right = predicted * published > 0.0
    told = f"QTc {predicted:+.0f} ms, published {published:+.0f} ms"
    note_results({f"{QT}#{therapy}": result_now(int(right), int(not right), told=told)})
