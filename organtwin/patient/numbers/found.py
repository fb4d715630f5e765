"""What a file of numbers holds: measurements, the person, and what is not used and why."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from organtwin.patient.measurement import Measurement
from organtwin.patient.numbers.codes import Code
from organtwin.patient.record import Demographics


class Reason(Enum):
    """Why something in a file is not used."""

    UNKNOWN = "no quantity of this program"
    UNIT = "unit does not fit"
    RANGE = "outside what a living adult shows"
    STATUS = "not final"
    NO_NUMBER = "no plain number"
    AMBIGUOUS = "means several things"
    DUPLICATE = "the same number twice"
    OTHER_METHOD = "another method of the same day is taken"
    OLDER = "older than the one that is taken"
    STATED = "the case states it already"
    CONDITION = "no condition of the list; state one, where it bears on heart or vessels"
    FUTURE = "a date that has not been or cannot be"


@dataclass(frozen=True, slots=True)
class Unused:
    """One thing in a file that is not used; ``what`` is as the file calls it, never saved."""

    what: str
    reason: Reason
    detail: str = ""
    count: int = 1

    def __str__(self) -> str:
        times = f" ({self.count} times)" if self.count > 1 else ""
        detail = f": {self.detail}" if self.detail else ""
        return f"{self.what}{times}: {self.reason.value}{detail}"


def gathered(unused: Iterable[Unused]) -> tuple[Unused, ...]:
    """The same thing for the same reason once, with its count; in the order of first sight."""
    counts: Counter[tuple[str, Reason, str]] = Counter()
    for entry in unused:
        counts[entry.what, entry.reason, entry.detail] += entry.count
    return tuple(Unused(*key, count=count) for key, count in counts.items())


@dataclass(frozen=True, slots=True)
class CodedValue:
    """One number as a file gives it.

    ``unit`` is UCUM where ``ucum`` is set, else as people write it. ``taken`` may be aware of its
    zone or not. ``site`` and ``flow`` narrow what the codes mean (see ``codes``), ``chosen`` marks
    a value that its maker has chosen among several, or their mean. ``problem`` says why the number
    cannot be used, whatever it means. ``label`` and ``where`` are for messages.
    """

    codes: tuple[Code, ...]
    value: float
    unit: str
    label: str
    where: str
    ucum: bool = True
    taken: datetime | date | None = None
    site: str = ""
    flow: str = ""
    arterial: bool = True
    chosen: bool = False
    sd: float | None = None
    rank: int = 0
    problem: tuple[Reason, str] | None = None


@dataclass(frozen=True)
class Identity:
    """Who the file says the patient is, to tell two patients apart; never saved.

    ``ids`` are identifiers of the patient as the file has them, without their systems.
    """

    ids: frozenset[str] = frozenset()
    sex: str | None = None
    born: date | None = None
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class NumbersFile:
    """One file of numbers, read completely.

    ``measurements`` hold each quantity once, the newest; ``private`` names the fields that tell who
    the patient is, never their content.
    """

    source: str
    kind: str
    measurements: tuple[Measurement, ...]
    who: Demographics = field(default_factory=Demographics)
    identity: Identity = field(default_factory=Identity)
    unused: tuple[Unused, ...] = ()
    private: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    """Names of ``patient.conditions`` that hold."""


def day_of(taken: datetime | date | None) -> date | None:
    """The day, in the zone that the file writes it in."""
    return taken.date() if isinstance(taken, datetime) else taken


def moment_key(taken: datetime | date | None) -> str:
    """Sorts times of a file; what has no date comes first."""
    return "" if taken is None else taken.isoformat()


def last_day(measurements: Sequence[Measurement]) -> date | None:
    """The day of the newest of some measurements."""
    return max((entry.taken for entry in measurements if entry.taken), default=None)
