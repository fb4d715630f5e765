"""Every clinical number against a beat drawn by hand, from which it can be read off."""

import numpy as np
import pytest

from organtwin.physiology.electrophysiology.conduction import conduction_pattern
from organtwin.physiology.heart import COMPARTMENTS
from organtwin.physiology.interface import PatchLayout, Wall
from organtwin.simulation.beat import Beat
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.valve_numbers import VALVES
from organtwin.units import CM2, ML, MMHG

LAYOUT = PatchLayout(1, 1, 2, 1, 1)
N, DURATION, AV_DELAY = 1000, 0.8, 0.16
TIME = np.arange(N) / N
CONDITIONS = Conditions(activation=conduction_pattern("normal", LAYOUT)).with_parameters(
    aortic_open_area=2 * CM2, mitral_open_area=4 * CM2, aortic_leak_area=0.1 * CM2,
    mitral_leak_area=0.2 * CM2, tricuspid_leak_area=0.3 * CM2, pulmonary_leak_area=0.4 * CM2,
    tricuspid_open_area=5 * CM2, pulmonary_open_area=2.5 * CM2, pericardial_effusion=60 * ML,
    systemic_artery_reference_area=8 * CM2,
    outflow_tract_area=1 * CM2, outflow_tract_exponent=1.0,
    lv_wall_volume=100 * ML, septum_wall_volume=40 * ML, rv_wall_volume=30 * ML,
)  # fmt: skip


def ramp(low: float, high: float) -> np.ndarray:
    """Up to ``high`` over the first half of the beat and back: its mean is the middle."""
    return low + (high - low) * (1.0 - np.abs(2.0 * TIME - 1.0))


def drawn_beat(**changes: np.ndarray) -> Beat:
    flow = np.zeros(N)
    flow[300:600], flow[600:650] = 300 * ML, -100 * ML
    filling = np.zeros(N)
    filling[:500], filling[500:600] = 200 * ML, -50 * ML
    traces = {f"{name}_volume": np.full(N, 100 * ML) for name in COMPARTMENTS}
    traces |= {
        "lv_volume": ramp(50 * ML, 125 * ML), "rv_volume": ramp(60 * ML, 150 * ML),
        "la_volume": ramp(20 * ML, 55 * ML), "ra_volume": ramp(15 * ML, 45 * ML),
        "lv_pressure": ramp(5 * MMHG, 130 * MMHG), "rv_pressure": ramp(2 * MMHG, 32 * MMHG),
        "la_pressure": ramp(6 * MMHG, 14 * MMHG), "ra_pressure": ramp(1 * MMHG, 7 * MMHG),
        "aortic_pressure": ramp(70 * MMHG, 120 * MMHG),
        "pulmonary_artery_pressure": ramp(12 * MMHG, 28 * MMHG),
        "pulmonary_venous_pressure": np.full(N, 99 * MMHG), "aortic_flow": flow,
        "mitral_flow": filling, "tricuspid_flow": filling, "pulmonary_flow": flow,
        "lvad_flow": np.full(N, 30 * ML), "impella_flow": np.full(N, 10 * ML),
        "rvad_flow": np.full(N, 20 * ML), "ecmo_flow": np.full(N, 15 * ML),
    } | changes  # fmt: skip
    strain = np.zeros((N, LAYOUT.total))
    strain[:, LAYOUT.slice(Wall.LV).start : LAYOUT.slice(Wall.SEPTUM).stop] = np.column_stack(
        [ramp(0.0, -0.1), ramp(0.0, -0.2), ramp(0.0, -0.3)]
    )
    strain[:, LAYOUT.slice(Wall.RV)] = -0.5
    return Beat(
        DURATION, TIME * DURATION, traces, strain, np.zeros_like(strain), CONDITIONS.activation,
        AV_DELAY, None,
    )  # fmt: skip


NATIVE = 0.3 * 300 * ML - 0.05 * 100 * ML  # per second, net of what ran back
OUTPUT = NATIVE + 40 * ML  # with both pumps of the left ventricle
AREA = ((125 + 0.5 * 160 * 140 / 92.4625493) / (117.5 + 0.5 * 160)) ** (2 / 3)
"""Mid-wall area over the normal: LVEDV of 125 mL, 140 mL of muscle for the model's 92.5 mL."""
EXPECTED = {
    "heart_rate": 1 / DURATION, "lv_edv": 125 * ML, "lv_esv": 50 * ML, "lv_ef": 0.6,
    "rv_edv": 150 * ML, "rv_esv": 60 * ML, "rv_ef": 0.6, "la_volume_max": 55 * ML,
    "ra_volume_max": 45 * ML, "systolic_pressure": 120 * MMHG, "diastolic_pressure": 70 * MMHG,
    "mean_arterial_pressure": 95 * MMHG, "pulse_pressure": 50 * MMHG,
    "lv_edp": (5 + 0.4 * 125) * MMHG, "rv_edp": (2 + 0.4 * 30) * MMHG,
    "lv_systolic_pressure": 130 * MMHG, "rv_systolic_pressure": 32 * MMHG, "pcwp": 10 * MMHG,
    "ra_pressure": 4 * MMHG, "pa_systolic": 28 * MMHG, "pa_diastolic": 12 * MMHG,
    "pa_mean": 20 * MMHG, "dp_dt_max": 125 * MMHG / (DURATION / 2),
    "dp_dt_min": -125 * MMHG / (DURATION / 2),
    "stroke_volume": DURATION * OUTPUT, "cardiac_output": OUTPUT,
    "systemic_vascular_resistance": (95 - 4) * MMHG / (OUTPUT + 15 * ML),
    "pulmonary_vascular_resistance": (20 - 10) * MMHG / OUTPUT,
    "aortic_peak_velocity": 300 * ML / (2 * CM2),
    "aortic_mean_gradient": 0.5 * 1050 * 1.5**2,
    "lv_strain": np.exp(-0.2) / np.exp(-0.2 * 0.4) - 1,
    "posterior_wall_thickness": 9.53e-3 * (100 / 73.5720515) / AREA,
    "septal_thickness": 9.53e-3 * (40 / 18.8904978) / AREA,
    "lv_mass": 0.140 * 1.05, "rv_mass": 0.030 * 1.05, "pr_interval": AV_DELAY,
    "aortic_valve_area": 2 * CM2, "mitral_valve_area": 4 * CM2, "aortic_leak_area": 0.1 * CM2,
    "mitral_leak_area": 0.2 * CM2, "tricuspid_leak_area": 0.3 * CM2,
    "pulmonary_leak_area": 0.4 * CM2, "tricuspid_valve_area": 5 * CM2,
    "pulmonary_valve_area": 2.5 * CM2, "pericardial_effusion": 60 * ML,
    "native_output": NATIVE, "pump_flow": 40 * ML, "rvad_flow": 20 * ML, "ecmo_flow": 15 * ML,
    "aortic_peak_gradient": 0.5 * 1050 * 1.5**2,
    "aortic_net_gradient": 0.5 * 1050 * (1.5 * 0.75) ** 2,
    "lvot_area": 1 * CM2,
    "lvot_gradient": 0.5 * 1050 * (300 * ML / (1.9 * CM2)) ** 2,  # at the end of ejection, 95 mL
    "pulmonary_mean_gradient": 0.5 * 1050 * 1.2**2, "pulmonary_peak_gradient": 0.5 * 1050 * 1.2**2,
    "mitral_mean_gradient": 0.5 * 1050 * 0.5**2, "mitral_peak_gradient": 0.5 * 1050 * 0.5**2,
    "tricuspid_mean_gradient": 0.5 * 1050 * 0.4**2, "tricuspid_peak_gradient": 0.5 * 1050 * 0.4**2,
    **{f"{valve}_regurgitant_volume": DURATION * 5 * ML for valve in VALVES},
    **dict.fromkeys(("aortic_regurgitant_fraction", "pulmonary_regurgitant_fraction"), 5 / 90),
    **dict.fromkeys(("mitral_regurgitant_fraction", "tricuspid_regurgitant_fraction"), 5 / 100),
}  # fmt: skip


def test_every_number_is_what_can_be_read_off_the_beat():
    found = biomarkers(drawn_beat(), CONDITIONS)
    assert set(found) == set(EXPECTED)
    for name, value in EXPECTED.items():
        assert found[name] == pytest.approx(value, rel=1e-6), name


def test_a_jump_between_the_two_ends_of_a_beat_is_no_pressure_rise():
    """The beat under a changing volume does not meet itself."""
    drifting = ramp(5 * MMHG, 130 * MMHG) + 20 * MMHG * TIME
    found = biomarkers(drawn_beat(lv_pressure=drifting), CONDITIONS)
    assert found["dp_dt_max"] == pytest.approx((125 / 0.4 + 20 / 0.8) * MMHG, rel=1e-6)
    assert found["dp_dt_min"] == pytest.approx((-125 / 0.4 + 20 / 0.8) * MMHG, rel=1e-6)


def test_the_gradient_counts_weak_forward_flow_but_no_trickle():
    flow = np.zeros(N)
    flow[300:400], flow[400:500], flow[500:600] = 200 * ML, 20 * ML, 4 * ML
    found = biomarkers(drawn_beat(aortic_flow=flow), CONDITIONS)
    expected = 0.5 * 1050 * 0.5 * (1.0**2 + 0.1**2)
    assert found["aortic_mean_gradient"] == pytest.approx(expected)


def test_a_valve_that_never_opens_has_no_gradient():
    closed = np.full(N, -1e-9)
    assert biomarkers(drawn_beat(aortic_flow=closed), CONDITIONS)["aortic_mean_gradient"] == 0.0
