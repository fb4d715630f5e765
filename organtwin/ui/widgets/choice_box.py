"""A combo box that gives back the very values it was filled with."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget

Value = TypeVar("Value")


class ChoiceBox(QComboBox, Generic[Value]):
    """Item data would come back from Qt as plain numbers where they are enumerations."""

    def __init__(
        self, name: str, choices: Sequence[tuple[str, Value]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.values = tuple(value for _, value in choices)
        self.addItems([text for text, _ in choices])

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the table around it; a passing wheel chooses nothing."""
        event.ignore()

    @property
    def value(self) -> Value:
        """What is chosen."""
        return self.values[self.currentIndex()]

    def select(self, value: Value) -> None:
        """Show a value without echo."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self.values.index(value) if value in self.values else -1)
