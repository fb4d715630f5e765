"""What the therapies do to published groups: those the curves were tuned to, and the others.

Each group is fitted from what was published of it before treatment. Where that is too little for a
heart, ``ASSUMED`` fills in a usual value with a wide standard deviation. In the table, *tuned* rows
went into a dose-response curve and *held_out* rows did not. A baseline of zero means that only the
change was published. Indexed flows are taken times 1.9 m2.

Doses: 75 ug/kg milrinone over 0.35 L/kg is the exposure of 0.51 ug/kg/min (Fitzpatrick); a loading
dose that is not stated is taken as 50 ug/kg (Cusick); a titrated one as the top dose (Guiha).
Not compared: furosemide at 20 minutes (a therapy of its own by now), dobutamine stress
(no dose), valve-in-valve (no area), and anything that was not read in print.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from organtwin.patient.case_file import load_case
from organtwin.patient.measurement import Measurement
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.patient.uncertainty import default_sd
from organtwin.quantities import quantity
from organtwin.simulation.beat import Outcome
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.building import fitting
from organtwin.twin.prediction import predict
from organtwin.twin.twin import Twin
from organtwin.units import si_factor

TABLE = Path(__file__).parent / "data" / "therapy_targets.csv"

PUBLISHED: dict[str, dict[str, float]] = {
    "akhtar": {"heart_rate": 98.5, "cardiac_output": 3.1, "mean_arterial_pressure": 93.3,
               "pcwp": 27.4},
    "guiha": {"cardiac_output": 2.98, "pcwp": 32.2},
    "franciosa": {"cardiac_output": 4.75, "mean_arterial_pressure": 97, "pcwp": 28},
    "jaski": {"heart_rate": 92, "mean_arterial_pressure": 82, "ra_pressure": 15, "lv_edp": 26,
              "stroke_volume": 38, "dp_dt_max": 858},
    "cusick": {"cardiac_output": 3.61, "pcwp": 23, "ra_pressure": 12,
               "systemic_vascular_resistance": 1809, "pulmonary_vascular_resistance": 285},
    "iskandrian": {"heart_rate": 91, "systolic_pressure": 133, "lv_ef": 27, "rv_ef": 38},
    "francis": {"heart_rate": 87, "mean_arterial_pressure": 90, "stroke_volume": 51.3,
                "lv_edp": 28, "systemic_vascular_resistance": 1454},
    "partner_1y": {"aortic_valve_area": 0.7, "aortic_mean_gradient": 44.4},
    "partner_30d": {"aortic_valve_area": 0.8, "aortic_mean_gradient": 33.0},
}  # fmt: skip
"""Baselines in the clinical units of ``quantities``."""

_FAILING = {"heart_rate": (90, 10), "lv_ef": (25, 8)}
_STENOSED = {
    "heart_rate": (70, 8), "cardiac_output": (4.8, 0.6), "lv_ef": (60, 6),
    "systolic_pressure": (125, 10), "diastolic_pressure": (70, 8), "pcwp": (11, 3),
}  # fmt: skip
ASSUMED: dict[str, dict[str, tuple[float, float]]] = {
    **dict.fromkeys(("akhtar", "guiha", "franciosa", "jaski", "cusick", "francis"), _FAILING),
    "iskandrian": {},
    **dict.fromkeys(("partner_1y", "partner_30d"), _STENOSED),
}


@dataclass(frozen=True)
class Target:
    """One row: a published change and the predicted one, relative unless only it was published."""

    group: str
    therapy: str
    variable: str
    baseline: float
    response: float
    unit: str
    role: str

    @property
    def published(self) -> float:
        if self.baseline == 0.0:
            return self.response * si_factor(self.unit, self.unit)
        return self.response / self.baseline - 1.0

    @property
    def predicted(self) -> float:
        before, after = response(self.group, self.therapy, self.variable)
        return after - before if self.baseline == 0.0 else after / before - 1.0

    @property
    def error(self) -> float:
        """Of the predicted change, as a share of the published one."""
        return abs(self.predicted / self.published - 1.0)


def targets(role: str) -> list[Target]:
    with TABLE.open() as file:
        rows = [row for row in csv.DictReader(file) if row["role"] == role]
    return [
        Target(row["group"], row["therapy"], row["variable"], float(row["baseline"]),
               float(row["response"]), row["unit"], role)
        for row in rows
    ]  # fmt: skip


@cache
def twin_of(group: str) -> Twin:
    record = load_case("default") if group == "healthy" else group_record(group)
    return [step.twin for step in fitting(record, members=0) if step.twin][-1]


def group_record(group: str) -> PatientRecord:
    stated = {
        name: (value, quantity(name).from_si(default_sd(name, quantity(name).to_si(value))))
        for name, value in PUBLISHED[group].items()
    }
    measurements = []
    for name, (value, sd) in {**ASSUMED[group], **stated}.items():
        q = quantity(name)
        measurements.append(Measurement(name, q.to_si(value), q.to_si(sd), None, group))
    return PatientRecord(group, group, "", Demographics(), tuple(measurements))


@cache
def response(group: str, therapy: str, variable: str) -> tuple[float, float]:
    prediction = predict(twin_of(group), TherapyPlan((parse_therapy(therapy),)))
    assert prediction.solution.outcome is Outcome.STEADY
    return prediction.before[variable], prediction.after[variable]


def sign_agreement(rows: list[Target]) -> float:
    return float(np.mean([row.predicted * row.published > 0.0 for row in rows]))


def report(rows: list[Target]) -> str:
    return "\n".join(
        f"{row.group:11} {row.therapy:29} {row.variable:29} {row.role:8} "
        f"predicted {row.predicted:+.3g} published {row.published:+.3g} error {row.error:.0%}"
        for row in rows
    )


def median_error(rows: list[Target]) -> float:
    return float(np.median([row.error for row in rows]))


@pytest.mark.slow
def test_held_out_responses_have_the_published_direction_and_about_the_size():
    """Measured: 12 of 12 signs, median error of the change 40 %.

    Without the valves, which follow from hydraulics: 47 %. Norepinephrine no longer counts here:
    its published rise was seen when its assumed curve was set anew with the reflex on.
    """
    rows = targets("held_out")
    drugs = [row for row in rows if row.group not in ("partner_1y", "partner_30d", "healthy")]
    assert len(rows) >= 12
    assert sign_agreement(rows) >= 0.85, report(rows)
    assert median_error(rows) < 0.45, report(rows)
    assert median_error(drugs) < 0.60, report(drugs)


@pytest.mark.slow
def test_tuned_responses_are_met_better_than_held_out_ones():
    """Measured: 20 of 20 signs, median error 13 %."""
    rows = targets("tuned")
    assert sign_agreement(rows) >= 0.95, report(rows)
    assert median_error(rows) < 0.20, report(rows)
    assert median_error(rows) < median_error(targets("held_out"))


@pytest.mark.slow
def test_every_group_is_fitted_before_it_is_treated():
    for group in PUBLISHED:
        fit = twin_of(group).fit
        assert fit.within_two_sd == fit.n_targets, group


def test_a_held_out_valve_and_a_held_out_drug_respond_as_published():
    """A few of the rows, for the fast suite; the gradient after replacement is met within 12 %."""
    rows = [row for row in targets("held_out") if row.group in ("partner_30d", "iskandrian")]
    assert len(rows) == 3
    assert sign_agreement(rows) == 1.0, report(rows)
    gradient = next(row for row in rows if row.variable == "aortic_mean_gradient")
    assert gradient.error < 0.12


@pytest.mark.slow
def test_a_recorded_limitation_esmolol_lowers_pressure_too_much():
    """Published -4 %, here -9 % (without the reflex -16 %)."""
    row = next(r for r in targets("held_out") if r.variable == "systolic_pressure")
    assert -0.13 < row.predicted < -0.06
