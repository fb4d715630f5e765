"""Scores against closed forms, and bands that hold what they promise."""

import math

import numpy as np
import pytest

from organtwin.store.scoring import FEWEST_MEMBERS, crps, graded, wilson


def normal_crps(mean: float, sd: float, y: float) -> float:
    """Of a normal distribution (Gneiting and Raftery 2007, J Am Stat Assoc 102:359, eq. 5)."""
    z = (y - mean) / sd
    density = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    below = 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))
    return sd * (z * (2.0 * below - 1.0) + 2.0 * density - 1.0 / math.sqrt(math.pi))


@pytest.mark.parametrize("sd", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("y", [0.0, 1.3, -4.0])
def test_crps_of_many_normal_members_is_that_of_their_distribution(sd: float, y: float) -> None:
    # Evenly placed quantiles: the sum is then exact to about 1/n.
    from scipy.special import ndtri

    n = 2000
    members = ndtri((np.arange(n) + 0.5) / n)
    assert crps(members, y, sd) == pytest.approx(normal_crps(0.0, math.hypot(1.0, sd), y), abs=2e-3)


def test_members_that_agree_are_scored_by_their_error() -> None:
    assert crps(np.full(12, 3.0), 5.0, 0.0) == pytest.approx(2.0)
    assert graded(3.0, [3.0] * 12, 5.0, 0.0).error == pytest.approx(2.0)


def test_z_counts_the_spread_of_members_and_of_the_measurement() -> None:
    members = 10.0 + 3.0 * np.array([-1.0, 1.0] * 8) * math.sqrt(15.0 / 16.0)
    grade = graded(10.0, list(members), 20.0, 4.0)
    assert grade.error == pytest.approx(10.0)
    assert grade.z == pytest.approx(2.0)


@pytest.mark.parametrize("sd", [0.0, 0.3, 1.0, 3.0])
def test_bands_hold_as_much_as_they_promise_where_the_truth_is_one_of_the_members(sd) -> None:
    draw = np.random.default_rng(5)
    n = 4000
    grades = []
    for _ in range(n):
        truth, *members = draw.standard_normal(25)
        grades.append(graded(0.0, members, truth + sd * draw.standard_normal(), sd))
    for nominal, held in (
        (0.5, np.mean([g.inside_50 for g in grades])),
        (0.9, np.mean([g.inside_90 for g in grades])),
    ):
        # 25 places for the truth among 24 members are steps of 4 %; and the draw of 4000
        assert held == pytest.approx(nominal, abs=0.025)
    assert np.mean([g.pit for g in grades]) == pytest.approx(0.5, abs=0.02)


def test_too_few_members_say_nothing_about_likelihood() -> None:
    grade = graded(1.0, [0.9] * (FEWEST_MEMBERS - 1), 1.5, 0.1)
    assert (grade.z, grade.crps, grade.pit, grade.inside_90) == (None, None, None, None)
    assert grade.error == pytest.approx(0.5)
    far = graded(1.0, [0.9] * FEWEST_MEMBERS, 99.0, 0.1)
    assert far.inside_90 is False


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (0, 0, 0.0, 1.0)],
)
def test_wilson_intervals_are_the_published_ones(hits, n, low, high) -> None:
    # Newcombe 1998 Stat Med 17:857, method 3, computed by hand from the formula there
    assert wilson(hits, n) == pytest.approx((low, high), abs=1e-4)
