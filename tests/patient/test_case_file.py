import re
import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from organtwin.errors import RecordError
from organtwin.patient.case_file import bundled_cases, load_case, save_case
from organtwin.patient.case_heart import HEART_KEYS
from organtwin.patient.finding import FindingKind
from organtwin.patient.measurement import Measurement, Provenance
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.patient.uncertainty import default_rule, default_sd
from organtwin.patient.waveform import Waveform
from organtwin.quantities import QUANTITIES, quantity
from organtwin.resources import asset
from tests.patient.written_recordings import ecg_steps, write_wfdb

HEAD = 'format = "organtwin-case"\nversion = 1\nid = "p"\ntitle = "t"\ndiagnosis = "d"\n'
BUNDLED = ("default", "aortic_stenosis", "aortic_stenosis_lbbb", "cardiogenic_shock",
           "healthy_adult", "hfpef", "hfref_decompensated", "hfref_lbbb", "mitral_regurgitation",
           "obstructive_hcm", "pulmonary_hypertension", "tamponade")  # fmt: skip


def case(folder: Path, text: str) -> Path:
    path = folder / "case.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def test_the_bundled_cases_are_listed_with_the_default_first() -> None:
    summaries = bundled_cases()
    assert tuple(summary.name for summary in summaries) == BUNDLED
    assert [summary.is_default for summary in summaries] == [True] + (len(BUNDLED) - 1) * [False]
    assert all(summary.title and summary.diagnosis for summary in summaries)


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_case_is_complete_honest_and_free_of_contradictions(name: str) -> None:
    record = load_case(name)
    assert record.case_id == name
    assert "Not for clinical decisions" in record.remarks
    assert all(entry.source for entry in record.measurements)
    assert not [f for f in record.findings if f.kind is FindingKind.CONTRADICTION]


@pytest.mark.parametrize("name", BUNDLED[1:])
def test_a_bundled_group_claims_nothing_measured(name: str) -> None:
    assert Provenance.MEASURED not in {entry.provenance for entry in load_case(name).measurements}


def test_the_default_case_is_measured_where_it_says_so() -> None:
    record = load_case("default")
    assert len(record.waveforms) == len(record.median_beat) == 12
    measured = {m.name for m in record.measurements if m.provenance is Provenance.MEASURED}
    assert measured == {"heart_rate", "rr_interval", "pr_interval", "qrs_duration", "qt_interval"}
    assert record["qrs_duration"].value == pytest.approx(75e-3)
    assert {f.names[0] for f in record.findings if f.names} == measured - {"heart_rate"}
    output = record["lv_edv"].value * record["lv_ef"].value * record["heart_rate"].value
    assert output == pytest.approx(record["cardiac_output"].value, rel=0.02)


def test_the_dilated_case_is_dilated() -> None:
    record = load_case("hfref_lbbb")
    assert record.conduction == "lbbb"
    # above the upper limit of 150 mL for men (ASE/EACVI 2015)
    assert record["stroke_volume"].value / record["lv_ef"].value > 200e-6


def test_the_pulmonary_case_obeys_the_definition_of_resistance() -> None:
    record = load_case("pulmonary_hypertension")
    drop = record["pa_mean"].value - record["pcwp"].value
    assert drop / record["cardiac_output"].value == pytest.approx(
        record["pulmonary_vascular_resistance"].value, rel=0.01
    )


def test_the_stenotic_case_obeys_gorlin() -> None:
    record = load_case("aortic_stenosis")
    gradient = record["aortic_mean_gradient"].quantity.from_si(record["aortic_mean_gradient"].value)
    flow = record["aortic_valve_area"].value * 1e4 * 44.3 * np.sqrt(gradient)  # mL/s
    stroke_volume = record["cardiac_output"].value / record["heart_rate"].value * 1e6
    assert stroke_volume / flow == pytest.approx(0.33, abs=0.03)  # duration of systole [s]


def test_values_arrive_in_si_with_their_doubt_in_the_same_unit(tmp_path: Path) -> None:
    record = load_case(case(tmp_path, (
        '[patient]\nsex = "male"\nage = "30 months"\nheight = "1.78 m"\nweight = "82000 g"\n'
        '[[measurement]]\nname = "mean_arterial_pressure"\nvalue = 12\nunit = "kPa"\nsd = 0.5\n'
        'taken = 2025-03-01\nsource = "cuff"\nprovenance = "typical"\n'
    )))  # fmt: skip
    entry = record["mean_arterial_pressure"]
    assert (entry.value, entry.sd) == pytest.approx((12e3, 500.0))
    assert entry.taken == date(2025, 3, 1)
    assert entry.provenance is Provenance.TYPICAL
    who = record.demographics
    assert (who.age, who.height, who.weight) == pytest.approx((2.5, 1.78, 82.0))


def test_a_missing_sd_becomes_the_documented_default_and_is_reported(tmp_path: Path) -> None:
    record = load_case(case(
        tmp_path, '[[measurement]]\nname = "lv_edv"\nvalue = 180\nunit = "mL"\nsource = "echo"\n'
    ))  # fmt: skip
    assert record["lv_edv"].sd == pytest.approx(18e-6)
    (finding,) = record.findings
    assert finding.kind is FindingKind.ASSUMED_SD
    assert finding.names == ("lv_edv",)
    assert "10 %, at least 5 mL" in finding.text


@pytest.mark.parametrize("name", QUANTITIES)
def test_every_quantity_has_a_default_sd_that_the_format_document_states(name: str) -> None:
    known = quantity(name)
    document = asset("cases/FORMAT.md").read_text("utf-8")
    row = re.search(rf"^\| `{name}` \|(.*)$", document, re.MULTILINE)
    assert row is not None
    cells = [cell.strip() for cell in row.group(1).split("|")]
    bounds = f"{known.lower:g} to {known.upper:g}"
    assert cells[:4] == [known.label, known.unit, bounds, default_rule(name)]
    for value in (known.lower, known.upper):
        assert default_sd(name, known.to_si(value)) > 0.0


def test_the_example_of_the_format_document_is_accepted(tmp_path: Path) -> None:
    document = asset("cases/FORMAT.md").read_text("utf-8")
    example, heart, marked, _ = re.findall(r"```toml\n(.*?)```", document, re.DOTALL)
    assert set(tomllib.loads(heart)["heart"]) == set(HEART_KEYS)
    (tmp_path / "ecg").mkdir()
    steps = ecg_steps(np.arange(0.5, 10, 0.8))
    write_wfdb(tmp_path / "ecg", "017", {"I": steps, "II": steps, "V5": steps, "V6": steps})
    path = tmp_path / "example.toml"
    path.write_text(f"{example}\n{marked}", encoding="utf-8")
    record = load_case(path)
    assert [marking.name for marking in record.markings] == ["Mitral ring"]
    assert list(record.waveforms) == ["I", "II", "V5"]
    assert record.conduction == "lbbb"


def test_without_a_heart_rate_it_is_detected_and_reported(tmp_path: Path) -> None:
    beats = np.arange(0.5, 10, 0.8)
    write_wfdb(tmp_path, "ecg", {"II": ecg_steps(beats)})
    record = load_case(case(tmp_path, '[[waveform]]\nfile = "ecg.hea"\n'))
    assert record["heart_rate"].value == pytest.approx(1 / 0.8, rel=0.01)
    assert record.rhythm.startswith("regular, 75/min in lead II")
    detected = [f for f in record.findings if f.kind is FindingKind.DETECTED]
    assert [f.names for f in detected] == [("heart_rate", "rr_interval", "rr_sd")]


RATE = '[[measurement]]\nname = "heart_rate"\nvalue = {}\nunit = "1/min"\nsource = "note"\n'


@pytest.mark.parametrize(("stated", "contradicted"), [(75, False), (81, False), (150, True)])
def test_a_stated_heart_rate_is_compared_with_the_ecg(
    tmp_path: Path, stated: int, contradicted: bool
) -> None:
    write_wfdb(tmp_path, "ecg", {"II": ecg_steps(np.arange(0.5, 10, 0.8))})
    text = RATE.format(stated) + '[[waveform]]\nfile = "ecg.hea"\n'
    record = load_case(case(tmp_path, text))
    assert record["heart_rate"].value == pytest.approx(stated / 60)
    found = [f.text for f in record.findings if f.kind is FindingKind.CONTRADICTION]
    assert [f"HR {stated} 1/min is stated" in text for text in found] == contradicted * [True]
    assert all("shows regular, 75/min in lead II" in text for text in found)


def test_a_heart_rate_that_no_ecg_can_confirm_is_told(tmp_path: Path) -> None:
    write_wfdb(tmp_path, "ecg", {"II": np.zeros(5000)})
    record = load_case(case(tmp_path, RATE.format(70) + '[[waveform]]\nfile = "ecg.hea"\n'))
    (finding,) = [f for f in record.findings if f.kind is FindingKind.NOT_USED and f.names]
    assert "not compared with the ECG: none: II is flat" in finding.text


def test_a_doubtful_rhythm_comes_with_its_doubt(tmp_path: Path) -> None:
    beats = np.delete(np.arange(0.5, 10, 0.8), 5)
    write_wfdb(tmp_path, "ecg", {"II": ecg_steps(beats)})
    record = load_case(case(tmp_path, '[[waveform]]\nfile = "ecg.hea"\n'))
    assert any("about twice the median" in f.text for f in record.findings)


def test_a_stated_interval_wins_over_the_annotated_one_and_that_is_reported(
    tmp_path: Path,
) -> None:
    record = load_case(case(tmp_path, (
        '[[waveform]]\nfile = "pydicom:waveform_ecg.dcm"\nleads = ["II"]\n'
        '[[measurement]]\nname = "qrs_duration"\nvalue = 90\nunit = "ms"\nsource = "by hand"\n'
        '[patient]\nsex = "male"\n'
    )))  # fmt: skip
    assert record["qrs_duration"].value == pytest.approx(0.09)
    unused = [f.text for f in record.findings if f.kind is FindingKind.NOT_USED]
    assert len(unused) == 2
    assert unused[0].startswith("QRS 75 ms annotated in waveform_ecg.dcm is not used: 90 ms")
    assert unused[1].startswith("age 42")
    (conflict,) = [f for f in record.findings if f.kind is FindingKind.CONTRADICTION]
    assert "says sex female, the case says male" in conflict.text


def test_gaps_are_reported_by_lead(tmp_path: Path) -> None:
    steps = ecg_steps(np.arange(0.5, 10, 0.8))
    steps[100:150] = -32768
    write_wfdb(tmp_path, "ecg", {"II": steps})
    record = load_case(case(tmp_path, '[[waveform]]\nfile = "ecg.hea"\n'))
    (gap,) = [f for f in record.findings if f.kind is FindingKind.GAP]
    assert gap.names == ("II",)
    assert "50 of 5000" in gap.text


def entries() -> st.SearchStrategy[tuple[Measurement, ...]]:
    """Measurements that cannot exclude each other, anywhere within their bounds."""
    names = [n for n in QUANTITIES if not re.search("edv|esv|systolic|diastolic", n)]

    def entry(name: str, part: float, share: float, kind: Provenance, assumed: bool) -> Measurement:
        known = quantity(name)
        value = known.to_si(known.lower + part * (known.upper - known.lower))
        sd = share * (known.upper - known.lower)
        day = date(2025, 3, 1) if assumed else None
        return Measurement(name, value, known.to_si(sd), day, "echo – Müller", kind, assumed)

    one = st.builds(entry, st.sampled_from(names), st.floats(0.01, 0.99), st.floats(2e-5, 0.99),
                    st.sampled_from(Provenance), st.booleans())  # fmt: skip
    # Within what a case file may state: 1e-5 to 1 of the accepted range.
    return st.lists(one, unique_by=lambda m: m.name, max_size=8).map(tuple)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    measurements=entries(),
    who=st.builds(
        Demographics, st.sampled_from(("female", "male", None)), st.none() | st.floats(0.5, 110),
        st.none() | st.floats(0.5, 2.5), st.none() | st.floats(3, 390),
    ),
    conduction=st.sampled_from(("normal", "lbbb", "rbbb", "paced")),
    remarks=st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40).map(str.strip),
)  # fmt: skip
def test_what_is_saved_is_read_back(
    tmp_path: Path, measurements: tuple[Measurement, ...], who: Demographics, conduction: str,
    remarks: str,
) -> None:  # fmt: skip
    record = PatientRecord("id-1", "title", "diagnosis", who, measurements,
                           conduction=conduction, remarks=remarks)  # fmt: skip
    save_case(record, tmp_path / "case.json")
    again = load_case(tmp_path / "case.json")
    assert (again.conduction, again.remarks) == (conduction, remarks)
    for before, after in zip(record.measurements, again.measurements, strict=True):
        assert (after.value, after.sd) == pytest.approx((before.value, before.sd), rel=1e-12)
        for name in ("name", "taken", "source", "provenance", "sd_assumed"):
            assert getattr(after, name) == getattr(before, name)
    for name in ("sex", "age", "height", "weight"):
        before_value, after_value = getattr(who, name), getattr(again.demographics, name)
        assert after_value == (
            pytest.approx(before_value, rel=1e-12)
            if isinstance(before_value, float)
            else before_value
        )


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_case_survives_saving(tmp_path: Path, name: str) -> None:
    record = load_case(name)
    save_case(record, tmp_path / "copy.json")
    again = load_case(tmp_path / "copy.json")
    assert again.findings == record.findings
    assert list(again.waveforms) == list(record.waveforms)
    for before, after in zip(record.measurements, again.measurements, strict=True):
        assert (after.value, after.sd) == pytest.approx((before.value, before.sd), rel=1e-12)


def test_recordings_are_saved_relative_to_the_case(tmp_path: Path) -> None:
    (tmp_path / "ecg").mkdir()
    write_wfdb(tmp_path / "ecg", "one", {"II": ecg_steps(np.arange(0.5, 10, 0.8))})
    record = load_case(case(tmp_path, '[[waveform]]\nfile = "ecg/one.hea"\n'))
    save_case(record, tmp_path / "copy.json")
    assert '"ecg/one.hea"' in (tmp_path / "copy.json").read_text()
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    (tmp_path / "ecg").rename(moved / "ecg")
    (tmp_path / "copy.json").rename(moved / "copy.json")
    assert list(load_case(moved / "copy.json").waveforms) == ["II"]


def test_signals_that_lie_in_no_file_are_not_lost_silently(tmp_path: Path) -> None:
    wave = Waveform("II", np.arange(10) / 100, np.zeros(10), "mV", "simulated")
    record = PatientRecord("i", "t", "d", Demographics(), (), {"II": wave})
    with pytest.raises(RecordError, match="in memory only"):
        save_case(record, tmp_path / "case.json")
    assert not list(tmp_path.iterdir())
