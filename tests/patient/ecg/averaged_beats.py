"""Averaged beats of waves that begin and end exactly where they are told to."""

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.patient.ecg.beats import AveragedBeat
from organtwin.patient.ecg.leads import RATE
from organtwin.patient.ecg.measurements import EcgValue

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
TIMES = np.arange(-500, 700) / RATE
"""[s] From the point of alignment."""


def bump(start: float, end: float, height: float) -> FloatArray:
    """A raised cosine [V] of a height [mV], zero outside ``start`` to ``end`` [s]."""
    share = np.clip((TIMES - start) / (end - start), 0.0, 1.0)
    return np.asarray(1e-3 * height * 0.5 * (1.0 - np.cos(2.0 * np.pi * share)))


def averaged_beat(leads: dict[str, FloatArray], noise: float = 2e-6) -> AveragedBeat:
    """The average of ten beats with a little noise [V], the same at every call."""
    values = np.array([leads[lead] for lead in LEADS])
    values = values + np.random.default_rng(5).normal(0.0, noise, values.shape)
    quiet = np.full(len(LEADS), noise)
    return AveragedBeat(LEADS, TIMES, values, quiet, 3.0 * quiet, 10)


def interval_of(seconds: float) -> EcgValue:
    """An RR interval, as measured."""
    return EcgValue("rr_interval", seconds, 0.002, "s", 1, 10)
