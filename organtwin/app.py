"""The composition root of the window: the only place that wires science, session and widgets.

The window is shown before anything heavy is imported; the 3D view and the compiled kernels load
behind it.
"""

import importlib
import logging
import signal
import sys
from time import perf_counter
from types import ModuleType

from PySide6.QtCore import QObject, QSize, QTimer, Slot
from PySide6.QtWidgets import QApplication

from organtwin.session.notice import notice_of
from organtwin.session.science import heart_science
from organtwin.session.session import Session
from organtwin.tasks.lanes import Lanes
from organtwin.ui import theme
from organtwin.ui.bridge import Bridge
from organtwin.ui.main_window import MainWindow

WAKE_INTERVAL = 200
"""[ms] How often Python gets a turn inside Qt's loop, so that Ctrl+C is heard."""

LARGEST_START = QSize(1600, 950)


def run_window(case: str | None, *, profile_start: bool = False) -> int:
    """Open the window on a bundled case or a file; ``None`` opens the default case.

    ``profile_start`` prints after how many milliseconds the window was visible, the first heart
    beat in it, and the twin was fitted.

    Returns
    -------
    int
        The exit status.
    """
    begin = perf_counter()
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    application = QApplication(sys.argv[:1])
    application.setApplicationName("OrganTwin")
    bridge = Bridge()
    session = Session(heart_science(), Lanes(bridge.post))
    theme.apply(application, session.selection.theme)
    window = MainWindow(session)
    start = Start(window, case, begin if profile_start else None)
    signal.signal(signal.SIGINT, lambda *_: window.close())
    room = application.primaryScreen().availableSize()
    window.resize(room.boundedTo(LARGEST_START))
    window.show()
    QTimer.singleShot(0, start.go)
    return application.exec()


class Start(QObject):
    """What happens once the window is visible: read the case, load the 3D view, tell the times."""

    def __init__(self, window: MainWindow, case: str | None, begin: float | None) -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        self._case, self._begin = case, begin
        self._told: set[str] = set()
        self._waker = QTimer(self, interval=WAKE_INTERVAL)
        self._waker.timeout.connect(self._wake)
        self._waker.start()
        self._session.twin_changed.connect(self._watch)

    @Slot()
    def go(self) -> None:
        self._tell("window visible")
        session = self._session
        session.autosaving.look()
        session.open(self._case or next(c.name for c in session.science.cases() if c.is_default))
        session.jobs.start(
            session.jobs.lanes.reading,
            "Loading the 3D view",
            lambda progress: _heart_view_module(),
            on_result=self._attach,
            on_error=self._without_heart,
        )

    def _attach(self, module: ModuleType) -> None:
        stage = self._window.stage
        stage.receive(module.MarkedHeartView(stage))
        self._watch()
        self._session.jobs.start(
            self._session.jobs.lanes.reading,
            "Readying cuts and probe",
            lambda progress: _ready_tools(),
            on_result=lambda _: None,
            on_error=self._without_tools,
        )

    def _without_heart(self, error: BaseException) -> None:
        self._window.stage.tell("The 3D view could not be loaded.")
        self._session.notice = notice_of(error, "Loading the 3D view")

    def _without_tools(self, error: BaseException) -> None:
        self._session.notice = notice_of(error, "Readying cuts and probe")

    @Slot()
    def _watch(self) -> None:
        session = self._session
        if session.shown is not None and self._window.stage.display is not None:
            if "first heart" not in self._told:
                session.playhead.playing = True
            self._tell("first heart")
        if session.twin is not None and not session.fitting:
            self._tell("fitted")

    @Slot()
    def _wake(self) -> None:
        """Do nothing, in Python: a pending Ctrl+C is handled on the way."""

    def _tell(self, milestone: str) -> None:
        if milestone in self._told:
            return
        self._told.add(milestone)
        if self._begin is not None:
            elapsed = 1000 * (perf_counter() - self._begin)
            sys.stdout.write(f"{milestone}: {elapsed:.0f} ms\n")
            sys.stdout.flush()


def _heart_view_module() -> ModuleType:
    """Import VTK and what draws with it, and ready its kernels; slow, so not on the GUI thread."""
    importlib.import_module("organtwin.scene.preparation").prepare()
    return importlib.import_module("organtwin.ui.views.marked_heart_view")


def _ready_tools() -> None:
    """Compile what opens and probes the heart, once the heart itself is on screen."""
    importlib.import_module("organtwin.scene.preparation").prepare_tools()
