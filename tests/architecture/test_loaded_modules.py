"""What importing really loads, lazy imports by string included, asked of a fresh interpreter."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

IMPORT_ALL_BUT_THE_WINDOW = """
import pkgutil, sys, organtwin
drawing = {"scene", "ui", "app", "commands", "__main__"}
def walk(path, prefix):
    for module in pkgutil.iter_modules(path, prefix):
        if module.name.removeprefix("organtwin.") not in drawing:
            yield module.name
            __import__(module.name)
            if module.ispkg:
                yield from walk(sys.modules[module.name].__path__, module.name + ".")
for name in walk(organtwin.__path__, "organtwin."):
    __import__(name)
"""


def loaded_by(code: str) -> set[str]:
    """Names in ``sys.modules`` after a fresh interpreter has run the code."""
    listing = "\nimport sys\nprint('loaded:', *sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code + listing],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return set(result.stdout.rpartition("loaded:")[2].split())


def test_the_science_loads_neither_qt_nor_vtk() -> None:
    loaded = loaded_by(IMPORT_ALL_BUT_THE_WINDOW)
    assert "organtwin.physiology.heart" in loaded
    assert not loaded & {"PySide6", "shiboken6", "qtpy", "pyqtgraph", "vtkmodules", "pyvista"}


@pytest.mark.parametrize(
    "module", ["organtwin.app", "organtwin.__main__", "organtwin.commands.line"]
)
def test_the_first_window_waits_for_no_heavy_library(module: str) -> None:
    loaded = loaded_by(f"import {module}")
    assert not loaded & {"scipy", "numba", "pandas", "matplotlib", "pyvista", "vtk", "pyqtgraph"}
