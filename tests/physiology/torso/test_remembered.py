from dataclasses import replace
from pathlib import Path

import numpy as np

from organtwin.anatomy.template_file import load_template
from organtwin.physiology.electrophysiology.torso.body import TrunkSizes
from organtwin.physiology.electrophysiology.torso.remembered import remembered_fan
from organtwin.physiology.electrophysiology.torso.trunk import muscle_of
from organtwin.physiology.electrophysiology.torso.variation import FanStep


def steps(folder: Path, sizes: TrunkSizes) -> list[FanStep]:
    template = load_template()
    return list(
        remembered_fan(template, sizes, muscle_of(template), folder=folder, fine=0.02, coarse=0.04)
    )


def test_a_fan_is_solved_once_for_each_body(tmp_path: Path) -> None:
    first = steps(tmp_path, TrunkSizes())
    again = steps(tmp_path, TrunkSizes())
    other = steps(tmp_path, replace(TrunkSizes(), fat=0.02))
    assert len(again) == 1 < len(other)
    assert first[-1].fan is not None
    assert again[0].fan is not None
    np.testing.assert_array_equal(again[0].fan.weights, first[-1].fan.weights)
    assert first[-1].along is not None
    assert again[0].along is not None
    np.testing.assert_array_equal(again[0].along.weights, first[-1].along.weights)


def test_a_damaged_file_is_solved_again(tmp_path: Path) -> None:
    first = steps(tmp_path, TrunkSizes())
    for kept in tmp_path.glob("*.npy"):
        kept.write_bytes(kept.read_bytes()[:1000])
    again = steps(tmp_path, TrunkSizes())
    assert first[-1].fan is not None
    assert again[-1].fan is not None
    np.testing.assert_array_equal(again[-1].fan.weights, first[-1].fan.weights)


def test_a_folder_that_cannot_be_made_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert steps(tmp_path / "file" / "below", TrunkSizes())[-1].fan is not None


def test_progress_never_falls_back(tmp_path: Path) -> None:
    done = [step.done for step in steps(tmp_path, TrunkSizes())]
    assert done == sorted(done)
    assert done[-1] == 1.0
