"""Every therapy the program offers."""

from collections.abc import Mapping
from types import MappingProxyType

from organtwin.errors import InputError, UnknownNameError
from organtwin.therapy.drug import drug_kinds
from organtwin.therapy.kind import Therapy, TherapyKind
from organtwin.therapy.pacing import PACING
from organtwin.therapy.valve import AORTIC_VALVE
from organtwin.units import si_factor

THERAPIES: Mapping[str, TherapyKind] = MappingProxyType(
    {**drug_kinds(), PACING.name: PACING, AORTIC_VALVE.name: AORTIC_VALVE}
)
"""By name, in the order of the menu."""


def parse_therapy(text: str) -> Therapy:
    """``"dobutamine 5 ug/kg/min"`` as a therapy; any unit of the same kind is converted.

    Raises
    ------
    UnknownNameError
        No such therapy; the nearest names are offered.
    InputError
        Dose or unit is missing, of the wrong kind, or out of range.
    """
    words = text.split(maxsplit=2)
    name = words[0].lower().replace("-", "_") if words else ""
    if name not in THERAPIES:
        raise UnknownNameError("therapy", name or text, tuple(THERAPIES))
    kind = THERAPIES[name]
    example = f"{name} {kind.default:g} {kind.unit}"
    try:
        value, unit = float(words[1]), words[2]
    except (IndexError, ValueError):
        raise InputError(
            f"therapy {text!r}", "dose", expected="name, number and unit", got=text,
            remedy=f'Write for example "{example}".',
        ) from None  # fmt: skip
    # Equal units are not converted: 250 mL stays 250, not 250.00000000000003.
    ratio = si_factor(unit, kind.unit) / si_factor(kind.unit, kind.unit)
    return kind.at(value if unit == kind.unit else value * ratio)
