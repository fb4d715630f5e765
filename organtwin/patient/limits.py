"""What no circulation does: limits between the measurements of one record.

Each row of ``LIMITS`` gives by how much its measurements lie beyond a limit. It is reported where
that exceeds the standard deviation that their doubts leave to it, unless another entry explains it:
a stenosis, a leak. Gradients follow Bernoulli, dp = 4 v^2 (mmHg, m/s), and Gorlin,
flow = 44.3 area sqrt(dp) (mL/s, cm2, mmHg; Gorlin and Gorlin, Am Heart J 1951;41:1-29).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import hypot, sqrt

from organtwin.patient.finding import Finding, FindingKind
from organtwin.patient.measurement import Measurement
from organtwin.units import CM2, ML, MMHG

Known = Mapping[str, Measurement]

LEFT_LEAKS = ("aortic_leak_area", "mitral_leak_area")
ALL_LEAKS = (*LEFT_LEAKS, "tricuspid_leak_area", "pulmonary_leak_area")

VALVE_LOSS = 10.0 * MMHG
"""Between right ventricle and pulmonary artery, and the mean across a normal aortic valve.
Reasoned: peak velocities of 1 to 1.5 m/s are 4 to 9 mmHg."""
OUTFLOW_LOSS = 15.0 * MMHG
"""Between left ventricle and arm without stenosis. Reasoned: some 5 mmHg of acceleration, and 10
between cuff and catheter."""
INFLOW_LOSS = 5.0 * MMHG
"""Between mean left atrial and end-diastolic pressure: the mean gradient from which mitral stenosis
counts as moderate (Baumgartner et al., EAE/ASE, Eur J Echocardiogr 2009;10:1-25)."""
PERFUSION = 10.0 * MMHG
"""Least difference between arteries and right atrium. Reasoned: small arteries close at more than
that (critical closing pressure; Magder, Crit Care 2018;22:257)."""
RESTING_FLOW = 500.0 * ML
"""[m3/s] Mean flow through the aortic valve in systole. Reasoned: at rest 100 mL in 0.3 s are 330
mL/s."""
EJECTION = (0.15, 0.5)
"""[s] Left ventricular ejection time: 0.413 s - 1.7 ms x HR in health (Weissler et al., Circulation
1968;37:149-159), 0.16 s at 150/min and 0.35 s at 40/min, and longer in stenosis."""


def leaking(known: Known, leaks: Sequence[str]) -> bool:
    """Whether one of ``leaks`` is recorded as open."""
    return any(name in known and known[name].value > 0.0 for name in leaks)


def _aortic_stenosis(known: Known) -> bool:
    """Area below 2 cm2 (normal 3 to 4), or more gradient or velocity than in a normal outlet."""
    return (
        ("aortic_valve_area" in known and known["aortic_valve_area"].value < 2.0 * CM2)
        or ("aortic_mean_gradient" in known and known["aortic_mean_gradient"].value > VALVE_LOSS)
        or ("aortic_peak_velocity" in known and known["aortic_peak_velocity"].value > 2.0)
        or ("lvot_gradient" in known and known["lvot_gradient"].value > VALVE_LOSS)
    )


def _mitral_disease(known: Known) -> bool:
    """A leak, whose v wave raises the mean, or an area below 2.5 cm2 (normal 4 to 6)."""
    narrow = "mitral_valve_area" in known and known["mitral_valve_area"].value < 2.5 * CM2
    return narrow or leaking(known, ("mitral_leak_area",))


def _aortic_leak(known: Known) -> bool:
    return leaking(known, ("aortic_leak_area",))


def _never(_: Known) -> bool:
    return False


def _gorlin(area: float, gradient: float) -> float:
    """Flow [m3/s]; a doubt may reach below a gradient of zero."""
    return 44.3 * ML * (area / CM2) * sqrt(max(gradient, 0.0) / MMHG)


@dataclass(frozen=True)
class Limit:
    """``excess(*inputs)``, SI, is above zero beyond the limit.

    Not asked where one of ``unless`` is known or ``explained`` holds.
    """

    inputs: tuple[str, ...]
    excess: Callable[..., float]
    words: str
    unless: tuple[str, ...] = ()
    explained: Callable[[Known], bool] = _never


_NO_MORE = "the ventricle cannot eject more than it holds"
_TOO_FAST = f"the stroke would have to pass the valve in less than {EJECTION[0]:g} s"
_TOO_SLOW = f"the stroke would need more than {EJECTION[1]:g} s to pass the valve"
_VALVE = ("aortic_valve_area", "aortic_mean_gradient")

LIMITS = (
    Limit(("stroke_volume", "lv_edv"), lambda sv, edv: sv - edv, _NO_MORE),
    Limit(("cardiac_output", "heart_rate", "lv_edv"), lambda co, hr, edv: co / hr - edv, _NO_MORE,
          unless=("stroke_volume",)),
    Limit(("aortic_mean_gradient", "aortic_peak_velocity"),
          lambda mean, v: mean - 4.0 * v * v * MMHG,
          "the mean gradient cannot exceed the largest, 4 v^2"),
    Limit(("aortic_mean_gradient", "aortic_peak_velocity"),
          lambda mean, v: 1.2 * v * v * MMHG - mean,
          "the mean gradient is less than half of the usual 2.4 v^2"),
    Limit(_VALVE, lambda area, mean: _gorlin(area, mean) - RESTING_FLOW,
          "so much flow as this area and gradient need does not pass at rest",
          unless=("stroke_volume", "cardiac_output")),
    Limit((*_VALVE, "stroke_volume"),
          lambda area, mean, sv: EJECTION[0] * _gorlin(area, mean) - sv, _TOO_FAST,
          explained=_aortic_leak),
    Limit((*_VALVE, "stroke_volume"),
          lambda area, mean, sv: sv - EJECTION[1] * _gorlin(area, mean), _TOO_SLOW),
    Limit((*_VALVE, "cardiac_output", "heart_rate"),
          lambda area, mean, co, hr: EJECTION[0] * _gorlin(area, mean) - co / hr, _TOO_FAST,
          unless=("stroke_volume",), explained=_aortic_leak),
    Limit((*_VALVE, "cardiac_output", "heart_rate"),
          lambda area, mean, co, hr: co / hr - EJECTION[1] * _gorlin(area, mean), _TOO_SLOW,
          unless=("stroke_volume",)),
    Limit(("pa_systolic", "rv_systolic_pressure"), lambda pa, rv: pa - rv,
          "the right ventricle cannot open the pulmonary valve with less"),
    Limit(("rv_systolic_pressure", "pa_systolic"), lambda rv, pa: rv - pa - VALVE_LOSS,
          "only a pulmonary stenosis loses so much, and the model has none"),
    Limit(("lv_systolic_pressure", "systolic_pressure"), lambda lv, sbp: lv - sbp - OUTFLOW_LOSS,
          "only a narrow outlet loses so much, and none is recorded",
          explained=_aortic_stenosis),
    Limit(("pcwp", "lv_edp"), lambda wedge, edp: wedge - edp - INFLOW_LOSS,
          "only a mitral stenosis or leak does this, and none is recorded",
          explained=_mitral_disease),
    Limit(("pcwp", "pa_mean"), lambda wedge, mean: wedge - mean, "blood would flow backwards"),
    Limit(("ra_pressure", "mean_arterial_pressure"), lambda ra, mean: ra + PERFUSION - mean,
          "nothing drives the blood through the body"),
    Limit(("ra_pressure", "systolic_pressure"), lambda ra, sbp: ra + PERFUSION - sbp,
          "nothing drives the blood through the body", unless=("mean_arterial_pressure",)),
    Limit(("qt_interval", "rr_interval"), lambda qt, rr: qt - rr,
          "the next beat would come before this one has ended"),
    Limit(("qt_interval", "heart_rate"), lambda qt, hr: qt - 1.0 / hr,
          "the next beat would come before this one has ended", unless=("rr_interval",)),
)  # fmt: skip


def crossed_limits(known: Known) -> Iterator[Finding]:
    """A contradiction for each limit that the record crosses by more than its doubt."""
    for limit in LIMITS:
        if not all(name in known for name in limit.inputs) or limit.explained(known):
            continue
        if any(name in known for name in limit.unless):
            continue
        inputs = [known[name] for name in limit.inputs]
        excess, sd = propagated(limit.excess, inputs)
        if excess > sd:
            text = f"{listed(inputs)}: {limit.words}; all are kept as they stand"
            yield Finding(FindingKind.CONTRADICTION, text, limit.inputs)


def unequal_ventricles(known: Known) -> Iterator[Finding]:
    """Without a leak both ventricles eject the same; volumes and fractions may say otherwise."""
    left, right = _emptying(known, "lv"), _emptying(known, "rv")
    if left is None or right is None or leaking(known, ALL_LEAKS):
        return
    (lv, lv_sd), (rv, rv_sd) = (propagated(way, inputs) for way, inputs in (left, right))
    if abs(lv - rv) > hypot(lv_sd, rv_sd):
        inputs = [*left[1], *right[1]]
        text = (
            f"the left ventricle ejects {lv / ML:.0f} mL and the right {rv / ML:.0f} mL by "
            f"{listed(inputs)}: without a leak both eject the same; all are kept as they stand"
        )
        yield Finding(FindingKind.CONTRADICTION, text, tuple(m.name for m in inputs))


def _emptying(known: Known, side: str) -> tuple[Callable[..., float], list[Measurement]] | None:
    """How the volume change of a ventricle follows from the record, and from which entries."""
    ways: tuple[tuple[str, Callable[..., float]], ...] = (
        ("esv", lambda edv, esv: edv - esv), ("ef", lambda edv, ef: edv * ef),
    )  # fmt: skip
    for name, way in ways:
        if f"{side}_edv" in known and f"{side}_{name}" in known:
            return way, [known[f"{side}_edv"], known[f"{side}_{name}"]]
    return None


def propagated(formula: Callable[..., float], inputs: Sequence[Measurement]) -> tuple[float, float]:
    """Value and standard deviation, SI, of ``formula`` of independent measurements."""
    values = [entry.value for entry in inputs]
    value = formula(*values)
    shifts = []
    for position, entry in enumerate(inputs):
        step = 1e-3 * entry.sd
        shifted = [*values[:position], values[position] + step, *values[position + 1 :]]
        shifts.append((formula(*shifted) - value) / step * entry.sd)
    return value, hypot(*shifts)


def shown(measurement: Measurement) -> str:
    """``SBP 120 mmHg``."""
    return f"{measurement.quantity.label} {measurement.quantity.text(measurement.value)}"


def listed(measurements: Sequence[Measurement]) -> str:
    """``LVEDV 100 mL, LVESV 40 mL``."""
    return ", ".join(map(shown, measurements))
