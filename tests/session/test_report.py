"""What stands on a report, and what is in a bundle, without any painting."""

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from organtwin import PURPOSE
from organtwin.errors import RecordError
from organtwin.session.draft import Draft
from organtwin.session.plans import Plans
from organtwin.session.report import reported
from organtwin.session.report_digests import report_digests
from organtwin.session.report_page import page as page_of
from organtwin.session.report_work import start_writing, writing
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.simulation.pacing import Mode, Pacemaker
from organtwin.store.bundle import packed_case
from organtwin.store.digests import record_digest
from organtwin.therapy.times import Times
from organtwin.units import ML
from tests.fake_values import KINDS, fake_untreated

MADE = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
FLUID = Draft((KINDS["fluid"].at(2.0),))
DECLINED = Draft((KINDS["fluid"].at(9.5),))
INSISTING = replace(DECLINED, insist=True)


@pytest.fixture
def told(bench, lab):
    """Call it with drafts: what the session has to report, and the page of it."""
    lab.with_leads = True

    def tell(*drafts):
        bench.fit()
        plans = Plans().with_draft(drafts[0])
        for draft in drafts[1:]:
            plans = plans.adding(draft)
        bench.session.plans = plans
        bench.session.plan_desk.look_at_untreated()
        bench.settle()
        found = reported(bench.session)
        return found, page_of(found, report_digests(found), MADE)

    return tell


def column(page, name):
    """Texts under a heading of the response, by quantity."""
    place = page.response.header.index(name)
    return {row[0].text: row[place] for row in page.response.rows}


def test_before_a_twin_there_is_nothing_to_report(bench):
    assert reported(bench.session) is None


def test_the_head_names_case_version_date_and_purpose(told):
    _, page = told(FLUID)
    assert page.title == "Case one"
    assert "case case-one" in page.subtitle
    assert page.stamp[0].startswith("OrganTwin 0.")
    assert page.stamp[1] == "2026-03-04 05:06"
    assert page.purpose == PURPOSE


def test_the_fit_shows_the_worst_first_and_what_is_not_determined(told):
    _, page = told(FLUID)
    assert [row[4].text for row in page.fit.rows] == ["+3.4", "−1.2", "+0.4"]
    assert [row[4].tone for row in page.fit.rows] == ["bad", "good", "good"]
    assert "Not determined by the data: venous tone." in page.fit.note


def test_the_response_has_value_band_and_change_and_adds_up(told):
    found, page = told(FLUID)
    value, change = column(page, "plan A")["LVEDV"], column(page, "change")["LVEDV"]
    before = column(page, "untreated")["LVEDV"]
    assert value.text == f"{found.plans[0].shown.numbers['lv_edv'] / ML:.0f}"
    assert int(change.text) == int(value.text) - int(before.text)
    assert not value.struck
    last_band = page.response.rows[0][-2].text
    assert " to " in last_band


def test_four_plans_leave_the_doubt_of_the_untreated_heart_out(told):
    _, page = told(FLUID, *(Draft((KINDS["pacing"].at(n),)) for n in (1.0, 2.0, 3.0)))
    assert page.response.header[3:6] == ("plan A", "90 % band", "change")
    assert len(page.response.header) == 3 + 4 * 3
    assert {len(row) for row in page.response.rows} == {len(page.response.header)}


def test_a_declined_plan_has_its_reason_and_no_number(told):
    _, page = told(DECLINED)
    assert {cell.text for cell in column(page, "plan A").values()} == {"–"}
    words = [line.text for line in page.plans.lines]
    assert words[0].endswith("[declined]")
    assert "checked: 0 to 9 mL" in words[1]
    assert page.hearts[1].why == "declined"


def test_an_extrapolation_is_struck_through_hatched_and_explained(told):
    _, page = told(INSISTING)
    rows = page.response.rows
    assert all(cell.struck for row in rows for cell in row[4:] if cell.text)
    assert not any(cell.struck for row in rows for cell in row[:4])
    assert all(chart.doubtful == "extrapolation: plan A" for chart in page.charts[:2])
    assert page.drivers.lines[0].struck
    assert any("extrapolation: Fluid" in line.text for line in page.plans.lines)


def test_a_prediction_inside_what_is_checked_is_not_hatched(told):
    _, page = told(FLUID)
    assert not any(chart.doubtful for chart in page.charts)
    assert not page.drivers.lines[0].struck


def test_dose_and_times_are_told(told):
    _, page = told(FLUID.timed("fluid", Times(600.0, 21_600.0)))
    assert page.plans.lines[0].text == "A: Fluid 2 mL (from 10 min to 6 h)  [predicted]"
    assert "steady response" in page.plans.lines[-1].text


def test_what_drives_the_change_says_whose_doubt_it_is(told):
    _, page = told(FLUID)
    text = page.drivers.lines[0].text
    assert text.startswith("A CO: 1. Pacing: effect on rate 70% ↑, 2-3. Left")
    assert "28% patient, 65% therapy, 7% neither alone" in text


def test_warnings_of_plans_come_before_those_of_the_fit(told):
    _, page = told(Draft((KINDS["pacing"].at(9.0),)))
    texts = [line.text for line in page.warnings.lines]
    assert texts[0] == "A: Outside the checked range."
    assert "Fit: PCWP is 3 sd away." in texts


def test_each_therapy_has_grade_risk_range_and_source(told):
    _, page = told(Draft((KINDS["fluid"].at(2.0), KINDS["pacing"].at(1.0))), FLUID)
    cells = [[cell.text for cell in row] for row in page.evidence.rows]
    assert [row[:4] for row in cells] == [
        ["Fluid", "AB", "none", "medium"],
        ["Pacing", "A", "none", "medium"],
    ]
    assert "nobody real, 0 to 9 mL" in cells[0][4]
    assert "invented for the tests" in cells[0][4]


def test_a_pacemaker_has_the_evidence_of_the_pacing_that_it_is(told):
    """It said that what is done to conduction has none, and pacing was missing."""
    paced = Draft(electrics=ElectricPlan(pacemaker=Pacemaker(Mode.BIVENTRICULAR)))
    _, page = told(paced)
    assert [row[0].text for row in page.evidence.rows] == ["Biventricular pacing"]
    assert page.evidence.note == ""
    _, blocked = told(Draft(electrics=ElectricPlan("lbbb")))
    assert "no evidence card" in blocked.evidence.note


def test_curves_are_of_all_hearts_and_a_lead_where_there_are_leads(told):
    _, page = told(FLUID, Draft(electrics=ElectricPlan("lbbb")))
    loop, traces, lead = page.charts
    assert {curve.letter for curve in loop.curves} == {"", "A", "B"}
    assert np.array_equal(loop.curves[0].x[[0]], loop.curves[0].x[[-1]])
    assert len(traces.curves) == 9
    assert {curve.letter for curve in lead.curves} == {"", "B"}  # fluid leaves the leads alone


def test_digests_tell_record_twin_and_plans(told):
    found, page = told(FLUID, Draft((KINDS["pacing"].at(1.0),)))
    text = " ".join(line.text for line in page.digests.lines)
    assert record_digest(found.twin.record) in text
    plans = report_digests(found).plans
    assert all(digest in text for digest in plans.values())
    assert len(set(plans.values())) == 2


def bundle_of(found, tmp_path):
    file = tmp_path / "x.zip"
    steps = list(writing(found, [file], MADE, lambda *_: b"%PDF", fake_untreated))
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}, steps


def test_every_file_of_a_bundle_has_its_digest_in_the_manifest(told, tmp_path):
    files, steps = bundle_of(told(FLUID, INSISTING)[0], tmp_path)
    manifest = json.loads(files.pop("manifest.json"))
    assert {e["name"]: e["sha256"] for e in manifest["files"]} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    expected = {
        "report.pdf", "prediction.json", "plans.json", "tables/response.csv", "tables/fit.csv",
        "curves/loops_A.csv", "curves/traces_untreated.csv",
    }  # fmt: skip
    assert expected <= set(files)
    assert manifest["program"].startswith("0.")
    assert "case.otwin" in manifest["left_out"]
    assert "recording alone" in steps[-1].left_out


def test_leads_are_written_only_where_a_plan_changes_them(told, tmp_path):
    found, _ = told(FLUID, Draft(electrics=ElectricPlan("lbbb")))
    names = sorted(n for n in bundle_of(found, tmp_path)[0] if n.startswith("curves/ecg"))
    assert names == ["curves/ecg_B.csv", "curves/ecg_untreated.csv"]


def test_a_prediction_file_has_units_members_and_what_is_extrapolated(told, tmp_path):
    found, _ = told(FLUID, INSISTING, DECLINED)
    facts = json.loads(bundle_of(found, tmp_path)[0]["prediction.json"])
    assert facts["schema"] == "organtwin-prediction/1"
    first, second, third = facts["plans"]
    edv = first["quantities"]["lv_edv"]
    assert edv["unit"] == "mL"
    assert edv["value"] == pytest.approx(found.plans[0].shown.numbers["lv_edv"] / ML)
    assert edv["change"] == pytest.approx(edv["value"] - edv["untreated"])
    assert len(edv["member_values"]) == len(first["members"]) == 24
    assert edv["bands"]["90"][0] < edv["value"] < edv["bands"]["90"][1]
    assert second["state"] == "extrapolated"
    assert second["extrapolation"]
    assert (third["state"], "quantities" in third) == ("declined", False)


def test_curves_in_a_bundle_carry_their_units(told, tmp_path):
    found, _ = told(FLUID)
    rows = list(csv.DictReader(io.StringIO(
        bundle_of(found, tmp_path)[0]["curves/loops_A.csv"].decode()
    )))  # fmt: skip
    volumes = found.plans[0].shown.heartbeat.beat.traces["lv_volume"] / ML
    assert [float(row["LV volume [mL]"]) for row in rows] == pytest.approx(volumes, rel=1e-6)


def test_a_saved_case_is_packed_only_where_it_is_the_record_of_the_twin(tmp_path):
    from organtwin.patient.case_file import load_case
    from organtwin.patient.case_saving import saved_case

    record = saved_case(load_case("default"), tmp_path / "case.toml")
    content, why = packed_case(record)
    assert content is not None
    assert why == ""
    other = replace(record, measurements=record.measurements[1:])
    content, why = packed_case(other)
    assert content is None
    assert "another record" in why


def test_a_place_that_cannot_be_written_is_told_and_left_as_it_was(bench, told, tmp_path):
    found, _ = told(FLUID)
    (tmp_path / "no folder").write_text("in the way")
    file = tmp_path / "no folder" / "x.pdf"
    with pytest.raises(RecordError, match="can be written"):
        list(writing(found, [file], MADE, lambda *_: b"%PDF", fake_untreated))
    start_writing(bench.session, found, file, lambda *_: b"%PDF")
    bench.settle()
    assert "can be written" in bench.session.notice.text


@pytest.mark.parametrize("name", ["x.pdf", "x.zip"])
def test_a_cancelled_job_leaves_no_file(bench, told, tmp_path, name):
    found, _ = told(FLUID)
    file = tmp_path / name

    def paint(*_):
        job.cancel()
        return b"%PDF"

    job = start_writing(bench.session, found, file, paint)
    bench.settle()
    assert list(tmp_path.iterdir()) == []


def test_what_was_written_lies_there_whole(bench, told, tmp_path):
    found, _ = told(FLUID)
    file = tmp_path / "x.pdf"
    start_writing(bench.session, found, file, lambda *_: b"%PDF whole")
    bench.settle()
    assert [path.name for path in Path(tmp_path).iterdir()] == ["x.pdf"]
    assert file.read_bytes() == b"%PDF whole"
