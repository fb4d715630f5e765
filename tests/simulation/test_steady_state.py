"""When a run counts as steady, on beats that are nothing but volumes."""

from types import SimpleNamespace

import numpy as np
import pytest

from organtwin.simulation.beat import Outcome
from organtwin.simulation.simulator import Periodicity, SimulationStopped, to_steady_state
from organtwin.units import ML

RULE = Periodicity(tolerance=1e-3, beat_limit=6)


def run(*volumes: tuple[float, float]):
    for pair in volumes:
        yield SimpleNamespace(end_state=SimpleNamespace(volumes=np.array(pair) * ML))


def test_two_equal_beats_are_steady_and_the_later_one_is_reported():
    beats = list(run((100, 50), (101, 50), (101.05, 50), (101.05, 50)))
    solution = to_steady_state(iter(beats), RULE)
    assert solution.outcome is Outcome.STEADY
    assert solution.n_beats == 3
    assert solution.beat is beats[2]


def test_every_compartment_has_to_repeat():
    solution = to_steady_state(run(*[(100, 50 + i) for i in range(9)]), RULE)
    assert solution.outcome is Outcome.BEAT_LIMIT
    assert solution.n_beats == 6
    assert solution.detail == "after 6 beats"


@pytest.mark.parametrize(("change", "steady"), [(0.09, True), (0.11, False)])
def test_a_large_compartment_may_change_by_its_share(change, steady):
    solution = to_steady_state(run((100, 50), (100 + change, 50)), RULE)
    assert (solution.outcome is Outcome.STEADY) is steady


@pytest.mark.parametrize(("change", "steady"), [(0.019, True), (0.021, False)])
def test_a_small_compartment_is_compared_with_twenty_millilitres(change, steady):
    solution = to_steady_state(run((100, 5), (100, 5 + change)), RULE)
    assert (solution.outcome is Outcome.STEADY) is steady


def test_the_first_beat_is_never_steady_even_if_it_equals_the_one_before():
    before, same, again = run((100, 50), (100, 50), (100, 50))
    solution = to_steady_state(iter([same, again]), RULE, otherwise=before)
    assert solution.n_beats == 2


def test_a_stop_reports_the_last_whole_beat_and_the_number_of_the_broken_one():
    def failing():
        yield from run((100, 50), (90, 50))
        raise SimulationStopped(Outcome.EMPTIED, "the lv ran empty")

    solution = to_steady_state(failing(), RULE)
    assert solution.outcome is Outcome.EMPTIED
    assert (solution.n_beats, solution.detail) == (2, "beat 3: the lv ran empty")
    assert solution.beat.end_state.volumes[0] == 90 * ML


def test_a_run_that_ends_by_itself_is_not_called_steady():
    assert to_steady_state(run((100, 50), (90, 50)), RULE).outcome is Outcome.BEAT_LIMIT
