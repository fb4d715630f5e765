"""Days and measurements as they are written on the command line."""

from datetime import date

from organtwin.errors import UnitError, UnknownNameError, UsageError
from organtwin.patient.measurement import Measurement
from organtwin.patient.uncertainty import default_sd
from organtwin.quantities import Quantity, quantity
from organtwin.units import si_factor


def written_day(command: str, option: str, text: str | None) -> date | None:
    """A day, or ``None`` where nothing is written.

    Raises
    ------
    UsageError
        It is no day.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            command, option, expected="a day such as 2025-03-01", got=repr(text),
            remedy="Write year-month-day.",
        ) from error  # fmt: skip


def written_measurement(command: str, option: str, text: str, day: date | None) -> Measurement:
    """A measurement written as name, value, unit and, unless the default is meant, its sd.

    Raises
    ------
    UsageError
        A part is missing or cannot be read, or no living adult shows such a value.
    """
    words = text.split()
    try:
        known = quantity(words[0] if words else "")
    except UnknownNameError as error:
        raise UsageError(
            command, option, expected="the name of a quantity", got=str(error),
            remedy="Use a name from FORMAT.md.",
        ) from error  # fmt: skip
    value, unit, sd = _numbers(command, option, text, known)
    try:
        factor = si_factor(unit, known.unit)
    except UnitError as error:
        raise UsageError(
            command, option, expected=error.expected, got=error.got, remedy=error.remedy
        ) from error
    if not known.to_si(known.lower) <= value * factor <= known.to_si(known.upper):
        raise UsageError(
            command, option, expected=f"{known.lower:g} to {known.upper:g} {known.unit}",
            got=text, remedy="No living adult shows this: check number and unit.",
        )  # fmt: skip
    doubt = default_sd(known.name, value * factor) if sd is None else sd * factor
    return Measurement(known.name, value * factor, doubt, day, "by hand", sd_assumed=sd is None)


def _numbers(
    command: str, option: str, text: str, known: Quantity
) -> tuple[float, str, float | None]:
    """Value, unit and standard deviation; the unit may be of several words."""
    words = text.split()[1:]
    try:
        value, last = float(words[0]), words[-1]
        stated = len(words) > 2 and last.replace(".", "", 1).isdecimal()
        sd = float(last) if stated else None
    except (IndexError, ValueError):
        sd, stated, value = 0.0, False, float("nan")
    unit = " ".join(words[1:-1] if stated else words[1:])
    if not unit or value != value or (sd is not None and sd <= 0.0):
        raise UsageError(
            command, option, expected="name, value, unit and perhaps the standard deviation",
            got=repr(text),
            remedy=f'Write for example "{known.name} {known.lower:g} {known.unit}".',
        )  # fmt: skip
    return value, unit, sd
