"""A fit from what was known before; without that, the same numbers as ever."""

import numpy as np
import pytest

from organtwin.assimilation.calibration import Calibration, calibrating, evaluate
from organtwin.assimilation.levers import LEVERS
from organtwin.assimilation.observation import observation
from organtwin.assimilation.posterior import sampling
from organtwin.assimilation.prior import Prior, normal_adult
from tests.assimilation.test_calibration import record

SEEN = observation(record(heart_rate=(80, 2), systolic_pressure=(150, 4), lv_edv=(140, 8)))
WIDTHS = np.array([lever.prior_sd for lever in LEVERS])


def fit(prior: Prior | None = None) -> Calibration:
    found = [s for s in calibrating(SEEN, prior=prior) if isinstance(s, Calibration)]
    assert found[-1].converged
    return found[-1]


def test_without_a_prior_the_residuals_are_those_of_the_levers_to_the_last_bit() -> None:
    values = np.random.default_rng(0).normal(size=len(LEVERS)) * 0.05
    point = evaluate(SEEN, values, None)
    assert np.array_equal(point.residuals[-len(LEVERS) :], values / WIDTHS)


def test_leaving_the_prior_out_or_saying_none_gives_identical_numbers() -> None:
    plain = [s for s in calibrating(SEEN) if isinstance(s, Calibration)][-1]
    none = fit(None)
    assert np.array_equal(plain.best.values, none.best.values)
    assert np.array_equal(plain.covariance, none.covariance)
    *_, members = sampling(SEEN, plain, 2)
    *_, same = sampling(SEEN, none, 2, prior=None)
    for one, other in zip(members.members, same.members, strict=True):
        assert np.array_equal(one.values, other.values)
        assert np.array_equal(one.residuals, other.residuals)


def test_the_prior_of_a_normal_adult_is_what_is_used_without_one() -> None:
    plain, said = fit(), fit(normal_adult())
    # another starting point: both end where the misfit falls by less than 0.2 %
    assert said.best.misfit == pytest.approx(plain.best.misfit, rel=5e-3)
    assert said.widths == pytest.approx(plain.widths, rel=0.05)


def test_correlated_residuals_weigh_as_the_inverse_of_the_covariance() -> None:
    draw = np.random.default_rng(2)
    spread = draw.normal(size=(4, 4))
    prior = Prior(draw.normal(size=4), spread @ spread.T + np.eye(4))
    x = draw.normal(size=4)
    residuals, away = prior.residuals(x), x - prior.mean
    assert residuals @ residuals == pytest.approx(away @ np.linalg.solve(prior.covariance, away))


def test_a_narrow_prior_holds_a_fit_against_the_data() -> None:
    mean = np.zeros(len(LEVERS))
    mean[0] = -0.3
    prior = Prior(mean, np.diag((1e-3 * WIDTHS) ** 2))
    found = fit(prior)
    assert found.best.values == pytest.approx(mean, abs=0.01)
    *_, last = sampling(SEEN, found, 1, prior=prior)
    (member,) = last.members
    assert member.values == pytest.approx(mean, abs=0.01)
    assert member.residuals[-len(LEVERS) :] == pytest.approx(prior.residuals(member.values))


@pytest.mark.parametrize(
    ("mean", "covariance"),
    [(np.zeros(2), np.eye(3)), (np.zeros(2), np.array([[1.0, 2.0], [2.0, 1.0]])),
     (np.zeros(2), np.array([[1.0, 0.5], [0.0, 1.0]])), (np.zeros((2, 1)), np.eye(2))],
)  # fmt: skip
def test_what_is_no_normal_distribution_is_refused(mean, covariance) -> None:
    with pytest.raises(ValueError, match=r"mean|covariance"):
        Prior(mean, covariance)
