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
from organtwin.patient.measurement import Measurement
from organtwin.quantities import quantity

_LEAKS = ("aortic_leak_area", "mitral_leak_area", "tricuspid_leak_area")
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
    """``name`` equals ``formula(*inputs)``, all SI; not asked where one of ``unless`` is known."""

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
                got=f"{_text(known[upper])} and {_text(known[lower])}",
                remedy="One of the two is mistyped, or they are swapped.",
            )  # fmt: skip


def contradictions(measurements: Sequence[Measurement]) -> tuple[Finding, ...]:
    """What does not add up within one combined standard deviation, with the numbers."""
    known = {measurement.name: measurement for measurement in measurements}
    found = [*_broken_identities(known), *_misplaced_means(known)]
    if "pa_mean" in known and "pcwp" in known:
        mean, wedge = known["pa_mean"], known["pcwp"]
        if wedge.value - mean.value > hypot(mean.sd, wedge.sd):
            text = f"{_text(wedge)} lies above {_text(mean)}: blood would flow backwards"
            found.append(Finding(FindingKind.CONTRADICTION, text, ("pa_mean", "pcwp")))
    return tuple(found)


def _broken_identities(known: Mapping[str, Measurement]) -> list[Finding]:
    leaking = any(name in known and known[name].value > 0.0 for name in _LEAKS)
    found = []
    for identity in _IDENTITIES:
        applies = identity.holds_with_leak or not leaking
        needed = (identity.name, *identity.inputs)
        if not applies or not all(name in known for name in needed):
            continue
        if any(name in known for name in identity.unless):
            continue
        stated = known[identity.name]
        computed, sd = _propagated(identity, known)
        if abs(stated.value - computed) > hypot(stated.sd, sd):
            shown = stated.quantity
            inputs = ", ".join(_text(known[name]) for name in identity.inputs)
            text = (
                f"{_text(stated)} is stated, but {identity.words} gives {shown.text(computed)} "
                f"± {shown.text(sd)} from {inputs}; all are kept as they stand"
            )
            found.append(Finding(FindingKind.CONTRADICTION, text, needed))
    return found


def _propagated(
    identity: _Identity, known: Mapping[str, Measurement]
) -> tuple[float, float]:  # value and standard deviation, SI
    values = [known[name].value for name in identity.inputs]
    sds = [known[name].sd for name in identity.inputs]
    value = identity.formula(*values)
    shifts = []
    for position, sd in enumerate(sds):
        step = 1e-3 * sd
        shifted = [*values[:position], values[position] + step, *values[position + 1 :]]
        shifts.append((identity.formula(*shifted) - value) / step * sd)
    return value, hypot(*shifts)


def _misplaced_means(known: Mapping[str, Measurement]) -> list[Finding]:
    found = []
    for names in _BETWEEN:
        if not all(name in known for name in names):
            continue
        mean, low, high = (known[name] for name in names)
        if not low.value <= mean.value <= high.value:
            text = f"{_text(mean)} does not lie between {_text(low)} and {_text(high)}"
            found.append(Finding(FindingKind.CONTRADICTION, text, names))
    return found


def _text(measurement: Measurement) -> str:
    shown = measurement.quantity
    return f"{shown.label} {shown.text(measurement.value)}"
