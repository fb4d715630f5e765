"""How a record meets the model: what is put in directly, and what is refused."""

import math
from dataclasses import replace

import numpy as np
import pytest

from organtwin.assimilation.calibration import Calibration, calibrating, evaluate
from organtwin.assimilation.levers import LEVERS, with_levers
from organtwin.assimilation.observation import observation
from organtwin.errors import RecordError
from organtwin.patient.measurement import Measurement
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.physiology.electrophysiology.conduction import template_activations
from organtwin.physiology.interface import PatchLayout, Wall
from organtwin.physiology.mechanics.wall_thickness import muscle_ratios
from organtwin.quantities import quantity
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.simulator import Periodicity, beats, to_steady_state
from organtwin.units import CM2, MMHG, PER_MIN

NORMAL = Conditions().parameters


def record(conduction: str = "normal", **values: float) -> PatientRecord:
    """A record of values in clinical units, each with a standard deviation of a tenth."""
    measurements = []
    for name, value in values.items():
        q = quantity(name)
        sd = q.to_si(max(0.1 * abs(value), 0.01))
        measurements.append(Measurement(name, q.to_si(value), sd, None, "test"))
    who = Demographics()
    return PatientRecord("test", "a test", "", who, tuple(measurements), conduction=conduction)


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        ("heart_rate", {"heart_rate": 15}, "20 1/min to 260 1/min"),
        ("heart_rate", {"heart_rate": 290}, "20 1/min to 260 1/min"),
        ("rr_interval", {"rr_interval": 3500}, "231 ms to 3000 ms"),
        ("pr_interval", {"pr_interval": 300, "heart_rate": 100}, "30 ms to 270 ms"),
        ("lv_mass", {"lv_mass": 650}, "19 g to 583 g"),
        ("rv_mass", {"rv_mass": 300}, "8 g to 232 g"),
        ("mitral_valve_area", {"mitral_valve_area": 25}, "0.00 cm2 to 20.00 cm2"),
    ],
)
def test_a_value_beyond_the_model_is_refused_by_its_own_name(field, values, expected):
    with pytest.raises(RecordError) as caught:
        observation(record(**values))
    error = caught.value
    assert (error.source, error.field, error.expected) == ("a test", field, expected)
    assert error.got == quantity(field).text(quantity(field).to_si(values[field]))
    assert "leave this measurement out" in error.remedy


def test_the_rate_comes_from_the_interval_only_when_no_rate_was_measured():
    assert observation(record(rr_interval=800)).conditions.parameters["heart_rate"] == (
        pytest.approx(75 * PER_MIN)
    )
    both = observation(record(heart_rate=90, rr_interval=800))
    assert both.conditions.parameters["heart_rate"] == pytest.approx(90 * PER_MIN)
    assert [m.name for m in both.unused] == ["rr_interval"]


def test_a_pr_interval_without_a_rate_holds_at_the_normal_rate():
    p = observation(record(pr_interval=240)).conditions.parameters
    assert p["av_delay_fraction"] / p["heart_rate"] == pytest.approx(0.24)


def test_each_orifice_reaches_its_own_valve_and_a_tight_valve_keeps_the_model_alive():
    areas = {
        "aortic_valve_area": 1.0, "mitral_valve_area": 2.0, "aortic_leak_area": 0.1,
        "mitral_leak_area": 0.2, "tricuspid_leak_area": 0.3,
    }  # fmt: skip
    seen = observation(record(**areas))
    p = seen.conditions.parameters
    assert [p[name] / CM2 for name in (
        "aortic_open_area", "mitral_open_area", "aortic_leak_area", "mitral_leak_area",
        "tricuspid_leak_area",
    )] == pytest.approx([1.0, 2.0, 0.1, 0.2, 0.3])  # fmt: skip
    assert {m.name for m in seen.targets} == set(areas)
    tight = observation(record(mitral_leak_area=0.0)).conditions.parameters
    assert tight["mitral_leak_area"] == NORMAL.specs["mitral_leak_area"].lower


def test_measured_masses_are_those_of_the_heart():
    seen = observation(record(lv_mass=180, rv_mass=60))
    beat = evaluate(seen, np.zeros(len(LEVERS)), None)
    found = biomarkers(beat.solution.beat, beat.conditions)
    assert found["lv_mass"] == pytest.approx(0.180)
    assert found["rv_mass"] == pytest.approx(0.060)


def test_measured_thickness_is_that_of_the_walls_around_the_measured_cavity():
    seen = observation(record(septal_thickness=14, posterior_wall_thickness=12, lv_edv=95))
    p = seen.conditions.parameters
    found = muscle_ratios({Wall.LV: 12e-3, Wall.SEPTUM: 14e-3}, 95e-6)
    assert p["lv_wall_volume"] / NORMAL["lv_wall_volume"] == pytest.approx(found[Wall.LV])
    assert p["septum_wall_volume"] / NORMAL["septum_wall_volume"] == pytest.approx(
        found[Wall.SEPTUM]
    )
    assert {"lv_wall_volume", "septum_wall_volume"} <= seen.fixed
    assert {m.name for m in seen.direct} == {"septal_thickness", "posterior_wall_thickness"}


def test_a_measured_mass_counts_before_a_thickness():
    seen = observation(record(lv_mass=180, septal_thickness=14))
    muscle = sum(seen.conditions.parameters[f"{wall}_wall_volume"] for wall in ("lv", "septum"))
    assert 1050 * muscle == pytest.approx(0.180)
    assert [m.name for m in seen.unused] == ["septal_thickness"]


def test_a_thickness_beyond_the_model_is_refused_by_its_name():
    with pytest.raises(RecordError, match=r"septal_thickness.*times the normal muscle"):
        observation(record(septal_thickness=30, lv_edv=600))


def test_a_thick_wall_has_room_for_its_cavity_and_its_pericardium_and_is_weaker_per_fibre():
    p = observation(record(lv_mass=2 * 1050 * 92.46e-3)).conditions.parameters  # twice the normal
    muscle = NORMAL["lv_wall_volume"] + NORMAL["septum_wall_volume"]
    assert p["pericardium_volume"] - NORMAL["pericardium_volume"] == pytest.approx(muscle, rel=1e-3)
    grown = ((120e-6 + muscle) / (120e-6 + 0.5 * muscle)) ** (2 / 3)
    for wall in ("lv", "septum"):
        assert p[f"{wall}_reference_area"] / NORMAL[f"{wall}_reference_area"] == pytest.approx(
            grown, rel=1e-3
        )
        for kind in ("active", "passive"):
            name = f"{wall}_{kind}_stress"
            assert p[name] / NORMAL[name] == pytest.approx(math.sqrt(0.5), rel=1e-3)
    assert p["rv_active_stress"] == NORMAL["rv_active_stress"]


@pytest.mark.parametrize(
    ("values", "failing"),
    [
        ({"lv_ef": 39}, True), ({"lv_ef": 41}, False), ({}, False),
        ({"lv_edv": 200, "lv_esv": 150}, True), ({"lv_edv": 120, "lv_esv": 50}, False),
    ],
)  # fmt: skip
def test_a_failing_heart_is_known_by_its_ejection_fraction_or_its_volumes(values, failing):
    assert observation(record(**values)).conditions.chronic_heart_failure is failing


@pytest.mark.parametrize(
    ("diagnosis", "ejected", "preserved"),
    [
        ("Heart failure with preserved ejection fraction", 62, True),
        ("HFpEF, hypertension", 62, True),
        ("Heart failure", 30, False),
        ("Suspected heart failure", 62, False),
        ("Hypertension, no heart failure", 62, False),
        ("Healthy volunteer", 62, False),
    ],
)
def test_heart_failure_of_a_heart_that_ejects_well_is_told_by_the_diagnosis(
    diagnosis, ejected, preserved
):
    told = replace(record(lv_ef=ejected), diagnosis=diagnosis)
    assert observation(told).conditions.preserved_heart_failure is preserved


def test_a_measured_qrs_stretches_the_activation_within_its_limit():
    own = template_activations()["lbbb"]

    def latest(*, conduction: str = "lbbb", **values: float) -> float:
        return float(observation(record(conduction, **values)).conditions.activation.delays.max())

    usual = own.delays[Wall.LV].max()
    assert latest() == pytest.approx(usual)
    assert latest(qrs_duration=200) == pytest.approx(usual * 0.200 / own.qrs_duration)
    assert latest(qrs_duration=60) == pytest.approx(usual / 1.3)
    assert "qrs_duration" in {m.name for m in observation(record(qrs_duration=100)).direct}


def test_the_delay_between_atria_and_ventricles_follows_the_conduction_unless_measured():
    usual = NORMAL["av_delay_fraction"]
    paced = observation(record("paced"))
    assert observation(record()).conditions.parameters["av_delay_fraction"] == usual
    assert paced.conditions.parameters["av_delay_fraction"] < 0.8 * usual
    measured = observation(record("paced", pr_interval=180, heart_rate=60)).conditions.parameters
    assert measured["av_delay_fraction"] == pytest.approx(0.18)


@pytest.mark.parametrize(
    ("conduction", "first", "last"),
    [("lbbb", Wall.RV, Wall.LV), ("rbbb", Wall.LV, Wall.RV), ("paced", Wall.RV, Wall.LV)],
)
def test_the_blocked_side_is_excited_last(conduction, first, last):
    activation = observation(record(conduction)).conditions.activation
    assert activation.pattern == {"paced": "rv_paced"}.get(conduction, conduction)
    delays = activation.delays
    mean = {wall: delays[PatchLayout().slice(wall)].mean() for wall in Wall}
    assert mean[first] < mean[last]
    assert delays[PatchLayout().slice(last)].max() == delays.max()


def test_levers_move_all_their_walls_and_the_pericardium_with_the_chambers():
    values = np.zeros(len(LEVERS))
    for index, lever in enumerate(LEVERS):
        if lever.name in ("left_size", "right_size", "left_contractility"):
            values[index] = 0.1
    p = with_levers(NORMAL, LEVERS, values, frozenset())
    logs = {name: math.log(p[name] / NORMAL[name]) for name in NORMAL if p[name] != NORMAL[name]}
    assert logs["pericardium_volume"] == pytest.approx(0.06 + 0.04)
    for wall in ("lv", "septum"):
        for column in ("active_stress", "reference_area", "wall_volume"):
            assert logs[f"{wall}_{column}"] == pytest.approx(0.1), (wall, column)
    assert "la_active_stress" not in logs


def test_an_almost_exact_datum_keeps_the_widths_finite():
    exact = tuple(
        Measurement(name, quantity(name).to_si(value), 1e-11 * quantity(name).to_si(1), None, "t")
        for name, value in (("lv_ef", 55), ("lv_edv", 130), ("lv_esv", 90))
    )
    seen = observation(PatientRecord("t", "t", "", Demographics(), exact))
    found = next(step for step in calibrating(seen) if isinstance(step, Calibration))
    priors = np.array([lever.prior_sd for lever in LEVERS])
    assert np.isfinite(found.widths).all()
    assert (found.widths <= priors * (1 + 1e-9)).all()


def test_a_point_that_does_not_settle_is_no_point():
    never, seen = Periodicity(1e-9, beat_limit=2), observation(record())
    assert evaluate(seen, np.zeros(len(LEVERS)), None, rule=never) is None


@pytest.mark.parametrize(("gradient", "area"), [(30, 2.0), (61, 1.3), (118, 0.5)])
def test_a_gradient_in_the_outflow_tract_says_how_narrow_it_is(gradient, area):
    """A heart with that gradient, its numbers as a record: the tract is found again."""
    thick = Conditions().scaled(lv_wall_volume=1.6, septum_wall_volume=1.6)
    told = to_steady_state(beats(thick.with_parameters(outflow_tract_area=area * CM2))).beat
    shown = biomarkers(told, thick.with_parameters(outflow_tract_area=area * CM2))
    assert shown["lvot_gradient"] / MMHG == pytest.approx(gradient, abs=15)
    values = {
        name: quantity(name).from_si(shown[name])
        for name in ("lvot_gradient", "lv_edv", "lv_esv", "stroke_volume")
    }
    seen = observation(record(**values))
    found = seen.conditions.parameters["outflow_tract_area"]
    assert found / (area * CM2) == pytest.approx(1.0, abs=0.1)
    assert "lvot_gradient" in [m.name for m in seen.targets]


def test_a_measured_area_of_the_outflow_tract_counts_before_its_gradient():
    seen = observation(record(lvot_gradient=60, lvot_area=1.2))
    assert seen.conditions.parameters["outflow_tract_area"] == pytest.approx(1.2 * CM2)
    assert {m.name for m in seen.targets} == {"lvot_area", "lvot_gradient"}


@pytest.mark.parametrize("values", [{}, {"lvot_gradient": 0.0}])
def test_without_a_gradient_nothing_is_narrowed(values):
    assert observation(record(**values)).conditions.parameters["outflow_tract_area"] == 0.0


@pytest.mark.parametrize(
    ("diagnosis", "blunted"),
    [
        ("Shock, under general anaesthesia", True),
        ("under anesthesia", True),
        ("heart failure", False),
        ("before anaesthesia", False),
    ],
)
def test_a_record_says_whether_anaesthesia_blunts_the_reflex(diagnosis, blunted):
    told = replace(record(heart_rate=70), diagnosis=diagnosis)
    assert observation(told).conditions.anaesthetised is blunted
