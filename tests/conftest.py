"""What every test may rely on."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.evidence_hooks import (  # noqa: F401  (pytest finds its hooks here)
    pytest_deselected,
    pytest_runtest_logreport,
    pytest_sessionfinish,
)

# The same examples every time, so that a change answers for its own failures only;
# HYPOTHESIS_PROFILE=explore draws new ones, and what it finds is kept as an @example.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

_SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """Folder of public recordings and meshes beside the checkout, too large to be kept in it."""
    if not _SHARED_DATA.is_dir():
        pytest.skip("no shared/data beside this checkout")
    return _SHARED_DATA


def _application() -> Any:
    """The Qt application, or None; asks Qt only when something has loaded it."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    return None if widgets is None else widgets.QApplication.instance()


def _windows(application: Any) -> set[Any]:
    core = sys.modules["PySide6.QtCore"]
    application.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
    return set(application.topLevelWidgets())


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    """No window and no pressed mouse button outlives its test and disturbs the next."""
    application = _application()
    before = set() if application is None else _windows(application)
    held_before = application is not None and application.mouseButtons().value
    yield
    if (application := _application()) is None:
        return
    left = _windows(application) - before
    assert not left, f"windows left open: {left}; register them with qtbot.addWidget"
    held = application.mouseButtons()
    assert held_before or not held.value, f"mouse button held down: {held}; release it"
