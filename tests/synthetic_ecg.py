"""Twelve leads of one beat: a dipole whose waves are Gaussians, seen along the leads.

The numbers are chosen for a plausible normal ECG, not taken from a patient.
"""

from dataclasses import replace

import numpy as np

from organtwin.twin.ecg_comparison import EcgComparison, LeadSignals

LIMB = ("I", "II", "III", "aVR", "aVL", "aVF")
CHEST = ("V1", "V2", "V3", "V4", "V5", "V6")
LEADS = (*LIMB, *CHEST)
_I, _II = np.array((1.0, 0.0, 0.0)), np.array((0.5, 0.0, 0.87))
_DIRECTIONS = np.array(
    (
        _I, _II, _II - _I, -(_I + _II) / 2, _I - _II / 2, _II - _I / 2,
        (-0.5, -1.25, 0.1), (-0.1, -1.6, 0.15), (0.4, -1.5, 0.2),
        (0.9, -1.0, 0.25), (1.1, -0.45, 0.25), (1.0, 0.05, 0.2),
    )
)  # fmt: skip
"""x to the left, y to the back, z to the feet."""
_WAVES = (
    # centre and width [s], then the dipole's size along x, y, z [V]
    (-0.100, 0.022, (0.07e-3, -0.02e-3, 0.12e-3)),
    (0.012, 0.008, (-0.15e-3, -0.28e-3, -0.06e-3)),
    (0.038, 0.011, (0.85e-3, -0.05e-3, 1.05e-3)),
    (0.062, 0.011, (0.05e-3, 0.62e-3, -0.22e-3)),
    (0.270, 0.045, (0.20e-3, -0.20e-3, 0.22e-3)),
    (0.310, 0.026, (0.10e-3, -0.07e-3, 0.10e-3)),
)


def signals(leads=LEADS, *, late=1.0, size=1.0, turn=0.0, noise=0.0, seed=0):
    """``late`` stretches the beat, ``turn`` [rad] turns the dipole in the frontal plane."""
    times = np.arange(-0.25, 0.5, 0.002)
    cosine, sine = np.cos(turn), np.sin(turn)
    rotation = np.array(((cosine, 0, -sine), (0, 1, 0), (sine, 0, cosine)))
    dipole = sum(
        np.outer(
            rotation @ strength, np.exp(-0.5 * ((times - late * centre) / (late * width)) ** 2)
        )
        for centre, width, strength in _WAVES
    )
    volts = size * (_DIRECTIONS @ dipole)
    rough = np.random.default_rng(seed).normal(0.0, noise, volts.shape)
    volts = volts + np.apply_along_axis(np.convolve, 1, rough, np.ones(5) / 5, "same")
    rows = [LEADS.index(lead) for lead in leads]
    return LeadSignals(tuple(leads), times, volts[rows])


def comparison(**changed):
    """All there can be: measured, simulated with its band, planned, a lead excluded."""
    model = signals(late=1.04, size=0.93, turn=-0.12)
    spread = 0.05e-3 + 0.18 * np.abs(model.volts)
    measured = signals(noise=0.012e-3)
    correlations = {
        lead: float(np.corrcoef(a[120:], b[120:])[0, 1])
        for lead, a, b in zip(LEADS, measured.volts, model.volts, strict=True)
    }
    whole = EcgComparison(
        model=model,
        measured=measured,
        planned=signals(late=1.45, size=0.9, turn=-0.9),
        bands=np.stack((model.volts - spread, model.volts + spread), axis=1),
        correlations=correlations,
        excluded={},
        amplitude=1.18,
        intervals={
            "PR": (0.160, 0.164, 0.164), "QRS": (0.092, 0.096, 0.148),
            "QT": (0.384, 0.392, 0.450), "QTc": (0.418, 0.427, 0.490),
        },
        axis=(np.radians(52.0), np.radians(45.0), np.radians(-12.0)),
    )  # fmt: skip
    return replace(whole, **changed)
