"""Electrodes that may sit in each other's place: evidence and a correction on offer, never applied.

Exact consequences of exchanged limb electrodes (each lead is a difference of potentials):

    right and left arm:  I -> -I,   II <-> III,        aVR <-> aVL
    right arm and leg:   I -> -III, II -> -II, III -> -I,  aVR <-> aVF
    right arm and right leg electrode (ground): lead II becomes nearly flat

Chest leads: the shape of neighbours changes step by step, so two neighbours in each other's place
make the way from V1 to V6 longer. Left arm and left leg exchanged (I <-> II) cannot be told from a
turned axis in one recording and is not reported. Dextrocardia also inverts lead I, but then V6 is
small and negative. Tests: tests/patient/ecg/test_swaps.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.patient.ecg.beats import AveragedBeat
from organtwin.patient.ecg.delineation import Waves

_UNLIKE = -0.3
"""Correlation of lead I with V6 in QRS below which they point apart. Of 48 public records three lie
below, all blocked or paced with P up or absent; with arms exchanged by computer 33 are found."""
_SHORTER = 0.70
"""Share of the way past a suspicious pair that is left when it is put in order. No pair of 48
public records is suspected; exchanged by computer, V1 and V2 are found in 15, V4 and V5 in 32."""
_FLAT_SHARE = 0.12
"""Of the size of lead I."""
_CHEST = ("V1", "V2", "V3", "V4", "V5", "V6")


@dataclass(frozen=True, slots=True)
class Swap:
    """``correction`` tells each lead as signed other lead: ``{"I": "-I", "II": "III"}``."""

    electrodes: str
    evidence: str
    correction: Mapping[str, str]


ARMS = {"I": "-I", "II": "III", "III": "II", "aVR": "aVL", "aVL": "aVR"}
ARM_LEG = {"I": "-III", "II": "-II", "III": "-I", "aVR": "aVF", "aVF": "aVR"}


def suspected_swaps(beat: AveragedBeat, waves: Waves) -> tuple[Swap, ...]:
    """Swaps that the averaged beat speaks for."""
    return (*_limb(beat, waves), *_chest(beat, waves))


def corrected(names: tuple[str, ...], values: FloatArray, swap: Swap) -> FloatArray:
    """Leads ``(n_leads, n)`` as they would be with the electrodes in place; for whoever accepts."""
    rows = dict(zip(names, values, strict=True))
    result = values.copy()
    for name, source in swap.correction.items():
        origin = source.removeprefix("-")
        if name in rows and origin in rows:
            result[names.index(name)] = (-1.0 if source.startswith("-") else 1.0) * rows[origin]
    return result


def _limb(beat: AveragedBeat, waves: Waves) -> tuple[Swap, ...]:
    if not {"I", "II"} <= set(beat.names):
        return ()
    sizes = {lead: float(np.ptp(_shape(beat, waves, lead))) for lead in ("I", "II")}
    if sizes["II"] < _FLAT_SHARE * sizes["I"]:
        share = sizes["II"] / sizes["I"]
        return (Swap("right arm and right leg (ground)", f"lead II has {share:.0%} of lead I", {}),)
    one, two = _areas(beat, waves, "I"), _areas(beat, waves, "II")
    if waves.has_p and all(area < 0.0 for area in two.values()):
        text = "P, QRS and T all point down in lead II"
        return (Swap("right arm and left leg", text, ARM_LEG),)
    inverted = one["QRS"] < 0.0 and one.get("P", -1.0) < 0.0
    if not inverted or "V6" not in beat.names:
        return ()
    likeness = _likeness(beat, waves, ("I", "V6"))
    if likeness > _UNLIKE or _areas(beat, waves, "V6")["QRS"] <= 0.0:
        return ()
    waves_down = "P and QRS" if "P" in one else "QRS"
    text = f"{waves_down} point down in lead I, which goes against V6 (correlation {likeness:.2f})"
    return (Swap("right and left arm", text, ARMS),)


def _areas(beat: AveragedBeat, waves: Waves, lead: str) -> dict[str, float]:
    spans = {"QRS": (waves.qrs_onset, waves.qrs_offset)}
    if waves.has_p:
        spans["P"] = (waves.p_onset, waves.p_offset)
    if waves.has_t:
        spans["T"] = (waves.qrs_offset + 0.06, waves.t_offset)
    return {name: _area(beat, lead, span) for name, span in spans.items()}


def _area(beat: AveragedBeat, lead: str, span: tuple[float, float]) -> float:
    """Area [V s] of ``lead`` over ``span`` [s] above the level before QRS."""
    inside = (beat.times >= span[0]) & (beat.times <= span[1])
    return float(beat.lead(lead)[inside].sum() * (beat.times[1] - beat.times[0]))


def _chest(beat: AveragedBeat, waves: Waves) -> tuple[Swap, ...]:
    """Neighbouring chest leads that shorten the way from V1 to V6 when exchanged."""
    if not set(_CHEST) <= set(beat.names):
        return ()
    shapes = [_shape(beat, waves, name) for name in _CHEST]
    found = []
    for k in range(5):
        order = list(range(6))
        order[k], order[k + 1] = k + 1, k
        low, high = max(k - 1, 0), min(k + 3, 6)
        before, after = _way(shapes, range(low, high)), _way(shapes, order[low:high])
        if after < _SHORTER * before:
            pair = (_CHEST[k], _CHEST[k + 1])
            text = f"the change from lead to lead is {after / before:.0%} with them exchanged"
            found.append((after / before, Swap(
                f"{pair[0]} and {pair[1]}", text, {pair[0]: pair[1], pair[1]: pair[0]}
            )))  # fmt: skip
    return (min(found, key=lambda entry: entry[0])[1],) if found else ()


def _way(shapes: list[FloatArray], order: "range | list[int]") -> float:
    places = list(order)
    return sum(float(np.linalg.norm(shapes[b] - shapes[a])) for a, b in pairwise(places))


def _shape(beat: AveragedBeat, waves: Waves, lead: str) -> FloatArray:
    end = waves.t_offset if waves.has_t else waves.qrs_offset
    inside = (beat.times >= waves.qrs_onset) & (beat.times <= end)
    row: FloatArray = beat.lead(lead)[inside]
    return row


def _likeness(beat: AveragedBeat, waves: Waves, pair: tuple[str, str]) -> float:
    inside = (beat.times >= waves.qrs_onset) & (beat.times <= waves.qrs_offset)
    a, b = beat.lead(pair[0])[inside], beat.lead(pair[1])[inside]
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size > 0.0 else 0.0
