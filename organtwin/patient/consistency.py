"""Whether the measurements of one record agree with each other.

Two kinds of disagreement. What no heart can show (an end-systolic volume above the end-diastolic
one) is an error: one of the two is a typing error, and a fit would chase it. What merely does not
add up within the stated doubt (an ejection fraction that is not 1 - ESV/EDV) is reported with its
numbers and left as it stands: group means, different days and different methods do that.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import hypot

from organtwin.errors import RecordError
from organtwin.patient.finding import Finding, FindingKind
from organtwin.patient.limits import (
    LEFT_LEAKS,
    crossed_limits,
    leaking,
    listed,
    propagated,
    shown,
    unequal_ventricles,
)
from organtwin.patient.measurement import Measurement
from organtwin.quantities import quantity

_ABOVE = (
    ("lv_edv", "lv_esv"),
    ("rv_edv", "rv_esv"),
    ("systolic_pressure", "diastolic_pressure"),
    ("pa_systolic", "pa_diastolic"),
)
"""In each pair the first must be larger."""
_BETWEEN = (
    ("mean_arterial_pressure", "diastolic_pressure", "systolic_pressure"),
    ("pa_mean", "pa_diastolic", "pa_systolic"),
)
"""The first must lie between the other two."""


@dataclass(frozen=True)
class _Identity:
    """``name`` equals ``formula(*inputs)``, all SI; not asked where one of ``unless`` is known.

    What compares volume change with net flow does not hold while a valve of the left heart leaks.
    """

    name: str
    inputs: tuple[str, ...]
    formula: Callable[..., float]
    words: str
    unless: tuple[str, ...] = ()
    holds_with_leak: bool = True


_IDENTITIES = (
    _Identity("lv_ef", ("lv_edv", "lv_esv"), lambda edv, esv: 1.0 - esv / edv, "1 - ESV/EDV"),
    _Identity("rv_ef", ("rv_edv", "rv_esv"), lambda edv, esv: 1.0 - esv / edv, "1 - ESV/EDV"),
    _Identity("stroke_volume", ("lv_edv", "lv_esv"), lambda edv, esv: edv - esv,
              "EDV - ESV", holds_with_leak=False),
    _Identity("stroke_volume", ("lv_edv", "lv_ef"), lambda edv, ef: edv * ef,
              "EDV x EF", unless=("lv_esv",), holds_with_leak=False),
    _Identity("cardiac_output", ("stroke_volume", "heart_rate"), lambda sv, hr: sv * hr, "SV x HR"),
    _Identity("cardiac_output", ("lv_edv", "lv_ef", "heart_rate"),
              lambda edv, ef, hr: edv * ef * hr, "EDV x EF x HR",
              unless=("stroke_volume", "lv_esv"), holds_with_leak=False),
    _Identity("cardiac_output", ("lv_edv", "lv_esv", "heart_rate"),
              lambda edv, esv, hr: (edv - esv) * hr, "(EDV - ESV) x HR",
              unless=("stroke_volume",), holds_with_leak=False),
    _Identity("pulse_pressure", ("systolic_pressure", "diastolic_pressure"),
              lambda systolic, diastolic: systolic - diastolic, "SBP - DBP"),
    _Identity("systemic_vascular_resistance",
              ("mean_arterial_pressure", "ra_pressure", "cardiac_output"),
              lambda mean, ra, output: (mean - ra) / output, "(MAP - RAP)/CO"),
    _Identity("pulmonary_vascular_resistance", ("pa_mean", "pcwp", "cardiac_output"),
              lambda mean, wedge, output: (mean - wedge) / output, "(mPAP - PCWP)/CO"),
    _Identity("rr_interval", ("heart_rate",), lambda rate: 1.0 / rate, "1/HR"),
)  # fmt: skip


def check_possible(measurements: Sequence[Measurement], source: str) -> None:
    """Refuse a record that no heart can show.

    Raises
    ------
    RecordError
        Naming both entries and their values.
    """
    known = {measurement.name: measurement for measurement in measurements}
    for upper, lower in _ABOVE:
        if upper in known and lower in known and known[upper].value <= known[lower].value:
            raise RecordError(
                source, f"{upper} and {lower}",
                expected=f"{quantity(upper).label} above {quantity(lower).label}",
                got=f"{shown(known[upper])} and {shown(known[lower])}",
                remedy="One of the two is mistyped, or they are swapped.",
            )  # fmt: skip


def contradictions(measurements: Sequence[Measurement]) -> tuple[Finding, ...]:
    """What does not add up within one combined standard deviation, with the numbers."""
    known = {measurement.name: measurement for measurement in measurements}
    return (
        *_broken_identities(known),
        *_misplaced_means(known),
        *crossed_limits(known),
        *unequal_ventricles(known),
    )


def _broken_identities(known: Mapping[str, Measurement]) -> list[Finding]:
    leaks = leaking(known, LEFT_LEAKS)
    found = []
    for identity in _IDENTITIES:
        applies = identity.holds_with_leak or not leaks
        needed = (identity.name, *identity.inputs)
        if not applies or not all(name in known for name in needed):
            continue
        if any(name in known for name in identity.unless):
            continue
        stated = known[identity.name]
        given = [known[name] for name in identity.inputs]
        computed, sd = propagated(identity.formula, given)
        if abs(stated.value - computed) > hypot(stated.sd, sd):
            text_of = stated.quantity.text
            text = (
                f"{shown(stated)} is stated, but {identity.words} gives {text_of(computed)} "
                f"± {text_of(sd)} from {listed(given)}; all are kept as they stand"
            )
            found.append(Finding(FindingKind.CONTRADICTION, text, needed))
    return found


def _misplaced_means(known: Mapping[str, Measurement]) -> list[Finding]:
    found = []
    for names in _BETWEEN:
        if not all(name in known for name in names):
            continue
        mean, low, high = (known[name] for name in names)
        if not low.value <= mean.value <= high.value:
            text = f"{shown(mean)} does not lie between {shown(low)} and {shown(high)}"
            found.append(Finding(FindingKind.CONTRADICTION, text, names))
    return found
