"""How well computed leads agree with measured ones, as a number and as a likelihood.

    r = sum over leads l and times t of w_l (y_l - a m_l)^2 / sum of w_l y_l^2
    log L = -(n/2) log(r + r_0)

``y`` measured and ``m`` computed voltages, ``a`` the one factor that brings all leads of the model
nearest to the measured ones: amplitudes depend on torso and conductivity, which nobody knows to
the millivolt, shapes and ratios of leads hardly do (Zappon et al. 2024, arXiv 2407.17146). ``w_l``
keeps large leads from deciding alone. The size of the misfit that a wrong model must leave is not
known beforehand; integrating over it turns the sum of squares into its logarithm. ``r_0`` holds the
noise of the recording and the least error of any model; ``n`` counts independent samples, because
the errors of neighbouring ones are the same error: one per ``INDEPENDENT`` of time, in as many
leads as there are components of one dipole, which all leads show from another side.
"""

from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray

INDEPENDENT = 12e-3
"""[s]; assumed, a few times the width of a deflection. How wide posteriors are rests on it."""
INDEPENDENT_LEADS = 3
"""Components of a dipole; assumed, as are the errors of a model that they share."""
MODEL_ERROR = 0.2
"""Least error of a model, relative to the signal: below the 0.35 that the best hearts left of a
recorded left bundle branch block (PTB-XL 286); chosen on the planted hearts below, whose bands it
makes about as wide as they say on average, not in every heart.

Eight planted hearts (two ventricles of 2456 nodes in a body without end, 20 uV of noise, 64
members): the bands of 5 to 95 % held the true activation at 61 to 100 % of the nodes, 86 % in the
mean, with a median error of 1.2 to 3.3 ms. With 0.1 and all eight leads independent one heart had
41 % in place of 84 %: members then part too slowly for so narrow a posterior.
"""
SMALL_LEADS = 0.5
"""Leads below this share of the mean size do not gain further weight: they are mostly noise."""


@dataclass(frozen=True, eq=False, slots=True)
class Window:
    """Part of a measured beat that is compared.

    ``times`` ``(n,)`` [s], evenly spaced; ``volts`` ``(n_leads, n)`` [V]; ``noise`` ``(n_leads,)``
    [V], standard deviation of what is left of it after averaging.
    """

    times: FloatArray
    volts: FloatArray
    noise: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Agreement:
    """``amplitude`` is the factor on the model, ``misfit`` the share ``r`` that it leaves."""

    log_likelihood: float
    amplitude: float
    misfit: float


def agreement(window: Window, model: FloatArray, amplitude: float | None = None) -> Agreement:
    """Compare computed leads ``(n_leads, n)`` [V]; ``amplitude`` is found unless given.

    A model that would have to be turned upside down agrees with nothing: minus infinity.
    """
    weights = _weights(window.volts)
    signal = float(np.sum(weights * window.volts**2))
    if amplitude is None:
        size = float(np.sum(weights * model**2))
        amplitude = float(np.sum(weights * window.volts * model)) / size if size > 0.0 else 0.0
        if amplitude <= 0.0:
            return Agreement(-np.inf, 0.0, 1.0)
    left = float(np.sum(weights * (window.volts - amplitude * model) ** 2)) / signal
    noise = float(np.sum(weights * window.noise[:, None] ** 2)) * len(window.times) / signal
    span = float(window.times[-1] - window.times[0])
    independent = min(len(window.volts), INDEPENDENT_LEADS) * span / INDEPENDENT
    likelihood = -0.5 * independent * np.log(left + noise + MODEL_ERROR**2)
    return Agreement(float(likelihood), amplitude, left)


def correlation(measured: FloatArray, model: FloatArray) -> float:
    """Pearson's coefficient of two signals of any shape; 0 where one of them is flat."""
    a, b = measured - measured.mean(), model - model.mean()
    size = float(np.sqrt(np.sum(a**2) * np.sum(b**2)))
    return float(np.sum(a * b)) / size if size > 0.0 else 0.0


def _weights(volts: FloatArray) -> FloatArray:
    power = (volts**2).mean(axis=1, keepdims=True)
    return np.asarray(1.0 / (power + SMALL_LEADS**2 * power.mean()))
