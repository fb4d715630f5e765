"""Tempered ensembles on posteriors known in closed form."""

from collections.abc import Callable

import numpy as np
import pytest

from organtwin.assimilation.tempering import TemperedEnsemble

LogLikelihood = Callable[[np.ndarray], np.ndarray]


def sampled(
    likelihood: LogLikelihood, n_parameters: int, n: int = 400, seed: int = 1
) -> np.ndarray:
    ensemble = TemperedEnsemble(n, n_parameters, np.random.default_rng(seed))
    asked = 0
    while not ensemble.done:
        ensemble.tell(likelihood(ensemble.ask()))
        asked += 1
        assert asked < 2000
    return ensemble.members


def gaussian(mean: np.ndarray, covariance: np.ndarray) -> LogLikelihood:
    inverse = np.linalg.inv(covariance)

    def likelihood(places: np.ndarray) -> np.ndarray:
        off = places - mean
        return -0.5 * np.einsum("ni,ij,nj->n", off, inverse, off)

    return likelihood


def test_members_have_mean_and_covariance_of_a_gaussian_posterior() -> None:
    mean = np.array([0.4, 0.6, 0.5])
    covariance = 0.03**2 * np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 4.0]])
    members = sampled(gaussian(mean, covariance), 3)
    # 400 members: standard error of a mean 5 %, of a variance 7 % of it
    np.testing.assert_allclose(members.mean(axis=0), mean, atol=0.2 * 0.06)
    np.testing.assert_allclose(np.cov(members.T), covariance, atol=0.25 * 0.06**2)


def test_both_valleys_are_kept_in_their_proportion() -> None:
    left, right = (gaussian(np.full(4, m), 0.02**2 * np.eye(4)) for m in (0.25, 0.75))
    members = sampled(lambda x: np.logaddexp(left(x), right(x) + np.log(3.0)), 4, seed=3)
    share = float((members[:, 0] > 0.5).mean())
    assert share == pytest.approx(0.75, abs=0.15)
    assert np.all(np.minimum(np.abs(members - 0.25), np.abs(members - 0.75)) < 0.1)


def test_without_information_members_stay_spread_over_the_prior() -> None:
    members = sampled(lambda x: np.zeros(len(x)), 2)
    np.testing.assert_allclose(members.mean(axis=0), 0.5, atol=0.05)
    np.testing.assert_allclose(members.std(axis=0), 12**-0.5, rtol=0.1)


def test_members_at_the_edge_of_the_prior_are_not_pushed_inwards() -> None:
    """Exponential at the wall: mean 0.05 from it."""
    members = sampled(lambda x: -20.0 * x[:, 0], 2, n=800)
    assert members[:, 0].mean() == pytest.approx(0.05, rel=0.15)


def test_places_the_model_refuses_are_left() -> None:
    def likelihood(places: np.ndarray) -> np.ndarray:
        return np.where(places[:, 0] < 0.5, -np.inf, 0.0)

    assert sampled(likelihood, 2)[:, 0].min() >= 0.5


def test_quick_parameters_are_moved_alone_and_change_nothing_of_the_posterior() -> None:
    mean = np.array([0.4, 0.6, 0.5])
    covariance = 0.03**2 * np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 4.0]])
    likelihood, quick = gaussian(mean, covariance), np.array([False, True, True])
    ensemble = TemperedEnsemble(400, 3, np.random.default_rng(5), quick=quick)
    slow_changes = []
    while not ensemble.done:
        places = ensemble.ask()
        slow_changes.append(bool(np.any(places[:, 0] != ensemble.members[:, 0])))
        ensemble.tell(likelihood(places))
    assert 3 * sum(slow_changes) < len(slow_changes)
    np.testing.assert_allclose(ensemble.members.mean(axis=0), mean, atol=0.2 * 0.06)
    np.testing.assert_allclose(np.cov(ensemble.members.T), covariance, atol=0.25 * 0.06**2)


def test_members_with_a_likelihood_of_their_own_keep_it() -> None:
    """Half of the members look for 0.2, the others for 0.8."""
    own = np.where(np.arange(60) % 2, 0.8, 0.2)
    ensemble = TemperedEnsemble(60, 2, np.random.default_rng(5), resampled=False)
    while not ensemble.done:
        places = ensemble.ask()
        ensemble.tell(-0.5 * ((places[:, 0] - own) / 0.05) ** 2)
    assert np.abs(ensemble.members[:, 0] - own).max() < 0.25


def test_share_of_work_done_never_falls_back() -> None:
    ensemble = TemperedEnsemble(50, 2, np.random.default_rng(5))
    likelihood, shares = gaussian(np.full(2, 0.5), 1e-4 * np.eye(2)), []
    while not ensemble.done:
        ensemble.tell(likelihood(ensemble.ask()))
        shares.append(ensemble.share_done)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_the_same_seed_gives_the_same_members() -> None:
    likelihood = gaussian(np.array([0.3, 0.3]), 0.01 * np.eye(2))
    np.testing.assert_array_equal(sampled(likelihood, 2, 20), sampled(likelihood, 2, 20))


def test_too_few_members_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 4"):
        TemperedEnsemble(3, 2, np.random.default_rng(0))
