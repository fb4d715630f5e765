"""The line at the bottom: what is being computed, how far it is, and a way to stop it."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from organtwin import PURPOSE
from organtwin.session.session import Session
from organtwin.tasks.job import JobState
from organtwin.ui.widgets.elided_label import ElidedLabel


class JobBar(QWidget):
    """Shows the oldest running job and how many others wait."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: int | None = None
        self.message = ElidedLabel(self)
        self.message.setAccessibleName("Current computation")
        self.progress = QProgressBar(self)
        self.progress.setAccessibleName("Progress")
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(160)
        self.stop = QToolButton(self)
        self.stop.setText("Cancel")
        self.stop.setToolTip("Stop this computation")
        self.stop.clicked.connect(self._cancel)
        purpose = QLabel(PURPOSE, self)
        purpose.setObjectName("small")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 0, 6, 0)
        layout.addWidget(self.message, 1)
        layout.addWidget(self.progress)
        layout.addWidget(self.stop)
        layout.addSpacing(12)
        layout.addWidget(purpose)
        self.setFixedHeight(max(self.stop.sizeHint().height(), 24))
        session.jobs.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        statuses = self._session.jobs.statuses
        busy = [s for s in statuses if s.state is JobState.RUNNING] or list(statuses)
        for widget in (self.progress, self.stop):
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            widget.setSizePolicy(policy)
            widget.setVisible(bool(busy))
        if not busy:
            self._shown = None
            self.message.setText("Ready")
            return
        current = busy[0]
        self._shown = current.number
        others = f"   (+{len(statuses) - 1} more)" if len(statuses) > 1 else ""
        detail = f": {current.message}" if current.message else " …"
        self.message.setText(f"{current.title}{detail}{others}")
        self.progress.setValue(round(1000 * current.fraction))

    @Slot()
    def _cancel(self) -> None:
        if self._shown is not None:
            self._session.jobs.cancel(self._shown)
