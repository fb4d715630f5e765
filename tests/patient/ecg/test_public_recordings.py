"""Recorded ECGs examined: intervals of annotated files, patterns of labelled ones, bad leads."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from organtwin.errors import RecordError
from organtwin.patient.ecg.examination import EcgExamination
from organtwin.patient.ecg.examination import examined as examined_recording
from organtwin.patient.readers import read_recording
from organtwin.patient.recording import Recording
from organtwin.patient.waveform import Waveform
from tests.synthetic_ecg import signals

RATE = 500.0


def examined(waveforms: dict[str, Waveform]) -> EcgExamination:
    return examined_recording(Recording("synthetic", waveforms))


def recording(beats: int = 9, interval: float = 0.9) -> dict[str, Waveform]:
    """The synthetic beat again and again, with a little noise."""
    one = signals()
    times = np.arange(0.0, beats * interval, 1.0 / RATE)
    since = (times - 0.4 + interval / 2.0) % interval - interval / 2.0
    noise = np.random.default_rng(1)
    return {
        name: Waveform(
            name, times,
            np.interp(since, one.times, row) + noise.normal(0.0, 3e-6, len(times)),
            "mV", "synthetic",
        )
        for name, row in zip(one.leads, one.volts, strict=True)
    }  # fmt: skip


def with_(waveforms: dict[str, Waveform], name: str, values: np.ndarray) -> dict[str, Waveform]:
    return waveforms | {name: replace(waveforms[name], values=values)}


def test_rate_and_used_beats_of_a_regular_rhythm() -> None:
    found = examined(recording())
    assert found.measurements.get("rr_interval") == pytest.approx(0.9, abs=2e-3)
    assert sum(beat.used for beat in found.beats) >= 6


def test_a_flat_lead_is_left_out_by_name_and_not_filled_in() -> None:
    waveforms = recording()
    found = examined(with_(waveforms, "V3", np.zeros_like(waveforms["V3"].values)))
    assert any("V3" in text and "flat" in text for text in found.findings)
    assert "V3" not in found.average.names


def test_a_clipped_lead_is_left_out() -> None:
    waveforms = recording()
    values = waveforms["V4"].values
    found = examined(with_(waveforms, "V4", np.clip(values, None, 0.3 * values.max())))
    assert any("V4" in text and "clipped" in text for text in found.findings)


def test_a_missing_limb_lead_is_derived_and_said_a_chest_lead_is_not() -> None:
    waveforms = recording()
    del waveforms["III"], waveforms["V2"]
    found = examined(waveforms)
    assert "III" in found.average.names
    assert any("III is computed" in text for text in found.findings)
    assert "V2" not in found.average.names


def test_exchanged_arm_electrodes_are_told_and_nothing_is_changed() -> None:
    right = recording()
    names = {"I": ("I", -1.0), "II": ("III", 1.0), "III": ("II", 1.0), "aVR": ("aVL", 1.0),
             "aVL": ("aVR", 1.0)}  # fmt: skip
    wrong = dict(right)
    for name, (other, sign) in names.items():
        wrong[name] = replace(right[name], values=sign * right[other].values)
    assert not examined(right).swaps
    found = examined(wrong)
    assert any("arm" in text and "nothing was changed" in text for text in found.findings)
    assert found.measurements.deflections["I"].net < 0.0


def test_a_recording_without_a_usable_lead_is_refused() -> None:
    waveforms = {"II": replace(recording()["II"], values=np.zeros(4050))}
    with pytest.raises(RecordError, match="usable lead"):
        examined(waveforms)


@pytest.mark.parametrize(
    ("file", "pr", "qrs", "qt"), [("dicom/waveform_ecg.dcm", 0.161, 0.075, 0.368)]
)
def test_annotated_intervals_are_met(
    shared_data: Path, file: str, pr: float, qrs: float, qt: float
) -> None:
    """The recorder's own measurements."""
    found = examined_recording(read_recording(shared_data / "ecg" / file)).measurements
    assert found.get("pr_interval") == pytest.approx(pr, abs=0.010)
    assert found.get("qrs_duration") == pytest.approx(qrs, abs=0.010)
    assert found.get("qt_interval") == pytest.approx(qt, abs=0.010)


def test_bundle_branch_blocks_are_told_from_the_data(shared_data: Path) -> None:
    """All 26 records of PTB-XL: the four with a complete block, and no other."""
    folder = shared_data / "ecg" / "ptb-xl"
    expected = {"CLBBB": "left bundle branch block", "CRBBB": "right bundle branch block"}
    with (folder / "labels.csv").open() as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        name = f"{int(row['ecg_id']):05d}_hr.hea"
        found = examined_recording(read_recording(folder / name))
        blocks = [p.name for p in found.patterns if p.holds and "branch" in p.name]
        assert blocks == [b for b in [expected.get(row["stratum"])] if b], name
