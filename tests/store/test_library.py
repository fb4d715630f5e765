"""The library keeps what was written, refuses what it cannot read, and survives being killed."""

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from organtwin.errors import RecordError, UnknownNameError
from organtwin.store import database, schema
from organtwin.store.blobs import packed, unpacked
from organtwin.store.entries import FitQuality
from organtwin.store.library import Library
from tests.store.made_visits import FIRST_DAY, add, facts, parameters, posterior

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
KILLS = 20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "library.db"


def test_a_visit_is_read_back_to_the_last_bit(path: Path) -> None:
    with Library.open(path) as library:
        library.add_patient("p1", "Anna")
        written = add(library, 0)
    with Library.open(path, create=False) as library:
        (patient,) = library.patients()
        (visit,) = library.visits("p1")
        kept, expected = library.posterior(visit), posterior(0)
        assert (patient.patient_id, patient.label) == ("p1", "Anna")
        assert visit == written
        assert visit.facts == facts(0)
        assert library.parameters(visit) == parameters(0)
    assert kept.levers == expected.levers
    for name in ("base", "mean", "covariance", "members"):
        assert np.array_equal(getattr(kept, name), getattr(expected, name)), name


def test_arrays_are_little_endian_float64_whatever_the_machine_says() -> None:
    rows, columns, data = packed(np.array([1.0, 2.0], dtype=">f8"))
    assert (rows, columns, data.hex()) == (1, 2, "000000000000f03f0000000000000040")
    with pytest.raises(ValueError, match="15 bytes for 1 x 2"):
        unpacked(rows, columns, data[:-1])


def test_visits_come_in_the_order_of_their_days(path: Path) -> None:
    with Library.open(path) as library:
        library.add_patient("p1")
        for number in (0, 3, 7):
            add(library, number)
        days = [visit.day for visit in library.visits("p1")]
    assert days == sorted(days)
    assert len(days) == 3


def test_a_visit_before_the_latest_is_refused_as_later_ones_rest_on_what_was_known(path) -> None:
    with Library.open(path) as library:
        library.add_patient("p1")
        add(library, 5)
        with pytest.raises(RecordError, match="the latest visit, or later"):
            add(library, 4)


def test_the_same_case_does_not_count_twice(path: Path) -> None:
    with Library.open(path) as library:
        library.add_patient("p1")
        add(library, 0)
        with pytest.raises(RecordError, match="would count twice"):
            add(library, 0)
        add_again = replace(facts(0), day=date(2026, 1, 1))  # the same numbers, measured anew
        library.add_visit(add_again, parameters(), posterior())
        assert len(library.visits("p1")) == 2


def test_a_visit_of_nobody_is_refused(path: Path) -> None:
    with Library.open(path) as library:
        with pytest.raises(RecordError, match="FOREIGN KEY"):
            add(library, 0)
        with pytest.raises(UnknownNameError, match="patient 'p1'"):
            library.patient("p1")


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 101])
def test_an_id_that_no_table_can_show_is_refused(path: Path, name: str) -> None:
    with Library.open(path) as library, pytest.raises(RecordError, match="printable"):
        library.add_patient(name)


def test_a_write_that_fails_half_way_leaves_nothing(path: Path) -> None:
    broken = replace(posterior(), levers=("same", "same", "same"))
    with Library.open(path) as library:
        library.add_patient("p1")
        with pytest.raises(RecordError, match="UNIQUE"):
            library.add_visit(facts(0), parameters(), broken)
        assert library.visits("p1") == ()
        assert library.rows("SELECT * FROM parameters") == []
        add(library, 0)


def test_a_newer_library_is_refused_and_left_alone(path: Path) -> None:
    with Library.open(path) as library:
        library.add_patient("p1")
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(RecordError, match="A newer organtwin wrote this library"):
        Library.open(path)
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(RecordError, match="another program"):
        Library.open(path)
    assert path.read_bytes() == before


def test_a_damaged_library_is_refused_and_left_alone(path: Path) -> None:
    with Library.open(path) as library:
        library.add_patient("p1")
        for number in range(20):
            add(library, number)
    whole = path.read_bytes()
    draw = random.Random(0)
    for _ in range(40):
        broken = bytearray(whole)
        page = draw.randrange(1, len(whole) // 4096)
        broken[page * 4096 : page * 4096 + 64] = draw.randbytes(64)
        path.write_bytes(broken)
        # a page begins with its header and its list of cells: no such page is sound
        with pytest.raises(RecordError, match="left as it is"):
            Library.open(path)
        assert path.read_bytes() == bytes(broken)


@pytest.mark.parametrize(
    "content", [b"not a database at all", b"SQLite format 3\0" + b"\xff" * 200]
)
def test_what_is_no_database_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(RecordError, match="left as it is"):
        Library.open(path)
    assert path.read_bytes() == content


def test_an_absent_library_is_told_and_not_made(path: Path) -> None:
    with pytest.raises(RecordError, match="no such file"):
        Library.open(path, create=False)
    assert not path.exists()


@pytest.mark.parametrize("golden", sorted(GOLDEN.glob("*.db")), ids=lambda file: file.stem)
def test_a_library_of_every_older_version_opens(tmp_path: Path, golden: Path) -> None:
    copied = shutil.copy(golden, tmp_path / "old.db")
    with Library.open(Path(copied), create=False) as library:
        assert library.rows("PRAGMA user_version") == [(schema.VERSION,)]
        visit, later = library.visits("p1")
        assert visit.day == FIRST_DAY
        assert library.parameters(later) == parameters(1)
        assert np.array_equal(library.posterior(later).members, posterior(1).members)


def test_how_well_a_visit_was_met_is_kept_and_unknown_of_older_ones(path: Path) -> None:
    with Library.open(path) as library:
        library.add_patient("p1")
        older = add(library, 0)
        met = FitQuality(n_measurements=9, n_fitted=7, n_within=6)
        newer = library.add_visit(facts(1), parameters(1), posterior(1), met)
        assert library.quality(older) is None
        assert library.quality(newer) == met


def test_there_is_a_golden_library_of_every_version() -> None:
    versions = {f"version_{number}" for number in range(1, schema.VERSION + 1)}
    assert {file.stem for file in GOLDEN.glob("*.db")} == versions


def test_a_migration_that_fails_leaves_the_old_library(tmp_path: Path, monkeypatch) -> None:
    path = Path(shutil.copy(GOLDEN / "version_1.db", tmp_path / "old.db"))

    def breaking(connection: sqlite3.Connection) -> None:
        connection.execute("DROP TABLE parameters")
        connection.execute("SELECT absent")

    monkeypatch.setattr(database, "MIGRATIONS", (*schema.MIGRATIONS[:1], breaking))
    monkeypatch.setattr(database, "VERSION", 2)
    with pytest.raises(RecordError, match="no such column"):
        Library.open(path)
    monkeypatch.undo()
    with Library.open(path) as library:
        assert len(library.visits("p1")) == 2


def test_a_library_that_is_being_written_is_waited_for_and_then_told(path: Path) -> None:
    with Library.open(path) as one, Library.open(path, patience=0.05) as other:
        with one.writing(), pytest.raises(RecordError, match="another process"):
            other.add_patient("p2")
        other.add_patient("p2")


def writer(path: Path, patient: str, how_many: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-m", "tests.store.write_visits", path, patient, how_many]
    return subprocess.Popen(
        [str(argument) for argument in arguments], cwd=ROOT, text=True, stdout=subprocess.PIPE
    )


def test_two_processes_write_at_once_and_nothing_is_lost(path: Path) -> None:
    running = [writer(path, patient, 30) for patient in ("p1", "p2")]
    for process in running:
        process.communicate(timeout=60)
        assert process.returncode == 0
    with Library.open(path) as library:
        for patient in ("p1", "p2"):
            visits = library.visits(patient)
            assert len(visits) == 30
            assert library.parameters(visits[-1]) == parameters(29)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_killed_writer_loses_at_most_what_it_was_writing(path: Path) -> None:
    draw = random.Random(3)
    told = 0
    for _ in range(KILLS):
        process = writer(path, "p1", 0)
        for _ in range(draw.randint(1, 8)):
            told = int(process.stdout.readline()) + 1
        time.sleep(draw.uniform(0.0, 0.003))
        process.send_signal(signal.SIGKILL)
        with process:  # what it had told before it was killed is still in the pipe
            told = max([told, *(int(line) + 1 for line in process.stdout.read().split())])
        with Library.open(path, create=False) as library:
            assert library.rows("PRAGMA integrity_check") == [("ok",)]
            assert library.rows("PRAGMA foreign_key_check") == []
            visits = library.visits("p1")
            assert told <= len(visits) <= told + 1
            for visit in visits:
                number = (visit.day - FIRST_DAY).days
                assert library.parameters(visit) == parameters(number)
                assert np.array_equal(library.posterior(visit).mean, posterior(number).mean)
