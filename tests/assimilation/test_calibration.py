"""Fitting: known hearts are found again, bad data are told, measured inputs are kept."""

import numpy as np
import pytest

from organtwin.assimilation.calibration import Calibration, calibrating, evaluate
from organtwin.assimilation.levers import LEVERS, with_levers
from organtwin.assimilation.observation import TARGETS, observation
from organtwin.patient.measurement import Measurement
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.physiology.heart import default_parameters
from organtwin.quantities import quantity
from organtwin.simulation.biomarkers import biomarkers
from organtwin.units import MMHG, PER_MIN

INDEX = {lever.name: i for i, lever in enumerate(LEVERS)}


def record(conduction: str = "normal", **values: tuple[float, float]) -> PatientRecord:
    """A record of values and standard deviations in clinical units."""
    measurements = []
    for name, (value, sd) in values.items():
        q = quantity(name)
        measurements.append(Measurement(name, q.to_si(value), q.to_si(sd), None, "test"))
    who = Demographics()
    return PatientRecord("test", "test", "", who, tuple(measurements), conduction=conduction)


def calibrate(of: PatientRecord) -> Calibration:
    found = [s for s in calibrating(observation(of)) if isinstance(s, Calibration)]
    assert found[-1].converged
    return found[-1]


def test_every_target_is_a_biomarker_and_every_lever_moves_known_parameters():
    best = evaluate(observation(record()), np.zeros(len(LEVERS)), None)
    assert set(biomarkers(best.solution.beat, best.conditions)) >= TARGETS
    specs = default_parameters().specs
    assert all(name in specs for lever in LEVERS for name in lever.exponents)
    assert len(LEVERS) >= 8


def test_a_twin_experiment_finds_the_known_heart_again():
    """Simulate a heart with known levers, add 2 % noise, and recover what the data determine."""
    truth = np.zeros(len(LEVERS))
    for name, value in {
        "left_contractility": -0.5, "left_size": 0.15, "systemic_resistance": 0.25,
        "pulmonary_resistance": 0.5, "blood_volume": 0.2, "left_stiffness": 0.4,
    }.items():  # fmt: skip
        truth[INDEX[name]] = value
    start = observation(record(heart_rate=(75, 1)))
    known = evaluate(start, truth, None)
    model = biomarkers(known.solution.beat, known.conditions)
    names = (
        "systolic_pressure", "diastolic_pressure", "lv_edv", "lv_esv", "cardiac_output", "pcwp",
        "lv_edp", "ra_pressure", "pa_mean", "rv_edv", "rv_esv", "dp_dt_max",
    )  # fmt: skip
    noise = np.random.default_rng(1).standard_normal(len(names))
    values = {"heart_rate": (75.0, 1.0)}
    for name, error in zip(names, noise, strict=True):
        clinical = quantity(name).from_si(model[name])
        sd = 0.02 * abs(clinical)
        values[name] = (clinical + sd * error, sd)
    found = calibrate(record(**values))
    determined = found.widths / np.array([lever.prior_sd for lever in LEVERS]) < 0.5
    wanted = ("left_contractility", "left_size", "systemic_resistance", "pulmonary_resistance",
              "blood_volume")  # fmt: skip
    for name in wanted:
        i = INDEX[name]
        assert determined[i], name
        assert abs(found.best.values[i] - truth[i]) < 3 * found.widths[i], name


def test_what_nobody_measured_stays_normal_and_is_called_undetermined():
    found = calibrate(record(systolic_pressure=(150, 4), diastolic_pressure=(95, 4)))
    narrowing = found.widths / np.array([lever.prior_sd for lever in LEVERS])
    for name in ("pulmonary_resistance", "right_contractility", "left_atrial_size"):
        assert narrowing[INDEX[name]] > 0.9, name
        assert abs(found.best.values[INDEX[name]]) < 0.1, name
    model = biomarkers(found.best.solution.beat, found.best.conditions)
    assert model["systolic_pressure"] / MMHG == pytest.approx(150, abs=8)


def test_directly_measured_quantities_are_put_in_and_not_fitted():
    seen = observation(
        record(
            "lbbb", heart_rate=(90, 2), pr_interval=(200, 10), aortic_valve_area=(0.8, 0.1),
            lv_mass=(180, 20), qrs_duration=(170, 10), qt_interval=(400, 10), lv_ef=(30, 4),
        )
    )  # fmt: skip
    p = seen.conditions.parameters
    assert p["heart_rate"] == pytest.approx(90 * PER_MIN)
    assert p["av_delay_fraction"] / p["heart_rate"] == pytest.approx(0.2)
    assert p["aortic_open_area"] == pytest.approx(0.8e-4)
    assert 1050 * (p["lv_wall_volume"] + p["septum_wall_volume"]) == pytest.approx(0.18)
    assert seen.conditions.activation.pattern == "lbbb"
    assert seen.conditions.chronic_heart_failure
    assert [m.name for m in seen.targets] == ["aortic_valve_area", "lv_ef"]
    assert [m.name for m in seen.unused] == ["qt_interval"]
    moved = with_levers(p, LEVERS, np.full(len(LEVERS), 0.1), seen.fixed)
    assert moved["lv_wall_volume"] == p["lv_wall_volume"]
    assert moved["lv_reference_area"] == pytest.approx(p["lv_reference_area"] * np.exp(0.1))


def test_a_thick_wall_keeps_its_cavity():
    """Twice the muscle at an unchanged mid-wall area would fill the ventricle."""
    found = calibrate(record(lv_mass=(200, 20), systolic_pressure=(130, 5)))
    volume = biomarkers(found.best.solution.beat, found.best.conditions)["lv_edv"]
    assert 80e-6 < volume < 160e-6


def test_contradictory_volumes_are_not_averaged_away():
    """EF 60 % cannot go with 150 and 100 mL: some residual must stay large."""
    found = calibrate(record(lv_edv=(150, 3), lv_esv=(100, 3), lv_ef=(60, 2)))
    n_targets = 3
    assert np.abs(found.best.residuals[:n_targets]).max() > 2.0


def test_the_fit_does_not_depend_on_the_order_of_the_measurements():
    values = {"systolic_pressure": (140.0, 5.0), "lv_edv": (140.0, 10.0), "lv_ef": (50.0, 4.0)}
    forward = calibrate(record(**values))
    backward = calibrate(record(**dict(reversed(values.items()))))
    assert forward.best.values == pytest.approx(backward.best.values, abs=1e-6)


def test_of_two_contradicting_values_the_more_exact_one_is_met():
    """At 70 per minute 4 L/min and 80 mL cannot both be true."""
    output, volume = (
        biomarkers(found.best.solution.beat, found.best.conditions)["cardiac_output"] * 60e3
        for found in (
            calibrate(record(heart_rate=(70, 1), cardiac_output=(4, 0.05), stroke_volume=(80, 20))),
            calibrate(record(heart_rate=(70, 1), cardiac_output=(4, 2), stroke_volume=(80, 1))),
        )
    )
    assert output == pytest.approx(4.0, abs=0.15)
    assert volume == pytest.approx(5.6, abs=0.2)


def test_volumes_in_the_record_start_the_search_on_their_side():
    large = record(lv_edv=(220, 10), lv_ef=(30, 4), heart_rate=(80, 1))
    steps = calibrating(observation(large))
    first = next(step for step in steps)
    assert first.values[INDEX["left_size"]] > 0.2
    assert first.values[INDEX["left_contractility"]] < -0.5
