"""A recorded ECG, examined: quality, beats, waves, intervals, axis, pattern.

Axis: direction of the vector ``(I, 2 aVF/sqrt(3))`` of areas over the QRS. QT corrected as
``QT/RR^(1/3)`` (Fridericia 1920) and ``QT/RR^(1/2)`` (Bazett 1920), RR in s.

Left bundle branch block (Strauss et al. 2011, Am J Cardiol 107:927): QRS of 140 ms or more in men,
130 ms in women (140 where the sex is unknown), QS or rS in V1, and a notched or slurred top in two
of I, aVL, V1, V2, V5, V6: the first two are tested here, and that I, V5 and V6 are upright on
average.
Right bundle branch block (AHA/ACCF/HRS 2009, Circulation 119:e235): QRS of 120 ms or more, the last
deflection of V1 upright and larger than what came before, and an S in I and V6.

Exchanged arm electrodes: I, P included, upside down while V5 and V6 are upright, and aVR upright
(Batchvarov et al. 2007, Europace 9:1081). It is reported, never corrected.

Verified in ``tests/patient/ecg/test_examination.py`` on annotated public recordings.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.patient.channels import ECG_LEADS, FURTHER_ECG_LEADS
from organtwin.patient.ecg.beats import AveragedBeat, Beat
from organtwin.patient.ecg.delineation import Waves, delineated
from organtwin.patient.ecg.leads import LeadSet
from organtwin.patient.ecg.preparation import prepared
from organtwin.patient.ecg.quality import LeadQuality, lead_quality
from organtwin.patient.waveform import Waveform

LBBB_QRS, RBBB_QRS = 0.140, 0.120
"""Shortest QRS [s]; see the module."""
SMALL = 0.05e-3
"""Deflections below half a millimetre on paper are no wave [V]."""


@dataclass(frozen=True, slots=True)
class EcgMeasurements:
    """Intervals [s], NaN where a wave is not there; ``qrs_axis`` [rad], 0 left, down positive.

    ``r`` and ``s`` [V] by lead: height of the QRS above and depth below its onset.
    """

    rr: float
    pr: float
    p_duration: float
    qrs: float
    qt: float
    qtc_fridericia: float
    qtc_bazett: float
    qrs_axis: float
    r: Mapping[str, float]
    s: Mapping[str, float]


@dataclass(frozen=True, eq=False, slots=True)
class EcgExamination:
    """Everything found; ``average`` is the beat that was measured, ``findings`` are sentences."""

    qualities: tuple[LeadQuality, ...]
    beats: tuple[Beat, ...]
    average: AveragedBeat
    waves: Waves
    leads: LeadSet
    measurements: EcgMeasurements
    patterns: tuple[str, ...]
    findings: tuple[str, ...]

    @property
    def excluded(self) -> Mapping[str, str]:
        """Leads that are not used, and why."""
        return {q.name: "; ".join(q.faults) for q in self.qualities if not q.usable}

    @property
    def from_onset(self) -> FloatArray:
        """Times ``(n,)`` [s] of the average from the onset of the QRS."""
        return self.average.times - self.waves.qrs_onset


def examined(waveforms: Mapping[str, Waveform]) -> EcgExamination:
    """Examine the ECG leads of a recording; other channels are left alone.

    Raises
    ------
    RecordError
        No lead is usable, or no heartbeats are found.
    """
    names = [name for name in (*ECG_LEADS, *FURTHER_ECG_LEADS) if name in waveforms]
    qualities = tuple(lead_quality(waveforms[name]) for name in names)
    ready = prepared(waveforms, qualities)
    intervals = [beat.since for beat in ready.beats if np.isfinite(beat.since)]
    rr = float(np.median(intervals)) if intervals else float("nan")
    waves = delineated(ready.average, interval=rr if intervals else 1.0)
    found = measured(ready.average, waves, rr)
    return EcgExamination(
        qualities, ready.beats, ready.average, waves, ready.leads, found,
        tuple(_patterns(ready.average, waves, found)),
        tuple(_findings(qualities, ready.beats, ready.leads, ready.average, found)),
    )  # fmt: skip


def measured(average: AveragedBeat, waves: Waves, rr: float) -> EcgMeasurements:
    """Intervals, axis and amplitudes of an averaged beat with RR interval ``rr`` [s]."""
    times = average.times
    within = (times >= waves.qrs_onset) & (times <= waves.qrs_offset)
    level = average.values[:, np.argmin(np.abs(times - waves.qrs_onset))]
    qrs = average.values[:, within] - level[:, None]
    qt = waves.t_offset - waves.qrs_onset
    r = {name: float(max(row.max(), 0.0)) for name, row in zip(average.names, qrs, strict=True)}
    s = {name: float(max(-row.min(), 0.0)) for name, row in zip(average.names, qrs, strict=True)}
    area = dict(zip(average.names, qrs.sum(axis=1), strict=True))
    axis = float("nan")
    if "I" in area and "aVF" in area:
        axis = float(np.arctan2(2.0 / np.sqrt(3.0) * area["aVF"], area["I"]))
    return EcgMeasurements(
        rr, waves.qrs_onset - waves.p_onset, waves.p_offset - waves.p_onset,
        waves.qrs_offset - waves.qrs_onset, qt, qt / rr ** (1.0 / 3.0), qt / rr**0.5, axis, r, s,
    )  # fmt: skip


def _patterns(average: AveragedBeat, waves: Waves, found: EcgMeasurements) -> list[str]:
    if found.qrs >= RBBB_QRS and _right_block(average, waves, found):
        return ["rbbb"]
    if found.qrs >= LBBB_QRS and _left_block(average, waves, found):
        return ["lbbb"]
    return []


def _left_block(average: AveragedBeat, waves: Waves, found: EcgMeasurements) -> bool:
    if "V1" not in found.r or not {"I", "V6"} <= set(found.r):
        return False
    down = found.s["V1"] > 2.0 * found.r["V1"]
    lateral = [name for name in ("I", "V5", "V6") if name in found.r]
    upright = np.mean([_mean(average, waves, name) for name in lateral]) > 0.0
    return down and bool(upright)


def _right_block(average: AveragedBeat, waves: Waves, found: EcgMeasurements) -> bool:
    """The last 60 ms: upright in V1, with an S in I or V6."""
    if "V1" not in found.r:
        return False
    late = (average.times > waves.qrs_offset - 0.06) & (average.times <= waves.qrs_offset)
    v1 = average.lead("V1")[late]
    sides = [average.lead(name)[late] for name in ("I", "V6") if name in found.r]
    return bool(v1.max() > max(SMALL, 2.0 * -v1.min())) and any(
        -row.min() > max(SMALL, row.max()) for row in sides
    )


def _mean(average: AveragedBeat, waves: Waves, name: str) -> float:
    within = (average.times >= waves.qrs_onset) & (average.times <= waves.qrs_offset)
    return float(average.lead(name)[within].mean())


def _findings(
    qualities: tuple[LeadQuality, ...], beats: tuple[Beat, ...], leads: LeadSet,
    average: AveragedBeat, found: EcgMeasurements,
) -> list[str]:  # fmt: skip
    told = [f"{q.name} {fault}: not used" for q in qualities for fault in q.faults]
    told += [f"{q.name}: {remark}" for q in qualities for remark in q.remarks]
    told += [f"{name} follows {how}" for name, how in leads.derived.items()]
    absent = [name for name in ECG_LEADS if name not in average.names]
    if absent:
        told.append(f"not recorded or not usable: {', '.join(absent)}")
    left_out = sum(not beat.used for beat in beats)
    if left_out:
        told.append(f"{left_out} of {len(beats)} beats are not in the average")
    if arms_exchanged(found):
        told.append(
            "I is upside down and aVR upright, while V5 and V6 are upright: the arm electrodes "
            "may be exchanged. Nothing was changed; check before using the limb leads"
        )
    return told


def arms_exchanged(found: EcgMeasurements) -> bool:
    """Whether the limb leads look as with exchanged arm electrodes."""
    needed = ("I", "aVR", "V5", "V6")
    if any(name not in found.r for name in needed):
        return False

    def upright(name: str) -> bool:
        return found.r[name] > 1.5 * found.s[name]

    turned = found.s["I"] > 1.5 * found.r["I"] and upright("aVR")
    return turned and upright("V5") and upright("V6")
