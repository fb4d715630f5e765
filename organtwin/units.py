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

_BARE_POWER = re.compile(r"\b([cdkm]?m|s|min|h|kg|g|Pa|m?L)(\d)\b")
_SPELLINGS = {
    "mmhg": "mmHg", "mmHg": "mmHg", "%": "percent", "1/min": "1/minute", "bpm": "1/minute",
    "/min": "1/minute", "beats/min": "1/minute", "cmH2O": "cmH2O", "cc": "cm^3", "WU": "wood_unit",
}  # fmt: skip
"""Clinical spellings that pint does not know or reads as something else."""


_PRESSURE, _VOLUME, _FLOW, _TIME, _AREA = "pressure", "volume", "flow", "time", "area"
_RESISTANCE, _LENGTH, _MASS, _RATE, _NUMBER = "resistance", "length", "mass", "rate", "number"
_FAMILIAR: dict[str, tuple[str, float]] = {
    "mmHg": (_PRESSURE, MMHG), "Pa": (_PRESSURE, 1.0), "kPa": (_PRESSURE, 1e3),
    "mL": (_VOLUME, ML), "L": (_VOLUME, 1e-3), "m3": (_VOLUME, 1.0),
    "mL/s": (_FLOW, ML), "L/min": (_FLOW, L_PER_MIN),
    "s": (_TIME, 1.0), "ms": (_TIME, MS), "1/min": (_RATE, PER_MIN),
    "cm2": (_AREA, CM2), "m2": (_AREA, 1.0), "cm": (_LENGTH, 1e-2), "mm": (_LENGTH, MM),
    "g": (_MASS, 1e-3), "kg": (_MASS, 1.0), "%": (_NUMBER, 0.01), "1": (_NUMBER, 1.0),
    "mmHg s/mL": (_RESISTANCE, MMHG / ML), "dyn s/cm5": (_RESISTANCE, 1e5),
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
    expected = registry.parse_units(_spelled(like))
    try:
        parsed = registry.parse_units(_spelled(unit))
    except Exception as error:  # pint raises half a dozen kinds on malformed text
        raise UnitError(
            repr(unit), "unit", expected=f"a unit such as {like!r}", got=f"{unit!r}",
            remedy=f"Write the unit as {like!r}.",
        ) from error  # fmt: skip
    # A plain number ("1") is only dimensionless; "degC" has an offset, not a factor.
    if (
        parsed.dimensionality != expected.dimensionality
        or not registry.Quantity(1, parsed)._is_multiplicative
    ):
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


def _spelled(unit: str) -> str:
    text = unit.strip()
    if text in _SPELLINGS:
        return _SPELLINGS[text]
    # "cm2", "m²", "dyn s/cm5": a power without a sign, and a space for a product.
    text = text.replace("²", "2").replace("³", "3")
    text = _BARE_POWER.sub(r"\1**\2", text)
    return re.sub(r"(?<=[A-Za-z0-9]) +(?=[A-Za-z])", "*", text)
