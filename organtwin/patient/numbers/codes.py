"""What the codes of clinical systems mean: the table in ``assets/codes/observations.toml``."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from organtwin.resources import asset

Code = tuple[str, str]
"""System (``LN``, ``SCT``, ``DCM``, ``MDC``; ``NAME`` for a quantity of this program) and code."""
NAME = "NAME"
BODY = ("height", "weight")
"""What the table calls quantities and a record keeps in its demographics."""
REGURGITANT, ANTEGRADE = "regurgitant", "antegrade"

_SYSTEMS = {
    "http://loinc.org": "LN", "LN": "LN", "LOINC": "LN", "urn:oid:2.16.840.1.113883.6.1": "LN",
    "http://snomed.info/sct": "SCT", "SCT": "SCT", "SNM3": "SCT", "SNOMED": "SCT",
    "urn:oid:2.16.840.1.113883.6.96": "SCT",
    "DCM": "DCM", "http://dicom.nema.org/resources/ontology/DCM": "DCM",
    "MDC": "MDC", "urn:iso:std:iso:11073:10101": "MDC",
    "SRT": "SRT", "99SDM": "SRT",
}  # fmt: skip
"""Names of code systems in FHIR (URIs), HL7 v2 (table 0396) and DICOM (PS3.16 table 8-1)."""

_PARTITION = re.compile(r"(\d{1,4}): ?(\d{1,6})")
"""An MDC code as DICOM writes it."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row: a code stands for ``quantity``, at ``sites`` and with ``flow`` where they are given.

    ``rank`` orders methods of one quantity; ``generic`` codes yield to one that names the vessel.
    """

    code: Code
    quantity: str
    text: str
    sites: tuple[str, ...] = ()
    flow: str = ""
    rank: int = 0
    generic: bool = False
    reference: str = ""
    """How the code is called in a message that also gives a name (MDC)."""


@dataclass(frozen=True)
class CodeTable:
    """All meanings of each code, panels of arterial pressure, and codes that fit no quantity."""

    meanings: Mapping[Code, tuple[Meaning, ...]]
    panels: frozenset[Code]
    unfit: Mapping[Code, tuple[str, str]]
    """What the code means, and why it is none of the quantities."""


@lru_cache(maxsize=1)
def code_table() -> CodeTable:
    """The table, read once."""
    rows = tomllib.loads(asset("codes/observations.toml").read_text("utf-8"))
    meanings: dict[Code, tuple[Meaning, ...]] = {}
    for row in rows["code"]:
        meaning = Meaning(
            (row["system"], row["code"]), row["quantity"], row["meaning"],
            tuple(row.get("site", ())), row.get("flow", ""), row.get("rank", 0),
            row.get("generic", False), row.get("reference", ""),
        )  # fmt: skip
        meanings[meaning.code] = (*meanings.get(meaning.code, ()), meaning)
    return CodeTable(
        meanings,
        frozenset((row["system"], row["code"]) for row in rows["panel"]),
        {(row["system"], row["code"]): (row["meaning"], row["why"]) for row in rows["unfit"]},
    )


def known_code(system: str, code: str) -> Code | None:
    """A code with the short name of its system; ``None`` for a system of no interest here.

    Codes of the older SNOMED writing (SRT) become SCT, by the table of pydicom.
    """
    short = _SYSTEMS.get(system.strip())
    code = code.strip()
    if short is None or not code:
        return None
    if short == "SRT" or (short == "SCT" and not code.isdigit()):
        from pydicom.sr._snomed_dict import mapping  # it takes a moment

        newer = mapping["SRT"].get(code)
        return None if newer is None else ("SCT", newer)
    if short == "MDC" and (parts := _PARTITION.fullmatch(code)):
        code = str((int(parts[1]) << 16) + int(parts[2]))  # as one number, free of its context
    return short, code


def meaning_of(
    codes: Sequence[Code], site: str = "", flow: str = "", *, arterial: bool = True
) -> Meaning | str:
    """What the codes of one number mean together, or why they mean none of the quantities.

    Parameters
    ----------
    codes
        The same thing said in several systems.
    site, flow
        Finding site (SCT) and direction of flow that stand beside it.
    arterial
        Nothing around the number says that its pressure is of another vessel.
    """
    table = code_table()
    fitting = [
        meaning
        for code in codes
        for meaning in table.meanings.get(code, ())
        if _fits(meaning, site, flow)
    ]
    special = [meaning for meaning in fitting if not meaning.generic]
    named = special or fitting
    quantities = {meaning.quantity for meaning in named}
    if len(quantities) > 1:
        return f"its codes mean different things: {', '.join(sorted(quantities))}"
    if special or (named and arterial and not _contradicted(codes)):
        return max(named, key=lambda meaning: meaning.rank)
    if named:
        return "a pressure, and what stands around it does not say that it is arterial"
    for code in codes:
        if code in table.unfit:
            return table.unfit[code][1]
        if code in table.meanings:
            return "not at a place that the model has, or in another direction of flow"
    return "unknown code"


def _fits(meaning: Meaning, site: str, flow: str) -> bool:
    if meaning.sites and site not in meaning.sites:
        return False
    return not (flow and meaning.flow and flow != meaning.flow) and not (
        meaning.flow == REGURGITANT and flow != REGURGITANT
    )


def _contradicted(codes: Sequence[Code]) -> bool:
    """Whether a code beside a generic one is known to be none of the quantities."""
    return any(code in code_table().unfit for code in codes)
