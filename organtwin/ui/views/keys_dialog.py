"""Every key of the program in one list that can be searched."""

from collections.abc import Sequence

from PySide6.QtCore import Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from organtwin.ui.widgets.fact_table import Cell, Column, FactTable

SIZE = (620, 560)
FURTHER = (
    ("Therapy card", "Earlier or later in the plan", "Alt+Up, Alt+Down"),
    ("Therapy card", "Dose: a step, a tenth, an end", "Arrows, Page Up/Down, Home/End"),
    ("Plans above the cards", "The plan beside", "Left, Right"),
    ("Plan in time", "Another moment; back to the steady plan", "Left, Right; Esc"),
    ("Map of pacemaker settings", "Another setting; take it", "Arrows; Return"),
    ("ECG beat, with calipers", "Move; hold left, right or both ends; put away",
     "Arrows (with Shift ten times); Home, End, Tab; Esc"),
    ("Everywhere", "Next or previous control; a menu by its first letter", "Tab, Shift+Tab; Alt"),
)  # fmt: skip
"""Keys that only work where the focus is: ``(place, what, keys)``."""


class KeysDialog(QDialog):
    """``rows``: menu, action and key of the whole window, as the menus have them."""

    def __init__(self, rows: Sequence[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard")
        self.resize(*SIZE)
        self._rows = (*rows, *FURTHER)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search, e.g. plan or Ctrl+")
        self.search.setAccessibleName("Search the keys")
        self.search.setToolTip("Shows what holds all of these words")
        self.search.setClearButtonEnabled(True)
        columns = (
            Column("where", "Map of pacemaker settings", numeric=False),
            Column("what", "Remove the last point or measurement, or more", numeric=False),
            Column("keys", "Ctrl+Shift+M", numeric=False),
        )
        self.table = FactTable("Keys", columns, self)
        self.table.setMinimumWidth(400)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.table, 1)
        layout.addWidget(buttons)
        self.search.textChanged.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        words = self.search.text().lower().split()
        found = [row for row in self._rows if all(w in " ".join(row).lower() for w in words)]
        self.table.show_rows([[Cell(text, tooltip=text) for text in row] for row in found])


def written(shortcut: str) -> str:
    """A shortcut as this system writes it."""
    return QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
