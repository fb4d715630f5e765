"""The model's own error: on which scale it lies, how well known, and how it grows with a plan."""

import math

import pytest

from organtwin.quantities import QUANTITIES
from organtwin.therapy.catalogue import THERAPIES, parse_therapy
from organtwin.therapy.model_error import (
    REACH_90,
    OutputError,
    error_share,
    model_error,
    studied_share,
    together,
)
from organtwin.therapy.plan import TherapyPlan
from organtwin.units import MMHG

RATIO, SHARE = OutputError("r", "ratio", 0.2, 5), OutputError("s", "share", 0.5, 5)
SHIFT = OutputError("f", "shift", 3.0 * MMHG, 5)


def plan(*texts):
    return TherapyPlan(tuple(parse_therapy(text) for text in texts))


@pytest.mark.parametrize(("error", "value"), [(RATIO, 5e-5), (SHARE, 0.3), (SHIFT, -2.0 * MMHG)])
def test_a_value_comes_back_from_the_scale(error, value):
    assert error.unscaled(error.scaled(value)) == pytest.approx(value)
    assert error.moved(error.moved(value, 1.3), -1.3) == pytest.approx(value)


def test_an_error_never_leaves_what_a_quantity_can_be():
    assert RATIO.moved(1.0, -50.0) > 0.0
    assert 0.0 < SHARE.moved(0.9, 20.0) < 1.0
    assert SHIFT.moved(0.0, -1.0) == pytest.approx(-3.0 * MMHG)


@pytest.mark.parametrize(("error", "value"), [(RATIO, 0.0), (RATIO, -1.0), (SHARE, 1.0)])
def test_what_has_no_place_on_the_scale_is_left_alone(error, value):
    assert math.isnan(error.scaled(value))
    assert error.moved(value, 2.0) == value


def test_the_bundled_error_names_quantities_and_its_studies():
    known = model_error()
    assert set(known.outputs) <= set(QUANTITIES)
    assert {"cardiac_output", "mean_arterial_pressure", "pcwp", "lv_ef"} <= set(known.outputs)
    assert known.studies >= 10
    assert known.told == f"model error from {known.studies} published studies"
    assert all(error.sd > 0.0 for error in known.outputs.values())


def test_what_a_device_or_an_orifice_sets_has_no_error_of_its_own():
    assert not {"pump_flow", "ecmo_flow", "aortic_valve_area"} & set(model_error().outputs)


def test_gradients_go_with_the_square_of_flow():
    known = model_error().outputs
    assert known["aortic_mean_gradient"].sd == pytest.approx(
        2.0 * known["cardiac_output"].sd, abs=2e-3
    )


def test_the_summary_tells_sizes_in_units_of_the_clinic():
    assert str(RATIO) == "r 22 %"
    assert str(SHIFT) == "f 3.0 mmHg"
    assert str(SHARE) == "s 12 points at 50 %"
    assert str(OutputError("h", "ratio", 0.2, 0)) == "h 22 % (from the other outputs)"
    assert "filling pressure" in model_error().summary


def test_no_therapy_brings_no_error():
    assert error_share(TherapyPlan()) == 0.0
    assert error_share(plan("dobutamine 0 ug/kg/min", "fluid 0 mL")) == 0.0


def test_the_error_is_whole_from_the_dose_on_that_was_studied_and_falls_with_it_below():
    # dobutamine counts as measured from 2.5 ug/kg/min on
    assert error_share(plan("dobutamine 10 ug/kg/min")) == 1.0
    assert error_share(plan("dobutamine 2.5 ug/kg/min")) == 1.0
    assert error_share(plan("dobutamine 1 ug/kg/min")) == pytest.approx(0.4)
    assert error_share(plan("mitral_clip 1 %")) < 0.05


def test_a_setting_that_cannot_be_nothing_brings_it_whole():
    kind = THERAPIES["tavi"]
    assert kind.lower > 0.0
    assert studied_share(kind.at(kind.lower)) == 1.0


def test_an_exposure_on_its_way_brings_its_part():
    therapy = parse_therapy("dobutamine 10 ug/kg/min")
    assert studied_share(therapy, 0.0) == 0.0
    assert studied_share(therapy, 1.25) == pytest.approx(0.5)


def test_errors_of_several_therapies_are_independent():
    one, two = "dobutamine 5 ug/kg/min", "nitroprusside 2 ug/kg/min"
    assert error_share(plan(one, two)) == pytest.approx(math.sqrt(2.0))
    assert together([]) == 0.0


def test_ninety_per_cent_of_a_normal_distribution():
    assert pytest.approx(1.6449, abs=1e-4) == REACH_90  # tables
