"""Clinical units at the edges, SI inside: the only place where the two meet.

Inside the program a bare number is SI. A quantity in any other unit says so in its name
(``pressure_mmhg``). Unit strings written by people are parsed by pint.
"""

import re
from functools import lru_cache
from typing import Any

from organtwin.errors import UnitError

MMHG = 133.322387415
"""Pascal per conventional millimetre of mercury (NIST SP 811, table B.8)."""
ML = 1e-6
L_PER_MIN = 1e-3 / 60.0
PER_MIN = 1.0 / 60.0
MS = 1e-3
CM2 = 1e-4
MM = 1e-3

LONGEST = 40
"""Characters of a unit; ``dyn s/cm5`` has nine."""

_SYMBOLS = frozenset({
    "mmHg", "Pa", "hPa", "kPa", "mbar", "bar", "m", "dm", "cm", "mm", "um", "s", "ms", "us",
    "min", "h", "d", "g", "kg", "mg", "ug", "ng", "mol", "mmol", "umol", "nmol", "L", "dL",
    "cL", "mL", "uL", "l", "dl", "cl", "ml", "lb", "oz", "in", "ft", "N", "dyn", "V", "mV",
    "uV", "Hz",
})  # fmt: skip
"""Units that pint knows by the same name. Upper and lower case count: ``mg`` is no ``Mg``."""
_WORDS = {
    "mmhg": "mmHg", "torr": "torr", "%": "percent", "pct": "percent", "percent": "percent",
    "ppm": "ppm", "u": "international_unit", "iu": "international_unit",
    "bpm": "minute**-1", "beat": "1", "beats": "1", "cc": "cm**3", "mcg": "ug", "lpm": "L/minute",
    "wu": "wood_unit", "wood": "wood_unit", "cmh": "cmH2O",
    "sec": "s", "secs": "s", "second": "s", "seconds": "s", "msec": "ms",
    "mins": "minute", "minute": "minute", "minutes": "minute",
    "hr": "hour", "hrs": "hour", "hour": "hour", "hours": "hour", "day": "day", "days": "day",
    "week": "week", "weeks": "week", "month": "month", "months": "month",
    "y": "year", "yr": "year", "yrs": "year", "year": "year", "years": "year",
    "dyne": "dyn", "dynes": "dyn", "liter": "L", "liters": "L", "litre": "L", "litres": "L",
    "inch": "inch", "inches": "inch", "foot": "foot", "feet": "foot",
    "pound": "lb", "pounds": "lb", "lbs": "lb", "gram": "g", "grams": "g", "kgs": "kg",
}  # fmt: skip
"""Words of the clinic in lower case (any case is read), each as pint writes it. What stands in
neither table is refused: pint also knows ``rpm`` as 2 pi per minute and ``Bq`` as a rate."""
_PHRASES = {
    "mm Hg": "mmHg",
    "cmH2O": "cmh",
    "cm H2O": "cmh",
    "Wood units": "wood",
    "Wood unit": "wood",
}
_TOKEN = re.compile(r"(?P<name>[A-Za-z%]+)(?:(?:\^|\*\*)?(?P<power>-?[1-9]))?(?![0-9^])"
                    r"|1(?![0-9^])|[*/()]|\s+")  # fmt: skip
"""A name with one digit of power, a plain 1, product, quotient or bracket; nothing else."""
_SIGNS = str.maketrans("²³⁴⁵⁻·⋅.µμ", "2345-***uu")


_PRESSURE, _VOLUME, _FLOW, _TIME, _AREA = "pressure", "volume", "flow", "time", "area"
_RESISTANCE, _LENGTH, _MASS, _RATE, _NUMBER = "resistance", "length", "mass", "rate", "number"
_FAMILIAR: dict[str, tuple[str, float]] = {
    "mmHg": (_PRESSURE, MMHG), "Pa": (_PRESSURE, 1.0), "kPa": (_PRESSURE, 1e3),
    "mL": (_VOLUME, ML), "L": (_VOLUME, 1e-3), "m3": (_VOLUME, 1.0),
    "mL/s": (_FLOW, ML), "L/min": (_FLOW, L_PER_MIN),
    "s": (_TIME, 1.0), "ms": (_TIME, MS), "years": (_TIME, 365.25 * 86400.0),
    "1/min": (_RATE, PER_MIN), "V": ("voltage", 1.0), "mV": ("voltage", 1e-3),
    "uV": ("voltage", 1e-6),
    "cm2": (_AREA, CM2), "m2": (_AREA, 1.0), "cm": (_LENGTH, 1e-2), "mm": (_LENGTH, MM),
    "g": (_MASS, 1e-3), "kg": (_MASS, 1.0), "%": (_NUMBER, 0.01), "ppm": (_NUMBER, 1e-6),
    "1": (_NUMBER, 1.0), "mmHg s/mL": (_RESISTANCE, MMHG / ML), "dyn s/cm5": (_RESISTANCE, 1e5),
    "mmHg/s": ("pressure rate", MMHG), "m/s": ("velocity", 1.0), "um/s": ("velocity", 1e-6),
    "kg/m^3": ("density", 1.0),
}  # fmt: skip
"""The program's own units, so that starting it does not wait half a second for pint. A test
compares every line with pint."""


@lru_cache(maxsize=1)
def _registry() -> Any:
    import pint

    registry = pint.UnitRegistry(cache_folder=None)
    registry.define("wood_unit = mmHg * minute / liter")
    registry.define("international_unit = [biological_activity]")  # pint's U is that of enzymes
    return registry


@lru_cache(maxsize=512)
def si_factor(unit: str, like: str) -> float:
    """Multiplier that takes a value in ``unit`` to SI, checked to measure the same as ``like``.

    Parameters
    ----------
    unit
        As a person writes it: ``mmHg``, ``mL``, ``L/min``, ``%``, ``cm2``, ``dyn s/cm5``.
    like
        A unit of the expected dimension, e.g. the clinical unit of the quantity.

    Raises
    ------
    UnitError
        The string is not a unit, or measures something else.
    """
    ours, theirs = _FAMILIAR.get(unit), _FAMILIAR.get(like)
    if ours is not None and theirs is not None and ours[0] == theirs[0]:
        return ours[1]
    return _parsed_factor(unit, like)


def _parsed_factor(unit: str, like: str) -> float:
    """``si_factor`` by pint, for any unit a person may write."""
    registry = _registry()
    text, kinds = _translated(unit, like)
    _, expected_kinds = _translated(like, like)
    try:
        parsed, expected = registry.parse_units(text), registry.parse_units(_translated(like)[0])
    except Exception as error:  # pint raises half a dozen kinds on malformed text
        raise _unknown(unit, like) from error
    # Equal dimensions do not do: mg/kg and % are both plain numbers, ug/kg/min and 1/min rates.
    if parsed.dimensionality != expected.dimensionality or kinds != expected_kinds:
        raise UnitError(
            repr(unit), "unit", expected=f"the same kind of quantity as {like!r}",
            got=f"{unit!r}, which measures {_dimension(parsed)}",
            remedy=f"Give the value in {like!r} or another unit of that kind.",
        )  # fmt: skip
    return float(registry.Quantity(1.0, parsed).to_base_units().magnitude)


def to_si(value: float, unit: str, like: str | None = None) -> float:
    """``value`` in ``unit`` expressed in SI; ``like`` fixes what the unit must measure."""
    return value * si_factor(unit, unit if like is None else like)


def from_si(value: float, unit: str) -> float:
    """An SI value expressed in ``unit``."""
    return value / si_factor(unit, unit)


def _dimension(unit: Any) -> str:
    text = str(unit.dimensionality)
    return "a plain number" if text == "dimensionless" else text


def _unknown(unit: str, like: str) -> UnitError:
    got = repr(unit) if len(unit) <= LONGEST else f"{unit[:LONGEST]!r}... ({len(unit)} characters)"
    return UnitError(
        got, "unit", expected=f"a unit such as {like!r}", got=got,
        remedy=f"Write the unit as {like!r}.",
    )  # fmt: skip


def _translated(unit: str, like: str = "") -> tuple[str, frozenset[str]]:
    """A unit as pint reads it, and the base dimensions named in it even where they cancel."""
    text = unit.strip().translate(_SIGNS).replace(" per ", "/")
    for phrase, short in _PHRASES.items():
        text = text.replace(phrase, short)
    if not text or len(unit) > LONGEST:
        raise _unknown(unit, like)
    parts, kinds, position = ["1"] if text[0] == "/" else [], set[str](), 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise _unknown(unit, like)
        position = token.end()
        part = token.group().strip()
        if name := token["name"]:
            word = name if name in _SYMBOLS else _WORDS.get(name.lower())
            if word is None:
                raise _unknown(unit, like)
            kinds |= set(_registry().parse_units(word).dimensionality)
            part = f"({word})**{token['power'] or 1}"
        if not part:
            continue
        if parts and parts[-1] not in ("*", "/", "(") and part not in ("*", "/", ")"):
            parts.append("*")  # a space stands for a product
        parts.append(part)
    return "".join(parts), frozenset(kinds)
