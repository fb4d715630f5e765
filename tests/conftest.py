"""What every test may rely on."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """Folder of public recordings and meshes beside the checkout, too large to be kept in it."""
    if not _SHARED_DATA.is_dir():
        pytest.skip("no shared/data beside this checkout")
    return _SHARED_DATA


def _top_level_widgets() -> set[Any]:
    """Windows that exist now; asks Qt only when something has loaded it."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or (application := widgets.QApplication.instance()) is None:
        return set()
    core = sys.modules["PySide6.QtCore"]
    application.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
    return set(application.topLevelWidgets())


@pytest.fixture(autouse=True)
def no_widget_is_left_behind() -> Iterator[None]:
    before = _top_level_widgets()
    yield
    left = _top_level_widgets() - before
    assert not left, f"the test left windows behind: {left}; register them with qtbot.addWidget"
