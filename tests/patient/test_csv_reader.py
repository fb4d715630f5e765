"""Tables of signals, and the second file without which none is read."""

import gzip
import re
from pathlib import Path

import numpy as np
import pytest

from organtwin.errors import RecordError
from organtwin.patient.readers import read_recording
from organtwin.resources import asset
from tests.patient.damaged_files import DAMAGES, assert_damage_is_explained
from tests.patient.written_recordings import assert_explains

TABLE = "t,ecg,art. pressure\n0.000,0.1,80\n0.008,0.2,\n0.016,-0.1,90\n0.024,0.0,88\n"
LAYOUT = """rate = 125
[channels]
II = { column = "ecg", unit = "mV" }
ABP = { column = "art. pressure", unit = "mmHg" }
"""
TIMED = LAYOUT.replace("rate = 125", 'time = "t"\ntime_unit = "s"')


def written(folder: Path, table: str = TABLE, layout: str = LAYOUT) -> Path:
    path = folder / "or.csv"
    path.write_text(table)
    (folder / "or.csv.toml").write_text(layout)
    return path


def test_named_columns_are_read_in_si_with_their_gaps(tmp_path: Path) -> None:
    found = read_recording(written(tmp_path)).waveforms
    assert found["II"].values == pytest.approx([1e-4, 2e-4, -1e-4, 0.0])
    assert found["ABP"].values[[0, 2]] == pytest.approx(np.array([80, 90]) * 133.322, rel=1e-5)
    assert found["ABP"].gaps == 1
    assert np.isnan(found["ABP"].values[1])
    assert found["II"].sampling_rate == pytest.approx(125.0)


def test_a_column_of_times_gives_the_rate(tmp_path: Path) -> None:
    found = read_recording(written(tmp_path, layout="start = 2019-05-13T14:05:09\n" + TIMED))
    assert found.waveforms["ABP"].sampling_rate == pytest.approx(125.0)
    assert dict(found.facts) == {"date": "20190513", "time": "14:05:09"}


def test_a_separator_and_a_mark_for_missing_values_can_be_told(tmp_path: Path) -> None:
    table = TABLE.replace(",", ";").replace("80", "NA")
    path = written(tmp_path, table, 'separator = ";"\nmissing = "NA"\n' + LAYOUT)
    assert read_recording(path).waveforms["ABP"].gaps == 2


def test_a_table_alone_is_refused_and_told_what_to_write(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "or.csv.toml").unlink()
    with pytest.raises(RecordError) as caught:
        read_recording(path)
    assert_explains(
        caught.value, file="or.csv", field="layout", expected="or.csv.toml", got="no such file",
        remedy=r"rate = 500.*column = .*headings are: t,ecg,art. pressure",
    )  # fmt: skip


def test_the_example_of_the_format_document_is_accepted(tmp_path: Path) -> None:
    document = asset("cases/FORMAT.md").read_text("utf-8")
    (layout,) = re.findall(r"```toml\n(rate.*?)```", document, re.DOTALL)
    found = read_recording(written(tmp_path, TABLE.replace(",", ";"), layout))
    assert set(found.waveforms) == {"ABP", "II"}
    assert found.facts["date"] == "20190513"


@pytest.mark.parametrize(
    ("table", "layout", "told"),
    [
        (TABLE, LAYOUT.replace("rate = 125", ""), "either rate"),
        (TABLE, LAYOUT.replace("125", "0"), "a number above zero"),
        (TABLE, LAYOUT.replace("rate", "hertz = 1\nrate"), "hertz"),
        (TABLE, LAYOUT.replace("mmHg", "mV"), "unit"),
        (TABLE, LAYOUT.replace(', unit = "mV"', ""), "a column and a unit"),
        (TABLE, LAYOUT.replace('"ecg"', '"ekg"'), "a heading that stands once"),
        (TABLE, LAYOUT.replace("II =", "IX ="), "known lead"),
        (TABLE, LAYOUT.replace("rate = 125", 'time = "t"'), "unit of the times"),
        (TABLE, "rate = ", "well-formed"),
        (TABLE.replace("0.2", "x"), LAYOUT, "line 3, column 'ecg'"),
        (TABLE[:-6], LAYOUT, "line 5"),
        (TABLE.replace("0.016", "0.022"), TIMED, "a time every 0.008 s"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_exactly_is_refused(
    tmp_path: Path, table: str, layout: str, told: str
) -> None:
    with pytest.raises(RecordError, match=told):
        read_recording(written(tmp_path, table, layout))


@pytest.mark.parametrize("damaged", ["table", "layout"])
def test_only_explained_errors_come_out_of_damaged_files(tmp_path: Path, damaged: str) -> None:
    path = written(tmp_path)
    if damaged == "table":
        (tmp_path / "damaged.csv.toml").write_text(LAYOUT)
        assert 20 < assert_damage_is_explained(path, "csv", seed=5) <= DAMAGES
        return
    random, good, refused = np.random.default_rng(6), LAYOUT.encode(), 0
    for _ in range(DAMAGES):
        content = bytearray(good)
        content[int(random.integers(len(good)))] = int(random.integers(256))
        (tmp_path / "or.csv.toml").write_bytes(content)
        try:
            read_recording(path)
        except RecordError:
            refused += 1
    assert refused > 50


def test_the_table_of_a_real_operation_is_read(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "haemodynamics/or-sample_record2/waveforms_125Hz.csv.gz"
    with gzip.open(source, "rt") as file:
        lines = [line for _, line in zip(range(5001), file, strict=False)]
    headings = lines[0].strip().split(",")
    layout = TIMED.replace('"t"', '"time_s"').replace("art. pressure", "ABP_mmHg")
    layout = "\n".join(line for line in layout.splitlines() if not line.startswith("II"))
    path = written(tmp_path, "".join(lines), layout)
    wave = read_recording(path).waveforms["ABP"]
    column = [line.strip().split(",")[headings.index("ABP_mmHg")] for line in lines[1:]]
    assert len(wave.values) == 5000
    assert wave.sampling_rate == pytest.approx(125.0)
    assert wave.values[-1] == pytest.approx(float(column[-1]) * 133.322, rel=1e-5)


@pytest.mark.parametrize("beside", ["or.csv.toml", "or.csv.gz.toml"])
def test_a_compressed_table_is_read_as_it_is(tmp_path: Path, beside: str) -> None:
    packed = tmp_path / "or.csv.gz"
    packed.write_bytes(gzip.compress(TABLE.encode()))
    (tmp_path / beside).write_text(LAYOUT)
    assert read_recording(packed).waveforms["II"].values == pytest.approx([1e-4, 2e-4, -1e-4, 0.0])


def test_a_damaged_or_exploding_compression_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "or.csv.gz"
    (tmp_path / "or.csv.toml").write_text(LAYOUT)
    packed.write_bytes(gzip.compress(TABLE.encode())[:-12])
    with pytest.raises(RecordError, match="compression"):
        read_recording(packed)
    monkeypatch.setattr("organtwin.patient.readers.csv_reader.LARGEST", len(TABLE) - 1)
    packed.write_bytes(gzip.compress(TABLE.encode()))
    with pytest.raises(RecordError, match="a larger one"):
        read_recording(packed)
