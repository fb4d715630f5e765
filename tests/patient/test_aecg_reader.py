"""HL7 aECG files: written here, and the FDA's example where it lies beside the checkout."""

from pathlib import Path

import numpy as np
import pytest

from organtwin.errors import RecordError
from organtwin.patient.case_file import load_case
from organtwin.patient.readers import read_recording
from organtwin.patient.readers.aecg_annotations import waves
from organtwin.patient.readers.aecg_reader import document, seconds
from organtwin.units import from_si

EXAMPLE = Path(__file__).parents[3] / "shared/data/ecg/hl7-aecg/subject1_0.xml"
needs_example = pytest.mark.skipif(not EXAMPLE.is_file(), reason="no public recordings")

CLOCK = (
    "<component><sequence><code code='TIME_RELATIVE'/><value><head value='{start}' unit='s'/>"
    "<increment value='{step}' unit='s'/></value></sequence></component>"
)
LEAD = (
    "<component><sequence><code code='MDC_ECG_LEAD_{name}'/><value><origin value='0' unit='uV'/>"
    "<scale value='{scale}' unit='{unit}'/><digits>{digits}</digits></value></sequence></component>"
)


def lead(name: str = "I", digits: str = "1 2 -3", scale: str = "5", unit: str = "uV") -> str:
    return LEAD.format(name=name, digits=digits, scale=scale, unit=unit)


def clock(start: str = "0", step: str = "0.002") -> str:
    return CLOCK.format(start=start, step=step)


def written(folder: Path, *sets: str, head: str = "", tail: str = "") -> Path:
    body = "".join(
        f"<component><sequenceSet>{content}</sequenceSet></component>" for content in sets
    )
    path = folder / "a.xml"
    path.write_text(
        f"{head}<AnnotatedECG xmlns='urn:hl7-org:v3'><component><series>{body}{tail}</series>"
        "</component></AnnotatedECG>"
    )
    return path


def test_samples_are_origin_and_scale_times_digits_in_volt(tmp_path: Path) -> None:
    wave = read_recording(written(tmp_path, clock() + lead("II"))).waveforms["II"]
    assert wave.values == pytest.approx([5e-6, 1e-5, -1.5e-5])
    assert wave.sampling_rate == pytest.approx(500.0)


def test_leads_recorded_one_after_the_other_keep_their_time(tmp_path: Path) -> None:
    path = written(tmp_path, clock() + lead("I"), clock("2.5") + lead("V1"))
    waves_read = read_recording(path).waveforms
    assert waves_read["V1"].times[0] - waves_read["I"].times[0] == pytest.approx(2.5)


def test_a_document_type_is_refused_before_any_entity_exists(tmp_path: Path) -> None:
    bomb = "<!DOCTYPE a [<!ENTITY b 'bbbb'><!ENTITY c '&b;&b;&b;'>]>"
    path = written(tmp_path, clock() + lead(digits="&c;"), head=bomb)
    with pytest.raises(RecordError, match="document type"):
        read_recording(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (lead(), "one sequence of times"),
        (clock(step="0") + lead(), "a time above zero"),
        (clock() + lead(scale="-5"), "a number above zero"),
        (clock() + lead(scale="nan"), "a finite number"),
        (clock() + lead(unit="mmHg"), "unit"),
        (clock() + lead("XYZ"), "a known lead"),
        (clock() + lead(digits="1 2 nan"), "finite numbers"),
        (clock() + lead(digits="1 b"), "a complete annotated ECG"),
        (clock() + lead() + lead(), "each lead once"),
    ],
)
def test_what_cannot_be_read_exactly_is_refused(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(RecordError, match=told):
        read_recording(written(tmp_path, content))


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, clock() + lead())
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(RecordError, match="a complete XML document"):
        read_recording(path)


def test_leads_not_asked_for_are_not_looked_at(tmp_path: Path) -> None:
    path = written(tmp_path, clock() + lead("XYZ") + lead("II"))
    assert list(read_recording(path, leads=("II",)).waveforms) == ["II"]


def test_a_stamp_counts_fractions_of_a_second() -> None:
    assert seconds("20021122091001.014") - seconds("20021122091000.912") == pytest.approx(
        0.102, abs=1e-6
    )


@needs_example
def test_the_example_of_the_fda_is_read_with_its_averaged_beat() -> None:
    recording = read_recording(EXAMPLE)
    assert len(recording.waveforms) == 12
    assert {len(wave.values) for wave in recording.waveforms.values()} == {5000}
    assert {len(wave.values) for wave in recording.median_beat.values()} == {599}
    two, one, three = (recording.waveforms[name].values for name in ("II", "I", "III"))
    # Einthoven's law to the two steps of 2.5 uV that rounding leaves.
    assert np.abs(two - one - three).max() <= 5.1e-6


@needs_example
def test_intervals_annotated_in_the_example_become_measurements() -> None:
    values = {
        entry.name: from_si(entry.value, "ms") for entry in read_recording(EXAMPLE).measurements
    }
    assert values == pytest.approx({"pr_interval": 148, "qrs_duration": 120, "qt_interval": 420})


@needs_example
def test_marked_waves_are_kept_apart_by_annotator() -> None:
    found = waves(document(EXAMPLE))
    complexes = [wave for wave in found if wave.annotator == 0 and wave.kind == "QRSWAVE"]
    assert len(complexes) == 12
    assert seconds(complexes[0].offset) - seconds(complexes[0].onset) == pytest.approx(
        0.120, abs=1e-6
    )


@needs_example
def test_the_example_opens_as_a_patient() -> None:
    assert load_case(EXAMPLE).recordings[0].reader == "aecg"
