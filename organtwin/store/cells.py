"""Values of a table's cells as the kinds they were stored as."""

from datetime import date, datetime

from organtwin.errors import OrganTwinError


class CellError(OrganTwinError, TypeError):
    """A cell holds another kind of value than the library writes: it was changed by hand."""


def real(cell: object) -> float:
    """A number."""
    if isinstance(cell, float):
        return cell
    raise _wrong("a number", cell)


def whole(cell: object) -> int:
    """A whole number."""
    if isinstance(cell, int):
        return cell
    raise _wrong("a whole number", cell)


def raw(cell: object) -> bytes:
    """Bytes."""
    if isinstance(cell, bytes):
        return cell
    raise _wrong("bytes", cell)


def text(cell: object) -> str:
    """A text."""
    if isinstance(cell, str):
        return cell
    raise _wrong("a text", cell)


def day(cell: object) -> date:
    """A day, written as 2025-03-01."""
    try:
        return date.fromisoformat(text(cell))
    except ValueError as error:
        raise _wrong("a day", cell) from error


def instant(cell: object) -> datetime:
    """An instant, written with its offset from UTC."""
    try:
        return datetime.fromisoformat(text(cell))
    except ValueError as error:
        raise _wrong("an instant", cell) from error


def _wrong(wanted: str, cell: object) -> CellError:
    return CellError(f"library: expected {wanted}, got {cell!r}. Put back a copy from before.")
