"""Pressures read off their waveforms, with the disturbances that monitors record."""

import csv
import gzip

import numpy as np
import pytest

from organtwin.patient.case_file import load_case
from organtwin.patient.finding import Finding
from organtwin.patient.pressure_beats import find_pressure_beats, pressure_measurements
from organtwin.patient.waveform import Waveform
from organtwin.units import MMHG

RATE = 125.0


def arterial(name="ABP", rate=72, systolic=120.0, diastolic=70.0, seconds=30, noise=0.5):
    """A pulse with a dicrotic wave, known extremes and a little noise [mmHg]."""
    times = np.arange(0, seconds, 1 / RATE)
    phase = (times * rate / 60) % 1.0
    upstroke = np.exp(-(((phase - 0.15) / 0.07) ** 2))
    dicrotic = 0.35 * np.exp(-(((phase - 0.42) / 0.06) ** 2))
    shape = upstroke + dicrotic + 0.25 * np.exp(-3.0 * phase)
    shape = (shape - shape.min()) / (shape.max() - shape.min())
    values = diastolic + (systolic - diastolic) * shape
    values = values + np.random.default_rng(0).normal(0, noise, len(times))
    return Waveform(name, times, values * MMHG, "mmHg", "test")


def read(*waves):
    found = list(pressure_measurements({wave.name: wave for wave in waves}))
    numbers = {m.name: m for m in found if not isinstance(m, Finding)}
    return numbers, [f for f in found if isinstance(f, Finding)]


@pytest.mark.parametrize(("rate", "high", "low"), [(45, 160, 60), (72, 120, 70), (150, 85, 55)])
def test_known_extremes_are_found_at_any_rate(rate, high, low):
    wave = arterial(rate=rate, systolic=high, diastolic=low)
    numbers, _ = read(wave)
    assert numbers["systolic_pressure"].value / MMHG == pytest.approx(high, abs=1.5)
    assert numbers["diastolic_pressure"].value / MMHG == pytest.approx(low, abs=1.5)
    assert numbers["mean_arterial_pressure"].value == pytest.approx(wave.values.mean(), rel=0.02)
    beats = find_pressure_beats(wave)
    assert len(beats.good) == pytest.approx(rate / 2, abs=4)


def test_flushes_and_zeroing_do_not_count():
    wave = arterial()
    values = wave.values.copy()
    values[500:700] = 280 * MMHG
    values[1500:1800] = 0.0
    disturbed = Waveform("ABP", wave.times, values, "mmHg", "test")
    numbers, _ = read(disturbed)
    assert numbers["systolic_pressure"].value / MMHG == pytest.approx(120, abs=2)
    assert numbers["diastolic_pressure"].value / MMHG == pytest.approx(70, abs=2)
    assert not find_pressure_beats(disturbed).good.all()


def test_gaps_cost_only_their_own_beats():
    wave = arterial()
    values = wave.values.copy()
    values[1000:1200] = np.nan
    numbers, _ = read(Waveform("ABP", wave.times, values, "mmHg", "test", gaps=200))
    assert numbers["systolic_pressure"].value / MMHG == pytest.approx(120, abs=1.5)


def test_a_signal_without_beats_is_reported_and_not_used():
    times = np.arange(0, 20, 1 / RATE)
    noise = np.random.default_rng(1).normal(80, 15, len(times)) * MMHG
    for values in (noise, np.full(len(times), np.nan), np.full(len(times), 80 * MMHG)):
        numbers, findings = read(Waveform("ABP", times, values, "mmHg", "test"))
        assert not numbers
        assert "too few" in findings[0].text


def test_pulmonary_and_venous_pressures_get_their_own_names():
    times = np.arange(0, 20, 1 / RATE)
    venous = (6 + 2 * np.sin(2 * np.pi * 1.2 * times)) * MMHG
    numbers, _ = read(
        arterial("PAP", systolic=45, diastolic=18), Waveform("CVP", times, venous, "mmHg", "test")
    )
    assert numbers["pa_systolic"].value / MMHG == pytest.approx(45, abs=1.5)
    assert numbers["ra_pressure"].value / MMHG == pytest.approx(6, abs=0.3)


def test_the_doubt_is_never_smaller_than_levelling():
    numbers, _ = read(arterial(noise=0.0))
    assert numbers["systolic_pressure"].sd >= 2.0 * MMHG


def test_a_pressure_no_adult_has_is_refused():
    _, findings = read(arterial(systolic=420, diastolic=330))
    assert any("outside what a living adult shows" in finding.text for finding in findings)


def test_a_real_monitor_recording_gives_its_pressures(shared_data):
    record = load_case(shared_data / "haemodynamics" / "mimicdb-041s" / "041s.hea")
    wave = record.waveforms["ABP"]
    low, high = np.nanpercentile(wave.values, (5, 97))
    assert record["systolic_pressure"].value == pytest.approx(high, abs=4 * MMHG)
    assert record["diastolic_pressure"].value == pytest.approx(low, abs=4 * MMHG)
    assert "pa_mean" in record


def test_an_operating_room_recording_agrees_with_its_own_beat_marks(shared_data):
    """21 minutes with flushes, zeroing and electrocautery; beats marked by its authors."""
    folder = shared_data / "haemodynamics" / "or-sample_record2"
    with gzip.open(folder / "waveforms_125Hz.csv.gz", "rt") as file:
        names = file.readline().strip().split(",")
        table = np.genfromtxt(file, delimiter=",")
    times = table[:, 0]
    waves = [
        Waveform(name, times, table[:, names.index(column)] * MMHG, "mmHg", "or")
        for name, column in (("ABP", "ABP_mmHg"), ("CVP", "CVP_mmHg"))
    ]
    with (folder / "beats.csv").open() as file:
        marked = list(csv.DictReader(file))
    numbers, _ = read(*waves)
    for name, column in (("systolic_pressure", "sys"), ("diastolic_pressure", "dia")):
        expected = np.median([float(row[column]) for row in marked if row[column]])
        assert numbers[name].value / MMHG == pytest.approx(expected, abs=2.0), name
    assert 0 < numbers["ra_pressure"].value / MMHG < 12  # the monitor shows 4
    found = find_pressure_beats(waves[0])
    assert int(found.good.sum()) == pytest.approx(len(marked), rel=0.05)
