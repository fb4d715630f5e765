"""Default standard deviations, for a measurement whose file states none.

They describe one good clinical reading, not the spread of a population. Whoever knows better
writes ``sd`` in the case file; whoever does not gets these, and the record says so. The same table
with its reasons stands in ``assets/cases/FORMAT.md``.
"""

from organtwin.quantities import quantity

_DEFAULTS: dict[str, tuple[float, float]] = {
    "heart_rate": (2.0, 0.0),
    "systolic_pressure": (5.0, 0.0),
    "diastolic_pressure": (5.0, 0.0),
    "mean_arterial_pressure": (5.0, 0.0),
    "pulse_pressure": (7.0, 0.0),
    "cardiac_output": (0.2, 0.10),
    "stroke_volume": (3.0, 0.10),
    "lv_edv": (5.0, 0.10),
    "lv_esv": (4.0, 0.12),
    "lv_ef": (5.0, 0.0),
    "rv_edv": (8.0, 0.15),
    "rv_esv": (6.0, 0.15),
    "rv_ef": (6.0, 0.0),
    "la_volume_max": (5.0, 0.15),
    "ra_volume_max": (5.0, 0.15),
    "lv_edp": (3.0, 0.0),
    "lv_systolic_pressure": (5.0, 0.0),
    "rv_systolic_pressure": (5.0, 0.0),
    "rv_edp": (2.0, 0.0),
    "pcwp": (3.0, 0.0),
    "ra_pressure": (2.0, 0.0),
    "pa_systolic": (5.0, 0.0),
    "pa_diastolic": (3.0, 0.0),
    "pa_mean": (3.0, 0.0),
    "dp_dt_max": (50.0, 0.10),
    "dp_dt_min": (50.0, 0.10),
    "systemic_vascular_resistance": (50.0, 0.15),
    "pulmonary_vascular_resistance": (20.0, 0.20),
    "aortic_mean_gradient": (2.0, 0.10),
    "aortic_peak_velocity": (0.1, 0.05),
    "lv_strain": (2.0, 0.0),
    "aortic_valve_area": (0.1, 0.15),
    "mitral_valve_area": (0.2, 0.15),
    "aortic_leak_area": (0.05, 0.25),
    "mitral_leak_area": (0.05, 0.25),
    "tricuspid_leak_area": (0.05, 0.25),
    "aortic_peak_gradient": (2.0, 0.10),
    "mitral_mean_gradient": (1.0, 0.10),
    "mitral_peak_gradient": (2.0, 0.10),
    "tricuspid_mean_gradient": (1.0, 0.10),
    "tricuspid_peak_gradient": (2.0, 0.10),
    "pulmonary_mean_gradient": (2.0, 0.10),
    "pulmonary_peak_gradient": (2.0, 0.10),
    "aortic_net_gradient": (3.0, 0.10),
    "lvot_gradient": (5.0, 0.15),
    "lvot_area": (0.1, 0.25),
    "tricuspid_valve_area": (0.3, 0.20),
    "pulmonary_valve_area": (0.2, 0.20),
    "pulmonary_leak_area": (0.05, 0.25),
    "aortic_regurgitant_volume": (5.0, 0.20),
    "aortic_regurgitant_fraction": (6.0, 0.0),
    "mitral_regurgitant_volume": (5.0, 0.20),
    "mitral_regurgitant_fraction": (6.0, 0.0),
    "tricuspid_regurgitant_volume": (5.0, 0.20),
    "tricuspid_regurgitant_fraction": (6.0, 0.0),
    "pulmonary_regurgitant_volume": (5.0, 0.20),
    "pulmonary_regurgitant_fraction": (6.0, 0.0),
    "native_output": (0.2, 0.10),
    "pump_flow": (0.3, 0.15),
    "rvad_flow": (0.3, 0.15),
    "ecmo_flow": (0.2, 0.05),
    "pericardial_effusion": (50.0, 0.30),
    "septal_thickness": (1.0, 0.10),
    "posterior_wall_thickness": (1.0, 0.10),
    "lv_mass": (10.0, 0.10),
    "rv_mass": (8.0, 0.20),
    "rr_interval": (10.0, 0.02),
    "rr_sd": (5.0, 0.25),
    "pr_interval": (8.0, 0.0),
    "qrs_duration": (8.0, 0.0),
    "qt_interval": (12.0, 0.0),
}
"""Floor in the quantity's own unit, and fraction of the value: the larger of the two counts."""


def default_sd(name: str, value: float) -> float:
    """Default standard deviation [SI] of quantity ``name`` at ``value`` [SI]."""
    floor, fraction = _DEFAULTS[name]
    return max(quantity(name).to_si(floor), fraction * abs(value))


def default_rule(name: str) -> str:
    """The rule in words, as the documentation and the findings state it."""
    floor, fraction = _DEFAULTS[name]
    unit = quantity(name).unit
    if fraction == 0.0:
        return f"{floor:g} {unit}"
    return f"{100.0 * fraction:g} %, at least {floor:g} {unit}"
