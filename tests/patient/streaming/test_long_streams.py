"""Hours of streaming: nothing grows, and every planted beat comes out once."""

import pickle

import numpy as np
import pytest

from organtwin.patient.streaming.patient_stream import PatientStream
from tests.patient.streaming.planted import SLOW, beat_times, ecg, pressure

PERIOD = 60.0
RR = 0.8  # 75 beats a period, so that the loop has no seam


def streamed(minutes):
    """Beats of each minute, and bytes that the stream holds after it.

    A burst of noise disturbs the ECG in every third minute.
    """
    peaks = beat_times(RR, PERIOD, 0.4)
    lead = ecg(peaks, rate=SLOW)
    noisy = lead.copy()
    noisy[2000:2500] += np.random.default_rng(0).normal(0.0, 2e-3, 500)
    # The last foot leads into the next period's first one.
    artery = pressure(np.append(peaks[-1] - PERIOD, peaks) + 0.17, PERIOD)
    stream = PatientStream({"II": SLOW, "ABP": SLOW, "CVP": SLOW})
    counts, held = [], []
    for minute in range(minutes):
        beats = np.zeros(4, dtype=int)  # ECG, quick, arterial, rejected arterial
        for at in range(0, len(lead), 125):
            start = minute * PERIOD + at / SLOW
            here = slice(at, at + 125)
            heard = stream.push("II", start, (noisy if minute % 3 == 2 else lead)[here])
            pulses = stream.push("ABP", start, artery[here]).pressures["ABP"]
            stream.push("CVP", start, 0.1 * artery[here])
            rejected = sum(bool(b.rejected) for b in pulses)
            beats += (len(heard.ecg), len(heard.quick), len(pulses), rejected)
        counts.append(beats)
        held.append(len(pickle.dumps(stream)))
    return np.array(counts), np.array(held)


def check(minutes, warm):
    counts, held = streamed(minutes)
    planted = round(PERIOD / RR)
    quiet = np.arange(minutes) % 3 == 0
    quiet[:1] = False  # beats wait for the first seconds
    assert (counts[quiet, 0] == planted).all()
    assert (counts[1:, 2] == planted).all()
    assert not counts[:, 3].any()
    assert abs(counts[quiet, 1] - planted).max() <= 1  # the seam falls between two pieces
    assert held[-1] < 1.05 * held[warm]


def test_some_minutes_grow_nothing_and_lose_nothing():
    check(minutes=7, warm=3)


@pytest.mark.slow
def test_eight_hours_grow_nothing_and_lose_nothing():
    check(minutes=480, warm=5)
