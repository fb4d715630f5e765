"""The vectorised exponential and logarithm against the library's."""

import numpy as np
import pytest

from organtwin.arrays import RealArray
from organtwin.compilation import fast_kernel
from organtwin.physiology.electrophysiology.monodomain.exponentials import exp, log


@fast_kernel
def exponentials(x: RealArray, out: RealArray) -> None:
    for i in range(x.size):
        out[i] = exp(x[i])


@fast_kernel
def logarithms(x: RealArray, out: RealArray) -> None:
    for i in range(x.size):
        out[i] = log(x[i])


@pytest.mark.parametrize(("precision", "error"), [(np.float32, 1e-6), (np.float64, 2e-14)])
def test_exponential_keeps_the_digits_of_its_precision(precision: type, error: float) -> None:
    x = np.linspace(-80.0, 80.0, 20001).astype(precision)
    y = np.empty_like(x)
    exponentials(x, y)
    np.testing.assert_allclose(y, np.exp(x.astype(np.float64)), rtol=error)


@pytest.mark.parametrize(("precision", "error"), [(np.float32, 1e-6), (np.float64, 2e-14)])
def test_logarithm_keeps_the_digits_of_its_precision(precision: type, error: float) -> None:
    x = np.exp(np.linspace(-40.0, 40.0, 20001)).astype(precision)
    y = np.empty_like(x)
    logarithms(x, y)
    np.testing.assert_allclose(y, np.log(x.astype(np.float64)), rtol=error, atol=error)


def test_exponential_of_a_huge_argument_stays_finite() -> None:
    y = np.empty(2)
    exponentials(np.array([-1e4, 1e4]), y)
    assert y[0] < 1e-300
    assert np.isfinite(y[1])
