"""Measurements beside the twin as a table, and their residuals drawn below it."""

from collections.abc import Sequence

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from organtwin.ui.theme import Theme
from organtwin.ui.widgets.fact_table import FactTable
from organtwin.ui.widgets.residual_plot import Residual, ResidualPlot


class FitPage(QWidget):
    """The drawing is there where there is room beside all lines of the table.

    Once the button was pressed, it is there or not as the user wants.
    """

    def __init__(self, table: FactTable, legend: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._table = table
        self._wanted: bool | None = None
        self.plot = ResidualPlot(self)
        self.button = QToolButton(self)
        self.button.setText("Residuals")
        self.button.setCheckable(True)
        self.button.setToolTip("Draw (twin − measured) / sd under the table")
        self.button.clicked.connect(self._choose)
        below = QLabel(legend, self)
        below.setObjectName("small")
        row = QHBoxLayout()
        row.addWidget(below, 1)
        row.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(table, 1)
        layout.addWidget(self.plot)
        layout.addLayout(row)
        self._arrange()

    def show_residuals(self, rows: Sequence[Residual], colors: Theme) -> None:
        """Draw residuals; without any there is nothing to toggle."""
        self.plot.show_rows(rows, colors)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    @Slot()
    def _choose(self) -> None:
        self._wanted = self.button.isChecked()
        self._arrange()

    def _arrange(self) -> None:
        some = bool(self.plot.rows)
        shown = some and (self._has_room if self._wanted is None else self._wanted)
        self.button.setEnabled(some)
        self.button.setChecked(shown)
        self.plot.setVisible(shown)

    @property
    def _has_room(self) -> bool:
        lines = self._table.row_count * self._table.verticalHeader().defaultSectionSize()
        head = self._table.horizontalHeader().height()
        return self.height() >= lines + head + self.plot.sizeHint().height() + 40
