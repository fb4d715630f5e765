"""``organtwin ecg`` on real recordings and on files that are none."""

import json
from pathlib import Path

import pytest

from organtwin.commands.line import run


def test_a_left_bundle_branch_block_is_said_with_its_intervals(shared_data: Path, capsys) -> None:
    file = shared_data / "ecg" / "ptb-xl" / "00286_hr.hea"
    assert run(["ecg", str(file)]) == 0
    told = capsys.readouterr().out
    assert "left bundle branch block" in told
    assert "QTcF" in told


def test_json_gives_numbers_and_excluded_leads(shared_data: Path, capsys) -> None:
    file = shared_data / "ecg" / "ptb-xl" / "00312_hr.hea"
    assert run(["ecg", str(file), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert 60 <= facts["measurements"]["qrs_duration"]["value"] <= 110
    assert facts["excluded"] == []


@pytest.mark.parametrize("content", ["", "no ECG at all"])
def test_a_file_that_is_no_ecg_is_refused_with_a_remedy(
    tmp_path: Path, capsys, content: str
) -> None:
    file = tmp_path / "ecg.hea"
    file.write_text(content)
    assert run(["ecg", str(file)]) == 1
    assert str(file) in capsys.readouterr().err
