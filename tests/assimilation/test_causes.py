"""The cause of a fall of pressure, on hearts whose fall is planted."""

from dataclasses import replace

import numpy as np
import pytest

from organtwin.assimilation.causes import CAUSES, FALLING, LAST, RATE, Fall, causes_of
from organtwin.units import MMHG
from tests.assimilation.hearts_beside import INTERVAL, SEEN, changed, hearts_beside, lived, settled

N_BEATS = 15
HEARTS = hearts_beside(12)[:2]
"""Two of those beside the patient: not the very heart that falls."""


def fall_of(intervals=(INTERVAL,) * N_BEATS, noise: float = 0.6, **logs: float) -> Fall:
    """What was seen of the default heart after a change, as errors of 0.6 of a beat's show it."""
    before, (conditions, state) = lived(settled(), [INTERVAL] * 20, noise=noise)
    since, _ = lived((changed(conditions, **logs), state), intervals, noise=noise, seed=1)
    usual = {name: np.mean([beat.values[name] for beat in before]) for name in SEEN}
    return Fall(
        INTERVAL,
        np.array(intervals),
        {n: np.array([beat.values[n] for beat in since]) - usual[n] for n in SEEN},
    )


# Amounts that take a sixth to a fourth of the default heart's mean pressure within 15 beats.
SLOW = tuple(np.linspace(0.85, 1.4, N_BEATS))


@pytest.mark.parametrize(
    ("cause", "fall"),
    [
        ("systemic_tone", fall_of(systemic_tone=-0.35)),
        ("volume", fall_of(volume=-0.18)),
        ("contractility", fall_of(contractility=-0.8)),
        (RATE, fall_of(SLOW)),
    ],
)
def test_the_cause_of_a_fall_is_named(cause, fall):
    assert fall.changes[FALLING][-3:].mean() < -12.0 * MMHG, "it must be a fall"
    answers = list(causes_of(HEARTS, fall))
    assert len(answers) == len(HEARTS), "an answer after every heart"
    assert answers[-1][0].name == cause
    assert answers[-1][0].share > 0.5


def test_a_fall_that_is_mostly_the_rates_is_the_rates_though_something_fits_the_rest():
    last = list(causes_of(HEARTS, fall_of(SLOW, systemic_tone=-0.13)))[-1]
    misfits = {cause.name: cause.misfit for cause in last}
    assert misfits["systemic_tone"] < misfits[RATE]
    assert last[0].name == RATE


def test_probabilities_add_up_and_are_ordered():
    for answer in causes_of(HEARTS, fall_of(systemic_tone=-0.3)):
        shares = [cause.share for cause in answer]
        assert {cause.name for cause in answer} == {RATE, *CAUSES}
        assert sum(shares) == pytest.approx(1.0)
        assert shares == sorted(shares, reverse=True)


def test_the_amount_is_that_which_was_planted():
    """On the very heart that fell, without noise: what remains is the trend of the search."""
    (answer,) = causes_of([settled()], fall_of(systemic_tone=-0.3, noise=0.0))
    assert answer[0].name == "systemic_tone"
    assert answer[0].amount == pytest.approx(-0.3, abs=0.02)
    assert answer[0].misfit < 0.05
    assert all(cause.amount == 0.0 for cause in answer if cause.name == RATE)


def test_a_heart_that_dies_is_skipped():
    conditions, state = HEARTS[0]
    dying = conditions, replace(state, volumes=0.02 * state.volumes)
    fall = fall_of(systemic_tone=-0.3)
    with_it = list(causes_of([dying, *HEARTS], fall))
    without = list(causes_of(HEARTS, fall))
    assert with_it == without
    assert list(causes_of([dying], fall)) == []


def test_the_pressure_that_fell_comes_first_whatever_the_order_of_the_values():
    fall = fall_of(systemic_tone=-0.3)
    backwards = replace(fall, changes=dict(reversed(fall.changes.items())))
    assert backwards.names[0] == fall.names[0] == FALLING
    one, other = next(causes_of(HEARTS, backwards)), next(causes_of(HEARTS, fall))
    assert [c.share for c in one] == pytest.approx([c.share for c in other])


def test_only_the_latest_beats_are_compared():
    fall = fall_of(systemic_tone=-0.3)
    wild = {name: values.copy() for name, values in fall.changes.items()}
    for values in wild.values():
        values[: N_BEATS - LAST] = 1e6
    first = next(causes_of(HEARTS, fall))
    assert next(causes_of(HEARTS, replace(fall, changes=wild))) == first
