"""The frame every panel sits in: a quiet title, controls beside it, and the contents below."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

HEADER_HEIGHT = 26
"""Tall enough for a button, so that titles stand level whether or not there is one."""


class TitledPanel(QFrame):
    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        label = QLabel(title.upper(), self)
        label.setObjectName("panelTitle")
        label.setMinimumHeight(HEADER_HEIGHT)
        self.header = QHBoxLayout()
        """Controls are added here, right of the title."""
        self.header.setSpacing(4)
        self.header.addWidget(label)
        self.header.addStretch(1)
        self.body = QVBoxLayout()
        """Contents are added here."""
        self.body.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 5, 8, 6)
        layout.setSpacing(4)
        layout.addLayout(self.header)
        layout.addLayout(self.body, 1)
