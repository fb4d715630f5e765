"""The list of landmarks and measurements, beside the window; to read, rename, copy and delete."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from organtwin.anatomy.marking import Kind, Marking
from organtwin.arrays import FloatArray
from organtwin.scene.anchoring import places_over_beat
from organtwin.scene.motion import Motion
from organtwin.session.session import Session
from organtwin.ui.widgets.marking_text import place_text, span_text, value_text
from organtwin.ui.widgets.wording import ABSENT

PHASES = tuple(k / 20 for k in range(20))
COLUMNS = ("name", "kind", "start of the beat", "over the beat")


class MarkingsList(QDialog):
    """Follows the session; values are those of the heart that is shown."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle("Landmarks and measurements")
        self.resize(520, 260)
        self.table = QTableWidget(0, len(COLUMNS), self)
        self.table.setHorizontalHeaderLabels(COLUMNS)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.verticalHeader().hide()
        self.table.setAccessibleName("Landmarks and measurements")
        self.table.itemChanged.connect(self._rename)
        self.copy, self.delete = QPushButton("Copy", self), QPushButton("Delete", self)
        self.copy.clicked.connect(self.copy_table)
        self.delete.clicked.connect(self.delete_chosen)
        note = QLabel("Simulated; points move with the heart. Patient axes LPS.", self)
        note.setObjectName("small")
        buttons = QHBoxLayout()
        for widget in (note, self.copy, self.delete):
            buttons.addWidget(widget, 1 if widget is note else 0)
        layout = QVBoxLayout(self)
        layout.addWidget(self.table)
        layout.addLayout(buttons)
        for signal in (
            session.markings_changed, session.twin_changed, session.prediction_changed
        ):  # fmt: skip
            signal.connect(self._show)

    def showEvent(self, event: QShowEvent) -> None:
        self._show()
        super().showEvent(event)

    def text(self) -> str:
        """The table with tabs, as spreadsheets take it."""
        rows = [COLUMNS, *(self._row(row) for row in range(self.table.rowCount()))]
        return "\n".join("\t".join(row) for row in rows) + "\n"

    @Slot()
    def copy_table(self) -> None:
        QApplication.clipboard().setText(self.text())

    @Slot()
    def delete_chosen(self) -> None:
        """Remove the selected rows."""
        gone = {index.row() for index in self.table.selectedIndexes()}
        kept = [m for row, m in enumerate(self._session.markings) if row not in gone]
        self._session.markings = tuple(kept)

    @Slot()
    def _show(self) -> None:
        if not self.isVisible() and self.table.rowCount() == len(self._session.markings) == 0:
            return
        markings = self._session.markings
        places = self._places(markings)
        with QSignalBlocker(self.table):
            self.table.setRowCount(len(markings))
            for row, marking in enumerate(markings):
                cells = _cells(marking, places[row])
                for column, text in enumerate(cells):
                    item = QTableWidgetItem(text)
                    if column > 0:
                        item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
                    self.table.setItem(row, column, item)
        self.table.resizeColumnsToContents()

    @Slot(QTableWidgetItem)
    def _rename(self, item: QTableWidgetItem) -> None:
        markings = list(self._session.markings)
        name = item.text().strip()
        if item.column() == 0 and name:
            markings[item.row()] = replace(markings[item.row()], name=name)
            self._session.markings = tuple(markings)
        self._show()

    def _places(self, markings: tuple[Marking, ...]) -> list[FloatArray | None]:
        """For each marking ``(n_phases, n_points, 3)`` [m]; None without a heart."""
        motion = self._session.shown.motion if self._session.shown else None
        if not isinstance(motion, Motion):
            return [None] * len(markings)
        anchors = [anchor for marking in markings for anchor in marking.anchors]
        found = places_over_beat(motion, anchors, PHASES)
        ends = np.cumsum([len(marking.anchors) for marking in markings])
        return list(np.split(found, ends[:-1], axis=1)) if markings else []

    def _row(self, row: int) -> tuple[str, ...]:
        items = [self.table.item(row, column) for column in range(len(COLUMNS))]
        return tuple(item.text() if item else "" for item in items)


def _cells(marking: Marking, places: FloatArray | None) -> tuple[str, ...]:
    head = (marking.name, str(marking.kind))
    if places is None:
        return (*head, ABSENT, ABSENT)
    if marking.kind is Kind.LANDMARK:
        travel = float(np.linalg.norm(places[:, 0] - places[0, 0], axis=1).max())
        return (*head, place_text(places[0, 0]), f"moves {1e3 * travel:.1f} mm")
    values = [marking.value(row) for row in places]
    return (*head, value_text(marking.kind, values[0]), span_text(marking.kind, values))
