"""What a fit tells of its levers, on Jacobians written down and on a fitted case."""

import numpy as np
import pytest

from organtwin.assimilation.calibration import Calibration, Evaluation
from organtwin.assimilation.levers import LEVERS
from organtwin.assimilation.observation import TARGETS, observation
from organtwin.patient.case_file import load_case
from organtwin.patient.measurement import Measurement
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.simulation.beat import Outcome, Solution
from organtwin.simulation.conditions import Conditions
from organtwin.twin.building import fitting
from organtwin.twin.identifiability import COMPUTED, identifiability

N = len(LEVERS)
PRIOR = np.array([lever.prior_sd for lever in LEVERS])
INDEX = {lever.name: place for place, lever in enumerate(LEVERS)}
READINGS = tuple(
    Measurement(name, 1.0, 1.0, None, "") for name in ("lv_edv", "ra_pressure", "lv_ef")
)
SEEN = observation(PatientRecord("t", "t", "", Demographics(), READINGS))


def told(**rows: dict[str, float]):
    """The report on a fit whose targets have these sensitivities, in units of the prior widths."""
    jacobian = np.zeros((len(READINGS) + N, N))
    jacobian[len(READINGS) :] = np.diag(1.0 / PRIOR)
    for place, reading in enumerate(READINGS):
        for lever, slope in rows.get(reading.name, {}).items():
            jacobian[place, INDEX[lever]] = slope / PRIOR[INDEX[lever]]
    covariance = np.linalg.inv(jacobian.T @ jacobian)
    nowhere = Solution(beat=None, outcome=Outcome.STEADY, n_beats=1)
    best = Evaluation(np.zeros(N), Conditions(), nowhere, np.zeros(len(jacobian)))
    return identifiability(SEEN, Calibration(best, jacobian, covariance, 1, converged=True))


def test_levers_are_determined_weakly_or_not_by_the_share_of_the_prior_that_is_left():
    found = told(lv_edv={"left_size": 3.0}, ra_pressure={"blood_volume": 1.0})
    by = {lever.name: lever for lever in found.levers}
    assert by["left_size"].verdict == "determined"
    assert by["left_size"].narrowing == pytest.approx(1.0 / np.sqrt(10.0))
    assert by["blood_volume"].verdict == "weakly"
    assert by["left_stiffness"].verdict == "not"
    assert by["left_stiffness"].narrowing == pytest.approx(1.0)


def test_the_measurement_that_determines_a_lever_is_named_with_what_its_loss_would_cost():
    found = told(lv_edv={"left_size": 3.0}, lv_ef={"left_size": 1.0})
    by = {lever.name: lever for lever in found.levers}
    assert by["left_size"].best_source == "lv_edv"
    # variance 1/(1 + 9 + 1) with all three rows, 1/(1 + 1) without the volume
    assert by["left_size"].without == pytest.approx(np.sqrt(11.0 / 2.0))
    assert by["left_stiffness"].best_source == ""


def test_levers_that_only_their_sum_is_known_of_are_confounded():
    found = told(lv_edv={"left_size": 5.0, "blood_volume": 5.0})
    (pair,) = found.confounded
    assert {pair.first, pair.second} == {"Left ventricular size", "Filling volume"}
    assert pair.correlation == pytest.approx(-25.0 / 26.0)
    assert "told only together" in next(found.sentences())


def test_without_members_nothing_is_said_of_the_next_measurement():
    assert told(lv_edv={"left_size": 3.0}).following == ()


@pytest.fixture(scope="module")
def fitted():
    return [step.twin for step in fitting(load_case("default"), 40) if step.twin][-1]


def test_the_next_measurement_is_a_new_one_that_tells_of_a_lever_not_yet_known(fitted):
    following = fitted.fit.told.following
    known = {m.name for m in fitted.observation.targets}
    assert following
    for one in following:
        assert one.name in TARGETS - known - COMPUTED
        assert 0.0 < one.left < 1.0
        assert 0.0 < one.gain < 1.0
    assert [one.gain for one in following] == sorted((o.gain for o in following), reverse=True)
    # an atrium can be as large as it likes until somebody measures it
    atrial = next(one for one in following if one.name == "la_volume_max")
    assert atrial.lever == "Left atrial size"


def test_the_report_says_the_same_of_each_lever_as_the_table_of_parameters(fitted):
    for lever, row in zip(fitted.fit.told.levers, fitted.fit.parameters, strict=True):
        assert lever.label == row.label
        assert lever.narrowing == pytest.approx(row.narrowing)
        assert (lever.verdict == "determined") == row.determined
    assert any("most would be learned" in text for text in fitted.fit.findings)
