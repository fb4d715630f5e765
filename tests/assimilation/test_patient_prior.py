"""Where a fit starts: by sex, size and diagnosis, by sourced numbers only, and said."""

from dataclasses import replace

import numpy as np
import pytest

from organtwin.assimilation.calibration import evaluate
from organtwin.assimilation.levers import LEVERS
from organtwin.assimilation.observation import observation
from organtwin.assimilation.patient_prior import patient_prior
from organtwin.assimilation.prior import normal_adult
from organtwin.patient.measurement import Measurement, Provenance
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.simulation.biomarkers import biomarkers

INDEX = {lever.name: place for place, lever in enumerate(LEVERS)}
NOBODY = PatientRecord("t", "t", "", Demographics(), ())
REDUCED = "Heart failure with reduced ejection fraction, NYHA III"


def mean(record: PatientRecord, lever: str) -> float:
    prior = patient_prior(record).prior
    return 0.0 if prior is None else float(prior.mean[INDEX[lever]])


def test_nothing_known_shifts_nothing_and_age_alone_is_nothing():
    for who in (Demographics(), Demographics(age=80.0), Demographics(height=1.8)):
        found = patient_prior(replace(NOBODY, demographics=who))
        assert found.prior is None
        assert found.findings == ()


def test_a_large_man_starts_from_a_larger_heart_than_a_small_woman():
    man = replace(NOBODY, demographics=Demographics("male", 50.0, 1.95, 100.0))
    woman = replace(NOBODY, demographics=Demographics("female", 50.0, 1.55, 48.0))
    for lever in ("left_size", "right_size", "left_atrial_size"):
        assert mean(man, lever) > 0.05 > -0.05 > mean(woman, lever)
    assert mean(man, "systemic_resistance") < 0.0 < mean(woman, "systemic_resistance")
    assert "body surface 2.33 m2" in patient_prior(man).findings[0]


@pytest.mark.parametrize("surface", [1.5, 2.1])
def test_volumes_and_output_go_with_body_surface_and_pressures_do_not(surface):
    height = 1.75
    weight = (surface / (0.007184 * (100.0 * height) ** 0.725)) ** (1 / 0.425)
    sized = replace(NOBODY, demographics=Demographics(height=height, weight=weight))
    seen = observation(NOBODY)
    normal, start = (
        evaluate(seen, values, None)
        for values in (np.zeros(len(LEVERS)), patient_prior(sized).prior.mean)
    )
    before, after = (biomarkers(e.solution.beat, e.conditions) for e in (normal, start))
    for name in ("lv_edv", "rv_edv", "cardiac_output", "la_volume_max"):
        # six levers meet eight quantities of two sizes to 6 %, not exactly
        assert after[name] / before[name] == pytest.approx(surface / 1.79, rel=0.07), name
    assert after["mean_arterial_pressure"] == pytest.approx(
        before["mean_arterial_pressure"], rel=0.05
    )


def test_widths_stay_those_of_a_patient_of_whom_nothing_is_known():
    prior = patient_prior(replace(NOBODY, diagnosis=REDUCED)).prior
    assert np.array_equal(prior.covariance, normal_adult().covariance)


def test_a_stated_diagnosis_moves_the_start_and_is_told():
    found = patient_prior(replace(NOBODY, diagnosis=REDUCED))
    assert found.prior.mean[INDEX["left_contractility"]] < -0.5
    assert "reduced ejection fraction" in found.findings[0]


@pytest.mark.parametrize(
    "text",
    [
        "No heart failure with reduced ejection fraction", "suspected HFrEF", "HFrEF?",
        "HFrEF and pulmonary arterial hypertension", "hfrefx", "",
    ],
)  # fmt: skip
def test_a_diagnosis_that_is_denied_doubted_or_one_of_several_moves_nothing(text):
    assert patient_prior(replace(NOBODY, diagnosis=text)).prior is None


def test_published_means_of_the_same_patients_do_not_count_twice():
    mean = Measurement("lv_ef", 0.25, 0.05, None, "study", Provenance.PUBLISHED)
    found = patient_prior(replace(NOBODY, diagnosis=REDUCED, measurements=(mean,)))
    assert found.prior is None
    assert "count twice" in found.findings[0]
