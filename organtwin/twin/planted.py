"""Patients whose heart is known: drawn from the prior of the levers, then measured with error.

What a fit should be judged by. A heart is drawn from the prior, with a rate, a PR interval and a
conduction of its own, and kept if it lives and shows what normal and ill adults show. A record
then holds what a real one might: a cuff always, mostly an echo, at times a catheter, each value
with an error of its stated standard deviation. The fit sees the record alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from organtwin.assimilation.adults import SHOWN, within
from organtwin.assimilation.calibration import Evaluation, evaluate
from organtwin.assimilation.levers import LEVERS
from organtwin.assimilation.observation import TARGETS, observation
from organtwin.patient.measurement import Measurement
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.patient.uncertainty import default_sd
from organtwin.simulation.biomarkers import biomarkers

CUFF = ("systolic_pressure", "diastolic_pressure")
ECHO = ("lv_edv", "lv_esv", "lv_ef", "la_volume_max", "stroke_volume", "lv_strain")
RIGHT_HEART = ("rv_edv", "rv_ef")
CATHETER = ("ra_pressure", "pcwp", "pa_systolic", "pa_diastolic", "pa_mean", "cardiac_output")
LEFT_CATHETER = ("lv_edp", "dp_dt_max", "lv_systolic_pressure")
MOST = 13
"""Targets in a record at most."""
_GROUPS = ((ECHO, 0.85), (RIGHT_HEART, 0.3), (CATHETER, 0.4), (LEFT_CATHETER, 0.15))
_EACH = 0.7
"""Chance of each quantity of an examination that was made."""
ATTEMPTS = 500


@dataclass(frozen=True, eq=False)
class PlantedPatient:
    """A record, and what nobody told the fit: the levers and the quantities (SI) of its heart."""

    record: PatientRecord
    levers: tuple[float, ...]
    truth: Mapping[str, float]


def planted_patient(seed: int) -> PlantedPatient:
    """The patient of a seed.

    Raises
    ------
    RuntimeError
        No heart of the prior was plausible in 500 draws.
    """
    random = np.random.default_rng(seed)
    widths = np.array([lever.prior_sd for lever in LEVERS])
    for _ in range(ATTEMPTS):
        timing = _timing(random)
        known = _record(seed, timing, "lbbb" if random.random() < 0.15 else "normal")
        seen = observation(known)
        heart = evaluate(seen, widths * random.standard_normal(len(LEVERS)), None)
        if heart is None:
            continue
        truth = _quantities(heart)
        if within(truth, SHOWN):
            measured = _measured(random, timing, truth)
            record = _record(seed, measured, known.conduction)
            return PlantedPatient(record, tuple(map(float, heart.values)), truth)
    raise RuntimeError(f"seed {seed}: no plausible heart in {ATTEMPTS} draws of the prior")


def _quantities(heart: Evaluation) -> Mapping[str, float]:
    found = biomarkers(heart.solution.beat, heart.conditions)
    return {name: found[name] for name in sorted(TARGETS)}


def _timing(random: np.random.Generator) -> dict[str, tuple[float, float]]:
    """Rate and PR interval, uniform over what is usual at rest, as (value, sd) in SI."""
    rate = random.uniform(55.0, 95.0) / 60.0
    return {
        "heart_rate": (rate, default_sd("heart_rate", rate)),
        "pr_interval": (random.uniform(0.13, 0.20), default_sd("pr_interval", 0.16)),
    }


def _measured(
    random: np.random.Generator,
    timing: Mapping[str, tuple[float, float]],
    truth: Mapping[str, float],
) -> dict[str, tuple[float, float]]:
    names = list(CUFF)
    for group, chance in _GROUPS:
        if random.random() < chance:
            names += [name for name in group if random.random() < _EACH]
    measured = {}
    for name, (value, sd) in timing.items():
        measured[name] = (value + sd * random.standard_normal(), sd)
    for name in names[:MOST]:
        sd = default_sd(name, truth[name])
        measured[name] = (truth[name] + sd * random.standard_normal(), sd)
    return measured


def _record(seed: int, values: Mapping[str, tuple[float, float]], conduction: str) -> PatientRecord:
    name = f"planted-{seed}"
    measurements = tuple(
        Measurement(name, value, sd, None, "planted") for name, (value, sd) in values.items()
    )
    return PatientRecord(
        name, name, "drawn from the prior", Demographics(), measurements, conduction=conduction
    )
