"""Who is open, how well the twin agrees, and the controls of the clock."""

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QToolButton, QWidget

from organtwin.quantities import QUANTITIES
from organtwin.session.phase_lock import DELAY
from organtwin.session.playhead import SPEEDS
from organtwin.session.session import Session
from organtwin.ui.panels.sync import PHASE_LEVELS
from organtwin.ui.widgets.elided_label import ElidedLabel


class TopBar(QWidget):
    def __init__(
        self, session: Session, play: QAction, others: list[QAction], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.patient = ElidedLabel(self)
        self.patient.setObjectName("patientTitle")
        self.sync = ElidedLabel(self)
        self.sync.setObjectName("status")
        self.sync.setAccessibleName("State of the twin")
        self.speed = QComboBox(self)
        self.speed.setAccessibleName("Playback speed")
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g}×", speed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 2, 6, 2)
        layout.setSpacing(6)
        layout.addWidget(self.patient)
        layout.addSpacing(14)
        layout.addWidget(self.sync, 1)
        for action in others:
            layout.addWidget(self._button(action))
        layout.addWidget(self._button(play, primary=True))
        layout.addWidget(self.speed)
        self.speed.activated.connect(self._choose_speed)
        session.record_changed.connect(self._show)
        session.twin_changed.connect(self._show)
        session.jobs.changed.connect(self._show_sync)
        session.stream_changed.connect(self._show_sync)
        session.playhead.speed_changed.connect(self._show_speed)
        self._show_speed()
        self._show()

    def _button(self, action: QAction, *, primary: bool = False) -> QToolButton:
        button = QToolButton(self)
        button.setDefaultAction(action)
        # Reached by Tab, but a click leaves the focus, and so the Space key, where it was.
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if primary:
            button.setObjectName("primary")
            button.setMinimumWidth(72)
        return button

    @Slot()
    def _show(self) -> None:
        record = self._session.record
        self.patient.setText(record.title if record else "OrganTwin")
        self._show_sync()

    @Slot()
    def _show_sync(self) -> None:
        text, level = self._state()
        if text == self.sync.text():
            return
        self.sync.setText(text)
        self.sync.setProperty("level", level)
        self.sync.style().unpolish(self.sync)
        self.sync.style().polish(self.sync)

    def _state(self) -> tuple[str, str]:
        session = self._session
        if session.record is None:
            return "", ""
        if session.twin is None:
            if session.fitting:
                return "● fitting to the record …", "watch"
            return "○ not fitted: this is only a record", "bad"
        live = _live(session)
        if live is not None:
            return live
        fit = session.twin.fit
        level = "good" if fit.within_two_sd == fit.n_targets else "watch"
        state = f"● fitted · {fit.within_two_sd} of {fit.n_targets} within 2 sd"
        return f"{state} · estimating doubt …" if session.fitting else state, level

    @Slot()
    def _show_speed(self) -> None:
        with QSignalBlocker(self.speed):
            self.speed.setCurrentIndex(self.speed.findData(self._session.playhead.speed))

    @Slot(int)
    def _choose_speed(self, index: int) -> None:
        self._session.playhead.speed = self.speed.itemData(index)


def _live(session: Session) -> tuple[str, str] | None:
    """How the twin is in step; ``None`` without a live source."""
    stream, step = session.stream, session.stream.step
    if not stream.name or step is None:
        return None
    phase = step.state.phase.value
    if phase != "live":
        return f"○ {stream.name}: {phase}", PHASE_LEVELS.get(phase, "watch")
    rate = f" {60.0 / stream.interval:.0f}/min" if stream.interval else ""
    # How old the picture is at the most: what a chunk is late, and what the picture waits.
    lag = f", lag {1e3 * (step.lag95 + DELAY):.0f} ms" if step.lag95 == step.lag95 else ""
    off = ", ".join(QUANTITIES[each.name].label for each in step.unexplained)
    if off:
        return f"● live{rate}{lag} · not explained: {off}", "bad"
    return f"● live{rate}{lag} · {step.used} beats followed", "good"
