"""When the twin is said not to explain a measurement any more."""

import numpy as np
import pytest

from organtwin.assimilation.following import Followed
from organtwin.assimilation.unexplained import FROM, MEMORY, SETTLING, SILENT, DriftWatch


def note(watch: DriftWatch, n_beats: int, start: int = 0, **innovations: float) -> None:
    """Beats a second apart, all with the same innovations."""
    for number in range(start, start + n_beats):
        watch.note(Followed(float(number), 1.0, {}, np.zeros((2, 5)), {}, innovations, (), 0))


def test_a_value_that_stays_off_is_named_with_its_beginning():
    watch = DriftWatch()
    note(watch, SETTLING, ra_pressure=0.0, mean_arterial_pressure=0.0)
    note(watch, 60, start=100, ra_pressure=-3.0, mean_arterial_pressure=0.0)
    (found,) = watch.unexplained
    assert found.name == "ra_pressure"
    # The average of a step from 0 to 3 passes FROM after MEMORY log(3/(3 - FROM)) beats.
    passed = MEMORY * np.log(3.0 / (3.0 - FROM))
    assert found.since == pytest.approx(100 + passed, abs=1.5)
    assert found.by == pytest.approx(-3.0, abs=0.2)


def test_nothing_is_said_while_the_twin_comes_into_step():
    watch = DriftWatch()
    note(watch, SETTLING, ra_pressure=4.0)
    assert watch.unexplained == ()
    note(watch, 1, start=SETTLING, ra_pressure=4.0)
    assert [each.name for each in watch.unexplained] == ["ra_pressure"]


def test_a_value_that_comes_later_is_given_the_same_time():
    watch = DriftWatch()
    note(watch, 200, mean_arterial_pressure=0.0)
    note(watch, SETTLING, start=200, mean_arterial_pressure=0.0, pa_mean=4.0)
    assert watch.unexplained == ()
    note(watch, 1, start=300, mean_arterial_pressure=0.0, pa_mean=4.0)
    assert [each.name for each in watch.unexplained] == ["pa_mean"]


def test_it_is_explained_again_once_it_is_well_inside():
    watch = DriftWatch()
    note(watch, 80, ra_pressure=2.5)
    note(watch, 20, start=80, ra_pressure=0.9)
    assert len(watch.unexplained) == 1, "just below FROM is not yet explained"
    note(watch, 40, start=100, ra_pressure=0.0)
    assert watch.unexplained == ()


def test_the_worst_comes_first():
    watch = DriftWatch()
    note(watch, 80, ra_pressure=2.5, pa_mean=-3.5)
    assert [each.name for each in watch.unexplained] == ["pa_mean", "ra_pressure"]


def test_noise_of_an_explained_patient_is_not_named():
    """Breathing of one standard deviation, with noise of one on top, over half an hour."""
    watch, random = DriftWatch(), np.random.default_rng(0)
    for number in range(2000):
        breath = np.sqrt(2.0) * np.sin(2 * np.pi * number / 5.3)
        note(watch, 1, start=number, ra_pressure=breath + random.standard_normal())
        assert watch.unexplained == ()


def test_a_line_that_was_removed_is_not_spoken_of_any_more():
    watch = DriftWatch()
    note(watch, 80, ra_pressure=3.0, mean_arterial_pressure=0.0)
    note(watch, SILENT - 1, start=80, mean_arterial_pressure=0.0)
    assert len(watch.unexplained) == 1
    note(watch, 1, start=200, mean_arterial_pressure=0.0)
    assert watch.unexplained == ()
