"""The set-up script asks for what is missing, and only for that."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "environment.sh"


class Machine:
    """A machine whose commands are replaced by short scripts; calls of apt-get are logged."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "calls"
        self.log.touch()
        self.command("id", "echo 1000")
        self.command("sudo", "exit 1")
        self.command("apt-get", f'echo "$*" >>"{self.log}"')

    def command(self, name: str, body: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{body}\n", "utf-8")
        path.chmod(0o755)

    def bash(self, code: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.folder}:{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-c", f'set -euo pipefail; source "{SCRIPT}"; {code}'],
            capture_output=True, text=True, check=False, env={**os.environ, "PATH": path},
        )  # fmt: skip

    @property
    def calls(self) -> list[str]:
        return self.log.read_text("utf-8").splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    folder = tmp_path / "a folder"
    folder.mkdir()
    return Machine(folder)


def test_a_library_that_the_linker_does_not_know_is_asked_for(machine: Machine) -> None:
    lines = "".join(
        f"\\t{library} (libc6,x86-64) => /usr/lib/{library}\\n"
        for library in ("libGL.so.1", "libEGL.so.1", "libdbus-1.so.3", "libxkbcommon.so.0.1",
                        "libfontconfig.so.1", "libglib-2.0.so.0")
    )  # fmt: skip
    machine.command("ldconfig", f"printf '{lines}'")
    result = machine.bash('missing_libraries "$offscreen_libraries"')
    assert result.stdout.split() == ["libxkbcommon0"]


def test_a_system_without_that_linker_is_asked_for_nothing(machine: Machine) -> None:
    machine.command("ldconfig", "exit 1")
    result = machine.bash('missing_libraries "$offscreen_libraries"')
    assert (result.returncode, result.stdout) == (0, "")


def test_nothing_missing_calls_nothing_and_says_nothing(machine: Machine) -> None:
    result = machine.bash("provide_packages")
    assert (result.returncode, result.stderr, machine.calls) == (0, "", [])


def test_a_user_without_privilege_is_told_what_to_type(machine: Machine) -> None:
    result = machine.bash("provide_packages libegl1 libgl1")
    assert result.returncode == 1
    assert "sudo apt-get install --no-install-recommends libegl1 libgl1" in result.stderr
    assert machine.calls == []


def test_passwordless_sudo_is_used(machine: Machine) -> None:
    machine.command("sudo", f'echo sudo >>"{machine.log}"; shift; exec "$@"')
    assert machine.bash("provide_packages libegl1").returncode == 0
    assert machine.calls[1] == "sudo"
    assert machine.calls[2].endswith("install -y --no-install-recommends libegl1")


def test_stale_package_lists_are_refreshed_once(machine: Machine) -> None:
    machine.command("id", "echo 0")
    machine.command(
        "apt-get",
        f'echo "$*" >>"{machine.log}"\n'
        f'case "$*" in *install*) grep -q update "{machine.log}" ;; esac',
    )
    assert machine.bash("provide_packages libegl1").returncode == 0
    assert [call.split()[3] for call in machine.calls] == ["install", "update", "install"]


def test_an_installation_that_fails_shows_why(machine: Machine) -> None:
    machine.command("id", "echo 0")
    machine.command("apt-get", "echo 'no space left' >&2; exit 100")
    result = machine.bash("provide_packages libegl1")
    assert result.returncode == 1
    assert "no space left" in result.stderr


@pytest.mark.parametrize(("minor", "found"), [(10, False), (11, True), (13, True), (14, False)])
def test_a_python_of_another_version_is_passed_over(
    machine: Machine, minor: int, found: bool
) -> None:
    pretend = f"import sys; sys.version_info = (3, {minor}, 2); exec(sys.argv[1])"
    machine.command("python3", f"exec '{sys.executable}' -c '{pretend}' \"$2\"")
    result = machine.bash("supported_python python3")
    assert (result.returncode == 0, result.stdout == f"{sys.executable}\n") == (found, found)
