"""Real records, streamed: the figures that scripts/measure_streams.py prints, with some room."""

import csv
import gzip
import warnings
from itertools import pairwise

import numpy as np
import pytest

from organtwin.patient.readers.wfdb_library import wfdb_module
from organtwin.patient.streaming.ecg_beats import EcgBeatStream
from organtwin.patient.streaming.pressure_beats import PressureBeatStream
from organtwin.patient.streaming.pressure_sites import PressureSite
from organtwin.patient.streaming.quick_peaks import QuickPeaks
from organtwin.units import MMHG
from tests.patient.streaming.planted import fed

MINUTES = 5  # of each record; the script takes the whole


def marked(data, path):
    """First lead [V], rate, and times of marked beats within the first minutes."""
    file = str(data / "ecg" / path)
    wfdb = wfdb_module()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas about the package's own code
        header, marks = wfdb.rdheader(file), wfdb.rdann(file, "atr")
    stop = min(round(MINUTES * 60 * header.fs), header.sig_len)
    signal = wfdb.rdrecord(file, sampto=stop)
    beats = [s for s, symbol in zip(marks.sample, marks.symbol, strict=True) if symbol in "NAV"]
    times = np.array(beats) / header.fs
    return signal.p_signal[:, 0] * 1e-3, float(header.fs), times[times < stop / header.fs]


@pytest.mark.parametrize(
    ("path", "found", "true"),
    [
        ("physionet-misc/100", 0.995, 0.995),
        ("cpsc2021-af/data_101_6", 0.97, 0.98),  # atrial fibrillation
        ("cpsc2021-af/data_21_7", 0.99, 0.99),
    ],
)
@pytest.mark.parametrize("detector", [EcgBeatStream, QuickPeaks])
def test_marked_beats_are_found_within_twenty_milliseconds(
    shared_data, path, found, true, detector
):
    values, rate, times = marked(shared_data, path)
    stream = QuickPeaks(rate) if detector is QuickPeaks else EcgBeatStream("lead", rate)
    beats, _ = fed(stream, values, rate)
    ours = np.array([b.time for b in beats])
    near = np.abs(times[:, None] - ours).min(axis=1)
    known = times > 3.0 if detector is QuickPeaks else times > 0.0  # it learns for two seconds
    assert (near[known] < 0.15).mean() >= found
    assert (np.abs(ours[:, None] - times).min(axis=1) < 0.15).mean() >= true
    assert np.sqrt((near[near < 0.15] ** 2).mean()) <= 0.020
    if detector is QuickPeaks:
        assert max(b.confirmed - b.time for b in beats) <= 0.1


def test_fibrillation_is_told_where_it_is_and_nowhere_else(shared_data):
    values, rate, _ = marked(shared_data, "cpsc2021-af/data_101_6")
    beats, _ = fed(EcgBeatStream("I", rate), values, rate)
    assert any(b.irregular for b in beats)
    values, rate, _ = marked(shared_data, "cpsc2021-af/data_21_7")
    beats, _ = fed(EcgBeatStream("I", rate), values, rate)
    assert not any(b.irregular for b in beats)


def test_pulses_of_an_operation_are_those_its_authors_marked(shared_data):
    folder = shared_data / "haemodynamics/or-sample_record2"
    with gzip.open(folder / "waveforms_125Hz.csv.gz", "rt") as lines:
        table = np.genfromtxt(lines, delimiter=",", skip_header=1, max_rows=MINUTES * 60 * 125)
    with (folder / "beats.csv").open() as lines:
        rows = [row for row in csv.DictReader(lines) if float(row["time"]) < table[-1, 0] - 2.0]
    stream = PressureBeatStream("ABP", 125.0, PressureSite.ARTERIAL)
    beats, _ = fed(stream, table[:, 1] * MMHG, 125.0)
    starts = np.array([b.start for b in beats])
    nearest = [int(np.abs(starts - float(row["time"])).argmin()) for row in rows]
    assert len(set(nearest)) >= 0.99 * len(rows)
    for row, k in zip(rows[1:], nearest[1:], strict=True):
        assert beats[k].systolic / MMHG == pytest.approx(float(row["sys"]), abs=0.2)
        assert beats[k].diastolic / MMHG == pytest.approx(float(row["dia"]), abs=0.2)


def test_pulmonary_pulses_agree_with_the_monitor_minute_by_minute(shared_data):
    from scipy.io import loadmat

    file = next((shared_data / "haemodynamics/mimic3-pap").glob("*.mat"))
    signals = loadmat(file)["signals"][0]
    values = signals[0].ravel()[: MINUTES * 60 * 125] * MMHG
    stream = PressureBeatStream("PAP", 125.0, PressureSite.PULMONARY)
    beats = fed(stream, values, 125.0)[0]
    apart = [b.start - a.end for a, b in pairwise(beats)]
    assert np.mean(np.abs(apart) > 0.05) < 0.01
    beats = [b for b in beats if not b.rejected]
    for name, column in (("systolic", 1), ("diastolic", 2), ("mean", 3)):
        for minute in range(MINUTES):
            ours = [getattr(b, name) for b in beats if minute <= b.start / 60 < minute + 1]
            expected = signals[column].ravel()[minute]
            assert np.mean(ours) / MMHG == pytest.approx(expected, abs=1.2), (name, minute)
