"""What is not saved is written down, and taken up again after a crash."""

from dataclasses import replace

import pytest

from organtwin.anatomy.anchor import SURFACE, Anchor
from organtwin.anatomy.marking import Kind, Marking
from organtwin.session.draft import Draft
from organtwin.session.plans import LETTERS, Plans
from organtwin.store import unsaved
from organtwin.store.autosave import Autosave, unsaved_work
from organtwin.store.unsaved import KeptPlan, UnsavedWork
from organtwin.therapy.catalogue import THERAPIES

APEX = Marking(Kind.LANDMARK, "Apex", (Anchor(SURFACE, (0,), (1.0,)),))
FLUID = THERAPIES["fluid"]


@pytest.fixture
def kept(bench, lab, tmp_path):
    """A session that keeps its work; the folder in which it does."""
    lab.unsaved = tmp_path / "unsaved"
    bench.session.autosaving.look()
    bench.fit("one")
    return lab.unsaved


def written(folder):
    """The only work in the folder, whoever has it."""
    files = [*folder.glob("*.unsaved.json")]
    assert len(files) <= 1
    return files[0].read_text("utf-8") if files else ""


def crashed(folder, **done):
    """Leave work as a program does that is killed."""
    autosave = Autosave(folder)
    autosave.keep(UnsavedWork(**{"case": "two", **done}))
    autosave._lock.close()
    return unsaved_work(folder)[0]


def test_every_edit_is_written_down(bench, kept):
    assert not kept.exists()
    bench.session.draft = Draft((FLUID.at(300.0),))
    bench.until(lambda: "300" in written(kept))
    bench.session.markings = (APEX,)
    bench.until(lambda: "Apex" in written(kept))


def test_work_of_this_very_program_is_not_offered_to_another(bench, kept):
    bench.session.markings = (APEX,)
    bench.until(lambda: written(kept))
    assert unsaved_work(kept) == ()


def test_nothing_is_kept_of_what_is_saved_or_taken_back(bench, kept, tmp_path):
    bench.session.markings = (APEX,)
    bench.until(lambda: written(kept))
    bench.session.saving.save(tmp_path / "case.toml")
    bench.until(lambda: not written(kept))
    bench.session.draft = Draft((FLUID.at(300.0),))
    bench.until(lambda: "300" in written(kept))
    bench.session.undo()
    bench.until(lambda: not written(kept))


def test_leaving_in_order_leaves_nothing(bench, kept):
    bench.session.markings = (APEX,)
    bench.until(lambda: written(kept))
    assert bench.session.shutdown()
    assert [*kept.iterdir()] == []


def test_all_plans_are_written_down_and_taken_up(bench, kept, lab):
    session = bench.session
    session.draft = Draft((FLUID.at(300.0),))
    session.plan_desk.add(Draft((FLUID.at(100.0),)))
    session.plan_desk.rename("B", "less")
    bench.until(lambda: "less" in written(kept))
    plans = session.plans
    (file,) = kept.glob("*.unsaved.json")
    session.autosaving._store._lock.close()
    session.autosaving._store = None
    (found,) = unsaved_work(kept)
    bench.fit("two")
    assert session.plans == Plans()
    session.autosaving.restore(found)
    bench.settle()
    assert session.plans == plans
    assert LETTERS == unsaved.LETTERS
    bench.until(lambda: not file.exists())


def test_without_a_window_nothing_is_kept(bench, lab, tmp_path):
    lab.unsaved = tmp_path / "unsaved"
    bench.fit("one")
    bench.session.markings = (APEX,)
    bench.settle()
    assert not lab.unsaved.exists()


def test_what_a_crash_left_is_found_and_taken_up_as_unsaved(bench, lab, tmp_path):
    lab.unsaved = tmp_path / "unsaved"
    found = crashed(lab.unsaved, plan=KeptPlan("A", therapies=(FLUID.at(300.0),)), markings=(APEX,))
    session = bench.session
    session.autosaving.look()
    bench.fit("one")
    (offered,) = session.autosaving.found
    assert offered.work == found.work
    session.autosaving.restore(offered)
    bench.settle()
    assert lab.opened[-1] == "two"
    assert session.draft == Draft((FLUID.at(300.0),))
    assert session.markings == (APEX,)
    assert session.saving.unsaved
    assert session.autosaving.found == ()
    bench.until(lambda: not found.path.exists())
    assert "Apex" in written(lab.unsaved)  # it is written down anew before it is forgotten


def test_a_case_that_is_gone_leaves_the_work_where_it_is(bench, lab, tmp_path):
    lab.unsaved = tmp_path / "unsaved"
    found = crashed(lab.unsaved, case="broken.json", markings=(APEX,))
    session = bench.session
    session.autosaving.look()
    bench.fit("one")
    session.autosaving.restore(session.autosaving.found[0])
    bench.settle()
    assert "broken.json" in session.notice.title
    assert found.path.exists()
    assert len(session.autosaving.found) == 1
    bench.fit("two")
    assert session.markings == ()


def test_what_could_not_be_taken_up_and_a_changed_case_are_told(bench, lab, tmp_path):
    lab.unsaved = tmp_path / "unsaved"
    crashed(lab.unsaved, case_sha256="0" * 64, markings=(APEX,))
    session = bench.session
    session.autosaving.look()
    bench.settle()
    offered = session.autosaving.found[0]
    lost = replace(offered, work=replace(offered.work, lost=("therapy x 3: unknown",)))
    session.autosaving.restore(lost)
    bench.settle()
    assert "therapy x" in session.notice.text
    assert "changed since" in session.notice.text


def test_what_is_not_wanted_is_deleted(bench, lab, tmp_path):
    lab.unsaved = tmp_path / "unsaved"
    found = crashed(lab.unsaved, markings=(APEX,))
    bench.session.autosaving.look()
    bench.settle()
    bench.session.autosaving.discard(bench.session.autosaving.found[0])
    assert not found.path.exists()
    assert bench.session.autosaving.found == ()


def test_a_folder_that_cannot_be_written_is_told_once(bench, lab, tmp_path):
    lab.unsaved = tmp_path / "file"
    lab.unsaved.write_text("in the way")
    bench.session.autosaving.look()
    bench.fit("one")
    bench.session.markings = (APEX,)
    bench.until(lambda: bench.session.notice is not None)
    assert "Keeping unsaved work" in bench.session.notice.title
    bench.session.notice = None
    failed, told = [], bench.session.autosaving._fail
    bench.session.autosaving._fail = lambda error: (told(error), failed.append(error))
    bench.session.markings = (APEX, APEX)
    bench.until(lambda: failed)
    assert bench.session.notice is None
