"""Intervals, axes and amplitudes of an averaged beat.

Equations: PR from P onset to QRS onset, QT from QRS onset to T end. Corrections for rate, RR in
seconds: QTcB = QT / RR^(1/2) (Bazett 1920), QTcF = QT / RR^(1/3) (Fridericia 1920). Frontal axis
of a wave with net heights a_I, a_II in leads I and II, in Einthoven's equilateral triangle:

    angle = atan2((2 a_II - a_I) / sqrt(3), a_I),  0 to the patient's left, positive to the feet

Doubt: the error of the method on the manual marks of LUDB (``METHOD``), and half the difference
between the averages of the even and the odd beats, as independent. SI units: s, rad, V.
Tests: tests/patient/ecg/test_measurements.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import atan2, hypot, pi, remainder, sqrt

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.patient.ecg.beats import AveragedBeat
from organtwin.patient.ecg.delineation import Waves

METHOD = {"p_duration": 0.012, "pr_interval": 0.010, "qrs_duration": 0.018, "qt_interval": 0.017}
"""[s] Root mean square over records of the errors that scripts/measure_delineation.py prints."""
_J_POINT = 0.06
"""[s] After QRS, where ST is read."""


@dataclass(frozen=True, slots=True)
class EcgValue:
    """One number with its doubt; ``unit`` is SI (``s``, ``rad``, ``V``)."""

    name: str
    value: float
    sd: float
    unit: str
    n_leads: int
    n_beats: int


@dataclass(frozen=True, slots=True)
class Deflections:
    """Heights [V] of the waves in one lead; q and s are depths, so not below zero."""

    lead: str
    p: float
    q: float
    r: float
    s: float
    st: float
    """60 ms after QRS, over the level before it."""
    t: float

    @property
    def net(self) -> float:
        """[V] R less the deeper of Q and S."""
        return self.r - max(self.q, self.s)

    @property
    def size(self) -> float:
        """[V] of the complex from top to bottom."""
        return self.r + max(self.q, self.s)


@dataclass(frozen=True, slots=True)
class EcgMeasurements:
    """What an ECG measures; a wave that is not there leaves its values out."""

    values: Mapping[str, EcgValue]
    deflections: Mapping[str, Deflections]
    transition: str
    """First chest lead from V1 on whose R is as tall as its S is deep; empty where none is."""

    def get(self, name: str) -> float:
        """SI, NaN where it was not measured."""
        return self.values[name].value if name in self.values else np.nan


def measured(
    beat: AveragedBeat, waves: Waves, halves: Sequence[tuple[AveragedBeat, Waves]], *,
    rr: EcgValue,
) -> EcgMeasurements:  # fmt: skip
    """Numbers of ``beat``; ``halves`` are averages of every other beat, for the doubt."""
    found = {"rr_interval": rr}
    count = (len(beat.names), beat.n_beats)
    own, others = _intervals(waves), [_intervals(w) for _, w in halves]
    for name, value in own.items():
        spread = _half_difference([other[name] for other in others if name in other])
        found[name] = EcgValue(name, value, hypot(METHOD[name], spread), "s", *count)
    if "qt_interval" in found:
        qt = found["qt_interval"]
        for name, power in (("qtc_bazett", 0.5), ("qtc_fridericia", 1.0 / 3.0)):
            scale = rr.value**-power
            sd = hypot(qt.sd * scale, power * qt.value * scale * rr.sd / rr.value)
            found[name] = EcgValue(name, qt.value * scale, sd, "s", *count)
    angles = [_axes(b, w) for b, w in halves]
    for name, value in _axes(beat, waves).items():
        pair = [value + remainder(a[name] - value, 2.0 * pi) for a in angles if name in a]
        found[name] = EcgValue(name, value, _half_difference(pair), "rad", 2, beat.n_beats)
    heights = {name: deflections(beat, waves, name) for name in beat.names}
    return EcgMeasurements(found, heights, _transition(heights))


def _half_difference(pair: Sequence[float]) -> float:
    return 0.5 * abs(pair[0] - pair[1]) if len(pair) == 2 else 0.0


def _intervals(waves: Waves) -> dict[str, float]:
    found = {"qrs_duration": waves.qrs_offset - waves.qrs_onset}
    if waves.has_p:
        found["p_duration"] = waves.p_offset - waves.p_onset
        found["pr_interval"] = waves.qrs_onset - waves.p_onset
    if waves.has_t:
        found["qt_interval"] = waves.t_offset - waves.qrs_onset
    return found


def _axes(beat: AveragedBeat, waves: Waves) -> dict[str, float]:
    """Frontal axes [rad] of the waves that are there; none without leads I and II."""
    if not {"I", "II"} <= set(beat.names):
        return {}
    one, two = (deflections(beat, waves, name) for name in ("I", "II"))
    heights = {"qrs_axis": (one.net, two.net)}
    if waves.has_p:
        heights["p_axis"] = (one.p, two.p)
    if waves.has_t:
        heights["t_axis"] = (one.t, two.t)
    return {name: atan2((2.0 * b - a) / sqrt(3.0), a) for name, (a, b) in heights.items()}


def deflections(beat: AveragedBeat, waves: Waves, lead: str) -> Deflections:
    """Heights of the waves in one lead; zero for a wave that is not there."""
    times, row = beat.times, beat.lead(lead)
    complex_ = row[(times >= waves.qrs_onset) & (times <= waves.qrs_offset)]
    top = int(np.argmax(complex_))
    r = max(float(complex_[top]), 0.0)
    q = max(-float(complex_[: top + 1].min()), 0.0)
    s = max(-float(complex_[top:].min()), 0.0)
    later = float(np.interp(waves.qrs_offset + _J_POINT, times, row))
    p = _peak(row, times, (waves.p_onset, waves.p_offset)) if waves.has_p else 0.0
    t = _peak(row, times, (waves.qrs_offset + _J_POINT, waves.t_offset)) if waves.has_t else 0.0
    return Deflections(lead, p, q, r, s, later, t)


def _peak(row: FloatArray, times: FloatArray, span: tuple[float, float]) -> float:
    """The excursion of greatest size within ``span``, with its sign."""
    inside = row[(times >= span[0]) & (times <= span[1])]
    return float(inside[np.argmax(np.abs(inside))]) if len(inside) else 0.0


def _transition(heights: Mapping[str, Deflections]) -> str:
    for name in ("V1", "V2", "V3", "V4", "V5", "V6"):
        if name in heights and heights[name].r >= max(heights[name].s, heights[name].q):
            return name
    return ""
