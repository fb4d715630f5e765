"""What may lie in the repository, and under which name."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BANNED_NAMES = {"utils", "helpers", "common", "manager", "core", "base", "misc"}
KB, MB = 1_000, 1_000_000
PICTURES = {".png", ".jpg", ".jpeg", ".svg", ".gif", ".webp"}

PACKAGE_HOST = re.compile(
    r"--(index-url|extra-index-url|find-links|trusted-host)"
    r"|https?://[^\s/]*(pypi|pythonhosted|npmjs|anaconda|artifact|deb\.)",
    re.IGNORECASE,
)
HOME_PATH = re.compile(r"(?<![\w.~}])/(root|home/\w+|Users/\w+)/|\b[A-Z]:\\Users\\")


def repository_files() -> list[Path]:
    try:
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            capture_output=True, text=True, check=True, cwd=ROOT,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in listing.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def matching_lines(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    found = []
    for path in paths:
        try:
            lines = path.read_text("utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(ROOT)}:{number}"
            for number, line in enumerate(lines, start=1)
            if pattern.search(line)
        ]
    return found


def test_no_module_has_a_name_that_says_nothing() -> None:
    modules = [path.relative_to(ROOT) for path in (ROOT / "organtwin").rglob("*.py")]
    assert not [path for path in modules if BANNED_NAMES & set(path.with_suffix("").parts)]


def test_no_file_names_a_package_host() -> None:
    assert matching_lines(PACKAGE_HOST, repository_files()) == []


def test_no_file_names_somebodys_home_folder() -> None:
    assert matching_lines(HOME_PATH, repository_files()) == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (PACKAGE_HOST, "--extra" + "-index-url somewhere"),
        (PACKAGE_HOST, "see https:" + "//files.pythonhosted.org/packages"),
        (HOME_PATH, "open('" + "/home/" + "anna/heart.vtk')"),
        (HOME_PATH, "PATH=/ro" + "ot/bin"),
        (HOME_PATH, "C:" + r"\Users" + "\\anna"),
    ],
)
def test_the_patterns_find_what_they_are_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: re.Pattern[str], line: str
) -> None:
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    (tmp_path / "notes.md").write_text(f"harmless\n{line}\n", "utf-8")
    assert matching_lines(pattern, [tmp_path / "notes.md"]) == ["notes.md:2"]


def test_assets_stay_small() -> None:
    assets = [path for path in (ROOT / "assets").rglob("*") if path.is_file()]
    sizes = {path.relative_to(ROOT).as_posix(): path.stat().st_size for path in assets}
    pictures = {name: size for name, size in sizes.items() if Path(name).suffix in PICTURES}
    assert not {name: size for name, size in pictures.items() if size > 300 * KB}
    assert sum(sizes.values()) <= 12 * MB


def test_the_test_lock_only_adds_to_the_runtime_lock() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / name).read_text("utf-8").splitlines()
        return {line.split()[0] for line in lines if "==" in line}

    assert pins("requirements.lock") <= pins("requirements-test.lock")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock"])
def test_every_pinned_package_carries_hashes(name: str) -> None:
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    assert not [line for line in text.splitlines() if "--hash=sha256:" not in line]
