"""The posterior as a generator: progress, and the same members however it is run."""

import numpy as np
import pytest

from organtwin.assimilation.adults import SHOWN, within
from organtwin.assimilation.calibration import Calibration, calibrating
from organtwin.assimilation.moves import shown
from organtwin.assimilation.observation import observation
from organtwin.assimilation.posterior import sampling
from organtwin.patient.case_file import load_case

COUNT = 12


@pytest.fixture(scope="module")
def seen():
    return observation(load_case("default"))


@pytest.fixture(scope="module")
def fit(seen):
    return [step for step in calibrating(seen) if isinstance(step, Calibration)][-1]


@pytest.fixture(scope="module")
def steps(seen, fit):
    return list(sampling(seen, fit, COUNT, threads=1))


def test_progress_grows_to_one_and_the_members_come_last(steps):
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert [len(step.members) for step in steps[-2:]] == [0, COUNT]


def test_threads_do_not_change_the_members(seen, fit, steps):
    *_, again = sampling(seen, fit, COUNT, threads=3)
    for one, other in zip(steps[-1].members, again.members, strict=True):
        assert np.array_equal(one.values, other.values)


def test_another_seed_gives_other_members(seen, fit, steps):
    *_, other = sampling(seen, fit, COUNT, seed=1)
    assert not np.array_equal(steps[-1].members[0].values, other.members[0].values)


def test_members_show_what_adults_show(steps):
    inside = [within(shown(member), SHOWN) for member in steps[-1].members]
    # a member that began outside may still be there after four moves that were not taken
    assert sum(inside) >= COUNT - 2


def test_stopping_early_leaves_no_thread_at_work(seen, fit):
    import threading

    run = sampling(seen, fit, COUNT, threads=2)
    next(run)
    run.close()
    assert not [one for one in threading.enumerate() if one.name.startswith("heart")]
