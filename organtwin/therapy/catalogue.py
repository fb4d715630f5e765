"""Every therapy the program offers."""

from collections.abc import Mapping
from types import MappingProxyType

from organtwin.errors import InputError, UnitError, UnknownNameError
from organtwin.therapy.device import DEVICES, RPM
from organtwin.therapy.exercise import EXERCISE
from organtwin.therapy.infarct import INFARCTS
from organtwin.therapy.kind import Therapy, TherapyKind
from organtwin.therapy.pacing import PACING, VENTRICULAR
from organtwin.therapy.pharmacy import bundled_drugs, kind_of, own_drugs
from organtwin.therapy.prosthesis import SIZED_VALVES
from organtwin.therapy.septal_reduction import SEPTAL_REDUCTIONS
from organtwin.therapy.valve import LESIONS, VALVE_THERAPIES
from organtwin.therapy.volume import VOLUME_THERAPIES
from organtwin.units import si_factor

_OTHERS = {
    kind.name: kind
    for kind in (
        PACING,
        *VENTRICULAR,
        *VALVE_THERAPIES[:2],
        *SIZED_VALVES,
        *VALVE_THERAPIES[2:],
        *SEPTAL_REDUCTIONS,
        *DEVICES,
        *VOLUME_THERAPIES,
        EXERCISE,
        *LESIONS,
        *INFARCTS,
    )
}
OWN_DRUGS = own_drugs(taken=frozenset(_OTHERS))
"""The user's own drugs, with the files that were refused."""
THERAPIES: Mapping[str, TherapyKind] = MappingProxyType({
    **{name: kind_of(dosed) for name, dosed in (bundled_drugs() | OWN_DRUGS.drugs).items()},
    **_OTHERS,
})  # fmt: skip
"""By name, in the order of the menu."""


def parse_therapy(text: str) -> Therapy:
    """``"dobutamine 5 ug/kg/min"`` as a therapy; any unit of the same kind is converted.

    Raises
    ------
    InputError
        No such therapy (the nearest names are offered); dose or unit is missing, of the wrong
        kind, or out of range.
    """
    words = text.split(maxsplit=2)
    name = words[0].lower().replace("-", "_") if words else ""
    if name not in THERAPIES:
        raise InputError(
            f"therapy {text!r}", "name", expected="the name of a therapy",
            got=str(UnknownNameError("therapy", name, tuple(THERAPIES))),
            remedy="`organtwin therapies` lists every one with its unit and range.",
        )  # fmt: skip
    kind = THERAPIES[name]
    example = f"{name} {kind.default:g} {kind.unit}"
    try:
        value, unit = float(words[1]), words[2]
    except (IndexError, ValueError):
        raise InputError(
            f"therapy {text!r}", "dose", expected="name, number and unit", got=text,
            remedy=f'Write for example "{example}".',
        ) from None  # fmt: skip
    return kind.at(value if unit == kind.unit else _converted(text, value, unit, kind))


def _converted(text: str, value: float, unit: str, kind: TherapyKind) -> float:
    """A dose in another unit of the same kind, without the rounding of the conversion."""
    if kind.unit == RPM and unit == "1/min":  # no other unit is a speed of rotation without doubt
        return value
    try:
        ratio = si_factor(unit, kind.unit) / si_factor(kind.unit, kind.unit)
    except UnitError as error:
        remedy = f"{_per_weight(value, unit, kind)}{error.remedy}"
        raise InputError(
            f"therapy {text!r}", "unit", expected=error.expected, got=error.got, remedy=remedy
        ) from error
    return float(f"{value * ratio:.12g}")


def _per_weight(value: float, unit: str, kind: TherapyKind) -> str:
    """What to do about a dose that lacks only the division by body weight."""
    whole = kind.unit.replace("/kg", "")
    try:
        share = value * si_factor(unit, whole) / si_factor(whole, whole) / 70.0
    except UnitError:
        return ""
    return f"Divide by the body weight: in 70 kg, {value:g} {unit} are {share:.3g} {kind.unit}. "
