"""Ranges that hearts of the posterior keep to, and when they are given up."""

from organtwin.assimilation.adults import SHOWN, ranges_for, within
from organtwin.quantities import quantity

MIDDLE = {name: quantity(name).to_si(0.5 * sum(limits)) for name, limits in SHOWN.items()}


def test_the_middle_of_every_range_is_within_and_one_value_beyond_is_enough_to_be_out():
    assert within(MIDDLE, SHOWN)
    for name, (low, high) in SHOWN.items():
        for value in (0.9 * low, 1.1 * high):
            assert not within({**MIDDLE, name: quantity(name).to_si(value)}, SHOWN)


def test_a_range_that_the_best_fit_leaves_says_nothing_of_this_patient():
    shock = {**MIDDLE, "cardiac_output": quantity("cardiac_output").to_si(1.8)}
    kept = ranges_for(shock)
    assert set(kept) == set(SHOWN) - {"cardiac_output"}
    assert within(shock, kept)
