"""Patterns of the complex as numbers against their published limits; no diagnosis.

- Left bundle branch block: Strauss, Selvester and Wagner 2011 (Am J Cardiol 107:927): QRS of at
  least 140 ms in men, 130 ms in women; QS or rS in V1 and V2; notch or slur in the middle of the
  complex in two of V1, V2, V5, V6, I, aVL.
- Right bundle branch block: Surawicz 2009 (Circulation 119:e235): QRS of at least 120 ms; a second
  R in V1 or V2 that is taller than the first, or an R without S; S of more than 40 ms in I and V6.
- Low voltage: all limb leads below 0.5 mV, or all chest leads below 1.0 mV.
- Sokolow and Lyon 1949: S in V1 with the taller R of V5 and V6, 3.5 mV.

Both blocks are rules for beats that come from the atria; a paced beat meets that of the left one.
A criterion whose lead is not there does not hold, and says so. Tests:
tests/patient/ecg/test_patterns.py and test_public_recordings.py.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks, savgol_filter

from organtwin.arrays import FloatArray
from organtwin.patient.ecg.beats import AveragedBeat
from organtwin.patient.ecg.delineation import Waves
from organtwin.patient.ecg.measurements import EcgMeasurements

LBBB_MEN, LBBB_WOMEN = 0.140, 0.130
"""[s]."""
WIDE = 0.120
LIMB_LOW, CHEST_LOW = 0.5e-3, 1.0e-3
"""[V]."""
SOKOLOW = 3.5e-3
_NOTCHED = ("V1", "V2", "V5", "V6", "I", "aVL")
_MIDDLE = (0.030, 0.020)
"""[s] From onset and offset: the middle of the complex."""
_SLOW = 0.35
"""Share of a lead's greatest slope below which it pauses."""
_LONG_S = 0.040


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition in words with its number, and whether it holds."""

    text: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    """``holds`` where every criterion does and nothing forbids to judge.

    ``doubt``: why the pattern is not to be judged in this beat, met or not; else empty.
    """

    name: str
    criteria: tuple[Criterion, ...]
    doubt: str = ""

    @property
    def met(self) -> bool:
        return all(criterion.holds for criterion in self.criteria)

    @property
    def holds(self) -> bool:
        return self.met and not self.doubt


def patterns(
    beat: AveragedBeat, waves: Waves, measured: EcgMeasurements, *, lbbb_limit: float,
    doubt: str = "",
) -> tuple[Pattern, ...]:  # fmt: skip
    """All patterns; ``lbbb_limit`` [s] is ``LBBB_MEN`` or ``LBBB_WOMEN``.

    ``doubt``: why the blocks are not to be judged, as where the ventricles are paced; else empty.
    """
    width = waves.qrs_offset - waves.qrs_onset
    return (
        Pattern("left bundle branch block",
                (_wide(width, lbbb_limit), _negative(measured), _notches(beat, waves)), doubt),
        Pattern("right bundle branch block",
                (_wide(width, WIDE), _second_r(beat, waves), _long_s(beat, waves)), doubt),
        Pattern("low voltage", (_low(measured),)),
        Pattern("left ventricular hypertrophy (Sokolow-Lyon)", (_sokolow(measured),)),
    )  # fmt: skip


def _wide(width: float, limit: float) -> Criterion:
    return Criterion(f"QRS {1e3 * width:.0f} ms, limit {1e3 * limit:.0f} ms", width >= limit)


def _negative(measured: EcgMeasurements) -> Criterion:
    """QS or rS: mostly negative, with at most a small R before it."""
    held = [measured.deflections[name] for name in ("V1", "V2") if name in measured.deflections]
    text = ", ".join(f"{d.lead} R {1e3 * d.r:.2f} S {1e3 * max(d.s, d.q):.2f} mV" for d in held)
    ok = len(held) == 2 and all(d.r < 0.5 * max(d.s, d.q) for d in held)
    return Criterion(f"QS or rS in V1 and V2: {text or 'leads not recorded'}", ok)


def _notches(beat: AveragedBeat, waves: Waves) -> Criterion:
    found = [name for name in _NOTCHED if name in beat.names and notched(beat, waves, name)]
    return Criterion(f"notch or slur in {', '.join(found) or 'none'}, two needed", len(found) >= 2)


def notched(beat: AveragedBeat, waves: Waves, lead: str) -> bool:
    """Whether the middle of the complex pauses more often than its one peak makes it."""
    row = beat.lead(lead)
    slope = np.abs(savgol_filter(row, 11, 2, deriv=1))
    inside = (beat.times >= waves.qrs_onset) & (beat.times <= waves.qrs_offset)
    most = float(slope[inside].max())
    middle = (beat.times >= waves.qrs_onset + _MIDDLE[0]) & (
        beat.times <= waves.qrs_offset - _MIDDLE[1]
    )
    pauses, _ = find_peaks(-slope[middle], height=-_SLOW * most, prominence=0.08 * most)
    sizes = np.abs(row[middle][pauses])
    return int((sizes > 0.3 * np.abs(row[inside]).max()).sum()) >= 2


def _second_r(beat: AveragedBeat, waves: Waves) -> Criterion:
    found = [n for n in ("V1", "V2") if n in beat.names and _late_r(_complex(beat, waves, n))]
    return Criterion(
        f"late R taller than the first in {', '.join(found) or 'neither V1 nor V2'}", bool(found)
    )


def _late_r(row: FloatArray) -> bool:
    """The tallest R comes in the second half of the complex, and outweighs what is negative."""
    top = int(np.argmax(row))
    return top > 0.45 * len(row) and bool(row[top] > 1e-4) and bool(row[top] > 0.5 * -row.min())


def _long_s(beat: AveragedBeat, waves: Waves) -> Criterion:
    widths = {}
    for name in ("I", "V6"):
        if name in beat.names:
            row = _complex(beat, waves, name)
            negative = row[int(np.argmax(row)) :] < -2e-5
            widths[name] = 1e-3 * float(negative.sum())
    text = ", ".join(f"{name} {1e3 * width:.0f} ms" for name, width in widths.items())
    holds = len(widths) == 2 and all(width > _LONG_S for width in widths.values())
    return Criterion(f"S longer than 40 ms: {text or 'leads not recorded'}", holds)


def _complex(beat: AveragedBeat, waves: Waves, lead: str) -> FloatArray:
    inside = (beat.times >= waves.qrs_onset) & (beat.times <= waves.qrs_offset)
    row: FloatArray = beat.lead(lead)[inside]
    return row


def _low(measured: EcgMeasurements) -> Criterion:
    def largest(names: tuple[str, ...]) -> float:
        sizes = [measured.deflections[n].size for n in names if n in measured.deflections]
        return max(sizes) if len(sizes) == len(names) else np.inf

    limb = largest(("I", "II", "III", "aVR", "aVL", "aVF"))
    chest = largest(("V1", "V2", "V3", "V4", "V5", "V6"))
    sizes = [
        f"largest {group} lead {1e3 * size:.2f} mV of {1e3 * limit:.1f}"
        if np.isfinite(size) else f"{group} leads not complete"
        for group, size, limit in (("limb", limb, LIMB_LOW), ("chest", chest, CHEST_LOW))
    ]  # fmt: skip
    return Criterion(", ".join(sizes), limb < LIMB_LOW or chest < CHEST_LOW)


def _sokolow(measured: EcgMeasurements) -> Criterion:
    held = measured.deflections
    if not {"V1", "V5", "V6"} <= set(held):
        return Criterion("V1, V5 and V6 are not all recorded", False)
    size = max(held["V1"].s, held["V1"].q) + max(held["V5"].r, held["V6"].r)
    return Criterion(f"S V1 and R V5 or V6 {1e3 * size:.2f} mV, limit 3.5 mV", size >= SOKOLOW)
