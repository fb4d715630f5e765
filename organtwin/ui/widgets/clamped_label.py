"""Text of a few lines in a place of fixed height; what has no room ends in an ellipsis."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget


class ClampedLabel(QLabel):
    """Plain text; the height is that of ``lines`` lines, so that nothing jumps when it changes."""

    def __init__(self, lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing())

    def shown(self) -> str:
        """As much of the text as has room, in whole words."""
        words = self.text().split(" ")
        if self._has_room(self.text()):
            return self.text()
        low, high = 0, len(words)
        while high - low > 1:
            middle = (low + high) // 2
            fits = self._has_room(_cut(words, middle))
            low, high = (middle, high) if fits else (low, middle)
        return _cut(words, low)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        flags = int(self.alignment()) | int(Qt.TextFlag.TextWordWrap)
        painter.drawText(self.contentsRect(), flags, self.shown())

    def _has_room(self, text: str) -> bool:
        box = QRect(0, 0, max(self.contentsRect().width(), 1), 10_000)
        flags = int(Qt.TextFlag.TextWordWrap)
        return self.fontMetrics().boundingRect(box, flags, text).height() <= self.height()


def _cut(words: list[str], count: int) -> str:
    return f"{' '.join(words[:count])} …"
