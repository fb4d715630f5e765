"""The patient's conditions: a line that states them, and asks where the text mentions another."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QCompleter,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from organtwin.errors import UnknownNameError
from organtwin.patient.conditions import UNLISTED, Condition, vocabulary
from organtwin.session.session import Session
from organtwin.ui.widgets.elided_label import ElidedLabel

NONE_STATED = "no condition stated"
_PLACEHOLDER = "name, abbreviation or code; choose or type"


class ConditionsLine(QWidget):
    """What is stated, a button to edit it, and a question below where there is one to ask."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._denied: set[str] = set()
        """What the user was asked about and said no to, of this case."""
        self._case = ""
        self._dialog: ConditionsDialog | None = None
        self.stated = ElidedLabel(self)
        self.stated.setObjectName("small")
        self.stated.setAccessibleName("Conditions of the patient")
        self.edit = _tool("Conditions…", "State conditions of the patient, or take them away", self)
        self.question = ElidedLabel(self)
        self.add = _tool("Add", "State this condition", self)
        self.deny = _tool("No", "The patient does not have it; do not ask again", self)
        self._asking = QWidget(self)
        self._lay_out()
        self.edit.clicked.connect(self.open_dialog)
        self.add.clicked.connect(self._add)
        self.deny.clicked.connect(self._deny)
        session.record_changed.connect(self._show_record)
        session.conditions_changed.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        top, below = QHBoxLayout(), QHBoxLayout(self._asking)
        below.setContentsMargins(0, 0, 0, 0)
        for widget, row in (
            (self.stated, top), (self.edit, top), (self.question, below), (self.add, below),
            (self.deny, below),
        ):  # fmt: skip
            row.addWidget(widget, 1 if isinstance(widget, ElidedLabel) else 0)
        layout.addLayout(top)
        layout.addWidget(self._asking)

    @Slot()
    def open_dialog(self) -> None:
        """The list of conditions, to be changed."""
        if self._dialog is None:
            self._dialog = ConditionsDialog(self._session, self)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.name.setFocus()

    @property
    def asked(self) -> str:
        """The condition that is asked about; empty for none."""
        open_questions = (n for n in self._session.stating.questions if n not in self._denied)
        return next(open_questions, "")

    @Slot()
    def _show_record(self) -> None:
        record = self._session.record
        case = record.case_id if record is not None else ""
        if case != self._case:  # saving tells of a record too, and is no reason to ask again
            self._denied.clear()
        self._case = case
        self._show()

    @Slot()
    def _show(self) -> None:
        names = self._session.conditions
        self.stated.setText("; ".join(names) if names else NONE_STATED)
        self.setEnabled(self._session.record is not None)
        asked = self.asked
        self._asking.setVisible(bool(asked))
        self.question.setText(f"In the text: {asked}" if asked else "")
        self.add.setToolTip(f"The text mentions {asked}: state it as a condition")

    @Slot()
    def _add(self) -> None:
        if self.asked:
            self._session.stating.add(self.asked)

    @Slot()
    def _deny(self) -> None:
        self._denied.add(self.asked)
        self._show()


class ConditionsDialog(QDialog):
    """Follows the session; each change is one step of undo."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle("Conditions of the patient")
        self.resize(560, 360)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Conditions that are stated")
        self.list.setWordWrap(True)
        self.name = QLineEdit(self)
        self.name.setPlaceholderText(_PLACEHOLDER)
        self.name.setAccessibleName("Condition to add")
        self.name.setToolTip("Any name or abbreviation in the list, or a SNOMED CT code")
        self.name.setCompleter(_completer(self.name))
        self.add, self.remove = QPushButton("Add", self), QPushButton("Take away", self)
        self.add.setToolTip("State this condition")
        self.remove.setToolTip("State the chosen condition no longer")
        self.told = QLabel(self)
        self.told.setObjectName("small")
        self.told.setWordWrap(True)
        self.told.setAccessibleName("What was wrong with the name")
        row = QHBoxLayout()
        row.addWidget(self.name, 1)
        row.addWidget(self.add)
        row.addWidget(self.remove)
        layout = QVBoxLayout(self)
        layout.addWidget(self.list, 1)
        layout.addLayout(row)
        layout.addWidget(self.told)
        self.name.returnPressed.connect(self.add_named)
        self.add.clicked.connect(self.add_named)
        self.add.setAutoDefault(False)
        self.remove.setAutoDefault(False)
        self.remove.clicked.connect(self.remove_chosen)
        session.conditions_changed.connect(self._show)
        session.record_changed.connect(self._show)
        self._show()

    @Slot()
    def add_named(self) -> None:
        """State what is typed, or say why it is not understood."""
        text = self.name.text().strip()
        if not text:
            return
        try:
            name = self._session.stating.add(text)
        except UnknownNameError as error:
            self.told.setText(f"{error} If it is none of them: “{UNLISTED[0]}” or “{UNLISTED[1]}”.")
            return
        self.name.clear()
        self.told.setText(f"Added: {name}. Undo takes it back.")

    @Slot()
    def remove_chosen(self) -> None:
        """State the selected one no longer."""
        row = self.list.currentRow()
        if 0 <= row < len(self._session.conditions):
            self._session.stating.remove(self._session.conditions[row])
            self.told.clear()

    @Slot()
    def _show(self) -> None:
        self.list.clear()
        for name in self._session.conditions:
            condition = vocabulary()[name]
            item = QListWidgetItem(f"{name}\n    {bearing(condition)}")
            item.setToolTip(", ".join(condition.words))
            self.list.addItem(item)
        self.remove.setEnabled(bool(self._session.conditions))


def bearing(condition: Condition) -> str:
    """What follows from a condition, in a line."""
    if "everything" in condition.outside:
        return f"every prediction is declined: {condition.why}"
    parts = []
    if condition.traits:
        parts.append(f"counts as: {', '.join(condition.traits)}")
    if condition.outside:
        named = ", ".join(name.replace("_", " ") for name in condition.outside)
        parts.append(f"declined: {named} ({condition.why})")
    return "; ".join(parts) or f"declines nothing: {condition.why}"


def _completer(parent: QWidget) -> QCompleter:
    words = [word for c in vocabulary().values() for word in (c.name, *c.words)]
    completer = QCompleter(sorted(set(words), key=str.lower), parent)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    completer.setFilterMode(Qt.MatchFlag.MatchContains)
    return completer


def _tool(text: str, tip: str, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button
