"""A twelve-lead ECG drawn with Gaussians, so that every border and height is known."""

from collections.abc import Mapping

import numpy as np
from scipy.special import expit

from organtwin.arrays import FloatArray
from organtwin.patient.waveform import Waveform

RATE = 500.0
"""[Hz]."""
HEIGHTS = {
    # P, Q, R, S, T [mV]; limb leads follow from I and II
    "I": (0.08, -0.05, 0.7, -0.1, 0.2),
    "II": (0.15, -0.08, 1.1, -0.15, 0.3),
    "V1": (0.05, 0.0, 0.2, -0.9, 0.05),
    "V2": (0.06, 0.0, 0.3, -1.5, 0.35),
    "V3": (0.06, 0.0, 0.7, -0.9, 0.4),
    "V4": (0.06, -0.05, 1.3, -0.3, 0.4),
    "V5": (0.06, -0.1, 1.4, -0.1, 0.3),
    "V6": (0.06, -0.1, 1.0, -0.1, 0.22),
}
CENTRES = (-0.160, -0.028, 0.0, 0.028, 0.260)
"""[s] From the R peak."""
WIDTHS = (0.018, 0.007, 0.009, 0.008, 0.040)


def beat(lead: str, times: FloatArray, p: float = 1.0) -> FloatArray:
    """One beat of ``lead`` [V] with R at zero; ``p`` scales the P wave."""
    total = np.zeros_like(times)
    heights = (p * HEIGHTS[lead][0], *HEIGHTS[lead][1:])
    for height, centre, width in zip(heights, CENTRES, WIDTHS, strict=True):
        total += 1e-3 * height * np.exp(-0.5 * ((times - centre) / width) ** 2)
    return total


def drawn(
    *,
    interval: float = 0.85,
    seconds: float = 10.0,
    noise: float = 5e-6,
    st: float = 0.0,
    p: float = 1.0,
) -> dict[str, Waveform]:
    """All twelve leads; ``st`` [V] is a plateau from QRS into T in every chest lead."""
    times = np.arange(int(seconds * RATE)) / RATE
    random = np.random.default_rng(7)
    peaks = np.arange(0.5, seconds - 0.3, interval)
    leads = {name: sum(beat(name, times - peak, p) for peak in peaks) for name in HEIGHTS}
    one, two = leads["I"], leads["II"]
    leads |= {"III": two - one, "aVR": -0.5 * (one + two), "aVL": one - 0.5 * two,
              "aVF": two - 0.5 * one}  # fmt: skip
    plateau = sum(
        st * expit((times - peak - 0.05) / 0.004) * expit((0.24 - times + peak) / 0.02)
        for peak in peaks
    )
    return {
        name: Waveform(
            name, times,
            np.asarray(
                row + (plateau if name.startswith("V") else 0.0)
                + noise * random.standard_normal(len(times))
            ), "mV", "drawn",
        )
        for name, row in leads.items()
    }  # fmt: skip


def with_values(
    waveforms: Mapping[str, Waveform], name: str, values: FloatArray
) -> dict[str, Waveform]:
    """``waveforms`` with the samples of one lead replaced; NaN are gaps."""
    old = waveforms[name]
    gaps = int(np.isnan(values).sum())
    return {**waveforms, name: Waveform(name, old.times, values, old.unit, old.source, gaps)}
