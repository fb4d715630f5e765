"""The window: lays the parts out and holds none of their state."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QSplitter, QVBoxLayout, QWidget

from organtwin import PURPOSE
from organtwin.session.archive_work import SUFFIX
from organtwin.session.session import Session
from organtwin.ui import theme
from organtwin.ui.actions import Actions
from organtwin.ui.clock import Clock
from organtwin.ui.commands import Commands
from organtwin.ui.panels.banner import Banner
from organtwin.ui.panels.jobs import JobBar
from organtwin.ui.panels.patient import PatientPanel
from organtwin.ui.panels.response import ResponsePanel
from organtwin.ui.panels.signals import EcgPanel, TracePanel
from organtwin.ui.panels.stage import HeartStage
from organtwin.ui.panels.therapy import TherapyPanel
from organtwin.ui.panels.top_bar import TopBar
from organtwin.ui.panels.unsaved_bar import UnsavedBar
from organtwin.ui.views.bullseye_view import BullseyeView
from organtwin.ui.views.course_view import CourseView
from organtwin.ui.views.dose_curve import DoseCurve
from organtwin.ui.views.ecg_beat_page import EcgBeatPage
from organtwin.ui.views.ecg_view import EcgView
from organtwin.ui.views.live_view import LiveView
from organtwin.ui.views.posterior_view import PosteriorView
from organtwin.ui.views.pv_loop_view import PvLoopView
from organtwin.ui.views.trace_view import TraceView
from organtwin.ui.views.trends_view import TrendsView
from organtwin.ui.widgets.paged_panel import PagedPanel


class MainWindow(QMainWindow):
    """Patient, heart and therapy above; signals and response below."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setAcceptDrops(True)
        self.patient = PatientPanel(session, self)
        self.stage = HeartStage(session, self)
        self.therapy = TherapyPanel(session, lambda kind: DoseCurve(session, kind), self)
        self.ecg = EcgView(session, self)
        self.beat = EcgBeatPage(session, self)
        self.live = LiveView(session, self)
        self.trends = TrendsView(session, self)
        self.course = CourseView(session, self)
        self.loops = PvLoopView(session, self)
        self.bullseye = BullseyeView(session, self)
        self.traces = TraceView(session, self)
        self.response = ResponsePanel(session, self)
        self.posterior = PosteriorView(session, self)
        self.patient.add_posterior(self.posterior)
        self.commands = Commands(session, self)
        self.commands.angles_now = lambda: self.stage.angles
        self.patient.sync.connect_button.clicked.connect(self.commands.connect_source)
        self.therapy.ramp_asked.connect(self.commands.plans.ramp)
        self.therapy.pacing.map_asked.connect(self.commands.map_pacing)
        self.actions_ = Actions(self.commands, self)
        menus = self.actions_.fill(self.menuBar())
        self.stage.add_measuring(menus["Measure"])
        more = (self.actions_["copy plan"], self.actions_["empty plan"])
        self.therapy.plans.offer(more, self.actions_["compare"])
        self.cases = self._cases_menu(menus["File"])
        self.setCentralWidget(self._central())
        self._clock = Clock(session, self)
        session.record_changed.connect(self._show_title)
        session.markings_changed.connect(self._show_title)
        session.selection.events.theme.connect(self._show_theme)
        self._show_title()

    def _central(self) -> QWidget:
        above = _splitter(
            Qt.Orientation.Horizontal, (self.patient, self.stage, self.therapy), (360, 640, 300), 1
        )
        below = _splitter(
            Qt.Orientation.Horizontal,
            (
                EcgPanel(
                    self.session, (self.beat, self.ecg, self.live, self.trends, self.course), self
                ),
                PagedPanel(
                    "Loops and segments",
                    (("PV loops", self.loops), ("Bull's eye", self.bullseye)),
                    self,
                ),
                TracePanel(self.session, self.traces, self),
                self.response,
            ),
            (350, 250, 290, 380),
            0,
        )
        halves = _splitter(Qt.Orientation.Vertical, (above, below), (420, 296), 0)
        central = QWidget(self)
        layout = QVBoxLayout(central)
        layout.setContentsMargins(4, 0, 4, 2)
        layout.setSpacing(3)
        buttons: list[QAction] = [self.actions_["undo"], self.actions_["redo"]]
        layout.addWidget(TopBar(self.session, self.actions_["play"], buttons, central))
        layout.addWidget(Banner(self.session, central))
        self.unsaved = UnsavedBar(self.session, central)
        layout.addWidget(self.unsaved)
        layout.addWidget(halves, 1)
        layout.addWidget(JobBar(self.session, central))
        return central

    def _cases_menu(self, file_menu: QMenu) -> QMenu:
        menu = QMenu("Bundled cases", self)
        menu.aboutToShow.connect(self._fill_cases)
        menu.triggered.connect(self._open_bundled)
        file_menu.insertMenu(self.actions_["export"], menu)
        return menu

    @Slot()
    def _fill_cases(self) -> None:
        self.cases.clear()
        for case in self.session.science.cases():
            action = self.cases.addAction(f"{case.title}: {case.diagnosis}")
            action.setData(case.name)

    @Slot(QAction)
    def _open_bundled(self, action: QAction) -> None:
        self.session.open(action.data())

    @Slot()
    def _show_title(self) -> None:
        record = self.session.record
        who = f"{record.title} · " if record else ""
        self.setWindowTitle(f"{who}OrganTwin[*] · {PURPOSE}")
        self.setWindowModified(self.session.saving.unsaved)

    @Slot(str)
    def _show_theme(self, name: str) -> None:
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply(application, name)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if not files:
            return
        event.acceptProposedAction()
        if files[0].lower().endswith(SUFFIX):
            self.commands.memory.open_archive(Path(files[0]))
        else:
            self.session.drop([Path(file) for file in files])

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.commands.settle_unsaved():
            event.ignore()
            return
        self.session.playhead.playing = False
        self.session.shutdown()
        super().closeEvent(event)


def _splitter(
    orientation: Qt.Orientation, widgets: Sequence[QWidget], sizes: Sequence[int], growing: int
) -> QSplitter:
    """Widgets with handles between; the one numbered ``growing`` takes the room that is left."""
    splitter = QSplitter(orientation)
    splitter.setHandleWidth(4)
    splitter.setChildrenCollapsible(False)
    for number, widget in enumerate(widgets):
        splitter.addWidget(widget)
        splitter.setStretchFactor(number, 1 if number == growing else 0)
    splitter.setSizes(list(sizes))
    return splitter
