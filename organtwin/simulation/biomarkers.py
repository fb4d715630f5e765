"""What a clinician would measure on a simulated beat.

Definitions. Volumes: end-diastole is the largest and end-systole the smallest volume of the beat.
End-diastolic pressure: chamber pressure at ventricular activation, before it rises. Output: net
flow out of the left ventricle, through the aortic valve (native) and through pumps, so
regurgitation counts against it. Extracorporeal flow passes by the lungs and is none of it, but it
does flow through the body, so systemic resistance counts it. Arterial pressures are those at the
aortic root. Wedge pressure is the mean left atrial pressure. Valves: see ``valve_numbers``.
Mass: wall volume times 1.05 g/mL. Thickness: at end-diastole, by ``mechanics.wall_thickness``.
"""

from collections.abc import Mapping

import numpy as np

from organtwin.parameters.sets import ParameterSet
from organtwin.physiology.interface import Wall
from organtwin.physiology.mechanics.wall_thickness import NORMAL_THICKNESS, area_ratio
from organtwin.simulation.beat import Beat
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.valve_numbers import valve_numbers

MUSCLE_DENSITY = 1050.0
"""[kg/m3]"""


def biomarkers(beat: Beat, conditions: Conditions) -> Mapping[str, float]:
    """Clinical quantities of one beat, by the names of ``quantities``, in SI."""
    return {
        **_volumes(beat),
        **_pressures(beat),
        **_flows(beat, conditions.parameters),
        **_walls(beat, conditions.parameters),
    }


def _volumes(beat: Beat) -> dict[str, float]:
    found: dict[str, float] = {}
    for side in ("lv", "rv"):
        volume = beat.traces[f"{side}_volume"]
        edv, esv = float(volume.max()), float(volume.min())
        found |= {f"{side}_edv": edv, f"{side}_esv": esv, f"{side}_ef": (edv - esv) / edv}
    for side in ("la", "ra"):
        found[f"{side}_volume_max"] = float(beat.traces[f"{side}_volume"].max())
    return found


def _pressures(beat: Beat) -> dict[str, float]:
    traces = beat.traces
    aorta, pulmonary = traces["aortic_pressure"], traces["pulmonary_artery_pressure"]
    lv, rv = traces["lv_pressure"], traces["rv_pressure"]
    step = beat.duration / len(lv)
    rate = (np.roll(lv, -1) - np.roll(lv, 1)) / (2.0 * step)
    onset = min(round(beat.av_delay / step), len(lv) - 1)
    return {
        "systolic_pressure": float(aorta.max()),
        "diastolic_pressure": float(aorta.min()),
        "mean_arterial_pressure": float(aorta.mean()),
        "pulse_pressure": float(np.ptp(aorta)),
        "lv_edp": float(lv[onset]),
        "rv_edp": float(rv[onset]),
        "lv_systolic_pressure": float(lv.max()),
        "rv_systolic_pressure": float(rv.max()),
        "pcwp": float(traces["la_pressure"].mean()),
        "ra_pressure": float(traces["ra_pressure"].mean()),
        "pa_systolic": float(pulmonary.max()),
        "pa_diastolic": float(pulmonary.min()),
        "pa_mean": float(pulmonary.mean()),
        # The beat's two ends meet only at steady state, so the wrapped ends are left out.
        "dp_dt_max": float(rate[1:-1].max()),
        "dp_dt_min": float(rate[1:-1].min()),
    }


def _flows(beat: Beat, parameters: ParameterSet) -> dict[str, float]:
    traces = beat.traces
    native, assist, bypass = (
        float(flow.mean())
        for flow in (
            traces["aortic_flow"],
            traces["lvad_flow"] + traces["impella_flow"],
            traces["ecmo_flow"],
        )
    )
    output = native + assist
    drop = traces["aortic_pressure"].mean() - traces["ra_pressure"].mean()
    lung_drop = traces["pulmonary_artery_pressure"].mean() - traces["la_pressure"].mean()
    return {
        "heart_rate": 1.0 / beat.duration,
        "cardiac_output": output,
        "stroke_volume": output * beat.duration,
        "native_output": native,
        "pump_flow": assist,
        "rvad_flow": float(traces["rvad_flow"].mean()),
        "ecmo_flow": bypass,
        "systemic_vascular_resistance": _resistance(drop, output + bypass),
        "pulmonary_vascular_resistance": _resistance(lung_drop, output),
        "pericardial_effusion": parameters["pericardial_effusion"],
        **valve_numbers(beat, parameters),
    }


def _resistance(drop: float, flow: float) -> float:
    """[Pa s/m3]; infinite where nothing flows, as through the lungs of a heart at a standstill."""
    return float(drop / flow) if flow > 0.0 else float("inf")


def _walls(beat: Beat, parameters: ParameterSet) -> dict[str, float]:
    layout = beat.activation.layout
    left = slice(layout.slice(Wall.LV).start, layout.slice(Wall.SEPTUM).stop)
    mean_strain = beat.patch_strain[:, left].mean(axis=1)
    onset = min(round(beat.av_delay / beat.duration * len(mean_strain)), len(mean_strain) - 1)
    shortening = np.expm1(mean_strain - mean_strain[onset])
    left_muscle = parameters["lv_wall_volume"] + parameters["septum_wall_volume"]
    return {
        **_thickness(float(beat.traces["lv_volume"].max()), parameters),
        "lv_strain": float(shortening.min()),
        "lv_mass": MUSCLE_DENSITY * left_muscle,
        "rv_mass": MUSCLE_DENSITY * parameters["rv_wall_volume"],
        "pr_interval": beat.av_delay,
    }


def _thickness(cavity: float, parameters: ParameterSet) -> dict[str, float]:
    names = {
        "posterior_wall_thickness": "lv_wall_volume",
        "septal_thickness": "septum_wall_volume",
    }
    normal = {name: parameters.specs[name].default for name in names.values()}
    muscle = sum(parameters[name] for name in normal) / sum(normal.values())
    area = area_ratio(muscle, cavity)
    return {
        thickness: NORMAL_THICKNESS * parameters[name] / normal[name] / area
        for thickness, name in names.items()
    }
