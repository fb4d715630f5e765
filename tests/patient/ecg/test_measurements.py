"""The drawn beat, whose borders and heights are known, and real recordings where they lie."""

from math import atan2, degrees, sqrt
from pathlib import Path

import pytest

from organtwin.patient.ecg.examination import EcgExamination, examined
from organtwin.patient.readers import read_recording
from organtwin.patient.recording import Recording
from tests.patient.ecg.drawn_ecg import CENTRES, WIDTHS, drawn

SHARED = Path(__file__).parents[4] / "shared/data/ecg"
EXAMPLE = SHARED / "hl7-aecg/subject1_0.xml"
needs_shared = pytest.mark.skipif(not EXAMPLE.is_file(), reason="no public recordings")
MS = 1e-3


@pytest.fixture(scope="module")
def clean() -> EcgExamination:
    return examined(Recording("drawn", drawn()))


def in_ms(found: EcgExamination, name: str) -> float:
    return found.measurements.get(name) / MS


def test_the_interval_between_beats_is_the_drawn_one(clean: EcgExamination) -> None:
    assert in_ms(clean, "rr_interval") == pytest.approx(850.0, abs=2.0)


def test_qrs_spans_what_rises_above_a_hundredth_of_its_waves(clean: EcgExamination) -> None:
    # Gaussians of Q and S end at 2.5 to 3 widths; the doubt of the method is 10 ms.
    width = (CENTRES[3] + 2.7 * WIDTHS[3]) - (CENTRES[1] - 2.7 * WIDTHS[1])
    assert in_ms(clean, "qrs_duration") == pytest.approx(width / MS, abs=10.0)


def test_t_ends_where_the_tangent_of_a_gaussian_meets_zero(clean: EcgExamination) -> None:
    # Exactly two widths after the peak: slope at one width is exp(-1/2)/width.
    assert clean.waves.t_offset == pytest.approx(CENTRES[4] + 2.0 * WIDTHS[4], abs=0.015)


def test_corrections_for_rate_are_those_of_bazett_and_fridericia(clean: EcgExamination) -> None:
    qt = clean.measurements.get("qt_interval")
    assert clean.measurements.get("qtc_bazett") == pytest.approx(qt / sqrt(0.85), rel=2e-3)
    assert clean.measurements.get("qtc_fridericia") == pytest.approx(qt / 0.85 ** (1 / 3), rel=2e-3)


def test_the_axis_is_that_of_the_drawn_heights(clean: EcgExamination) -> None:
    one, two = 0.7 - 0.1, 1.1 - 0.15
    expected = degrees(atan2((2 * two - one) / sqrt(3), one))
    assert degrees(clean.measurements.get("qrs_axis")) == pytest.approx(expected, abs=3.0)


def test_r_grows_past_s_where_it_was_drawn_to(clean: EcgExamination) -> None:
    assert clean.measurements.transition == "V4"


def test_every_value_carries_its_doubt_and_its_leads(clean: EcgExamination) -> None:
    value = clean.measurements.values["qrs_duration"]
    assert value.sd >= 0.010
    assert value.n_leads == 12
    assert value.n_beats >= 10


def test_without_p_nothing_of_p_is_measured() -> None:
    found = examined(Recording("drawn", drawn(p=0.0)))
    assert "pr_interval" not in found.measurements.values
    assert any("no P wave" in text for text in found.findings)


@pytest.mark.parametrize(
    ("name", "annotated"),
    [("rr_interval", 982), ("pr_interval", 161), ("qrs_duration", 75), ("qt_interval", 368)],
)
def test_annotated_intervals_of_the_dicom_ecg_come_out(name: str, annotated: float) -> None:
    found = examined(read_recording("pydicom:waveform_ecg.dcm"))
    assert in_ms(found, name) == pytest.approx(annotated, abs=10.0)


@pytest.mark.parametrize(("name", "annotated"), [("p", 74), ("qrs", 52), ("t", 57)])
def test_annotated_axes_of_the_dicom_ecg_come_out(name: str, annotated: float) -> None:
    found = examined(read_recording("pydicom:waveform_ecg.dcm"))
    assert degrees(found.measurements.get(f"{name}_axis")) == pytest.approx(annotated, abs=5.0)


@needs_shared
@pytest.mark.parametrize(
    ("name", "annotated"),
    [("p_duration", 102), ("pr_interval", 148), ("qrs_duration", 120), ("qt_interval", 420)],
)
def test_annotated_intervals_of_the_aecg_example_come_out(name: str, annotated: float) -> None:
    assert in_ms(examined(read_recording(EXAMPLE)), name) == pytest.approx(annotated, abs=10.0)


@needs_shared
@pytest.mark.parametrize(
    ("record", "pattern"),
    [
        ("ptb-xl/00286_hr", "left bundle branch block"),
        ("ptb-xl/00338_hr", "left bundle branch block"),
        ("ptb-xl/00172_hr", "right bundle branch block"),
        ("ptb-xl/00455_hr", "right bundle branch block"),
        ("ludb/10", "right bundle branch block"),
    ],
)
def test_blocks_by_label_come_out_as_blocks(record: str, pattern: str) -> None:
    found = examined(read_recording(SHARED / f"{record}.hea"))
    assert [p.name for p in found.patterns if p.holds and "block" in p.name] == [pattern]


@needs_shared
@pytest.mark.parametrize("record", ["00036", "00038", "00312", "00411"])
def test_normal_records_show_no_pattern(record: str) -> None:
    found = examined(read_recording(SHARED / f"ptb-xl/{record}_hr.hea"))
    assert [p.name for p in found.patterns if p.holds] == []
