"""Swings of a known line after a flush give its frequency and damping."""

import numpy as np
import pytest

from organtwin.patient.streaming.flush_response import flush_response
from organtwin.units import MMHG

RATE = 250.0


def released(frequency, damping):
    """A plateau of 300 mmHg let go to 90 through a line of second order."""
    t = np.arange(0.0, 0.8, 1.0 / RATE) - 0.1
    w = 2 * np.pi * frequency
    if damping < 1:
        wd = w * np.sqrt(1 - damping**2)
        shape = np.exp(-damping * w * t) * (np.cos(wd * t) + damping * w / wd * np.sin(wd * t))
    else:
        shape = np.exp(-t * w / (2 * damping))
    return (90 + 210 * np.where(t < 0, 1.0, shape)) * MMHG


@pytest.mark.parametrize(("frequency", "damping"), [(12.0, 0.2), (24.0, 0.35), (9.0, 0.1)])
def test_frequency_and_damping_of_the_line_are_found(frequency, damping):
    found = flush_response(released(frequency, damping), RATE)
    assert found is not None
    assert found.natural_frequency == pytest.approx(frequency, rel=0.06)
    assert found.damping == pytest.approx(damping, abs=0.04)
    assert found.underdamped is (frequency < 20.0)
    assert not found.overdamped
    assert "Hz" in found.sentence


def test_a_line_that_creeps_is_overdamped():
    found = flush_response(released(2.0, 1.5), RATE)
    assert found is not None
    assert found.overdamped
    assert "too low" in found.sentence


def test_a_flush_that_does_not_end_says_nothing():
    assert flush_response(np.full(200, 300 * MMHG), RATE) is None
