"""SCP-ECG files: written here byte by byte, and real ones where they lie beside the checkout."""

import struct
from pathlib import Path

import numpy as np
import pytest

from organtwin.errors import RecordError
from organtwin.patient.case_file import load_case
from organtwin.patient.readers import read_recording, reader_for
from organtwin.units import from_si
from tests.patient.damaged_files import assert_damage_is_explained
from tests.patient.written_recordings import ecg_steps
from tests.patient.written_scp import (
    crc,
    lead_section,
    patient,
    record,
    signal_section,
    signed,
    write_scp,
)

STEP = 2.5e-6
BEATS = np.arange(0.4, 4.0, 0.8)
ONE, TWO = (ecg_steps(BEATS, seconds=4.0, height=height) for height in (200.0, 420.0))


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("packed", [True, False])
def test_every_coding_gives_back_the_samples(tmp_path: Path, order: int, packed: bool) -> None:
    path = write_scp(tmp_path, {1: ONE, 2: TWO, 3: -TWO}, order=order, packed=packed)
    found = read_recording(path)
    assert found.waveforms["I"].values == pytest.approx(STEP * ONE, abs=1e-12)
    assert found.waveforms["V1"].values == pytest.approx(-STEP * TWO, abs=1e-12)
    assert found.waveforms["II"].sampling_rate == pytest.approx(500.0)


def test_derived_limb_leads_are_named_as_derived(tmp_path: Path) -> None:
    found = read_recording(write_scp(tmp_path, {1: ONE, 2: TWO}), leads=("aVF", "I"))
    assert found.waveforms["aVF"].values == pytest.approx(STEP * (TWO - ONE / 2), abs=1e-12)
    assert list(found.waveforms) == ["I", "aVF"]
    assert found.facts["derived leads"] == "aVF"


def test_intervals_start_and_patient_are_those_of_the_file(tmp_path: Path) -> None:
    found = read_recording(write_scp(tmp_path, {1: ONE, 2: TWO}))
    told = {entry.name: from_si(entry.value, "ms") for entry in found.measurements}
    assert told == pytest.approx(
        {"rr_interval": 820, "pr_interval": 160, "qrs_duration": 92, "qt_interval": 380}
    )
    assert found.measurements[0].taken is not None
    assert found.measurements[0].taken.isoformat() == "2019-05-13"
    wanted = {"sex": "female", "age": "61 years", "date": "20190513", "time": "14:05:09"}
    assert wanted.items() <= dict(found.facts).items()


def test_a_subtracted_reference_beat_is_put_back(tmp_path: Path) -> None:
    beat = np.round(300 * np.exp(-0.5 * ((np.arange(100) - 40) / 4.0) ** 2))
    residual = np.round(5 * np.sin(np.arange(1000) / 30))
    whole = residual.copy()
    zones = b""
    for fiducial, kind in ((200, 0), (600, 0), (800, 1)):  # sample numbers, from 1
        zones += struct.pack("<HIII", kind, fiducial - 30, fiducial, fiducial + 40)
        if kind == 0:
            # The fiducial sample of the beat is its number 41; zones run from -30 to +40.
            whole[fiducial - 31 : fiducial + 40] += beat[10:81]
    path = tmp_path / "a.scp"
    path.write_bytes(
        record({
            1: patient(), 2: struct.pack("<H", 19999), 3: lead_section((2,), 1000, subtracted=True),
            4: struct.pack("<HHH", 200, 41, 3) + zones,
            5: signal_section((beat,), 1, packed=True),
            6: signal_section((residual,), 2, packed=True),
        })
    )  # fmt: skip
    found = read_recording(path)
    assert found.waveforms["II"].values == pytest.approx(STEP * whole, abs=1e-12)
    assert found.median_beat["II"].values == pytest.approx(STEP * beat, abs=1e-12)


def test_tables_of_the_maker_may_switch_between_each_other(tmp_path: Path) -> None:
    # Table 1: 0 -> 0, 10 -> +1, 11 -> table 2. Table 2: 0 -> 8 further bits, 1 -> table 1.
    # Base codes are stored with the first bit lowest: 10 is 1, 11 is 3.
    first = [(1, 1, 1, 0, 0), (2, 2, 1, 1, 1), (2, 2, 0, 2, 3)]
    second = [(1, 9, 1, 0, 0), (1, 1, 0, 1, 1)]
    tables = struct.pack("<H", 2)
    for table in (first, second):
        tables += struct.pack("<H", len(table))
        tables += b"".join(struct.pack("<BBBhI", *row) for row in table)
    bits = "10" + "11" + "0" + f"{-3 & 0xFF:08b}" + "1" + "0"  # 1, then -3, then 0
    data = int(bits.ljust(16, "0"), 2).to_bytes(2, "big")
    rhythm = struct.pack("<HHBBH", 2500, 2000, 0, 0, len(data)) + data
    path = tmp_path / "a.scp"
    path.write_bytes(record({2: tables, 3: lead_section((2,), 3), 6: rhythm}))
    values = read_recording(path).waveforms["II"].values
    assert values == pytest.approx([STEP, -3 * STEP, 0.0])


def broken(content: bytes, how: str) -> bytes:
    whole = bytearray(content)
    if how == "cut off":
        return content[:-40]
    if how == "changed":
        whole[-60] ^= 0x10
    if how == "signed over a changed section":
        whole[-60] ^= 0x10
        struct.pack_into("<H", whole, 0, crc(bytes(whole[2:])))
    return bytes(whole)


@pytest.mark.parametrize(
    ("how", "field"),
    [("cut off", "record length"), ("changed", "CRC of the record"),
     ("signed over a changed section", "CRC of section")],
)  # fmt: skip
def test_damage_is_told_by_length_and_crc(tmp_path: Path, how: str, field: str) -> None:
    path = write_scp(tmp_path, {1: ONE, 2: TWO})
    path.write_bytes(broken(path.read_bytes(), how))
    with pytest.raises(RecordError, match=field):
        read_recording(path)


def test_bimodal_compression_is_refused_by_name(tmp_path: Path) -> None:
    rhythm = bytearray(signal_section((ONE,), 2, packed=True))
    rhythm[5] = 1
    path = tmp_path / "a.scp"
    path.write_bytes(
        record({2: struct.pack("<H", 19999), 3: lead_section((1,), len(ONE)), 6: bytes(rhythm)})
    )
    with pytest.raises(RecordError, match="bimodal compression"):
        read_recording(path)


def test_content_tells_the_format_whatever_the_name(tmp_path: Path) -> None:
    path = write_scp(tmp_path, {1: ONE, 2: TWO}).rename(tmp_path / "export.xyz")
    assert reader_for(path) == "scp"
    assert load_case(path)["rr_interval"].value == pytest.approx(0.82)


@pytest.mark.parametrize("mend", [bytes, signed])
def test_only_explained_errors_come_out_of_damaged_files(tmp_path: Path, mend: type) -> None:
    short = {1: ONE[:120], 2: TWO[:120]}
    path = write_scp(tmp_path, short)
    assert assert_damage_is_explained(path, "scp", seed=1, signed=mend) > 100


@pytest.mark.parametrize(
    ("name", "rr", "height_of_qrs"),
    [("ECG_20170504_163507_ANON000009.SCP", 1.000, {"I": 908e-6, "II": 1356e-6, "V4": 1990e-6}),
     ("ECG_20081029_105642_ANON000010.SCP", 0.750, {})],
)  # fmt: skip
def test_real_files_agree_with_the_numbers_their_recorder_wrote(
    shared_data: Path, name: str, rr: float, height_of_qrs: dict[str, float]
) -> None:
    found = read_recording(shared_data / "ecg/scp-ecg" / name)
    assert {len(wave.values) for wave in found.waveforms.values()} == {6000}
    assert len(found.waveforms) == 12
    # RR of section 7 against the shift at which lead II is most like itself.
    two = found.waveforms["II"].values - np.mean(found.waveforms["II"].values)
    alike = np.correlate(two, two, "full")[len(two) - 1 :]
    assert (240 + np.argmax(alike[240:900])) / 600.0 == pytest.approx(rr, rel=0.01)
    for lead, height in height_of_qrs.items():  # R with the deeper of Q and S, section 10
        beat = found.median_beat[lead].values
        assert np.ptp(beat) == pytest.approx(height, abs=5e-6)
