"""A read-only table of aligned numbers whose columns keep their width."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Column:
    """``sample`` is the longest text the column must hold; numbers stand on the right."""

    title: str
    sample: str
    numeric: bool = True
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    color: str | None = None
    tooltip: str = ""
    struck: bool = False
    """Crossed out: not to be believed."""


class _Model(QAbstractTableModel):
    def __init__(self, columns: Sequence[Column], parent: QWidget) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.rows: tuple[tuple[Cell, ...], ...] = ()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        cell = self.rows[index.row()][index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell.text
            case Qt.ItemDataRole.ForegroundRole:
                return QColor(cell.color) if cell.color else None
            case Qt.ItemDataRole.FontRole:
                return _struck() if cell.struck else None
            case Qt.ItemDataRole.ToolTipRole:
                return cell.tooltip or None
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._alignment(index.column())
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.columns[section].title
            case Qt.ItemDataRole.ToolTipRole:
                return self.columns[section].tooltip or None
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._alignment(section)
        return None

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        side = (
            Qt.AlignmentFlag.AlignRight
            if self.columns[column].numeric
            else Qt.AlignmentFlag.AlignLeft
        )
        return side | Qt.AlignmentFlag.AlignVCenter


def _struck() -> QFont:
    font = QFont()
    font.setStrikeOut(True)
    return font


class FactTable(QTableView):
    """Rows are replaced as a whole; what did not change in shape is not laid out again."""

    def __init__(self, name: str, columns: Sequence[Column], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._model = _Model(columns, self)
        self.setModel(self._model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.horizontalHeader().setStretchLastSection(True)
        self._fix_sizes()

    def show_rows(self, rows: Sequence[Sequence[Cell]]) -> None:
        table = tuple(tuple(row) for row in rows)
        if table and len(table) == len(self._model.rows):
            self._model.rows = table
            last = self._model.index(len(table) - 1, len(self._model.columns) - 1)
            self._model.dataChanged.emit(self._model.index(0, 0), last)
            return
        self._model.beginResetModel()
        self._model.rows = table
        self._model.endResetModel()

    def text(self, row: int, column: int) -> str:
        return self._model.rows[row][column].text

    @property
    def row_count(self) -> int:
        return len(self._model.rows)

    def _fix_sizes(self) -> None:
        self.ensurePolished()
        metrics = self.fontMetrics()
        row_height = metrics.height() + 3
        self.verticalHeader().setMinimumSectionSize(row_height)
        self.verticalHeader().setDefaultSectionSize(row_height)
        for number, column in enumerate(self._model.columns):
            widest = max(map(metrics.horizontalAdvance, (column.sample, column.title)))
            self.setColumnWidth(number, widest + 9)
        columns = sum(self.columnWidth(number) for number in range(len(self._model.columns)))
        self.setMinimumWidth(columns + self.verticalScrollBar().sizeHint().width() + 2)
