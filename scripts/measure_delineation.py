"""Errors of wave borders against the manual marks of LUDB, and those of other delineators.

Usage: measure_delineation.py [FOLDER of ludb] [--neurokit] [--counts].

Reference for a beat: the marks of a cardiologist in twelve leads. Where a wave begins or ends in
the heart is told twice: by the median over leads, and by the earliest onset and latest offset.
The delineation of this program is of the averaged beat; it is placed on each beat by the beat's
point of alignment. The others (neurokit2, when asked for and installed) mark each lead by itself
and are summed up over leads in the same two ways. Errors in ms, mark minus reference: mean, sd,
and share of the reference waves found.

The headers of LUDB scale every lead to the same height, so its amplitudes are not physical. With
``--counts`` the leads keep the proportions of their raw counts; the errors must hardly change.
"""

import sys
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from organtwin.patient.ecg.delineation import delineated
from organtwin.patient.ecg.preparation import prepared
from organtwin.patient.ecg.quality import lead_quality
from organtwin.patient.readers import read_recording
from organtwin.patient.readers.wfdb_library import wfdb_module
from organtwin.patient.waveform import Waveform

LUDB = Path(__file__).resolve().parents[2] / "shared/data/ecg/ludb"
BORDERS = ("p_onset", "p_offset", "qrs_onset", "qrs_offset", "t_peak", "t_offset")
LEADS = ("i", "ii", "iii", "avr", "avl", "avf", "v1", "v2", "v3", "v4", "v5", "v6")
KINDS = {"p": "p", "N": "qrs", "t": "t"}
NEAR = 0.15
"""[s] Marks of the same beat in two leads lie closer."""
Marks = dict[str, list[float]]


def manual_marks(record: Path, lead: str) -> Marks:
    """Times [s] by border, of one lead."""
    annotation = wfdb_module().rdann(str(record.with_suffix("")), lead)
    times, symbols = annotation.sample / 500.0, annotation.symbol
    marks: Marks = defaultdict(list)
    for k, symbol in enumerate(symbols):
        if symbol not in KINDS:
            continue
        kind = KINDS[symbol]
        marks[f"{kind}_peak"].append(times[k])
        if k > 0 and symbols[k - 1] == "(":
            marks[f"{kind}_onset"].append(times[k - 1])
        if k + 1 < len(symbols) and symbols[k + 1] == ")":
            marks[f"{kind}_offset"].append(times[k + 1])
    return marks


def by_beat(leads: list[Marks], border: str, beats: list[float]) -> dict[int, list[float]]:
    """Marks of all leads, gathered by the nearest of ``beats`` (times of QRS)."""
    reach = {"p": (-0.40, 0.02), "q": (-NEAR, NEAR), "t": (0.05, 0.65)}[border[0]]
    found: dict[int, list[float]] = defaultdict(list)
    for lead in leads:
        for time in lead.get(border, []):
            ahead = [k for k, beat in enumerate(beats) if reach[0] < time - beat < reach[1]]
            if ahead:
                chosen = min(ahead, key=lambda k: abs(time - beats[k] - sum(reach) / 2))
                found[chosen].append(time)
    return found


def reference_beats(leads: list[Marks]) -> list[float]:
    """QRS peaks that at least half the leads mark, by the median over leads."""
    every = np.sort([time for lead in leads for time in lead["qrs_peak"]])
    groups = np.split(every, np.flatnonzero(np.diff(every) > NEAR) + 1)
    return [float(np.median(group)) for group in groups if len(group) >= len(leads) / 2]


def summed(times: list[float], border: str, way: str) -> float:
    """Over leads: the median, or the earliest of onsets and the latest of offsets."""
    if way == "median" or border.endswith("peak"):
        return float(np.median(times))
    # The second outermost of twelve: one slip of the hand does not count.
    ordered = sorted(times)
    inner = 1 if len(ordered) >= 6 else 0
    return ordered[inner] if border.endswith("onset") else ordered[-1 - inner]


def in_counts(record: Path, waveforms: Mapping[str, Waveform]) -> dict[str, Waveform]:
    """The leads in the proportions of their raw counts, the median one as it was."""
    header = wfdb_module().rdheader(str(record.with_suffix("")))
    gains = {
        name.lower(): gain for name, gain in zip(header.sig_name, header.adc_gain, strict=True)
    }
    middle = float(np.median(list(gains.values())))
    return {
        name: replace(wave, values=wave.values * (gains[name.lower()] / middle))
        for name, wave in waveforms.items()
    }


def ours(record: Path, *, counts: bool) -> list[Marks]:
    waveforms = read_recording(record).waveforms
    if counts:
        waveforms = in_counts(record, waveforms)
    ready = prepared(waveforms, tuple(lead_quality(wave) for wave in waveforms.values()))
    interval = float(np.median([b.since for b in ready.beats if np.isfinite(b.since)]))
    waves = delineated(ready.average, interval=interval)
    marks: Marks = defaultdict(list)
    for beat in ready.beats:
        for border in BORDERS:
            value = getattr(waves, border)
            if beat.kind == 0 and np.isfinite(value):
                marks[border].append(beat.time + value)
    return [marks]


def neurokit(record: Path, method: str) -> list[Marks]:
    import neurokit2

    names = {"p_onset": "ECG_P_Onsets", "p_offset": "ECG_P_Offsets", "qrs_onset": "ECG_R_Onsets",
             "qrs_offset": "ECG_R_Offsets", "t_peak": "ECG_T_Peaks",
             "t_offset": "ECG_T_Offsets"}  # fmt: skip
    found = []
    for wave in read_recording(record).waveforms.values():
        clean = neurokit2.ecg_clean(1e3 * wave.values, sampling_rate=500)
        marks: Marks = defaultdict(list)
        try:
            _, peaks = neurokit2.ecg_peaks(clean, sampling_rate=500)
            _, waves = neurokit2.ecg_delineate(
                clean, peaks["ECG_R_Peaks"], sampling_rate=500, method=method
            )
        except (ValueError, IndexError, ZeroDivisionError, TypeError):
            found.append(marks)
            continue
        for border, name in names.items():
            marks[border] = [float(p) / 500.0 for p in waves.get(name, []) if np.isfinite(p)]
        found.append(marks)
    return found


def errors(records: list[Path], method: str) -> Iterator[tuple[str, str, Path, list[float], int]]:
    """Border, way, record, errors [ms] and number of reference waves."""
    for record in records:
        manual = [manual_marks(record, lead) for lead in LEADS]
        beats = reference_beats(manual)
        if method.startswith("ours"):
            got = ours(record, counts=method.endswith("counts"))
        else:
            got = neurokit(record, method)
        for border in BORDERS:
            reference = by_beat(manual, border, beats)
            marks = by_beat(got, border, beats)
            held = {k: t for k, t in reference.items() if len(t) >= 4}
            for way in ("median", "extreme"):
                each = [
                    1e3 * (summed(marks[k], border, way) - summed(held[k], border, way))
                    for k in held
                    if k in marks
                ]
                yield border, way, record, each, len(held)


def main(folder: Path, methods: list[str]) -> None:
    records = sorted(folder.glob("*.hea"), key=lambda path: int(path.stem))
    for method in methods:
        table: dict[tuple[str, str], list[tuple[Path, list[float], int]]] = defaultdict(list)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for border, way, record, each, count in errors(records, method):
                table[way, border].append((record, each, count))
        print(f"\n{method}")
        for (way, border), rows in sorted(table.items()):
            every = np.array([error for _, each, _ in rows for error in each])
            if len(every) == 0:
                print(f"{way:8s}{border:11s} not marked by this method")
                continue
            count = sum(count for _, _, count in rows)
            worst = sorted(
                ((float(np.mean(each)), record.stem) for record, each, _ in rows if each),
                key=lambda pair: -abs(pair[0]),
            )[:4]
            text = ", ".join(f"{stem} {mean:+.0f}" for mean, stem in worst)
            print(
                f"{way:8s}{border:11s} mean {every.mean():+6.1f}  sd {every.std():5.1f}  found "
                f"{len(every) / max(count, 1):4.0%} of {count:3d}   worst: {text}"
            )


if __name__ == "__main__":
    arguments = sys.argv[1:]
    wanted = ["ours"]
    if "--counts" in arguments:
        arguments.remove("--counts")
        wanted.append("ours in counts")
    if "--neurokit" in arguments:
        arguments.remove("--neurokit")
        wanted += ["dwt", "cwt", "peak"]
    main(Path(arguments[0]) if arguments else LUDB, wanted)
