"""A lesion is found from whatever of it was measured."""

from dataclasses import replace

import numpy as np
import pytest

from organtwin.assimilation.calibration import Calibration, calibrating, evaluate
from organtwin.assimilation.lesions import LESION_TARGETS, LESIONS, WIDTH
from organtwin.assimilation.levers import LEVERS
from organtwin.assimilation.observation import observation
from organtwin.errors import RecordError
from organtwin.patient.measurement import Measurement
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.patient.uncertainty import default_sd
from organtwin.quantities import quantity
from organtwin.simulation.biomarkers import biomarkers
from organtwin.units import CM2

USUAL = ("systolic_pressure", "diastolic_pressure", "lv_edv", "lv_ef")


def record(**values: float) -> PatientRecord:
    """Measurements in SI with the usual doubt."""
    rows = tuple(Measurement(n, v, default_sd(n, v), None, "") for n, v in values.items())
    return PatientRecord("t", "t", "", Demographics(), rows)


def measured(**clinical: float) -> PatientRecord:
    return record(**{name: quantity(name).to_si(value) for name, value in clinical.items()})


def planted(parameter: str, area: float) -> dict[str, float]:
    """What an adult with this lesion [cm2] would show."""
    plain = observation(record())
    conditions = plain.conditions.with_parameters(**{parameter: area * CM2})
    heart = evaluate(replace(plain, conditions=conditions), np.zeros(len(LEVERS)), None)
    return biomarkers(heart.solution.beat, heart.conditions)


def fitted(known: PatientRecord) -> Calibration:
    return [step for step in calibrating(observation(known)) if isinstance(step, Calibration)][-1]


@pytest.mark.parametrize(
    ("parameter", "area", "told_by"),
    [
        ("aortic_open_area", 0.8, "aortic_mean_gradient"),
        ("aortic_open_area", 0.8, "aortic_peak_velocity"),
        ("mitral_open_area", 1.1, "mitral_mean_gradient"),
        ("mitral_leak_area", 0.35, "mitral_regurgitant_fraction"),
        ("aortic_leak_area", 0.25, "aortic_regurgitant_volume"),
    ],
)
def test_the_area_of_a_lesion_is_found_from_one_echo_number(parameter, area, told_by):
    truth = planted(parameter, area)
    known = record(**{name: truth[name] for name in (*USUAL, "heart_rate", told_by)})
    found = fitted(known)
    assert found.best.conditions.parameters[parameter] / CM2 == pytest.approx(area, rel=0.1)
    assert len(found.best.values) == len(LEVERS) + 1
    assert found.widths[-1] < 0.5 * WIDTH


def test_a_measured_area_moves_within_its_doubt_only():
    truth = planted("aortic_open_area", 0.9)
    known = record(**{name: truth[name] for name in (*USUAL, "heart_rate", "aortic_valve_area")})
    found = fitted(known)
    area = found.best.conditions.parameters["aortic_open_area"]
    sd = default_sd("aortic_valve_area", area)
    assert area / CM2 == pytest.approx(0.9, rel=0.02)
    assert found.widths[-1] == pytest.approx(sd / area, rel=0.15)


def test_a_valve_of_which_nothing_was_measured_has_no_lever():
    assert observation(measured(lv_ef=60)).levers == LEVERS


@pytest.mark.parametrize("said", ["mitral_leak_area", "mitral_regurgitant_volume"])
def test_a_valve_measured_as_tight_is_closed(said):
    seen = observation(measured(**{said: 0.0}))
    spec = seen.conditions.parameters.specs["mitral_leak_area"]
    assert seen.levers == LEVERS
    assert seen.conditions.parameters["mitral_leak_area"] == spec.lower
    assert "mitral_leak_area" in seen.fixed


def test_a_tight_valve_that_leaks_by_another_reading_is_not_explained_away():
    seen = observation(measured(mitral_leak_area=0.0, mitral_regurgitant_volume=50.0))
    assert [m.name for m in seen.direct] == ["mitral_leak_area"]
    assert [m.name for m in seen.targets] == ["mitral_regurgitant_volume"]


def test_an_area_beyond_the_model_is_refused_by_its_name():
    known = record(aortic_leak_area=5.0 * CM2)
    with pytest.raises(RecordError, match="aortic_leak_area"):
        observation(known)


@pytest.mark.parametrize("lesion", LESIONS, ids=lambda lesion: lesion.parameter)
def test_every_quantity_of_a_lesion_starts_a_fit_inside_the_model(lesion):
    specs = observation(record()).conditions.parameters.specs
    for name in lesion.told_by:
        for share in (0.02, 0.5, 1.0):
            q = quantity(name)
            value = q.to_si(q.lower + share * (q.upper - q.lower))
            value = min(value, specs[lesion.parameter].upper) if "area" in name else value
            seen = observation(record(**{name: value}))
            start = seen.conditions.parameters[lesion.parameter]
            assert specs[lesion.parameter].lower <= start <= specs[lesion.parameter].upper
            assert name in {m.name for m in seen.targets}
            assert seen.levers[-1].exponents == {lesion.parameter: 1.0}


def test_every_number_of_a_valve_can_be_fitted():
    shown = planted("outflow_tract_area", 1.5)
    assert set(shown) >= LESION_TARGETS


def test_a_gradient_over_a_valve_that_lets_everything_back_starts_a_fit_inside_the_model():
    seen = observation(measured(mitral_regurgitant_fraction=100.0, mitral_mean_gradient=5.0))
    spec = seen.conditions.parameters.specs["mitral_open_area"]
    assert spec.lower <= seen.conditions.parameters["mitral_open_area"] <= spec.upper
