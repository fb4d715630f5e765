"""How a record meets the model: what is put in directly, what is fitted, what is not used.

Some measurements *are* model parameters (heart rate, PR interval, wall masses, fluid in the
pericardium): they are set and not fitted. Wall thickness says how much muscle there is, where no
mass was measured. What was measured of a valve or the outflow tract makes its area a lever of
this patient's fit (``lesions``). The others are targets, compared with the same quantity of the
simulated beat by their standard deviations. What has no counterpart in the model is listed as
unused.
"""

import re
from dataclasses import dataclass, replace

from organtwin.assimilation.lesions import (
    LESION_TARGETS,
    NORMAL_LV,
    Lesion,
    lesions_told,
)
from organtwin.assimilation.levers import LEVERS, Lever
from organtwin.errors import RecordError
from organtwin.patient.measurement import Measurement
from organtwin.patient.record import PatientRecord
from organtwin.patient.stated import failing_left
from organtwin.physiology.electrophysiology.conduction import (
    conduction_pattern,
    pr_relative_to_normal,
    slowness_for,
)
from organtwin.physiology.interface import PatchLayout, Wall
from organtwin.physiology.mechanics.wall_thickness import NORMAL_CAVITY, muscle_ratios
from organtwin.simulation.biomarkers import MUSCLE_DENSITY
from organtwin.simulation.conditions import Conditions

TARGETS = frozenset({
    "systolic_pressure", "diastolic_pressure", "mean_arterial_pressure", "pulse_pressure",
    "cardiac_output", "stroke_volume", "lv_edv", "lv_esv", "lv_ef", "rv_edv", "rv_esv", "rv_ef",
    "la_volume_max", "ra_volume_max", "lv_edp", "lv_systolic_pressure", "rv_systolic_pressure",
    "rv_edp", "pcwp", "ra_pressure", "pa_systolic", "pa_diastolic", "pa_mean", "dp_dt_max",
    "dp_dt_min", "systemic_vascular_resistance", "pulmonary_vascular_resistance",
    "aortic_mean_gradient", "aortic_peak_velocity", "lv_strain", "lvot_gradient",
})  # fmt: skip
"""Quantities of ``biomarkers`` that the fit compares, whatever is wrong with the valves."""

WALL_THICKNESS = {Wall.LV: "posterior_wall_thickness", Wall.SEPTUM: "septal_thickness"}
_NORMAL_RV = 112e-6
"""End-diastolic volume [m3] of the default heart."""
_UNDER_ANAESTHESIA = re.compile(r"\bunder (general )?ana?esthesia\b", re.IGNORECASE)
"""Words of a diagnosis that say that the reflex is blunted."""
_FAILING_EF = 0.40
"""Reduced ejection fraction, by the universal definition of heart failure (2021)."""


@dataclass(frozen=True)
class Observation:
    """A record, sorted.

    ``conditions`` hold what was measured directly; the parameters named in ``fixed`` stay as they
    are. ``targets`` are to be fitted by ``levers``, those of every heart and those of this one's
    lesions; ``direct`` were put in, ``unused`` have no counterpart.
    """

    conditions: Conditions
    fixed: frozenset[str]
    targets: tuple[Measurement, ...]
    direct: tuple[Measurement, ...]
    unused: tuple[Measurement, ...]
    levers: tuple[Lever, ...] = LEVERS


def observation(record: PatientRecord, layout: PatchLayout | None = None) -> Observation:
    """Sort the measurements of a record; see the module for what happens to each.

    Raises
    ------
    RecordError
        A value that is put in directly lies outside the range of the heart model.
    """
    measured = {m.name: m for m in record.measurements}
    base, used = Conditions(), set[str]()
    changes = _timing(record, measured, base, used)
    if "pericardial_effusion" in measured:
        most = base.parameters.specs["pericardial_effusion"].upper
        effusion = _accepted(record, measured["pericardial_effusion"], 0.0, most)
        changes["pericardial_effusion"] = effusion
        used.add("pericardial_effusion")
    changes |= _masses(record, measured, base, used)
    if "lv_mass" not in measured:
        changes |= _thickened(record, measured, base, used)
    starts, closed = _lesions(record, measured, base, used)
    changes |= closed
    fixed = frozenset(changes)
    changes |= {lesion.parameter: area for lesion, area in starts.items()}
    changes |= _remodelled(changes, base)
    usual = pr_relative_to_normal(record.conduction) * base.parameters["av_delay_fraction"]
    changes.setdefault("av_delay_fraction", usual)
    slowness = 1.0
    if "qrs_duration" in measured:
        used.add("qrs_duration")
        slowness = slowness_for(record.conduction, measured["qrs_duration"].value)
    activation = conduction_pattern(record.conduction, layout or PatchLayout(), slowness)
    fitted = (TARGETS | LESION_TARGETS) - used
    targets = tuple(m for m in record.measurements if m.name in fitted)
    conditions = _in_state(base.with_parameters(**changes).excited(activation), record, measured)
    direct = tuple(m for m in record.measurements if m.name in used)
    known = {m.name for m in (*targets, *direct)}
    unused = tuple(m for m in record.measurements if m.name not in known)
    levers = (*LEVERS, *(lesion.lever for lesion in starts))
    return Observation(conditions, fixed, targets, direct, unused, levers)


def _in_state(
    conditions: Conditions, record: PatientRecord, measured: dict[str, Measurement]
) -> Conditions:
    """With what the record says of the patient's state, for therapies and the reflex."""
    return replace(
        conditions,
        chronic_heart_failure=_failing(measured),
        preserved_heart_failure=failing_left(record) and not _failing(measured),
        anaesthetised=_UNDER_ANAESTHESIA.search(record.diagnosis) is not None,
    )


def _failing(measured: dict[str, Measurement]) -> bool:
    if "lv_ef" in measured:
        return measured["lv_ef"].value < _FAILING_EF
    if "lv_edv" in measured and "lv_esv" in measured:
        return 1.0 - measured["lv_esv"].value / measured["lv_edv"].value < _FAILING_EF
    return False


def _accepted(record: PatientRecord, measurement: Measurement, low: float, high: float) -> float:
    """The value [SI] of a measurement that becomes a parameter, if the model covers it."""
    if not low <= measurement.value <= high:
        text = measurement.quantity.text
        raise RecordError(
            record.title, measurement.name, expected=f"{text(low)} to {text(high)}",
            got=text(measurement.value),
            remedy="The heart model ends there: check the number, or leave this measurement out.",
        )  # fmt: skip
    return measurement.value


def _timing(
    record: PatientRecord, measured: dict[str, Measurement], base: Conditions, used: set[str]
) -> dict[str, float]:
    changes: dict[str, float] = {}
    specs = base.parameters.specs
    slowest, fastest = specs["heart_rate"].lower, specs["heart_rate"].upper
    if "heart_rate" in measured:
        changes["heart_rate"] = _accepted(record, measured["heart_rate"], slowest, fastest)
        used.add("heart_rate")
    elif "rr_interval" in measured:
        interval = _accepted(record, measured["rr_interval"], 1.0 / fastest, 1.0 / slowest)
        changes["heart_rate"] = 1.0 / interval
        used.add("rr_interval")
    if "pr_interval" in measured:
        rate = changes.get("heart_rate", base.parameters["heart_rate"])
        share = specs["av_delay_fraction"]
        delay = _accepted(record, measured["pr_interval"], share.lower / rate, share.upper / rate)
        changes["av_delay_fraction"] = delay * rate
        used.add("pr_interval")
    return changes


def _lesions(
    record: PatientRecord, measured: dict[str, Measurement], base: Conditions, used: set[str]
) -> tuple[dict[Lesion, float], dict[str, float]]:
    """Areas [m2] from which the fit starts, and those put in, of valves measured as tight."""
    starts: dict[Lesion, float] = {}
    closed: dict[str, float] = {}
    for lesion, said, area in lesions_told(measured):
        spec = base.parameters.specs[lesion.parameter]
        direct = said.name == lesion.told_by[0]
        if direct:
            _accepted(record, said, 0.0, spec.upper)
        if area is not None:
            starts[lesion] = min(max(area, spec.lower), spec.upper)
        elif lesion.leaks:
            closed[lesion.parameter] = spec.lower  # a closed valve leaks a thousandth mm2
            used |= {said.name} if direct else set()
    return starts, closed


def _masses(
    record: PatientRecord, measured: dict[str, Measurement], base: Conditions, used: set[str]
) -> dict[str, float]:
    changes: dict[str, float] = {}
    for mass, walls in (("lv_mass", ("lv", "septum")), ("rv_mass", ("rv",))):
        if mass not in measured:
            continue
        specs = [base.parameters.specs[f"{wall}_wall_volume"] for wall in walls]
        normal = MUSCLE_DENSITY * sum(spec.default for spec in specs)
        low = normal * max(spec.lower / spec.default for spec in specs)
        high = normal * min(spec.upper / spec.default for spec in specs)
        factor = _accepted(record, measured[mass], low, high) / normal
        changes |= {spec.name: factor * spec.default for spec in specs}
        used.add(mass)
    return changes


def _thickened(
    record: PatientRecord, measured: dict[str, Measurement], base: Conditions, used: set[str]
) -> dict[str, float]:
    """Muscle of the left walls by their thickness around the measured, else the normal cavity."""
    told = {wall: measured[name] for wall, name in WALL_THICKNESS.items() if name in measured}
    if not told:
        return {}
    cavity = measured["lv_edv"].value if "lv_edv" in measured else NORMAL_CAVITY
    changes = {}
    for wall, ratio in muscle_ratios({w: m.value for w, m in told.items()}, cavity).items():
        spec = base.parameters.specs[f"{wall.name.lower()}_wall_volume"]
        volume = ratio * spec.default
        if not spec.lower <= volume <= spec.upper:
            said = told.get(wall) or next(iter(told.values()))
            raise RecordError(
                record.title, said.name,
                expected=f"a wall with {spec.lower / spec.default:.1f} to "
                f"{spec.upper / spec.default:.1f} times the normal muscle",
                got=f"{said.quantity.text(said.value)}, {ratio:.2f} times",
                remedy="Check thickness and LVEDV, or leave the thickness out.",
            )  # fmt: skip
        changes[spec.name] = volume
    used |= {measurement.name for measurement in told.values()}
    return changes


def _remodelled(changes: dict[str, float], base: Conditions) -> dict[str, float]:
    """What goes along with a thicker or thinner wall, as the point from which the fit starts.

    Reference areas are those of the mid-wall surface, which encloses the cavity and half of the
    wall: with the area unchanged, added muscle would fill the cavity. The stress of a fibre falls
    with the square root of the muscle there is, between no change (a wall that bears no more than
    before would empty its cavity) and full compensation; the fit moves it from there. The
    pericardium has grown by as much as the muscle.
    """
    remodelled = {"pericardium_volume": base.parameters["pericardium_volume"]}
    for walls, cavity in ((("lv", "septum"), NORMAL_LV), (("rv",), _NORMAL_RV)):
        names = [f"{wall}_wall_volume" for wall in walls]
        normal = sum(base.parameters[name] for name in names)
        muscle = sum(changes.get(name, base.parameters[name]) for name in names)
        if muscle == normal:
            continue
        remodelled["pericardium_volume"] += muscle - normal
        area = float(((cavity + 0.5 * muscle) / (cavity + 0.5 * normal)) ** (2.0 / 3.0))
        stress = float((normal / muscle) ** 0.5)
        factors = {"reference_area": area, "active_stress": stress, "passive_stress": stress}
        for wall in walls:
            for column, factor in factors.items():
                remodelled[f"{wall}_{column}"] = factor * base.parameters[f"{wall}_{column}"]
    return remodelled
