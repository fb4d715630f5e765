"""The computed leads beside the recorded ones, and the intervals that are read off them."""

from dataclasses import replace

import numpy as np

from organtwin.assimilation.ecg_agreement import correlation
from organtwin.errors import RecordError
from organtwin.patient.ecg.examination import EcgExamination, examined
from organtwin.patient.record import PatientRecord
from organtwin.patient.recording import Recording
from organtwin.simulation.electric_model import ElectricBeat
from organtwin.twin.ecg_comparison import EcgComparison, LeadSignals

BEFORE, AFTER = 0.25, 0.55
"""What is shown of a beat, before and after the onset of the QRS [s]."""
_BEHIND_T, _WIDER = 0.05, 0.1
"""What is shown behind a T that ends late, as under drugs, and the steps in which more is shown, so
that the paper stands still while a dose is turned [s]."""
_FIRST_T, _T_END = 0.15, 0.10
"""T is looked for from here on after the onset [s], and ends at this share of its height."""
_QRS_MARGIN = 0.02
"""Before the onset of the QRS, where leads begin to be compared [s]."""
MOST_SHIFTED, _SHIFT_STEP = 0.020, 0.002
"""Of the computed leads against the recorded ones [s]; twice the error of the onset."""


def examination_of(record: PatientRecord) -> EcgExamination | None:
    """The recorded ECG, examined; None where there is none, or none that can be read."""
    try:
        return examined(Recording(record.title, record.waveforms))
    except RecordError:
        return None


def comparison(
    beat: ElectricBeat, record: PatientRecord, recorded: EcgExamination | None = None,
    *, late: float | None = None,
) -> EcgComparison:  # fmt: skip
    """The computed leads, from the onset of the QRS, beside the recorded ones.

    One factor brings the computed leads to the size of the recorded ones. ``late`` [s]: how much
    after the recorded onset the computed QRS begins; without it the shift, of ``MOST_SHIFTED`` at
    most, with which the leads agree best: where a QRS begins is told to some 10 ms only.
    """
    onset = beat.activation.ventricular_onset
    since = beat.times - onset
    shown = (since >= -BEFORE) & (since <= AFTER)
    signals = LeadSignals(beat.leads, since[shown] + (late or 0.0), beat.volts[:, shown])
    given = {m.name: m.value for m in record.measurements}
    intervals = {
        "PR": (given.get("pr_interval"), onset, None),
        "QRS": (given.get("qrs_duration"), beat.activation.ventricular_duration, None),
        "QT": (given.get("qt_interval"), qt_interval(beat), None),
    }
    plain = EcgComparison(signals, intervals=intervals, axis=(None, frontal_axis(beat), None))
    if recorded is None:
        found = plain
    elif late is not None:
        found = replace(_beside(plain, recorded), shift=late)
    else:
        found = _best_shifted(plain, recorded)
    return with_corrected(found, cycle(record))


def with_corrected(
    found: EcgComparison, own_cycle: float, planned_cycle: float | None = None
) -> EcgComparison:
    """The comparison with QTc = QT/(RR/1 s)^(1/3) (Fridericia), each at its own rate.

    Cycles [s]: measured and model beat at the first, the plan at the other if there is one.
    """
    cycles = (own_cycle, own_cycle, planned_cycle or own_cycle)
    corrected = [
        None if qt is None else float(qt / np.cbrt(rr))
        for qt, rr in zip(found.intervals["QT"], cycles, strict=True)
    ]
    measured, model, planned = corrected
    return replace(found, intervals={**found.intervals, "QTc": (measured, model, planned)})


def _best_shifted(plain: EcgComparison, recorded: EcgExamination) -> EcgComparison:
    """The comparison with the leads moved in time to where they agree best."""
    tried = []
    for shift in np.arange(-MOST_SHIFTED, MOST_SHIFTED + 1e-9, _SHIFT_STEP):
        moved = replace(plain.model, times=plain.model.times + shift)
        found = _beside(replace(plain, model=moved, shift=float(shift)), recorded)
        tried.append((sum(found.correlations.values()), found))
    return max(tried, key=lambda pair: pair[0])[1]


def _beside(plain: EcgComparison, recorded: EcgExamination) -> EcgComparison:
    """The comparison with the recorded beat, and how well each lead agrees."""
    own = recorded.measurements
    times = recorded.average.times - recorded.waves.qrs_onset
    shown = (times >= -BEFORE) & (times <= AFTER)
    found = recorded.average
    measured = LeadSignals(found.names, times[shown], found.values[:, shown])
    leads = [name for name in plain.model.leads if name in found.names]
    grid = plain.model.times
    grid = grid[(grid >= -_QRS_MARGIN) & (grid <= min(measured.times[-1], AFTER - _QRS_MARGIN))]
    theirs = np.stack([np.interp(grid, measured.times, found.lead(n)[shown]) for n in leads])
    ours = np.stack([
        np.interp(grid, plain.model.times, plain.model.volts[plain.model.leads.index(n)])
        for n in leads
    ])  # fmt: skip
    factor = float(np.sum(theirs * ours) / np.sum(ours**2))
    factor = factor if factor > 0.0 else 1.0
    read = {
        "PR": own.get("pr_interval"),
        "QRS": own.get("qrs_duration"),
        "QT": own.get("qt_interval"),
    }
    axis = own.get("qrs_axis")
    intervals = {
        name: (before if np.isnan(read[name]) else read[name], model, planned)
        for name, (before, model, planned) in plain.intervals.items()
    }
    return replace(
        plain,
        model=replace(plain.model, volts=factor * plain.model.volts),
        measured=measured,
        amplitude=factor,
        correlations={n: correlation(t, o) for n, t, o in zip(leads, theirs, ours, strict=True)},
        excluded={q.name: "; ".join(q.faults) for q in recorded.qualities if not q.usable},
        intervals=intervals,
        axis=(None if np.isnan(axis) else axis, plain.axis[1], None),
    )


def qt_interval(beat: ElectricBeat) -> float:
    """From the onset of the QRS to where all leads together have fallen to a tenth of T [s]."""
    since = beat.times - beat.activation.ventricular_onset
    late = since > _FIRST_T
    size = np.sqrt(np.mean(beat.volts[:, late] ** 2, axis=0))
    return float(since[late][np.flatnonzero(size > _T_END * size.max())[-1]])


def shown_until(qt: float | None) -> float:
    """How long after the onset of the QRS a beat is shown [s]: at least until T has ended."""
    missing = 0.0 if qt is None else max(qt + _BEHIND_T - AFTER, 0.0)
    return AFTER + _WIDER * float(np.ceil(missing / _WIDER))


def frontal_axis(beat: ElectricBeat) -> float:
    """Direction of the mean QRS vector in the frontal plane [rad], 0 to the left, down positive."""
    since = beat.times - beat.activation.ventricular_onset
    within = (since >= 0.0) & (since <= beat.activation.ventricular_duration)
    one, down = (beat.volts[beat.leads.index(lead)][within].sum() for lead in ("I", "aVF"))
    return float(np.arctan2(2.0 / np.sqrt(3.0) * down, one))


def cycle(record: PatientRecord) -> float:
    """Length of a beat [s]: measured, or that of 75 beats per minute."""
    measured = {m.name: m.value for m in record.measurements}
    if "rr_interval" in measured:
        return measured["rr_interval"]
    return 1.0 / measured.get("heart_rate", 1.25)
