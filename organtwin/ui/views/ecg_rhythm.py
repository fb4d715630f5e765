"""The strip below the leads: the recording itself or, without one, the computed beat repeated.

An averaged beat is never repeated as if it had been recorded.
"""

from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.session.session import Session
from organtwin.ui.views.ecg_leads import MEASURED, SIMULATED, Ink, volts
from organtwin.ui.views.ecg_sheet import RHYTHM_LEAD, Extent


@dataclass(frozen=True, eq=False, slots=True)
class RhythmStrip:
    """``times`` ``(n,)`` [s] from the strip's left edge, ``volts`` ``(n,)`` [V]; NaN is a gap."""

    label: str
    ink: Ink
    times: FloatArray
    volts: FloatArray


def page_and_time(session: Session, duration: float) -> tuple[int, float | None]:
    """Page of the strip, each ``duration`` [s] long, and the cursor's place on it [s]."""
    clock, playhead = session.ecg_clock, session.playhead
    if _recorded(session):
        if clock is None:
            return 0, None
        time = clock.time(playhead.beat, playhead.phase)
        return int(time // duration), time % duration
    if session.shown is None:
        return 0, None
    cycle = session.shown.beat.duration
    count = max(int(duration // cycle), 1)
    return 0, (playhead.beat % count + playhead.phase) * cycle


def rhythm(session: Session, page: int, duration: float) -> RhythmStrip | None:
    """Give the strip; ``None`` when lead II is neither recorded nor computed."""
    if _recorded(session) and session.record is not None:
        recorded = session.record.waveforms[RHYTHM_LEAD]
        start = page * duration
        first, last = np.searchsorted(recorded.times, (start, start + duration)).tolist()
        known = recorded.values[np.isfinite(recorded.values)]
        level = float(np.median(known)) if len(known) else 0.0
        times = recorded.times[first : last + 1] - start
        values = recorded.values[first : last + 1] - level
        return RhythmStrip("measured, as recorded", MEASURED, times, values)
    return _repeated(session, duration)


def reach(session: Session) -> Extent | None:
    """How far the recorded lead goes below and above its middle [V]; ``None`` if unrecorded.

    A few samples may lie beyond: artefacts, and the very tips of the QRS.
    """
    if session.record is None or not _recorded(session):
        return None
    values = session.record.waveforms[RHYTHM_LEAD].values
    if not np.isfinite(values).any():
        return None
    low, level, high = np.nanpercentile(values, (0.5, 50.0, 99.8)).tolist()
    return low - level, high - level


def _recorded(session: Session) -> bool:
    return session.record is not None and RHYTHM_LEAD in session.record.waveforms


def _repeated(session: Session, duration: float) -> RhythmStrip | None:
    if session.ecg is None or session.shown is None:
        return None
    model, beat = session.ecg.model, session.shown.beat
    values = volts(model, RHYTHM_LEAD)
    if values is None:
        return None
    within = model.times < model.times[0] + beat.duration
    onsets = np.arange(-1, duration // beat.duration + 2) * beat.duration + beat.av_delay
    times = (onsets[:, None] + model.times[within]).ravel()
    repeated = np.tile(values[within], len(onsets))
    inside = (times >= 0.0) & (times <= duration)
    return RhythmStrip("simulated beat, repeated", SIMULATED, times[inside], repeated[inside])
