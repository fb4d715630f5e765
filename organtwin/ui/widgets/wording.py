"""How numbers and units are written on screen: true minus signs, raised powers, fixed decimals."""

import re

_POWERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
ABSENT = "–"


def pretty_unit(unit: str) -> str:
    """``dyn s/cm5`` as ``dyn·s/cm⁵``, ``1/min`` as ``/min``."""
    text = unit.replace("1/", "/").replace("^", "").replace("*", "·").replace(" ", "·")
    return re.sub(r"(?<=[A-Za-z])\d+", lambda power: power.group().translate(_POWERS), text)


def number(value: float, decimals: int) -> str:
    """Fixed decimals; never ``-0``."""
    text = f"{value:.{decimals}f}"
    if float(text) == 0.0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def signed(value: float, decimals: int) -> str:
    """With its sign, except for zero."""
    text = number(value, decimals)
    return f"+{text}" if value > 0 and float(text) != 0.0 else text


def significant(value: float, digits: int = 3) -> str:
    """A value of unknown size, e.g. a model parameter."""
    text = f"{value:#.{digits}g}" if 1e-3 <= abs(value) < 1e5 or value == 0 else f"{value:.2e}"
    return text.rstrip(".").replace("-", "−")
