"""Damaged or ambiguous recordings, built from good ones, and what the message then says."""

# ruff: noqa: E501  (a table of cases reads best with one case a line)

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest

from organtwin.errors import RecordError
from organtwin.patient.readers import read_recording
from tests.patient.written_recordings import assert_explains, ecg_steps, write_wfdb

# (what is wrong, old header text, new header text, field, expected, got)
BROKEN_HEADERS = [
    ("zero gain", "1000(0)/mV", "0(0)/mV", "gain of lead I$", "above zero", "^0$"),
    ("gain negative", "1000(0)/mV", "-1000(0)/mV", "gain of lead I$", "above zero", "^-1000$"),
    ("no lead name", " 0 II\n", " 0\n", "signal line 2", "a lead name", "two.dat 16 1000"),
    ("nothing after the format", "two.dat 16 1000(0)/mV 16 0", "two.dat 16\n#", "signal line 1", "a lead name", "two.dat 16'"),
    ("gain left out", "1000(0)/mV", "/mV", "gain of lead I$", "steps per unit", "nothing"),
    ("gain not a number", "1000(0)/mV", "nan(0)/mV", "gain of lead I$", "steps", "nan"),
    ("sampling rate zero", " 500 ", " 0 ", "sampling rate", "above zero", "^0$"),
    ("sampling rate negative", " 500 ", " -500 ", "sampling rate", "above zero", "-500"),
    ("sampling rate left out", "two 2 500 5000", "two 2", "sampling rate", "above zero", "nothing"),
    ("number of samples left out", " 500 5000", " 500", "number of samples", "above zero", "nothing"),
    ("more samples than the file holds", " 500 5000", " 500 6000", "number of samples", "6000 samples", "5000 samples.*truncated"),
    ("fewer samples than the file holds", " 500 5000", " 500 4000", "number of samples", "4000 samples", "5000 samples.*longer"),
    ("endless number of samples", " 500 5000", " 500 1e308", "number of samples", "at most 1e.12", "^1e308$"),
    ("endless sampling rate", " 500 ", " inf ", "sampling rate", "at most 1e.12", "^inf$"),
    ("one signal line too few", "two 2 500", "two 3 500", "number of signals", "3 signal lines", "^2$"),
    ("unknown unit", "/mV", "/furlongs7", "lead I unit", "mV", "furlongs7"),
    ("ECG in a unit of pressure", "/mV", "/mmHg", "lead I unit", "same kind.*mV", "mmHg"),
    ("pressure in a unit of voltage", " 0 I\n", " 0 ABP\n", "lead ABP unit", "same kind.*mmHg", "mV"),
    ("unknown lead", " 0 II\n", " 0 V12\n", "lead 'V12'", "known lead", "did you mean.*'V1'"),
    ("lead twice", " 0 II\n", " 0 I\n", "lead I", "once", "twice"),
    ("unknown storage format", "two.dat 16 ", "two.dat 17 ", "record", "decoded", "17"),
    ("signal file not there", "two.dat 16 1000(0)/mV 16 0", "elsewhere.dat 16 1000(0)/mV 16 0", "signal file elsewhere.dat", "beside the header", "no such file"),
    ("segments that do not add up", "two 2 500 5000", "two/2 2 500 5000", "segments", "2 segments of 5000", "samples"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "field", "expected", "got"),
    [row[1:] for row in BROKEN_HEADERS],
    ids=[row[0] for row in BROKEN_HEADERS],
)
def test_a_wrong_header_is_named_and_explained(
    two_leads: Path, old: str, new: str, field: str, expected: str, got: str
) -> None:
    text = two_leads.read_text()
    assert old in text
    two_leads.write_text(text.replace(old, new, 1))
    with pytest.raises(RecordError) as caught:
        read_recording(two_leads)
    assert_explains(caught.value, file="two", field=field, expected=expected, got=got)


@pytest.mark.parametrize(("gain", "size"), [("10(0)/mV", "1\\d\\d"), ("1(0)/V", "1.164e.06 mV")])
def test_an_ecg_larger_than_any_heart_makes_it_is_refused(
    two_leads: Path, gain: str, size: str
) -> None:
    two_leads.write_text(two_leads.read_text().replace("1000(0)/mV", gain))
    with pytest.raises(RecordError) as caught:
        read_recording(two_leads, leads=("II",))
    assert_explains(
        caught.value, file="two.hea", field="lead II gain and unit", expected="less than 20 mV",
        got=size, remedy="Correct gain or unit",
    )  # fmt: skip


def test_one_shock_does_not_make_a_lead_too_large(tmp_path: Path) -> None:
    steps = ecg_steps(np.arange(0.5, 10, 1.0))
    steps[2000:2100] = 32000
    write_wfdb(tmp_path, "shock", {"II": steps})
    assert "II" in read_recording(tmp_path / "shock.hea").waveforms


def cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


@pytest.mark.parametrize("extension", ["dat", "mat"])
@pytest.mark.parametrize("size", [0, 7, 9999, 19998])
def test_a_truncated_signal_file_is_refused(tmp_path: Path, extension: str, size: int) -> None:
    steps = ecg_steps(np.arange(0.5, 10, 1.0))
    header = write_wfdb(tmp_path, "cut", {"I": steps, "II": steps}, extension=extension)
    cut(header.with_suffix(f".{extension}"), size)
    with pytest.raises(RecordError) as caught:
        read_recording(header)
    assert_explains(
        caught.value, file=f"cut.{extension}", field="number of samples",
        expected="5000 samples", got="truncated", remedy="Copy the signal file",
    )  # fmt: skip


@pytest.mark.parametrize("content", ["", "# only a comment\n"])
def test_an_empty_header_is_refused(two_leads: Path, content: str) -> None:
    two_leads.write_text(content)
    with pytest.raises(RecordError) as caught:
        read_recording(two_leads)
    assert_explains(
        caught.value, file="two.hea", field="record line", expected="sampling rate", got="empty"
    )


def test_a_missing_header_is_explained(two_leads: Path) -> None:
    two_leads.unlink()
    with pytest.raises(RecordError) as caught:
        read_recording(two_leads.with_suffix(".dat"))
    assert_explains(
        caught.value, file="two.hea", field="header file", expected="beside the signal file",
        got="no such file", remedy="Copy the .hea",
    )  # fmt: skip


def test_one_changed_sample_is_caught_by_the_checksum(two_leads: Path) -> None:
    signal_file = two_leads.with_suffix(".dat")
    samples = np.frombuffer(signal_file.read_bytes(), "<i2").copy()
    samples[1001] += 1  # lead II
    signal_file.write_bytes(samples.tobytes())
    with pytest.raises(RecordError) as caught:
        read_recording(two_leads)
    assert_explains(
        caught.value, file="two.hea", field="checksum of lead II", expected="as the header states",
        got="from the samples", remedy="altered or damaged",
    )  # fmt: skip


def test_a_changed_sample_in_one_segment_is_caught(tmp_path: Path) -> None:
    for name in ("s1", "s2"):
        write_wfdb(tmp_path, name, {"II": np.arange(50)}, rate="250")
    (tmp_path / "all.hea").write_text("all/2 1 250 100\ns1 50\ns2 50\n")
    assert len(read_recording(tmp_path / "all.hea").waveforms["II"].values) == 100
    (tmp_path / "s2.dat").write_bytes(np.arange(1, 51).astype("<i2").tobytes())
    with pytest.raises(RecordError) as caught:
        read_recording(tmp_path / "all.hea")
    assert_explains(
        caught.value, file="s2.hea", field="checksum of lead II", expected="1225", got="1275"
    )


def test_a_lead_without_a_single_sample_is_refused(tmp_path: Path) -> None:
    steps = {"I": np.arange(20), "II": np.full(20, -32768)}
    with pytest.raises(RecordError) as caught:
        read_recording(write_wfdb(tmp_path, "lost", steps))
    assert_explains(
        caught.value, file="lost.hea", field="lead II", expected="at least one sample",
        got="20 samples, all marked as missing", remedy="leads",
    )  # fmt: skip


Change = Callable[[pydicom.Dataset], None]


def channel(dataset: pydicom.Dataset) -> pydicom.Dataset:
    return dataset.WaveformSequence[0].ChannelDefinitionSequence[1]


def set_in_group(keyword: str, value: object) -> Change:
    return lambda dataset: setattr(dataset.WaveformSequence[0], keyword, value)


def set_in_channel(keyword: str, value: object) -> Change:
    return lambda dataset: setattr(channel(dataset), keyword, value)


def set_lead(code: str, meaning: str) -> Change:
    def change(dataset: pydicom.Dataset) -> None:
        source = channel(dataset).ChannelSourceSequence[0]
        source.CodeValue, source.CodeMeaning = code, meaning

    return change


def set_unit(unit: str) -> Change:
    def change(dataset: pydicom.Dataset) -> None:
        channel(dataset).ChannelSensitivityUnitsSequence[0].CodeValue = unit

    return change


def without(keyword: str) -> Change:
    return lambda dataset: delattr(channel(dataset), keyword)


def keep_only_the_median(dataset: pydicom.Dataset) -> None:
    del dataset.WaveformSequence[0]


def annotate_rr(dataset: pydicom.Dataset, milliseconds: str) -> None:
    dataset.WaveformAnnotationSequence[2].NumericValue = milliseconds


# (what is wrong, change, field, expected, got)
BROKEN_DICOM = [
    ("zero sensitivity", set_in_channel("ChannelSensitivity", "0"), "lead II ChannelSensitivity", "above zero", "^0$"),
    ("negative sensitivity", set_in_channel("ChannelSensitivity", "-1.25"), "lead II ChannelSensitivity", "above zero", "^-1.25$"),
    ("no sensitivity", without("ChannelSensitivity"), "lead II ChannelSensitivity", "finite number", "nothing"),
    ("no unit", without("ChannelSensitivityUnitsSequence"), "lead II unit", "mV", "''|plain number"),
    ("unknown unit", set_unit("zz"), "lead II unit", "mV", "zz"),
    ("unit of another kind", set_unit("mm[Hg]"), "lead II unit", "same kind", "mmHg"),
    ("sampling rate zero", set_in_group("SamplingFrequency", "0"), "SamplingFrequency", "above zero", "0"),
    ("wrong number of samples", set_in_group("NumberOfWaveformSamples", 9000), "WaveformData", "216000 bytes", "240000 bytes"),
    ("wrong number of channels", set_in_group("NumberOfWaveformChannels", 11), "ChannelDefinitionSequence", "11 channels", "12"),
    ("unknown lead", set_lead("5.6.3-9-999", "Lead Q"), "lead 'Lead Q'", "known lead", "unknown channel"),
    ("code and meaning disagree", set_lead("5.6.3-9-2", "Lead V2"), "channel 2.ChannelSource", "lead II", "Lead V2"),
    ("lead twice", set_lead("5.6.3-9-1", "Lead I"), "lead I", "once", "twice"),
    ("no lead name", without("ChannelSourceSequence"), "channel 2.ChannelSourceSequence", "code or name", "nothing"),
    ("audio coding", set_in_group("WaveformSampleInterpretation", "MB"), "WaveformSampleInterpretation", "SS", "MB"),
    ("only the average beat", keep_only_the_median, "WaveformSequence", "original", "derived"),
    ("impossible interval", lambda d: annotate_rr(d, "98200"), "RR Interval", "200 to 4000 ms", "98200 ms"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field", "expected", "got"),
    [row[1:] for row in BROKEN_DICOM],
    ids=[row[0] for row in BROKEN_DICOM],
)
def test_a_wrong_dicom_element_is_named_and_explained(
    shipped_ecg: Path, tmp_path: Path, change: Change, field: str, expected: str, got: str
) -> None:
    dataset = pydicom.dcmread(shipped_ecg)
    change(dataset)
    dataset.save_as(tmp_path / "broken.dcm")
    with pytest.raises(RecordError) as caught:
        read_recording(tmp_path / "broken.dcm")
    assert_explains(caught.value, file="broken.dcm", field=field, expected=expected, got=got)


@pytest.mark.parametrize("size", [0, 100, 140, 1000, 5000, 20000, 100000, 280000, 290000, 291087])
def test_a_dicom_file_cut_anywhere_is_refused(shipped_ecg: Path, tmp_path: Path, size: int) -> None:
    path = tmp_path / "cut.dcm"
    path.write_bytes(shipped_ecg.read_bytes()[:size])
    with pytest.raises(RecordError) as caught:
        read_recording(path)
    assert_explains(caught.value, file="cut.dcm", field=".", expected=".", got=".", remedy="file")


def test_a_dicom_image_is_no_ecg() -> None:
    with pytest.raises(RecordError) as caught:
        read_recording("pydicom:CT_small.dcm")
    assert_explains(
        caught.value, file="CT_small.dcm", field="WaveformSequence", expected="an ECG waveform",
        got="CT Image Storage", remedy="ECG object",
    )  # fmt: skip


def test_an_ultrasound_with_compressed_pictures_is_intact_and_no_ecg(shared_data: Path) -> None:
    with pytest.raises(RecordError) as caught:
        read_recording(shared_data / "images/echo-dicom/examples_ybr_color.dcm")
    assert_explains(
        caught.value, file="ybr_color", field="WaveformSequence", expected="an ECG waveform",
        got="Ultrasound.*holds none", remedy="ECG object",
    )  # fmt: skip


def test_an_ecg_object_without_its_waveform_is_incomplete(
    shipped_ecg: Path, tmp_path: Path
) -> None:
    dataset = pydicom.dcmread(shipped_ecg)
    del dataset.WaveformSequence
    dataset.save_as(tmp_path / "bare.dcm")
    with pytest.raises(RecordError) as caught:
        read_recording(tmp_path / "bare.dcm")
    assert_explains(
        caught.value, file="bare.dcm", field="WaveformSequence", expected="an ECG waveform",
        got="12-lead ECG.*ends before any waveform", remedy="incomplete: copy it again",
    )  # fmt: skip


def test_a_text_file_is_no_dicom(tmp_path: Path) -> None:
    path = tmp_path / "note.dcm"
    path.write_text("not DICOM " * 50)
    with pytest.raises(RecordError) as caught:
        read_recording(path)
    assert_explains(
        caught.value, file="note.dcm", field="file", expected="DICOM", got="without the DICOM mark"
    )


def test_a_name_that_pydicom_does_not_ship_is_explained_without_the_network() -> None:
    with pytest.raises(RecordError) as caught:
        read_recording("pydicom:no_such_file.dcm")
    assert_explains(
        caught.value, file="pydicom:no_such", field="file", expected="ships", got="no_such_file"
    )


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
def test_random_damage_of_a_dicom_file_is_always_explained(
    shipped_ecg: Path, tmp_path: Path
) -> None:
    """100 files with a few bytes of their head changed: read, or refused in our words."""
    rng = np.random.default_rng(3)
    good = shipped_ecg.read_bytes()
    path = tmp_path / "damaged.dcm"
    remedies = []
    for _ in range(100):
        damaged = bytearray(good)
        for position in rng.integers(128, 8000, 6):
            damaged[position] = rng.integers(0, 256)
        path.write_bytes(damaged)
        try:
            read_recording(path)
        except RecordError as error:
            remedies.append(error.remedy)
    assert len(remedies) > 30
    assert all(remedies)


def test_random_damage_of_a_header_is_always_explained(two_leads: Path) -> None:
    """300 headers with a few characters changed: read as before, or refused in our words."""
    rng = np.random.default_rng(7)
    good = two_leads.read_bytes()
    remedies = []
    for _ in range(300):
        damaged = bytearray(good)
        for position in rng.integers(0, len(good), 3):
            damaged[position] = rng.integers(32, 127)
        two_leads.write_bytes(damaged)
        try:
            read_recording(two_leads)
        except RecordError as error:
            remedies.append(error.remedy)
    assert len(remedies) > 150
    assert all(remedies)
