"""The public recordings in ../shared/data as channels and references, for measure_streams.py.

Assumed where a file does not say it: the .mat of mimic3-pap holds pressure in mmHg at the stated
125 Hz, then systolic, diastolic and mean pressure and heart rate once a minute, each for the minute
that follows its time (our beats agree with that and not with the minute before); gqrs marks of
mimicdb-03700181 are at 500 Hz, four times the signal's rate, as their last mark shows.
"""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.patient.readers.wfdb_library import wfdb_module
from organtwin.units import MMHG

BEATS = frozenset("NAVLRaJSFEj/fQ")
"""Marks of MIT annotations that stand for a beat."""
MV = 1e-3


@dataclass(frozen=True, eq=False)
class Channel:
    """One channel: pieces of evenly sampled values with the source time of each first sample."""

    name: str
    rate: float
    pieces: tuple[tuple[float, FloatArray], ...]

    @property
    def seconds(self) -> float:
        start, values = self.pieces[-1]
        return start + len(values) / self.rate


@dataclass(frozen=True, eq=False)
class StreamRecording:
    """Channels of one record, and what somebody else found in it."""

    name: str
    channels: tuple[Channel, ...]
    marked: FloatArray = field(default_factory=lambda: np.empty(0))
    """Times of R peaks [s]."""
    symbols: str = ""
    marked_by: str = ""
    numerics: dict[str, tuple[FloatArray, FloatArray]] = field(default_factory=dict)
    """Times [s] and values of the monitor's numbers, in the units it shows."""
    lead: str = ""
    """To look at, where the usual first choice is disturbed."""


def ecg_recordings(data: Path) -> Iterator[StreamRecording]:
    """Each lead of the records whose beats are marked, by hand or by a program."""
    wfdb = wfdb_module()
    for path in ("physionet-misc/100", "cpsc2021-af/data_101_6", "cpsc2021-af/data_21_7"):
        file = str(data / "ecg" / path)
        signal, marks = wfdb.rdrecord(file), wfdb.rdann(file, "atr")
        keep = [k for k, symbol in enumerate(marks.symbol) if symbol in BEATS]
        for k, lead in enumerate(signal.sig_name):
            channel = Channel(lead, signal.fs, ((0.0, signal.p_signal[:, k] * MV),))
            yield StreamRecording(
                f"{path.split('/')[1]} {lead}", (channel,), marks.sample[keep] / signal.fs,
                "".join(marks.symbol[k] for k in keep), "hand",
            )  # fmt: skip
    file = str(data / "haemodynamics/mimicdb-03700181/03700181")
    signal, marks = wfdb.rdrecord(file), wfdb.rdann(file, "gqrsh")
    channel = Channel("MCL1", signal.fs, ((0.0, signal.p_signal[:, 0] * MV),))
    beats = marks.sample / 500.0
    yield StreamRecording("03700181 MCL1", (channel,), beats, "N" * len(beats), "gqrs")
    room = operating_room(data)
    yield StreamRecording(
        "or-sample II", room.channels[:1], room.marked, room.symbols, room.marked_by
    )


def mimicdb(data: Path) -> Iterator[StreamRecording]:
    """Pressures of the two MIMIC-DB records; no numerics lie beside them."""
    wfdb = wfdb_module()
    for path in ("mimicdb-03700181/03700181", "mimicdb-041s/041s"):
        signal = wfdb.rdrecord(str(data / "haemodynamics" / path))
        channels = []
        for k, name in enumerate(signal.sig_name):
            factor = {"mV": MV, "mmHg": MMHG}.get(signal.units[k])
            if factor is not None and name not in ("PLETH", "RESP"):
                values = signal.p_signal[:, k] * factor
                channels.append(Channel(name, signal.fs, ((0.0, values),)))
        # Lead I of 041s is noise: of its 16 s no beat can be told.
        yield StreamRecording(
            path.split("/")[1], tuple(channels), lead={"041s": "III"}.get(path.split("/")[1], "")
        )


def pulmonary(data: Path) -> StreamRecording:
    """mimic3-pap; see the module for what is assumed."""
    from scipy.io import loadmat

    file = next((data / "haemodynamics/mimic3-pap").glob("*.mat"))
    table = loadmat(file)["signals"][0]
    channel = Channel("PAP", 125.0, ((0.0, table[0].ravel() * MMHG),))
    times = table[6].ravel()
    names = ("systolic", "diastolic", "mean", "rate")
    numerics = {
        name: (times, column.ravel()) for name, column in zip(names, table[1:5], strict=True)
    }
    return StreamRecording("mimic3-pap", (channel,), numerics=numerics)


def operating_room(data: Path) -> StreamRecording:
    """or-sample_record2, whose beats and R peaks its authors marked by programs of their own."""
    folder = data / "haemodynamics/or-sample_record2"
    leads = _table(folder / "ecg_500Hz.csv.gz")
    waves = _table(folder / "waveforms_125Hz.csv.gz")
    channels = (
        Channel("II", 500.0, _pieces(leads[:, 0], leads[:, 1] * MV)),
        Channel("ABP", 125.0, _pieces(waves[:, 0], waves[:, 1] * MMHG)),
        Channel("CVP", 125.0, _pieces(waves[:, 0], waves[:, 2] * MMHG)),
    )
    numerics = {}
    for name in ("ABP_SYS", "ABP_DIA", "ABP_MEAN", "CVP_MEAN", "PPV", "ECG_HR"):
        numerics[name] = _column(folder / "numerics_monitor.csv", "time_s", name)
    for name in ("sys", "dia"):
        numerics[name] = _column(folder / "beats.csv", "time", name)
    peaks = _column(folder / "qrs.csv", "time", "time")[0]
    return StreamRecording("or-sample", channels, peaks, "N" * len(peaks), "program", numerics)


def _table(file: Path) -> FloatArray:
    with gzip.open(file, "rt") as lines:
        return np.genfromtxt(lines, delimiter=",", skip_header=1)


def _column(file: Path, time: str, name: str) -> tuple[FloatArray, FloatArray]:
    with file.open() as lines:
        rows = [(row[time], row[name]) for row in csv.DictReader(lines) if row[name]]
    table = np.array(rows, dtype=np.float64)
    return table[:, 0], table[:, 1]


def _pieces(times: FloatArray, values: FloatArray) -> tuple[tuple[float, FloatArray], ...]:
    cuts = np.flatnonzero(np.diff(times) > 0.02) + 1
    return tuple(
        (float(t[0]), v) for t, v in zip(np.split(times, cuts), np.split(values, cuts), strict=True)
    )
