"""P in irregular rhythms and spikes of pacemakers, drawn and recorded."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from organtwin.patient.ecg.examination import EcgExamination, examined
from organtwin.patient.ecg.origin import doubt_of_block
from organtwin.patient.readers import read_recording
from organtwin.patient.recording import Recording
from organtwin.patient.waveform import Waveform
from tests.patient.ecg.drawn_ecg import HEIGHTS, beat, drawn

ATRIAL = ("ptb-xl/00307_hr", "ptb-xl/00321_hr", "ptb-xl/00449_hr", "ptb-xl/00482_hr", "ludb/52",
          "ludb/95", "ludb/96", "ludb/112", "cpsc2018/A0003", "cpsc2021-af/data_101_6")  # fmt: skip
"""Fibrillation or flutter by label."""


def irregular() -> EcgExamination:
    """Every beat with its P, at intervals that differ by a third."""
    times = np.arange(5000) / 500.0
    peaks = 0.5 + np.cumsum([0.0, *([0.7, 1.0, 0.6, 0.9] * 2), 0.8, 0.65])
    noise = np.random.default_rng(2)
    waves = {
        name: Waveform(
            name, times,
            np.asarray(
                sum(beat(name, times - peak) for peak in peaks)
                + noise.normal(0.0, 5e-6, len(times))
            ), "mV", "drawn",
        )
        for name in HEIGHTS
    }  # fmt: skip
    return examined(Recording("drawn", waves))


def with_spikes(height: float) -> EcgExamination:
    """One sample of ``height`` [V] 40 ms before each R peak."""
    waves = drawn(p=0.0)
    for name, wave in waves.items():
        values = wave.values.copy()
        for peak in np.arange(0.5, 9.7, 0.85):
            values[round((peak - 0.04) * 500.0)] += height
        waves[name] = replace(wave, values=values)
    return examined(Recording("drawn", waves))


def test_no_p_is_reported_in_an_irregular_rhythm() -> None:
    found = irregular()
    assert not found.waves.has_p
    assert "pr_interval" not in found.measurements.values
    assert any("fibrillation or flutter" in text for text in found.findings)


def test_spikes_before_the_complex_name_a_paced_rhythm() -> None:
    assert "is paced: spikes before QRS" in with_spikes(1e-3).pacing


def test_without_spikes_and_p_pacing_cannot_be_told() -> None:
    assert "cannot be told" in with_spikes(0.0).pacing


def test_a_narrow_beat_with_p_raises_no_question_of_pacing() -> None:
    assert examined(Recording("drawn", drawn())).pacing == ""


@pytest.mark.parametrize("record", ATRIAL)
def test_no_p_is_reported_in_recorded_fibrillation_and_flutter(
    shared_data: Path, record: str
) -> None:
    found = examined(read_recording(shared_data / "ecg" / f"{record}.hea"))
    assert not found.waves.has_p


def test_recorded_sinus_rhythm_keeps_its_p(shared_data: Path) -> None:
    """All records of PTB-XL that are labelled so, with extrasystoles and blocks."""
    folder = shared_data / "ecg" / "ptb-xl"
    with (folder / "labels.csv").open() as file:
        names = [f"{int(row['ecg_id']):05d}_hr.hea" for row in csv.DictReader(file)
                 if "'SR'" in row["scp_codes"]]  # fmt: skip
    assert len(names) >= 15
    for name in names:
        assert examined(read_recording(folder / name)).waves.has_p, name


def test_recorded_spikes_are_seen_where_the_samples_hold_them(shared_data: Path) -> None:
    """Of the paced records, two keep their spikes; of the others nothing is claimed."""
    said = {
        name: examined(read_recording(shared_data / "ecg" / f"{name}.hea")).pacing
        for name in ("ptb-xl/00498_hr", "ludb/74", "ptb-xl/00382_hr", "ludb/95")
    }
    assert "is paced: spikes" in said.pop("ptb-xl/00498_hr")
    assert "is paced: spikes" in said.pop("ludb/74")
    assert all("cannot be told" in text for text in said.values())


def test_a_paced_record_that_meets_the_rule_of_a_block_is_not_called_one(
    shared_data: Path,
) -> None:
    """LUDB 74: third-degree AV block, unipolar ventricular pacing."""
    found = examined(read_recording(shared_data / "ecg/ludb/74.hea"))
    assert not [p.name for p in found.patterns if p.holds and "branch" in p.name]
    said = "left bundle branch block is not to be judged: the beat is paced"
    assert said in found.findings


@pytest.mark.parametrize(
    ("record", "words"),
    [("ptb-xl/00286_hr", ""), ("ptb-xl/00482_hr", ""), ("ptb-xl/00498_hr", "paced")],
)
def test_a_wide_complex_with_p_or_in_fibrillation_may_be_judged(
    shared_data: Path, record: str, words: str
) -> None:
    """A block in sinus rhythm, fibrillation with a QRS of 121 ms, a paced beat."""
    found = examined(read_recording(shared_data / "ecg" / f"{record}.hea"))
    doubts = {p.doubt for p in found.patterns if "branch" in p.name}
    assert all(bool(doubt) == bool(words) and words in doubt for doubt in doubts)


def test_a_regular_wide_beat_without_p_and_spikes_is_not_judged() -> None:
    found = examined(Recording("drawn", drawn(p=0.0)))
    wide = replace(found.waves, qrs_offset=found.waves.qrs_onset + 0.16)
    doubt = doubt_of_block(found.rhythm, found.beats, (), wide, 0.12)
    assert "may be paced or begin in the ventricles" in doubt
    assert doubt_of_block(found.rhythm, found.beats, (), found.waves, 0.12) == ""
    with_p = replace(wide, p_onset=-0.2)
    assert doubt_of_block(found.rhythm, found.beats, (), with_p, 0.12) == ""
