"""Opening a heart, dropping files, and what becomes of them when the patient changes."""

from pathlib import Path

from organtwin.patient.geometry.source import HeartSource
from tests.fake_values import fake_heart

IMAGE = Path("/scans/heart.nii")


def test_files_of_a_heart_are_read_and_nothing_is_built(bench, lab):
    bench.fit()
    told = []
    bench.session.heart_changed.connect(lambda: told.append(bench.session.heart_files))
    bench.session.open_heart([IMAGE])
    bench.settle()
    assert told[-1].files[0].file == IMAGE
    assert lab.sources == []


def test_a_heart_that_is_used_belongs_to_the_record_and_is_shown(bench):
    bench.fit()
    source = HeartSource((IMAGE,), "acdc")
    bench.session.use_heart(source)
    bench.settle()
    assert bench.session.record.heart is source
    assert bench.session.own_heart == fake_heart(str(IMAGE))
    assert bench.session.shown.heart is bench.session.own_heart
    assert bench.session.twin is not None


def test_a_second_heart_takes_the_place_of_the_first(bench):
    bench.fit()
    bench.session.use_heart(HeartSource((IMAGE,)))
    bench.settle()
    other = Path("/scans/other.nii")
    bench.session.use_heart(HeartSource((other,)))
    bench.settle()
    assert bench.session.shown.heart.name == str(other)


def test_without_a_patient_no_heart_is_read(bench):
    bench.session.open_heart([IMAGE])
    bench.settle()
    assert bench.session.notice.remedy == "Open a case first."
    assert bench.session.heart_files is None


def test_another_patient_forgets_files_not_yet_used(bench):
    bench.fit()
    bench.session.open_heart([IMAGE])
    bench.settle()
    assert bench.session.heart_files is not None
    bench.session.open("two")
    bench.settle()
    assert bench.session.heart_files is None


def test_dropped_files_are_a_heart_or_a_case(bench, lab):
    bench.fit()
    bench.session.drop([Path("/cases/two.json")])
    bench.settle()
    assert lab.opened[-1] == str(Path("/cases/two.json"))
    bench.session.drop([IMAGE])
    bench.settle()
    assert bench.session.heart_files.files[0].file == IMAGE


def test_a_heart_that_fails_leaves_the_record_and_the_heart_before(bench):
    bench.fit()
    first = HeartSource((IMAGE,))
    bench.session.use_heart(first)
    bench.settle()
    before = bench.session.shown
    bench.session.use_heart("broken")
    bench.settle()
    assert bench.session.record.heart is first
    assert bench.session.shown is before
    assert "Look." in bench.session.notice.remedy


def test_a_heart_that_is_cancelled_leaves_the_record_as_it_was(bench, lab):
    bench.fit()
    lab.heart_gate.clear()
    bench.session.use_heart(HeartSource((IMAGE,)))
    (status,) = [s for s in bench.session.jobs.statuses if "Building" in s.title]
    bench.session.jobs.cancel(status.number)
    lab.heart_gate.set()
    bench.settle()
    assert bench.session.record.heart is None
    assert bench.session.own_heart is None


def test_another_case_opens_while_a_heart_is_being_built(bench, lab):
    bench.fit()
    lab.heart_gate.clear()
    bench.session.use_heart(HeartSource((IMAGE,)))
    bench.session.open("two")
    bench.until(lambda: bench.session.record.title == "Case two")
    lab.heart_gate.set()
    bench.settle()
    assert bench.session.own_heart is None
