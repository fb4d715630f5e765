"""Chunks and numbers are checked when they are made."""

import numpy as np
import pytest

from organtwin.patient.samples import Numbers, Samples


def test_a_chunk_knows_where_the_next_begins() -> None:
    chunk = Samples("x", ("I", "II"), np.zeros((2, 20)), 3.0, 500.0, 0.0, 0)
    assert (chunk.count, chunk.end) == (20, pytest.approx(3.04))


@pytest.mark.parametrize(
    ("channels", "shape", "start", "rate"),
    [
        (("I",), (2, 5), 0.0, 500.0),
        (("I",), (1, 0), 0.0, 500.0),
        (("I", "I"), (2, 5), 0.0, 500.0),
        (("I",), (1, 5), float("nan"), 500.0),
        (("I",), (1, 5), 0.0, 0.0),
    ],
)
def test_a_chunk_that_makes_no_sense_cannot_be_made(
    channels: tuple[str, ...], shape: tuple[int, int], start: float, rate: float
) -> None:
    with pytest.raises(ValueError, match=r"values of shape|start"):
        Samples("x", channels, np.zeros(shape), start, rate, 0.0, 0)


def test_each_number_has_a_name_a_value_and_an_sd() -> None:
    with pytest.raises(ValueError, match="values of shape"):
        Numbers("x", ("heart_rate",), np.zeros(2), np.zeros(2), 0.0, 0.0, 0)
