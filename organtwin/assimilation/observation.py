"""How a record meets the model: what is put in directly, what is fitted, what is not used.

Some measurements *are* model parameters (heart rate, PR interval, orifice areas, wall masses): they
are set and not fitted. The others are targets, compared with the same quantity of the simulated
beat by their standard deviations. What has no counterpart in the model is listed as unused.
"""

from dataclasses import dataclass, replace

from organtwin.patient.measurement import Measurement
from organtwin.patient.record import PatientRecord
from organtwin.physiology.electrophysiology.conduction import conduction_pattern
from organtwin.physiology.interface import PatchLayout
from organtwin.simulation.biomarkers import MUSCLE_DENSITY
from organtwin.simulation.conditions import Conditions

TARGETS = frozenset({
    "systolic_pressure", "diastolic_pressure", "mean_arterial_pressure", "pulse_pressure",
    "cardiac_output", "stroke_volume", "lv_edv", "lv_esv", "lv_ef", "rv_edv", "rv_esv", "rv_ef",
    "la_volume_max", "ra_volume_max", "lv_edp", "lv_systolic_pressure", "rv_systolic_pressure",
    "rv_edp", "pcwp", "ra_pressure", "pa_systolic", "pa_diastolic", "pa_mean", "dp_dt_max",
    "dp_dt_min", "systemic_vascular_resistance", "pulmonary_vascular_resistance",
    "aortic_mean_gradient", "aortic_peak_velocity", "lv_strain",
})  # fmt: skip
"""Quantities of ``biomarkers`` that the fit compares."""

_ORIFICES = {
    "aortic_valve_area": "aortic_open_area",
    "mitral_valve_area": "mitral_open_area",
    "aortic_leak_area": "aortic_leak_area",
    "mitral_leak_area": "mitral_leak_area",
    "tricuspid_leak_area": "tricuspid_leak_area",
}
_NORMAL_LV, _NORMAL_RV = 120e-6, 112e-6
"""End-diastolic volumes [m3] of the default heart."""
_FAILING_EF = 0.40
"""Reduced ejection fraction, by the universal definition of heart failure (2021)."""


@dataclass(frozen=True)
class Observation:
    """A record, sorted.

    ``conditions`` hold what was measured directly; the parameters named in ``fixed`` stay as they
    are. ``targets`` are to be fitted, ``direct`` were put in, ``unused`` have no counterpart.
    """

    conditions: Conditions
    fixed: frozenset[str]
    targets: tuple[Measurement, ...]
    direct: tuple[Measurement, ...]
    unused: tuple[Measurement, ...]


def observation(record: PatientRecord, layout: PatchLayout | None = None) -> Observation:
    """Sort the measurements of a record; see the module for what happens to each."""
    measured = {m.name: m for m in record.measurements}
    changes: dict[str, float] = {}
    used: set[str] = set()
    if "heart_rate" in measured:
        changes["heart_rate"] = measured["heart_rate"].value
        used.add("heart_rate")
    elif "rr_interval" in measured:
        changes["heart_rate"] = 1.0 / measured["rr_interval"].value
        used.add("rr_interval")
    base = Conditions()
    if "pr_interval" in measured:
        rate = changes.get("heart_rate", base.parameters["heart_rate"])
        changes["av_delay_fraction"] = measured["pr_interval"].value * rate
        used.add("pr_interval")
    for name, parameter in _ORIFICES.items():
        if name in measured:
            spec = base.parameters.specs[parameter]
            changes[parameter] = max(measured[name].value, spec.lower)
            used.add(name)
    changes |= _masses(measured, base, used)
    fixed = frozenset(changes)
    changes |= _remodelled(changes, base)
    qrs = measured.get("qrs_duration")
    if qrs is not None:
        used.add("qrs_duration")
    activation = conduction_pattern(
        record.conduction, layout or PatchLayout(), qrs.value if qrs else None
    )
    targets = tuple(m for m in record.measurements if m.name in TARGETS)
    ejection = measured.get("lv_ef")
    failing = ejection is not None and ejection.value < _FAILING_EF
    conditions = replace(
        base.with_parameters(**changes), activation=activation, chronic_heart_failure=failing
    )
    direct = tuple(m for m in record.measurements if m.name in used)
    known = {m.name for m in (*targets, *direct)}
    unused = tuple(m for m in record.measurements if m.name not in known)
    return Observation(conditions, fixed, targets, direct, unused)


def _masses(measured: dict[str, Measurement], base: Conditions, used: set[str]) -> dict[str, float]:
    changes: dict[str, float] = {}
    if "lv_mass" in measured:
        names = ("lv_wall_volume", "septum_wall_volume")
        normal = sum(base.parameters[name] for name in names)
        factor = measured["lv_mass"].value / MUSCLE_DENSITY / normal
        changes |= {name: base.parameters[name] * factor for name in names}
        used.add("lv_mass")
    if "rv_mass" in measured:
        changes["rv_wall_volume"] = measured["rv_mass"].value / MUSCLE_DENSITY
        used.add("rv_mass")
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
    for walls, cavity in ((("lv", "septum"), _NORMAL_LV), (("rv",), _NORMAL_RV)):
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
