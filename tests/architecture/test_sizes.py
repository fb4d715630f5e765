"""Files and functions stay small enough to be read in one go."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def check_sizes(root: Path) -> subprocess.CompletedProcess[str]:
    script = ROOT / "scripts" / "check_sizes.py"
    return subprocess.run(
        [sys.executable, script, root], capture_output=True, text=True, check=False
    )


def function(body_lines: int, docstring_lines: int = 0) -> str:
    docstring = '    """First.' + "\n    more" * docstring_lines + '"""\n'
    return "def long():\n" + docstring + "    x = 1\n" * body_lines


def test_no_file_or_function_of_the_project_passes_the_limit() -> None:
    result = check_sizes(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("text", "returncode", "reported"),
    [
        ("x = 1\n" * 350, 0, "0 over the size budget"),
        ("x = 1\n" * 351, 0, "1 over the size budget, 0 over the limit"),
        ("x = 1\n" * 501, 1, "1 over the size budget, 1 over the limit"),
        (function(34), 0, "0 over the size budget"),
        (function(34, docstring_lines=80), 0, "0 over the size budget"),
        (function(35), 0, "1 over the size budget, 0 over the limit"),
        (function(70), 1, "1 over the size budget, 1 over the limit"),
    ],
)
def test_what_is_too_long_is_reported(
    tmp_path: Path, text: str, returncode: int, reported: str
) -> None:
    (tmp_path / "organtwin").mkdir()
    (tmp_path / "organtwin" / "heart.py").write_text(text, "utf-8")
    result = check_sizes(tmp_path)
    assert result.returncode == returncode
    assert reported in result.stdout
