"""What went wrong, why, and what to do, until the user has read it."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from organtwin.session.session import Session


class Banner(QFrame):
    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._session = session
        self.text = QLabel(self)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setAccessibleName("Problem")
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.close_button = QToolButton(self)
        self.close_button.setText("Dismiss")
        self.close_button.clicked.connect(self._dismiss)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 5, 6, 5)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        session.notice_changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        notice = self._session.notice
        self.setVisible(notice is not None)
        if notice is not None:
            self.text.setText(f"{notice.title}\n{' '.join((notice.text, notice.remedy)).strip()}")

    @Slot()
    def _dismiss(self) -> None:
        self._session.notice = None
