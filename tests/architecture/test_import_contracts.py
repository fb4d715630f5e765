"""The written direction of imports holds, and each contract that writes it can turn red."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
CONTRACTS = {contract["name"]: contract for contract in SETTINGS["contracts"]}
LAYERS = {
    name
    for row in CONTRACTS["Layers: every arrow points down"]["layers"]
    for name in row.split(" | ")
}

VIOLATIONS: list[tuple[str, dict[str, str]]] = [
    ("Layers: every arrow points down", {"session.history": "import skeleton.ui"}),
    ("Layers: every arrow points down", {"newcomer": ""}),
    ("Layers: every arrow points down", {"link.replay": "import skeleton.assimilation"}),
    ("Layers: every arrow points down", {"twin.building": "import skeleton.store"}),
    ("Qt lives only in ui and app", {"store.autosave": "from PySide6.QtCore import QTimer"}),
    ("VTK lives only in scene and ui.views", {"store.archive": "import vtkmodules"}),
    ("Qt lives only in ui and app", {"twin.prediction": "from PySide6.QtCore import QObject"}),
    ("Qt lives only in ui and app", {"link.mllp": "from PySide6.QtNetwork import QTcpServer"}),
    ("VTK lives only in scene and ui.views", {"ui.panels.patient": "import pyvista"}),
    ("VTK lives only in scene and ui.views", {"link.watch": "import vtkmodules"}),
    (
        "The three physics do not know each other; only the heart couples them",
        {"physiology.mechanics.triseg": "import skeleton.physiology.circulation"},
    ),
    (
        "Panels and views meet only in the session",
        {"ui.views.trace": "import skeleton.ui.panels"},
    ),
    ("Only session, ui and app schedule work", {"simulation.beat": "import skeleton.tasks"}),
    (
        "No cycles between siblings",
        {
            "patient.first": "import skeleton.patient.second",
            "patient.second": "import skeleton.patient.first",
        },
    ),
]
"""A contract, and the modules that break it."""


def broken_contracts(folder: Path, capsys: pytest.CaptureFixture[str]) -> set[str]:
    lint_imports(str(folder / "pyproject.toml"), cache_dir=str(folder / "cache"), no_logo=True)
    report = " ".join(capsys.readouterr().out.split())
    assert re.search(r"Contracts: \d+ kept, \d+ broken", report), report
    return {name for name in CONTRACTS if f"{name} BROKEN" in report}


def add_module(folder: Path, name: str, text: str = "") -> None:
    path = folder.joinpath(*name.split(".")).with_suffix(".py")
    for package in reversed(path.relative_to(folder).parents[:-1]):
        (folder / package).mkdir(exist_ok=True)
        (folder / package / "__init__.py").touch()
    path.write_text(text, "utf-8")


@pytest.fixture
def skeleton(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty package of the same shape under another name, since ours is already imported."""
    text = (ROOT / "pyproject.toml").read_text("utf-8").replace("organtwin", "skeleton")
    settings = str(tomllib.loads(text)["tool"]["importlinter"])
    (tmp_path / "pyproject.toml").write_text(text, "utf-8")
    names = {f"skeleton.{layer}" for layer in LAYERS} | set(re.findall(r"skeleton[.\w]+", settings))
    for name in names:
        add_module(tmp_path, f"{name}.__init__")
    monkeypatch.syspath_prepend(tmp_path)
    # The checker sets up logging for its own process, which silences every logger of this one.
    monkeypatch.setattr("logging.config.dictConfig", lambda settings: None)
    return tmp_path


def test_an_empty_skeleton_keeps_every_contract(
    skeleton: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert broken_contracts(skeleton, capsys) == set()


@pytest.mark.parametrize(("contract", "modules"), VIOLATIONS)
def test_a_deliberate_violation_breaks_its_contract(
    skeleton: Path, capsys: pytest.CaptureFixture[str], contract: str, modules: dict[str, str]
) -> None:
    for module, text in modules.items():
        add_module(skeleton, f"skeleton.{module}", text)
    assert contract in broken_contracts(skeleton, capsys)


def test_every_contract_has_a_violation() -> None:
    assert {contract for contract, _ in VIOLATIONS} == set(CONTRACTS)


@pytest.mark.parametrize(
    ("contract", "exempt"),
    [
        ("Qt lives only in ui and app", {"ui", "app", "commands", "__main__"}),
        ("VTK lives only in scene and ui.views", {"ui", "app", "commands", "__main__", "scene"}),
    ],
)
def test_a_forbidding_contract_names_every_package_that_it_means(
    contract: str, exempt: set[str]
) -> None:
    named = {name.removeprefix("organtwin.") for name in CONTRACTS[contract]["source_modules"]}
    assert LAYERS - exempt <= named


def test_the_contracts_hold_for_the_package() -> None:
    lint = "from importlinter.cli import lint_imports; exit(lint_imports(no_logo=True))"
    result = subprocess.run(
        [sys.executable, "-c", lint], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert result.returncode == 0, result.stdout
