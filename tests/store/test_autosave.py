"""Unsaved work outlives a crash, and only that of crashed programs is offered."""

import json
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from organtwin.anatomy.anchor import Anchor
from organtwin.anatomy.marking import Kind, Marking
from organtwin.errors import RecordError
from organtwin.patient.geometry.source import HeartSource
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.simulation.pacing import Lead, Mode, Pacemaker, Placement
from organtwin.store.autosave import Autosave, forget, unsaved_work
from organtwin.store.unsaved import KeptPlan, UnsavedWork
from organtwin.therapy.catalogue import THERAPIES

ROOT = Path(__file__).parents[2]
KILLS = 6
PLACE = Anchor("surface", (3, 7, 9), (0.25, 0.5, 0.25), 47200)
PLAN = ElectricPlan("lbbb", 0.12, frozenset({"LEFT"})).pacing("RV apex").pacing(PLACE, 0.2)
PLAN = PLAN.ablating_line((PLACE, PLACE), closed=True).paced_by(
    Pacemaker(Mode.HIS, atrial=True, vv=0.02).placing(
        Lead.HIS, Placement(PLACE, 0.01, selective=True)
    )
)
WORK = UnsavedWork(
    case="hfref_lbbb", case_sha256="ab" * 32,
    plan=KeptPlan(
        "B", "no pacing — ü", (THERAPIES["fluid"].at(500.0), THERAPIES["esmolol"].at(12.0)),
        frozenset({"esmolol"}), PLAN.ablating(PLACE, 0.005),
    ),
    markings=(Marking(Kind.LANDMARK, "Apex — ü", (PLACE,)),),
    others=(
        KeptPlan("A"),
        KeptPlan("D", "paced", (THERAPIES["fluid"].at(250.0),), frozenset({"fluid"}), PLAN),
    ),
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "unsaved"


def crashed(folder: Path, work: UnsavedWork) -> None:
    autosave = Autosave(folder)
    autosave.keep(work)
    autosave.close()


def test_work_is_found_again_as_it_was(folder: Path) -> None:
    crashed(folder, WORK)
    (found,) = unsaved_work(folder)
    assert found.work == WORK
    assert found.problem == ""
    forget(found)
    assert unsaved_work(folder) == ()
    assert list(folder.iterdir()) == []


def test_files_of_a_heart_are_found_from_another_place(folder: Path, tmp_path: Path) -> None:
    scan = tmp_path / "scan.nii"
    scan.touch()
    crashed(folder, replace(WORK, heart=HeartSource((scan,), "", unit="mm")))
    (found,) = unsaved_work(folder)
    assert found.work.heart.unit == "mm"
    assert found.work.heart.files[0].resolve() == scan.resolve()
    scan.unlink()
    (found,) = unsaved_work(folder)
    assert found.work.heart is None
    assert "scan.nii" in found.work.lost[0]


def test_work_of_a_running_program_is_left_alone(folder: Path) -> None:
    running = Autosave(folder)
    running.keep(WORK)
    assert unsaved_work(folder) == ()
    running.close()
    assert len(unsaved_work(folder)) == 1


def test_work_that_was_saved_or_given_up_is_not_offered(folder: Path) -> None:
    autosave = Autosave(folder)
    autosave.keep(WORK)
    autosave.discard()
    autosave.discard()
    autosave.close()
    autosave.close()
    assert unsaved_work(folder) == ()


def test_the_same_work_is_not_written_twice_but_is_after_it_was_discarded(folder: Path) -> None:
    autosave = Autosave(folder)
    autosave.keep(WORK)
    before = autosave.path.read_bytes()
    autosave.keep(replace(WORK))
    assert autosave.path.read_bytes() == before
    autosave.discard()
    autosave.keep(WORK)
    assert autosave.path.exists()
    autosave.close()


def test_the_latest_work_comes_first(folder: Path) -> None:
    for name in ("first", "second", "third"):
        crashed(folder, replace(WORK, case=name))
    assert [found.work.case for found in unsaved_work(folder)] == ["third", "second", "first"]


def test_a_therapy_that_is_gone_is_told_and_the_rest_kept(folder: Path) -> None:
    crashed(folder, WORK)
    (path,) = folder.glob("*.json")
    told = json.loads(path.read_text("utf-8"))
    told["therapies"][1]["name"] = "miracle"
    told["therapies"][0]["dose"] = 1e9
    path.write_text(json.dumps(told), "utf-8")
    (found,) = unsaved_work(folder)
    assert found.work.plan.therapies == ()
    assert found.work.markings == WORK.markings
    assert len(found.work.lost) == 2


def test_damaged_work_is_told_and_left_as_it_is(folder: Path) -> None:
    crashed(folder, WORK)
    (path,) = folder.glob("*.json")
    whole = path.read_bytes()
    told = 0
    draw = random.Random(9)
    for number in range(200):
        variant = bytearray(whole)
        if number % 2:
            del variant[draw.randrange(len(whole)) :]
        for _ in range(draw.randint(1, 4) if variant else 0):
            variant[draw.randrange(len(variant))] = draw.randrange(256)
        path.write_bytes(variant)
        (found,) = unsaved_work(folder)
        told += found.work is None
        assert bool(found.problem) == (found.work is None)
        assert path.read_bytes() == variant
    assert told > 100


def test_work_of_a_newer_program_is_told(folder: Path) -> None:
    crashed(folder, WORK)
    (path,) = folder.glob("*.json")
    path.write_text(path.read_text("utf-8").replace('"version": 2', '"version": 3'), "utf-8")
    (found,) = unsaved_work(folder)
    assert "version 3" in found.problem


def test_work_of_the_program_with_one_plan_is_found(folder: Path) -> None:
    alone = replace(WORK, plan=replace(WORK.plan, letter="A", name=""), others=())
    crashed(folder, alone)
    (path,) = folder.glob("*.json")
    told = json.loads(path.read_text("utf-8")) | {"version": 1}
    for key in ("letter", "name", "others"):
        del told[key]
    path.write_text(json.dumps(told), "utf-8")
    (found,) = unsaved_work(folder)
    assert found.work == alone


@pytest.mark.parametrize("letter", ["A", "Z", ""])
def test_plans_under_a_letter_that_is_taken_or_unknown_are_told(folder: Path, letter: str) -> None:
    crashed(folder, replace(WORK, plan=replace(WORK.plan, letter=letter)))
    (found,) = unsaved_work(folder)
    assert "letters" in found.problem


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RecordError, match="folder that can be written"):
        Autosave(tmp_path / "file")


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_killed_program_loses_at_most_its_last_edit(folder: Path) -> None:
    draw = random.Random(5)
    for kills in range(1, KILLS + 1):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.store.keep_work", str(folder)],
            cwd=ROOT, text=True, stdout=subprocess.PIPE,
        )  # fmt: skip
        told = max(int(process.stdout.readline()) for _ in range(draw.randint(1, 20)))
        time.sleep(draw.uniform(0.0, 0.003))
        process.send_signal(signal.SIGKILL)
        with process:
            told = max([told, *map(int, process.stdout.read().split())])
        found = unsaved_work(folder)
        assert len(found) == kills
        number = int(found[0].work.case.removeprefix("case-"))
        assert told <= number <= told + 1
        assert found[0].work.plan.therapies[0].dose == number % 1000
