"""The beat and its intervals, side by side, one above the other, or the beat alone."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from organtwin.session.session import Session
from organtwin.ui.views.ecg_beat_view import EcgBeatView
from organtwin.ui.views.ecg_intervals import EcgIntervals, brief

_LEAST_PAPER = (460, 250)
"""[pixels] The table takes no room from a paper that would be left narrower or lower than this."""


class EcgBeatPage(QWidget):
    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.beat = EcgBeatView(session, self)
        self.intervals = EcgIntervals(session, self)
        self._table_width = self.intervals.minimumWidth()
        self.intervals.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._layout.addWidget(self.beat, 1)
        self._layout.addWidget(self.intervals)
        session.ecg_changed.connect(self._arrange)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    @Slot()
    def _arrange(self) -> None:
        """Beside the paper where that is wide, below where it is tall."""
        table = self.intervals
        wide = self._table_width
        high = table.horizontalHeader().sizeHint().height() + 4
        high += table.row_count * table.verticalHeader().defaultSectionSize()
        beside = self.width() - wide >= _LEAST_PAPER[0]
        below = self.height() - high >= _LEAST_PAPER[1] and self.width() >= wide
        table.setVisible(table.row_count > 0 and (beside or below))
        self.beat.brief = "" if table.isVisibleTo(self) else brief(self._session.ecg)
        direction = QBoxLayout.Direction
        self._layout.setDirection(direction.LeftToRight if beside else direction.TopToBottom)
        table.setFixedSize(wide, high)
        side = Qt.AlignmentFlag.AlignTop if beside else Qt.AlignmentFlag.AlignLeft
        self._layout.setAlignment(table, side)
