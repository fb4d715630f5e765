"""The response over the doses of one therapy."""

import numpy as np
import pytest

from organtwin.errors import DeclinedError, InputError
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin import dose_response
from organtwin.twin.dose_response import BANDED, DOSES, dose_responding
from organtwin.twin.prediction import predict
from tests.unfitted_twin import explained_twin, with_members

PLAN = TherapyPlan((parse_therapy("norepinephrine 0.25 ug/kg/min"), parse_therapy("fluid 500 mL")))


@pytest.fixture(scope="module")
def steps():
    return list(dose_responding(explained_twin(), PLAN, "norepinephrine", members=2))


def test_the_curve_covers_the_range_and_agrees_with_the_prediction(steps):
    found = next(step.response for step in steps if step.response)
    assert found.doses[[0, -1]].tolist() == [0.0, 0.5]
    assert len(found.doses) == DOSES
    assert not found.bands
    after = predict(with_members(explained_twin()), PLAN).after
    for name in ("mean_arterial_pressure", "cardiac_output"):
        assert found.value(name, 0.25) == pytest.approx(after[name], rel=2e-3)


def test_a_pressor_raises_the_pressure_dose_by_dose(steps):
    pressures = steps[-1].response.values["mean_arterial_pressure"]
    assert np.all(np.diff(pressures) > 0.0)


def test_the_bands_of_alike_hearts_hold_the_curve_and_open_with_the_dose(steps):
    last = steps[-1].response
    low, high = last.bands["mean_arterial_pressure"]
    assert len(last.band_doses) == BANDED
    curve = np.array([last.value("mean_arterial_pressure", dose) for dose in last.band_doses])
    assert np.all((low < curve) & (curve < high))
    widths = high / low
    assert last.band_doses[0] == 0.0
    assert 1.1 < widths[0] < widths[1] < widths[-1] * 1.02  # at dose 0 that of the fluid


def test_progress_never_goes_back(steps):
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_doses_without_a_steady_state_have_no_value_and_a_reason(monkeypatch):
    plain = dose_response._steady

    def steady(conditions, beat, plan):
        dose = plan.therapies[0].dose
        return "the left ventricle ran empty" if dose > 0.3 else plain(conditions, beat, plan)

    monkeypatch.setattr(dose_response, "_steady", steady)
    steps = dose_responding(explained_twin(), PLAN, "norepinephrine", members=0)
    found = [step.response for step in steps if step.response][-1]
    assert np.isfinite(found.value("cardiac_output", 0.2))
    assert np.isnan(found.value("cardiac_output", 0.4))
    assert set(found.reasons) == {"the left ventricle ran empty"}


def test_a_therapy_outside_the_plan_is_refused():
    with pytest.raises(InputError, match="a therapy of the plan"):
        next(dose_responding(explained_twin(), PLAN, "dobutamine"))


def test_doses_outside_what_was_checked_have_no_value_unless_somebody_insists():
    plan = TherapyPlan((parse_therapy("dobutamine 5 ug/kg/min"),))
    found = [
        s.response for s in dose_responding(explained_twin(), plan, "dobutamine") if s.response
    ]
    for response in found:
        assert response.doses[~response.outside][-1] == 10.0
        known = np.isfinite(response.values["cardiac_output"])
        assert known.tolist() == (~response.outside).tolist()
    assert "0 to 10" in str(found[-1].beyond[-1][0])
    insisted = dose_responding(explained_twin(), plan, "dobutamine", members=0, insist=True)
    last = [step.response for step in insisted if step.response][-1]
    assert np.isfinite(last.values["cardiac_output"]).all()
    assert last.outside.any()


def test_a_therapy_checked_in_nobody_has_no_curve():
    plan = TherapyPlan((parse_therapy("epinephrine 0.05 ug/kg/min"),))
    with pytest.raises(DeclinedError, match="nobody"):
        list(dose_responding(explained_twin(), plan, "epinephrine", members=0))
