"""Units as clinical messages write them (UCUM), in the words of ``units``.

Only what a heart is measured in: one table of atoms with products, quotients and powers. Anything
else is refused by name, also units of UCUM that pint would read as something else.
https://ucum.org/ucum, case sensitive variant ("c/s").
"""

import re

from organtwin.errors import UnitError
from organtwin.units import LONGEST, si_factor

CODING = "http://unitsofmeasure.org"
"""The name of UCUM in FHIR."""
ATOMS = {
    "mm[Hg]": "mmHg", "cm[H2O]": "cmH2O", "Pa": "Pa", "hPa": "hPa", "kPa": "kPa",
    "L": "L", "dL": "dL", "cL": "cL", "mL": "mL", "uL": "uL",
    "l": "L", "dl": "dL", "cl": "cL", "ml": "mL", "ul": "uL",
    "m": "m", "dm": "dm", "cm": "cm", "mm": "mm", "um": "um", "[in_i]": "inch", "[ft_i]": "foot",
    "kg": "kg", "g": "g", "mg": "mg", "ug": "ug", "[lb_av]": "lb", "[oz_av]": "oz",
    "a": "years", "mo": "months", "wk": "weeks", "d": "d", "h": "h", "min": "min", "s": "s",
    "ms": "ms", "us": "us", "Hz": "Hz", "dyn": "dyn", "N": "N", "V": "V", "mV": "mV", "uV": "uV",
    "%": "%", "1": "1", "[wood'U]": "WU",
}  # fmt: skip
"""Atoms of UCUM, and how ``units`` calls them."""
_NOTE = re.compile(r"\{[^{}]*\}")
_PART = re.compile(r"([./])?([^./]+)")
_ATOM = re.compile(r"(?P<atom>.*?[^0-9+-]|1)(?P<power>[+-]?[1-9])?")


def ucum_unit(code: str) -> str:
    """A UCUM code in the words of ``units``: ``/min`` is ``1/min``, ``dyn.s/cm5`` ``dyn*s/cm5``.

    What stands in braces is a remark and counts as one (``{beats}/min``).

    Raises
    ------
    UnitError
        The code is none, or of a unit that is not in ``ATOMS``.
    """
    text = code.strip()
    bare = _NOTE.sub(lambda found: "" if _ends_atom(text, found.start()) else "1", text)
    bare = f"1{bare}" if bare.startswith("/") else bare
    if not bare or len(text) > LONGEST or not re.fullmatch(rf"(?:{_PART.pattern})+", bare):
        raise _unknown(code)
    words: list[str] = []
    for sign, part in _PART.findall(bare):
        found = _ATOM.fullmatch(part)
        if found is None or found["atom"] not in ATOMS or (bool(sign) != bool(words)):
            raise _unknown(code)
        words.append({".": "*", "": ""}.get(sign, sign) + ATOMS[found["atom"]])
        words[-1] += (found["power"] or "").lstrip("+")
    return "".join(words)


def ucum_factor(code: str, like: str) -> float:
    """Multiplier that takes a value in a UCUM unit to SI, checked to measure the same as ``like``.

    Raises
    ------
    UnitError
        The unit is not known, or measures something else.
    """
    return si_factor(ucum_unit(code), like)


def _ends_atom(text: str, place: int) -> bool:
    """Whether a remark belongs to an atom before it, as in ``g{tissue}``."""
    return place > 0 and text[place - 1] not in "./"


def is_ucum(code: str) -> bool:
    """Whether a text is one of the known units of UCUM."""
    try:
        ucum_unit(code)
    except UnitError:
        return False
    return True


def _unknown(code: str) -> UnitError:
    got = repr(code) if len(code) <= LONGEST else f"{code[:LONGEST]!r}... ({len(code)} characters)"
    return UnitError(
        got, "unit", expected="a UCUM unit such as 'mm[Hg]', '/min' or 'mL'", got=got,
        remedy="Send the value in a unit that IMPORT.md names.",
    )  # fmt: skip
