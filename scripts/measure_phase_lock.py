"""How exactly the drawn heart contracts on the R peaks of annotated records.

    PYTHONPATH=. .venv/bin/python scripts/measure_phase_lock.py RECORD...

RECORD is a WFDB header beside which a beat annotation lies (.atr, .qrs, .gqrsl, ...). The record
arrives in chunks of 40 ms, 5 ms late, R peaks are found by ``quick_peaks``, and 50 frames are drawn
a second. For every annotated beat the frame nearest to it in which the drawn heart passes its R
peak is looked for; beats with none within 150 ms count as missed. Annotations often stand beside
the peak; their median distance from the steepest excursion is taken off, and told.
"""

import argparse
from pathlib import Path

import numpy as np
import wfdb

from organtwin.arrays import FloatArray
from organtwin.patient.detection import LEAD_ORDER
from organtwin.patient.readers import read_recording
from organtwin.patient.streaming.quick_peaks import QuickPeaks
from organtwin.session.phase_lock import DELAY, R_IN_QRS, PhaseLock

CHUNK, TRANSPORT, FRAME = 0.04, 0.005, 0.02
NEAR = 0.15
LEARNING = 5.0
BEATS = set("NLRBAaJSVrFejnE/fQ?")
SUFFIXES = ("atr", "qrs", "gqrsl", "gqrs", "ecg", "sqrs")
DURATION, AV_DELAY = 0.9, 0.16


def annotated(header: Path) -> tuple[FloatArray, str]:
    for suffix in SUFFIXES:
        if header.with_suffix(f".{suffix}").exists():
            found = wfdb.rdann(str(header.with_suffix("")), suffix)
            rate = found.fs or read_header_rate(header)
            keep = [symbol in BEATS for symbol in found.symbol]
            return np.asarray(found.sample)[keep] / rate, suffix
    return np.empty(0), ""


def read_header_rate(header: Path) -> float:
    return float(wfdb.rdheader(str(header.with_suffix(""))).fs)


def drawn(values: FloatArray, rate: float) -> FloatArray:
    """Times at which the drawn heart passed its R peak, less the delay."""
    peaks, lock = QuickPeaks(rate), PhaseLock()
    n = max(round(CHUNK * rate), 1)
    found, before, now = [], None, 0.0
    at_r = (AV_DELAY + R_IN_QRS) / DURATION
    for k in range(0, len(values) - n, n):
        arrival = (k + n) / rate + TRANSPORT
        while now < arrival:
            if lock.locked(now):
                past = (lock.phase(now, DURATION, AV_DELAY) - at_r) % 1.0
                if before is not None and past < before - 0.1:
                    found.append(now - DELAY)
                before = past
            now += FRAME
        for beat in peaks.push(k / rate, values[k : k + n]):
            lock.note(beat.time)
    return np.array(found)


def measure(header: Path) -> None:
    truth, suffix = annotated(header)
    waves = read_recording(header).waveforms
    leads = [name for name in LEAD_ORDER if name in waves]
    if not leads or len(truth) < 10:
        return
    wave = waves[leads[0]]
    found = drawn(np.nan_to_num(wave.values), wave.sampling_rate)
    truth = truth[(truth > LEARNING) & (truth < wave.times[-1] - 1.0)]
    if not len(found) or not len(truth):
        print(f"{header.stem} {leads[0]}: nothing drawn")
        return
    errors = found[np.argmin(np.abs(found[None] - truth[:, None]), axis=1)] - truth
    near = np.abs(errors) < NEAR
    shift = float(np.median(errors[near]))
    rest = errors[near] - shift
    print(
        f"{header.stem:16s} {leads[0]:5s} .{suffix:5s} beats {len(truth):5d}, drawn "
        f"{near.mean():6.1%}, median {1e3 * shift:+5.0f} ms, RMS about it "
        f"{1e3 * np.sqrt(np.mean(rest**2)):4.0f} ms, 95 % within "
        f"{1e3 * np.quantile(np.abs(rest), 0.95):4.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="+", type=Path)
    for header in parser.parse_args().records:
        measure(header)


if __name__ == "__main__":
    main()
