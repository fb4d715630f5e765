"""Measure what the streaming analysis makes of real records: measure_streams.py FOLDER [--hours H].

FOLDER is shared/data. Prints, by record: beats against marked beats (share found, share true,
timing, lag); our pressures against the monitor's own numerics and against beats marked by others
(bias, limits of agreement, n); what was rejected and why; and what it costs. With --hours, a record
is looped for so many hours of source time: memory, and whether each beat comes out.
"""

import argparse
import pickle
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from stream_recordings import (
    Channel,
    StreamRecording,
    ecg_recordings,
    mimicdb,
    operating_room,
    pulmonary,
)

from organtwin.arrays import FloatArray
from organtwin.patient.streaming.breathing import WINDOW as BREATHING
from organtwin.patient.streaming.ecg_beats import EcgBeat, EcgBeatStream
from organtwin.patient.streaming.patient_stream import Heard, PatientStream
from organtwin.patient.streaming.pressure_beats import PressureBeat
from organtwin.patient.streaming.quick_peaks import QuickPeaks
from organtwin.patient.streaming.respiration import breathing_wave
from organtwin.units import MMHG

PIECE = 0.1
"""[s] of signal in a push."""
MATCH = 0.15
"""[s] within which a beat is the marked one (ANSI/AAMI EC57)."""
MONITOR = 10.0
"""[s] of beats that a monitor's numeric is compared with the mean of."""


def pushed(channel: Channel, piece: float = PIECE) -> Iterator[tuple[float, FloatArray, float]]:
    """Start, values and end of each push."""
    n = max(round(piece * channel.rate), 1)
    for start, values in channel.pieces:
        for at in range(0, len(values), n):
            part = values[at : at + n]
            begin = start + at / channel.rate
            yield begin, part, begin + len(part) / channel.rate


def matched(found: FloatArray, marked: FloatArray) -> list[tuple[int, int]]:
    """Pairs of indices of marked and found times, nearest first, each used once."""
    pairs, used = [], set()
    right = np.searchsorted(found, marked)
    for k, time_ in enumerate(marked):
        near = [j for j in (right[k] - 1, right[k]) if 0 <= j < len(found) and j not in used]
        if near:
            best = min(near, key=lambda j: abs(found[j] - time_))
            if abs(found[best] - time_) <= MATCH:
                used.add(best)
                pairs.append((k, int(best)))
    return pairs


def print_beats(record: StreamRecording) -> None:
    channel = record.channels[0]
    for word, times, lags, spent in (_slow(record, channel), _quick(channel)):
        pairs = matched(times, record.marked)
        off = np.array([times[j] - record.marked[k] for k, j in pairs])
        print(
            f"{record.name:16s} {word:6s} {record.marked_by:8s} {len(record.marked):5d} "
            f"{len(pairs) / len(record.marked):7.2%} {len(pairs) / len(times):7.2%} "
            f"{1e3 * off.mean():6.1f} {1e3 * np.sqrt((off**2).mean()):6.1f} {1e3 * off.std():6.1f} "
            f"{1e3 * np.median(lags):6.0f} {1e3 * np.percentile(lags, 95):6.0f} "
            f"{1e3 * max(lags):6.0f} {1e3 * spent / channel.seconds:6.1f}"
        )


def _slow(record: StreamRecording, channel: Channel) -> tuple[str, FloatArray, FloatArray, float]:
    stream, beats, lags = EcgBeatStream(channel.name, channel.rate), [], []
    begin = time.perf_counter()
    for start, values, end in pushed(channel):
        new = stream.push(start, values)
        beats += new
        lags += [end - beat.time for beat in new]
    beats += stream.finish()
    spent = time.perf_counter() - begin
    print_kinds(record, beats)
    return "beats", np.array([b.time for b in beats]), np.array(lags), spent


def print_kinds(record: StreamRecording, beats: Sequence[EcgBeat]) -> None:
    """Premature and ectopic beats against the marks, irregular rhythm, rejected beats."""
    times = np.array([b.time for b in beats])
    kinds = Counter(
        (record.symbols[k], "early" if beats[j].premature else "", "wide" * beats[j].ectopic)
        for k, j in matched(times, record.marked)
    )
    told = {f"{a}{'+' + b if b else ''}{'+' + c if c else ''}": n for (a, b, c), n in kinds.items()}
    irregular = np.mean([b.irregular is True for b in beats])
    rejected = np.mean([bool(b.rejected) for b in beats])
    print(f"  {record.name}: {told}, irregular {irregular:.0%}, rejected {rejected:.1%}")


def _quick(channel: Channel) -> tuple[str, FloatArray, FloatArray, float]:
    stream, beats = QuickPeaks(channel.rate), []
    begin = time.perf_counter()
    for start, values, _ in pushed(channel, 0.02):
        beats += stream.push(start, values)
    spent = time.perf_counter() - begin
    lags = np.array([b.confirmed - b.time for b in beats])
    return "quick", np.array([b.time for b in beats]), lags, spent


def side_by_side(
    record: StreamRecording, piece: float = PIECE
) -> list[tuple[float, str, float, FloatArray]]:
    """End, channel, start and values of each push, all channels in the order of time."""
    pushes = [
        (end, c.name, start, values)
        for c in record.channels
        for start, values, end in pushed(c, piece)
    ]
    return sorted(pushes, key=lambda push: push[0])


def heard_from(record: StreamRecording) -> tuple[PatientStream, list[Heard], float]:
    """All channels of a record, pushed side by side."""
    stream = PatientStream({c.name: c.rate for c in record.channels}, record.lead)
    pushes = side_by_side(record)
    begin = time.perf_counter()
    heard = [stream.push(name, start, values) for _, name, start, values in pushes]
    heard.append(stream.finish())
    return stream, heard, time.perf_counter() - begin


def print_agreement(name: str, ours: FloatArray, theirs: FloatArray, unit: str) -> None:
    both = np.isfinite(ours) & np.isfinite(theirs)
    off = (ours - theirs)[both]
    low, high = off.mean() - 1.96 * off.std(), off.mean() + 1.96 * off.std()
    print(f"  {name:34s} {off.mean():+7.2f} {low:+7.2f} to {high:+7.2f} {unit:5s} n {len(off)}")


def print_room(data: Path) -> None:
    record = operating_room(data)
    _, heard, spent = heard_from(record)
    pulses = [b for h in heard for b in h.pressures.get("ABP", ())]
    means = [b for h in heard for b in h.venous.get("CVP", ())]
    print_rejected(record, heard, spent)
    good = [b for b in pulses if not b.rejected]
    ends = np.array([b.end for b in good])
    series = {
        "ABP_SYS": (ends, np.array([b.systolic for b in good]) / MMHG, "mmHg"),
        "ABP_DIA": (ends, np.array([b.diastolic for b in good]) / MMHG, "mmHg"),
        "ABP_MEAN": (ends, np.array([b.mean for b in good]) / MMHG, "mmHg"),
        "CVP_MEAN": (
            np.array([b.end for b in means if not b.rejected]),
            np.array([b.mean for b in means if not b.rejected]) / MMHG, "mmHg",
        ),
    }  # fmt: skip
    for name, (times, values, unit) in series.items():
        at, theirs = record.numerics[name]
        print_agreement(f"monitor {name}", _averaged(times, values, at, MONITOR), theirs, unit)
    at, theirs = record.numerics["PPV"]
    print_agreement("monitor PPV", 100.0 * _variation(good, at), theirs, "%")
    print_peaks(record, [b for h in heard for b in h.ecg])
    print_authors(record, good)


def print_peaks(record: StreamRecording, peaks: Sequence[EcgBeat]) -> None:
    """Heart rate against the monitor's."""
    rr = [(b.time, b.rr) for b in peaks if np.isfinite(b.rr)]
    at, theirs = record.numerics["ECG_HR"]
    times, values = np.array(rr).T
    rate = 60.0 / _averaged(times, values, at, MONITOR, np.median)
    print_agreement("monitor ECG_HR (median interval)", rate, theirs, "1/min")


def print_authors(record: StreamRecording, good: Sequence[PressureBeat]) -> None:
    """Pulses against those that the record's authors marked, and against the R peaks."""
    starts = np.array([b.start for b in good])
    for name, field_ in (("sys", "systolic"), ("dia", "diastolic")):
        at, theirs = record.numerics[name]
        pairs = matched(starts, at)
        ours = np.array([getattr(good[j], field_) / MMHG for _, j in pairs])
        label = f"authors' beats, {field_} ({len(pairs)} of {len(at)})"
        print_agreement(label, ours, theirs[[k for k, _ in pairs]], "mmHg")
    lag = np.array([b.foot - b.r_peak for b in good])
    low, middle, high = 1e3 * np.nanpercentile(lag, (5, 50, 95))
    print(
        f"  R peak to foot {middle:.0f} ms ({low:.0f} to {high:.0f}), {np.isfinite(lag).mean():.1%}"
    )


def _averaged(
    times: FloatArray,
    values: FloatArray,
    at: FloatArray,
    width: float,
    average: Callable[[FloatArray], np.floating] = np.mean,
) -> FloatArray:
    stop, start = np.searchsorted(times, at), np.searchsorted(times, at - width)
    return np.array(
        [average(values[a:b]) if b > a else np.nan for a, b in zip(start, stop, strict=True)]
    )


def _variation(good: Sequence[PressureBeat], at: FloatArray) -> FloatArray:
    times, pulse = np.array([b.start for b in good]), np.array([b.pulse for b in good])
    found = []
    for moment in at:
        here = (times > moment - BREATHING) & (times <= moment)
        wave = breathing_wave(times[here], pulse[here]) if moment > BREATHING else None
        found.append(wave.variation if wave is not None and wave.clear else np.nan)
    return np.array(found)


def print_rejected(record: StreamRecording, heard: Sequence[Heard], spent: float) -> None:
    seconds = max(c.seconds for c in record.channels)
    print(f"{record.name}: {seconds:.0f} s, {1e3 * spent / seconds:.1f} ms per second of signal")
    beats = {"ECG": [b for h in heard for b in h.ecg]}
    for name in dict.fromkeys(n for h in heard for n in (*h.pressures, *h.venous)):
        beats[name] = [
            b for h in heard for b in (*h.pressures.get(name, ()), *h.venous.get(name, ()))
        ]
    for name, found in beats.items():
        if found:
            refused = sum(bool(b.rejected) for b in found)
            print(
                f"  {name:5s} {len(found)} beats, {refused} rejected ({refused / len(found):.2%})"
            )
    marks = Counter(f"{m.channel} {m.kind.value}" for h in heard for m in h.marks)
    print(f"  marks: {dict(marks) or 'none'}")


def print_pulmonary(data: Path) -> None:
    record = pulmonary(data)
    _, heard, spent = heard_from(record)
    print_rejected(record, heard, spent)
    good = [b for h in heard for b in h.pressures.get("PAP", ()) if not b.rejected]
    starts = np.array([b.start for b in good])
    for name in ("systolic", "diastolic", "mean"):
        at, theirs = record.numerics[name]
        values = np.array([getattr(b, name) for b in good]) / MMHG
        print_agreement(f"numeric {name}", _averaged(starts, values, at + 60, 60), theirs, "mmHg")
    at, theirs = record.numerics["rate"]
    rate = 60.0 / np.array([b.end - b.start for b in good])
    print_agreement("numeric rate", _averaged(starts, rate, at + 60, 60), theirs, "1/min")


def print_mimicdb(data: Path) -> None:
    for record in mimicdb(data):
        _, heard, spent = heard_from(record)
        print_rejected(record, heard, spent)
        peaks = np.array([b.time for h in heard for b in h.ecg])
        for name in ("ABP", "PAP"):
            beats = [b for h in heard for b in h.pressures.get(name, ())]
            if beats:
                inside = (peaks > beats[0].start - 0.4) & (peaks < beats[-1].start)
                lag = 1e3 * np.array([b.foot - b.r_peak for b in beats])
                median = [np.median([getattr(b, f) for b in beats]) / MMHG for f in
                          ("systolic", "diastolic", "mean")]  # fmt: skip
                print(
                    f"  {name}: {len(beats)} pulses to {inside.sum()} R peaks, R to foot "
                    f"{np.nanmedian(lag):.0f} ms; median {median[0]:.0f}/{median[1]:.0f} "
                    f"mean {median[2]:.0f} mmHg"
                )


def looped(data: Path, hours: float) -> None:
    """The operating-room record over and over, its source time going on."""
    record = operating_room(data)
    length = record.channels[0].seconds + 1.0
    stream = PatientStream({c.name: c.rate for c in record.channels})
    loops = max(round(hours * 3600 / length), 2)
    pushes = side_by_side(record, 0.5)
    counts: Counter[str] = Counter()
    after_first = held = 0
    begin = time.perf_counter()
    for loop in range(loops):
        before = counts.copy()
        for _, name, start, values in pushes:
            _count(counts, stream.push(name, loop * length + start, values))
        held = len(pickle.dumps(stream))
        after_first = after_first or held
        if loop in (0, 1, loops - 1):
            new = {k: v - before[k] for k, v in sorted(counts.items())}
            size = f"{held / 1e6:.3f} MB held, {_resident():.0f} MB resident"
            print(f"  loop {loop + 1} of {loops}: {new}, {size}", flush=True)
    spent = time.perf_counter() - begin
    print(
        f"  growth {held / after_first - 1:+.2%}, {1e3 * spent / loops / length:.1f} ms per second"
    )


def _resident() -> float:
    """Most memory that the process has held [MB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _count(counts: Counter[str], heard: Heard) -> None:
    for beat in heard.ecg:
        counts["ecg rejected" if beat.rejected else "ecg"] += 1
    counts["quick"] += len(heard.quick)
    for kind in (heard.pressures, heard.venous):
        for name, beats in kind.items():
            for beat in beats:
                counts[f"{name} rejected" if beat.rejected else name] += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--hours", type=float, default=0.0)
    arguments = parser.parse_args()
    if arguments.hours:
        looped(arguments.folder, arguments.hours)
        return
    print("record           which  marks by     n   found    true   bias    rms     sd "
          "lag 50     95    max  ms/s")  # fmt: skip
    for record in ecg_recordings(arguments.folder):
        print_beats(record)
    print("\nours minus theirs                     bias    limits of agreement")
    print_room(arguments.folder)
    print_pulmonary(arguments.folder)
    print_mimicdb(arguments.folder)


if __name__ == "__main__":
    main()
