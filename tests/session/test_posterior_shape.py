"""What the fit knows of one parameter, as curves and a sentence."""

from types import SimpleNamespace

import numpy as np
import pytest

from organtwin.assimilation.levers import LEVERS
from organtwin.assimilation.prior import Prior
from organtwin.session.posterior_shape import (
    correlations_told,
    drawn_parameters,
    posterior_shape,
)
from tests.fake_values import fake_record, fake_twin

N = len(LEVERS)
LABELS = [lever.label for lever in LEVERS]
PLACE = [lever.name for lever in LEVERS].index("systemic_resistance")


@pytest.fixture
def twin():
    made = fake_twin(fake_record())
    draws = 0.1 * np.random.default_rng(1).standard_normal((400, N))
    made.ensemble = tuple(SimpleNamespace(values=row) for row in draws)
    return made


def test_the_prior_holds_its_mass_and_peaks_where_it_was_before_the_fit(twin):
    shape = posterior_shape(twin, "Systemic resistance", None)
    untouched = shape.members[0] / np.exp(twin.ensemble[0].values[PLACE])
    # A log-normal's mode lies at exp(-sd^2) times its median.
    mode = untouched * np.exp(-(LEVERS[PLACE].prior_sd ** 2))
    assert shape.x[np.argmax(shape.prior)] == pytest.approx(mode, rel=0.03)
    histogram = float((shape.density * np.diff(shape.edges)).sum())
    prior = float(np.trapezoid(shape.prior, shape.x))
    assert prior / histogram == pytest.approx(1.0, abs=0.04)  # 2.2 sd hold 97 %


def test_a_prior_of_an_earlier_visit_is_drawn_as_it_was(twin):
    mean = np.zeros(N)
    mean[PLACE] = 0.5
    narrow = Prior(mean, 0.01 * np.eye(N))
    first = posterior_shape(twin, "Systemic resistance", None)
    later = posterior_shape(twin, "Systemic resistance", narrow)
    assert later.x[np.argmax(later.prior)] > 1.5 * first.x[np.argmax(first.prior)]


def test_without_an_ensemble_there_is_nothing_to_draw(twin):
    twin.ensemble = ()
    assert posterior_shape(twin, "Systemic resistance", None) is None
    assert drawn_parameters(twin) == ("Systemic resistance",)  # the fake's other is no lever


def test_only_ties_beyond_chance_are_named_the_strongest_first():
    draw = np.random.default_rng(2).standard_normal((24, N))
    draw[:, 1] = draw[:, 0] + 0.2 * draw[:, 1]
    draw[:, 2] = -draw[:, 0] + 0.7 * draw[:, 2]
    told = correlations_told(draw, 0, LABELS)
    assert told.startswith("Tied to right contractility (+1.0) and left ventricular size (−0.")
    assert told.endswith("correlation over 24 hearts.")
    apart = np.random.default_rng(3).standard_normal((24, N))
    assert "no tie" in correlations_told(apart, 0, LABELS)
