"""Averaged beats of arches, whose borders are exact: an arch is zero outside of its two ends."""

from collections.abc import Mapping, Sequence

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.patient.ecg.beats import AveragedBeat

Arch = tuple[float, float, float]
"""Start [ms], end [ms] from the point of alignment, height [mV]."""
TIMES: FloatArray = np.arange(-400, 701) / 1000.0
P: Arch = (-200.0, -100.0, 0.12)
T: Arch = (180.0, 340.0, 0.3)
NORMAL: Mapping[str, tuple[Arch, ...]] = {
    # q, r, s from -40 to 50 ms
    "I": ((-40, -15, -0.05), (-25, 30, 0.6), (15, 50, -0.1)),
    "II": ((-40, -15, -0.05), (-25, 30, 1.0), (15, 50, -0.1)),
    "V1": ((-40, 0, 0.25), (-10, 50, -0.9)),
    "V2": ((-40, 5, 0.4), (-5, 50, -1.2)),
    "V5": ((-40, -15, -0.1), (-25, 30, 1.4), (15, 50, -0.2)),
    "V6": ((-40, -15, -0.1), (-25, 30, 1.0), (15, 50, -0.1)),
}
ONSET, OFFSET = -0.040, 0.050
"""[s] Of the complex in every lead of ``NORMAL``."""
_LIMB = {"III": (-1.0, 1.0), "aVR": (-0.5, -0.5), "aVL": (1.0, -0.5), "aVF": (-0.5, 1.0)}


def arches(shapes: Sequence[Arch]) -> FloatArray:
    """Sum [V] of squared half sines at ``TIMES``."""
    row = np.zeros_like(TIMES)
    for start, end, height in shapes:
        share = np.clip((1e3 * TIMES - start) / (end - start), 0.0, 1.0)
        row += 1e-3 * height * np.sin(np.pi * share) ** 2
    return row


def exact(
    complexes: Mapping[str, Sequence[Arch]], *,
    p: Arch | None = P, t: Arch | None = T, noise: float = 2e-6,
) -> AveragedBeat:  # fmt: skip
    """A beat of ten; the four limb leads that I and II give are added where both are there."""
    waves = [wave for wave in (p, t) if wave is not None]
    rows = {name: arches([*shapes, *waves]) for name, shapes in complexes.items()}
    if {"I", "II"} <= set(rows):
        rows |= {name: a * rows["I"] + b * rows["II"] for name, (a, b) in _LIMB.items()}
    random = np.random.default_rng(5)
    values = np.stack([row + random.normal(0.0, noise, len(row)) for row in rows.values()])
    doubt = np.full(len(rows), max(noise, 1e-9))
    return AveragedBeat(tuple(rows), TIMES, values, doubt, doubt * 10.0**0.5, 10)


def scaled(beat: AveragedBeat, gains: Mapping[str, float]) -> AveragedBeat:
    """``beat`` with the leads of ``gains`` enlarged."""
    factors = np.array([gains.get(name, 1.0) for name in beat.names])
    return AveragedBeat(
        beat.names, beat.times, beat.values * factors[:, None], beat.noise * factors,
        beat.beat_noise * factors, beat.n_beats,
    )  # fmt: skip
