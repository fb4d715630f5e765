"""How numbers and units are written on screen: true minus signs, raised powers, fixed decimals."""

import re
from html import escape

_POWERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
ABSENT = "–"


def pretty_unit(unit: str) -> str:
    """``dyn s/cm5`` as ``dyn·s/cm⁵``, ``1/min`` as ``/min``."""
    if unit == "1":
        return ""
    text = (
        re.sub(r"^u(?=[gLlm])", "µ", unit)
        .replace("1/", "/")
        .replace("^", "")
        .replace("*", "·")
        .replace(" ", "·")
    )
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
    if 10.0**digits <= abs(value) < 1e6:
        text = f"{value:.0f}"
    elif 1e-3 <= abs(value) < 10.0**digits or value == 0:
        text = f"{value:#.{digits}g}".rstrip(".")
    else:
        text = f"{value:.2e}"
    return text.replace("-", "−")


def sentence(text: str) -> str:
    """A remark with a capital letter and a full stop."""
    ended = text if text.endswith((".", "!", "?")) else f"{text}."
    return f"{ended[:1].upper()}{ended[1:]}"


def wrapped(text: str) -> str:
    """A long text as a tooltip: Qt breaks the lines of rich text only."""
    return f"<qt>{escape(text).replace(chr(10), '<br>')}</qt>" if text else ""
