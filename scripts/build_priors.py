"""Where fits start for a patient of known size, sex or diagnosis: writes the table of priors.

    PYTHONPATH=. .venv/bin/python scripts/build_priors.py

Sourced numbers say what such patients show, not which levers they have, so the levers are fitted
to them. Size: volumes and output in proportion to body surface (the tables give them per m2),
pressures unchanged. Sex: the left ventricular volume per m2. Diagnosis: the sourced values of a
phenotype; kept are the levers that these values determine. Rows graded "memory" are not used.
Preserved ejection fraction is not here: its one study shows the same volumes and output as its
own healthy controls, and its values determine no stiffness in this model (0.8 of the prior's
width). Valve disease is an orifice area, which is measured.
"""

from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np

from organtwin.assimilation.calibration import Calibration, calibrating, evaluate
from organtwin.assimilation.levers import LEVERS, Lever
from organtwin.assimilation.observation import observation
from organtwin.patient.measurement import Measurement
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.patient.uncertainty import default_sd
from organtwin.quantities import quantity
from organtwin.simulation.biomarkers import biomarkers

RATE = 75.0 / 60.0
WITH_SIZE = ("lv_edv", "rv_edv", "la_volume_max", "cardiac_output")
WITHOUT = ("mean_arterial_pressure", "ra_pressure", "pcwp", "pa_mean")
SIZE_LEVERS = (
    "left_size", "right_size", "left_atrial_size", "systemic_resistance",
    "pulmonary_resistance", "blood_volume",
)  # fmt: skip
SEX = {"female": (1.71, 45.0), "male": (1.91, 54.0)}
"""Mean body surface [m2], middle of the normal left ventricular end-diastolic volume [mL/m2]."""
SURFACE, VOLUME = 1.79, 49.5
DETERMINED = 0.5
PHENOTYPES = {
    "reduced_ejection_fraction": {
        "heart_rate": 95, "cardiac_output": 3.0, "mean_arterial_pressure": 93, "pcwp": 28,
        "ra_pressure": 15, "dp_dt_max": 858, "lv_ef": 25, "systemic_vascular_resistance": 1850,
    },
    "pulmonary_arterial_hypertension": {
        "heart_rate": 75, "pa_mean": 25, "pulmonary_vascular_resistance": 240, "pcwp": 8,
    },
}  # fmt: skip
LEFT_OUT = {"reduced_ejection_fraction": {"left_size"}}
"""EF and output of these groups come from different patients: the size they imply is nobody's."""
HEADER = """\
# Where a fit starts, by what is known of the patient: logarithms of the factors of the levers.
# Written by scripts/build_priors.py from sourced numbers; widths stay those of the levers.
# Age is not here: no sourced number at hand relates it to a lever.
"""
SOURCES = {
    "size": "Normal volumes and output are stated per m2 (ASE/EACVI 2015, right-heart-catheter "
    "table), normal pressures are not; mean body surface 1.79 m2, women 1.71, men 1.91 "
    "(Sacco et al., PLoS One 2010;5:e8933)",
    "sex": "LVEDV index 34 to 74 mL/m2 in men, 29 to 61 in women (ASE/EACVI 2015): the middles",
    "reduced_ejection_fraction": "Baseline rows of inotrope and vasodilator studies: CO 3.0 L/min, "
    "MAP 93, wedge 28, RAP 15 mmHg, dP/dt 858 mmHg/s, EF 25 %, SVR 1850 dyn s/cm5",
    "pulmonary_arterial_hypertension": "The least that the guideline of 2015 demands: PA mean 25 "
    "mmHg, PVR 3 WU; wedge in the middle of normal (severer values at hand are from memory)",
}
PHRASES = {
    "reduced_ejection_fraction": ("heart failure with reduced ejection fraction", "hfref"),
    "pulmonary_arterial_hypertension": ("pulmonary arterial hypertension", "pah"),
}


def record(values: dict[str, tuple[float, float]]) -> PatientRecord:
    rows = tuple(Measurement(name, *value, None, "") for name, value in values.items())
    return PatientRecord("group", "group", "", Demographics(), rows)


def fitted(values: dict[str, tuple[float, float]], levers: tuple[Lever, ...]) -> Calibration:
    steps = calibrating(replace(observation(record(values)), levers=levers))
    return [step for step in steps if isinstance(step, Calibration)][-1]


def exponents(factors: dict[str, float], names: tuple[str, ...], by: float) -> dict[str, float]:
    """Levers that bring the normal heart to scaled quantities, per logarithm of ``by``."""
    rate = {"heart_rate": (RATE, 0.01)}
    normal = evaluate(observation(record(rate)), np.zeros(len(LEVERS)), None)
    shown = biomarkers(normal.solution.beat, normal.conditions)
    values = {name: (factor * shown[name], 0.01 * shown[name]) for name, factor in factors.items()}
    levers = tuple(lever for lever in LEVERS if lever.name in names)
    found = fitted({**rate, **values}, levers).best.values / log(by)
    return {lever.name: float(x) for lever, x in zip(levers, found, strict=True)}


def size() -> dict[str, float]:
    both = [
        exponents({**dict.fromkeys(WITH_SIZE, by), **dict.fromkeys(WITHOUT, 1.0)}, SIZE_LEVERS, by)
        for by in (0.85, 1.15)
    ]
    return {name: 0.5 * (both[0][name] + both[1][name]) for name in SIZE_LEVERS}


def phenotype(name: str) -> dict[str, float]:
    values = {}
    for key, value in PHENOTYPES[name].items():
        si = quantity(key).to_si(value)
        values[key] = (si, default_sd(key, si))
    end = fitted(values, LEVERS)
    told = zip(LEVERS, end.best.values, end.widths, strict=True)
    left_out = LEFT_OUT.get(name, set())
    return {
        lever.name: float(x)
        for lever, x, width in told
        if width < DETERMINED * lever.prior_sd and lever.name not in left_out
    }


def table(name: str, facts: dict[str, object], levers: dict[str, float]) -> str:
    lines = [f"[{name}]"]
    for key, value in facts.items():
        texts = '", "'.join(value) if isinstance(value, tuple) else value
        lines.append(f'{key} = ["{texts}"]' if isinstance(value, tuple) else f'{key} = "{texts}"')
    pairs = ", ".join(f"{lever} = {x:.2f}" for lever, x in levers.items())
    return "\n".join([*lines, f"levers = {{ {pairs} }}"])


def main() -> None:
    parts = [HEADER, table("size", {"source": SOURCES["size"]}, size())]
    sex = exponents({"lv_edv": 1.1}, ("left_size",), 1.1)
    for name, (surface, volume) in SEX.items():
        shift = {lever: x * log(volume / VOLUME) for lever, x in sex.items()}
        text = table(f"sex.{name}", {"source": SOURCES["sex"]}, shift)
        parts.append(f"{text}\nsurface = {surface}  # m2, where height or weight is unknown")
    for name, phrases in PHRASES.items():
        facts = {"source": SOURCES[name], "phrases": phrases}
        parts.append(table(f"diagnosis.{name}", facts, phenotype(name)))
    path = Path(__file__).parents[1] / "assets" / "parameters" / "priors.toml"
    path.write_text("\n\n".join(parts) + "\n")
    print(path.read_text())


if __name__ == "__main__":
    main()
