"""Digests change with what determines the answer and with nothing else."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from organtwin import __version__
from organtwin.anatomy.anchor import Anchor
from organtwin.anatomy.marking import Kind, Marking
from organtwin.errors import RecordError
from organtwin.patient.geometry.source import HeartSource
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.patient.waveform import Waveform
from organtwin.simulation.conditions import Conditions
from organtwin.store.digests import (
    answer_digest,
    conditions_digest,
    digest_of,
    program_version,
    record_digest,
)
from tests.unfitted_twin import normal_twin, record, unfitted_twin

ROOT = Path(__file__).parents[2]
RECORD = record(lv_ef=(60, 4), systolic_pressure=(120, 5))
APEX = Marking(Kind.LANDMARK, "apex", (Anchor("surface", (1,), (1.0,)),))
FIRST = RECORD.measurements[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c"), ("a", "bc")), ((1,), (1.0,)), (("1",), (1,)), ((True,), (1,)),
        ((None,), ("None",)), (((1, 2), 3), (1, (2, 3))), ((), ({},)), (b"a", "a"),
        ({"a": 1, "b": 2}, {"a": 2, "b": 1}), (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.zeros(2), (0.0, 0.0)), (0.1, float(np.nextafter(0.1, 1.0))),
    ],
)  # fmt: skip
def test_different_contents_have_different_digests(one: object, other: object) -> None:
    assert digest_of(one) != digest_of(other)


def test_neither_the_order_of_keys_nor_the_sign_of_zero_counts() -> None:
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})
    assert digest_of(0.0) == digest_of(-0.0)
    assert digest_of([1, 2]) == digest_of((1, 2))
    assert digest_of(np.arange(3.0)) == digest_of(np.arange(3.0).astype(">f8"))


def test_a_digest_is_the_same_for_ever() -> None:
    """Those in a library would no longer be found otherwise."""
    content = {"a": (1, 2.5, "ü", None, True), "b": np.array([1.0, -2.0])}
    assert digest_of(content) == "b86e3d16b4c660d620300a9ab920a717e9ff9eece22d15c8c095d05e09c00ca9"
    known = "d10b396ee915bf3216bfe5f239f4fffa56223a852cc15748fc519fa9a1334a16"
    assert record_digest(RECORD) == known


def test_what_is_not_plain_has_no_digest() -> None:
    with pytest.raises(TypeError, match="no digest of set"):
        digest_of({1, 2})


def wave(values: tuple[float, ...] = (1.0, 2.0), name: str = "a.dat") -> dict[str, Waveform]:
    return {"II": Waveform("II", np.arange(len(values)) / 500.0, np.array(values), "mV", name)}


@pytest.mark.parametrize(
    "changed",
    [
        replace(RECORD, measurements=RECORD.measurements[:1]),
        replace(RECORD, measurements=(replace(FIRST, value=np.nextafter(FIRST.value, 1)),
                                      RECORD.measurements[1])),
        replace(RECORD, measurements=(replace(FIRST, sd=0.05), RECORD.measurements[1])),
        replace(RECORD, conduction="lbbb"),
        replace(RECORD, waveforms=wave()),
        replace(RECORD, median_beat=wave()),
        replace(RECORD, demographics=Demographics("female")),
        replace(RECORD, demographics=Demographics(height=1.6)),
        replace(RECORD, diagnosis="Pulmonary arterial hypertension"),
    ],
)  # fmt: skip
def test_what_changes_a_number_changes_the_digest(changed: PatientRecord) -> None:
    assert record_digest(changed) != record_digest(RECORD)


@pytest.mark.parametrize(
    "changed",
    [
        replace(RECORD, title="Anna", diagnosis="none", remarks="new", case_id="7", rhythm="AF"),
        replace(RECORD, case_file=Path("elsewhere/case.toml")),
        replace(RECORD, demographics=Demographics(age=42.0)),
        replace(RECORD, markings=(APEX,)),
        replace(RECORD, measurements=tuple(replace(m, source="x") for m in RECORD.measurements)),
    ],
)
def test_what_changes_no_number_leaves_the_digest(changed: PatientRecord) -> None:
    assert record_digest(changed) == record_digest(RECORD)


def test_signals_count_and_where_they_lay_does_not() -> None:
    here, there = (replace(RECORD, waveforms=wave(name=name)) for name in ("a.dat", "b.dat"))
    other = replace(RECORD, waveforms=wave((1.0, 2.1)))
    assert record_digest(here) == record_digest(there) != record_digest(other)


def test_the_files_of_a_heart_count_by_what_is_in_them(tmp_path: Path) -> None:
    digests = []
    for folder, content in (("a", b"one"), ("b", b"one"), ("c", b"two")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "scan.nii").write_bytes(content)
        source = HeartSource((tmp_path / folder / "scan.nii",))
        digests.append(record_digest(replace(RECORD, heart=source)))
    assert digests[0] == digests[1] != digests[2]
    said = replace(RECORD, heart=replace(source, complete=True))
    assert record_digest(said) != digests[2]
    gone = HeartSource((tmp_path / "none.nii",))
    with pytest.raises(RecordError, match=r"none\.nii"):
        record_digest(replace(RECORD, heart=gone))


def test_conditions_and_answers_count_by_their_numbers() -> None:
    normal = Conditions()
    assert conditions_digest(normal) == conditions_digest(Conditions())
    assert conditions_digest(normal.scaled(blood_volume=1.01)) != conditions_digest(normal)
    for fact in ("paced", "preserved_heart_failure", "anaesthetised"):
        assert conditions_digest(replace(normal, **{fact: True})) != conditions_digest(normal)
    same = unfitted_twin(normal_twin().record)
    assert answer_digest(same) == answer_digest(normal_twin())
    assert answer_digest(unfitted_twin(normal_twin().record, 0.01)) != answer_digest(same)


def test_the_program_is_told_by_its_version_and_its_files(tmp_path: Path) -> None:
    assert program_version().startswith(f"{__version__}+")
    assert len(program_version()) == len(__version__) + 13


FIT = """
import json
from organtwin.patient.case_file import load_case
from organtwin.store.digests import answer_digest, program_version, record_digest
from organtwin.twin.building import fitting
twin = [step.twin for step in fitting(load_case("hfref_lbbb"), members=3) if step.twin][-1]
print(json.dumps({
    "case": record_digest(twin.record), "answer": answer_digest(twin),
    "program": program_version(), "numbers": dict(twin.numbers),
    "levers": list(twin.fit.levers), "members": [list(m.values) for m in twin.ensemble],
}))
"""


def test_a_case_replays_to_identical_numbers_in_another_process() -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", FIT], cwd=ROOT, text=True, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONHASHSEED": seed, "OPENBLAS_NUM_THREADS": threads},
        )
        for seed, threads in (("1", "1"), ("2", "2"))
    ]  # fmt: skip
    one, other = (json.loads(process.communicate(timeout=120)[0]) for process in running)
    assert one == other
    assert len(one["members"]) == 3
