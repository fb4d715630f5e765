"""What stands on a report, as plain values: cells, tables, lines and curves without any drawing."""

from collections.abc import Callable
from dataclasses import dataclass

from organtwin.arrays import FloatArray

ABSENT = "–"
UnitText = Callable[[str], str]
"""How a unit is written for people."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A text; ``tone`` is ink, muted, good, watch or bad."""

    text: str
    tone: str = "ink"
    struck: bool = False
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a header; the columns in ``left`` hold words, the others numbers.

    ``widest`` is a column that takes what room is left, and wraps.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left: frozenset[int] = frozenset((0,))
    note: str = ""
    widest: int | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """Sentences one below the other."""

    title: str
    lines: tuple[Cell, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """``(n,)`` each, in the units of the chart; ``letter`` is that of the plan, empty untreated."""

    letter: str
    x: FloatArray
    y: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Chart:
    """Curves on common axes; with ``doubtful`` words it is hatched, as in the window."""

    title: str
    across: tuple[str, str]
    """What lies along the horizontal axis, and its unit."""
    up: tuple[str, str]
    curves: tuple[Curve, ...]
    doubtful: str = ""


@dataclass(frozen=True, slots=True)
class HeartPicture:
    """Where a picture of a heart stands, and what to say where there is none."""

    title: str
    letter: str
    why: str = ""
    extrapolated: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Page:
    """One page, from top to bottom."""

    title: str
    subtitle: str
    stamp: tuple[str, ...]
    purpose: str
    fit: Table
    hearts: tuple[HeartPicture, ...]
    plans: Lines
    response: Table
    charts: tuple[Chart, ...]
    drivers: Lines
    warnings: Lines
    """Those of the plans first: where room is short, the last are left out."""
    evidence: Table
    digests: Lines


def number(value: float, decimals: int) -> str:
    """Fixed decimals with a true minus; never ``-0``."""
    text = f"{value:.{decimals}f}"
    return (text.lstrip("-") if float(text) == 0.0 else text).replace("-", "−")


def signed(value: float, decimals: int) -> str:
    """With its sign, except for zero."""
    text = number(value, decimals)
    return f"+{text}" if value > 0.0 and float(text) != 0.0 else text
