"""In whom, at which dose and in which state a therapy's response was seen: its checked range.

Drugs state it in their file (``[checked]``), everything else in ``assets/therapies/checked.toml``;
both are read here, completely or not at all. A therapy that states none was checked in nobody.
``twin.checked_range`` compares it with a patient and a plan.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from organtwin.errors import DrugError
from organtwin.resources import asset
from organtwin.therapy.drug_table import DrugTable
from organtwin.therapy.traits import TRAITS

OTHERS = "therapies/checked.toml"
CHECKED_GRADES = ("none", "physical", "computed", "repository", "abstract", "table", "bench")
"""How the range is known. None: nobody's response was compared. Physical: hydraulics or a
definition that the beat itself computes, verified as such. Bench: mock loop or animal."""


@dataclass(frozen=True, slots=True)
class StateRange:
    """Values of one quantity (SI, untreated patient) in which the response was seen."""

    quantity: str
    lowest: float
    highest: float
    source: str
    remedy: str = ""
    """What to do outside it, where that is more than to choose something else."""


@dataclass(frozen=True, slots=True)
class DoseLimit:
    """The highest dose, in the unit of the therapy, in patients of any of ``traits``."""

    traits: tuple[str, ...]
    highest: float
    source: str


@dataclass(frozen=True, slots=True)
class CheckedRange:
    """The whole range; ``lowest`` and ``highest`` dose in the unit of the therapy.

    A patient shows at least one trait of ``needs`` (where there are any) and none of ``excludes``.
    ``patients`` says in words who they were. Of no therapy with grade ``none`` is a response shown.
    """

    evidence: str
    patients: str
    source: str
    lowest: float = 0.0
    highest: float = math.inf
    needs: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    states: tuple[StateRange, ...] = ()
    limits: tuple[DoseLimit, ...] = ()
    """Where some of the patients were given less."""

    @property
    def in_nobody(self) -> bool:
        return self.evidence == "none"


NOBODY = CheckedRange("none", "nobody", "it states no checked range")


def read_checked(table: DrugTable, lower: float, upper: float) -> CheckedRange:
    """The range of a therapy that is offered from ``lower`` to ``upper``.

    Raises
    ------
    DrugError
        Something is missing, unknown, of the wrong kind, or lies outside what is offered.
    """
    evidence = table.choice("evidence", CHECKED_GRADES)
    patients, source = table.text("patients"), table.text("source")
    nobody = evidence == "none"
    lowest = table.number("lowest", lower, lowest=lower, highest=upper)
    highest = table.number("highest", upper if nobody else None, lowest=lowest, highest=upper)
    found = CheckedRange(
        evidence=evidence,
        patients=patients,
        source=source,
        lowest=lowest,
        highest=highest,
        needs=_traits(table, "needs"),
        excludes=_traits(table, "excludes"),
        states=tuple(_state(row) for row in table.tables("state")),
        limits=tuple(_limit(row, lowest, highest) for row in table.tables("limit")),
    )
    table.finish()
    return found


def _traits(table: DrugTable, key: str) -> tuple[str, ...]:
    names = sorted(table.names(key))
    for name in names:
        if name not in TRAITS:
            raise table.refused(
                key, expected=f"names out of {', '.join(TRAITS)}", got=name,
                remedy="Write one of these; organtwin/therapy/traits.py says what they mean.",
            )  # fmt: skip
    return tuple(names)


def _state(row: DrugTable) -> StateRange:
    name, limits = row.limits("lowest", "highest")
    lowest, highest = limits.get("lowest", -math.inf), limits.get("highest", math.inf)
    if not lowest < highest:
        raise row.refused(
            "highest", expected="more than lowest", got=f"{row.number('highest'):g}",
            remedy="Exchange them.",
        )  # fmt: skip
    found = StateRange(name, lowest, highest, row.text("source"), row.text("remedy", ""))
    row.finish()
    return found


def _limit(row: DrugTable, lowest: float, highest: float) -> DoseLimit:
    most = row.number("highest", lowest=lowest, highest=highest)
    found = DoseLimit(_traits(row, "traits"), most, row.text("source"))
    row.finish()
    return found


@cache
def other_ranges() -> Mapping[str, CheckedRange]:
    """The ranges of what is no drug, by name of therapy.

    Raises
    ------
    DrugError
        The bundled file is damaged.
    """
    return read_ranges(asset(OTHERS))


def read_ranges(path: Path) -> dict[str, CheckedRange]:
    """Ranges of a file of ``[[range]]`` tables, each for one or several ``names``."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise DrugError(
            path.name, "text", expected="TOML in UTF-8", got=str(error), remedy="Install it again."
        ) from error
    table = DrugTable(path.name, document)
    found: dict[str, CheckedRange] = {}
    for row in table.tables("range"):
        names = row.names("names")
        checked = read_checked(row, -math.inf, math.inf)
        for name in names:
            if name in found:
                raise row.refused(
                    "names", expected="each therapy once", got=name, remedy="Leave one out."
                )
            found[name] = checked
    table.finish()
    return found
