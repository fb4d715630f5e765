"""What files of a heart hold, and what the user says about them before it is built."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from organtwin.anatomy.label_map import Structure
from organtwin.errors import OrganTwinError
from organtwin.patient.geometry.inspection import FileKind, HeartFiles
from organtwin.patient.geometry.mapping import mapping_text, read_mapping
from organtwin.patient.geometry.placing import UNITS
from organtwin.patient.geometry.voxelizing import Part
from organtwin.session.heart_choice import HeartChoice
from organtwin.session.session import Session
from organtwin.ui.views.file_findings import FileFindings
from organtwin.ui.widgets.choice_box import ChoiceBox
from organtwin.ui.widgets.heart_wording import hint, part_choices, preset_choices, structure_text
from organtwin.ui.widgets.wording import number
from organtwin.units import ML

FILE_COLUMNS = ("file", "what it is", "size", "shows")
VALUE_COLUMNS = ("value", "name in the file", "voxels", "mL", "structure")
SIZE = (1180, 600)
"""Fits a screen of 1366 x 768 with its frame."""
_MAPPINGS = "Label mapping (*.toml)"
_AXES = ("LPS", "RAS", "unknown")
_STRUCTURES: tuple[Structure | None, ...] = (None, *(kind for kind in Structure if kind))


class HeartDialog(QDialog):
    """Shows a ``HeartChoice`` and changes it; accepting hands its source to the session."""

    def __init__(self, session: Session, files: HeartFiles, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self.told = session, files
        self.choice = HeartChoice.first(files)
        self.setWindowTitle("The patient's heart")
        width, height = SIZE
        self.resize(width, height)
        self._layout, self.findings = QVBoxLayout(), FileFindings(session, self)
        self._lay_out_halves()
        self.parts: dict[Path, ChoiceBox[Part | None]] = {}
        self.structures: list[ChoiceBox[Structure | None]] = []
        self.files = self._files_table()
        self._layout.addWidget(self.files, 0 if files.labels else 1)
        self.preset = ChoiceBox("Meaning of the values", preset_choices(files), self)
        self.preset.setVisible(bool(files.labels))
        if files.labels:
            self._layout.addLayout(self._mapping_line())
            self.values = self._values_table()
            self._layout.addWidget(self.values, 1)
        self.unit, self.axes, self.frame = self._add_placing()
        self.complete = self._check(
            "Add missing chambers from the &template", self._choose_complete
        )
        self.any_position = self._check(
            "Accept an unusual &position (dextrocardia)", self._choose_position
        )
        self.hint = self._sentence("small")
        self.problem = self._sentence("status")
        self.problem.setProperty("level", "watch")
        self.problem.setAccessibleName("What is still to be said")
        self.buttons, self.build = self._add_buttons()
        session.heart_examined.connect(self._show_problem)
        self._take(self.choice)
        self._show_first_part()

    def _lay_out_halves(self) -> None:
        halves = QHBoxLayout(self)
        halves.addLayout(self._layout, 3)
        halves.addWidget(self.findings, 2)

    def accept(self) -> None:
        """Build the heart as it was described."""
        if not self.choice.problem:
            self._session.use_heart(self.choice.source)
            super().accept()

    def save_mapping(self, path: Path) -> None:
        """Write the meaning of the values as a file, and go by that file from now on."""
        try:
            path.write_text(mapping_text(self.choice.table), encoding="utf-8")
        except OSError as error:
            self._tell(f"{path}: {error}. Choose another folder.")
            return
        self._take(replace(self.choice, mapping=str(path)))

    def open_mapping(self, path: Path) -> None:
        """Take over the meaning of the values from a file."""
        try:
            mapping = read_mapping(path)
        except OrganTwinError as error:
            self._tell(str(error))
            return
        self._take(self.choice.with_mapping(mapping))

    def done(self, result: int) -> None:
        """Close; the graphics memory is given back at once."""
        self._session.heart_examined.disconnect(self._show_problem)
        self.findings.release()
        super().done(result)

    def _take(self, choice: HeartChoice) -> None:
        self.choice = choice
        self._session.examination = None
        self._session.examine_heart(choice.source)
        self._show()

    @Slot()
    def _show_problem(self) -> None:
        """What hinders, if anything: what is still to be said, or what is wrong with the files."""
        problem = self.choice.problem or self.findings.refusal
        self._tell(problem)
        self.build.setEnabled(not problem)

    def _show(self) -> None:
        """Set every control without echo."""
        choice = self.choice
        for box, kind in zip(self.structures, choice.structures, strict=True):
            box.select(kind)
        for file, shows in self.parts.items():
            shows.select(choice.parts[file])
        self.preset.select(choice.mapping if choice.mapping in self.told.presets else "")
        self.complete.setChecked(choice.completes)
        self.complete.setEnabled(not choice.from_template)
        self.any_position.setChecked(choice.any_position)
        self.hint.setText(hint(choice))
        self._show_problem()

    def _show_first_part(self) -> None:
        """Of many labels, start at those of the heart."""
        first = next((row for row, kind in enumerate(self.choice.structures) if kind), None)
        if first is not None:
            top = QTableWidget.ScrollHint.PositionAtTop
            self.values.scrollTo(self.values.model().index(first, 0), top)

    def _tell(self, problem: str) -> None:
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    def _files_table(self) -> QTableWidget:
        table = _table("Files", FILE_COLUMNS, len(self.told.files), self)
        for row, told in enumerate(self.told.files):
            for column, text in enumerate((told.file.name, told.kind.value, told.about)):
                table.setItem(row, column, _item(text, str(told.file)))
            if told.file in self.choice.parts:
                name = f"What {told.file.name} shows"
                combo = ChoiceBox(name, part_choices(told.kind), table)
                combo.activated.connect(self._choose_part)
                table.setCellWidget(row, len(FILE_COLUMNS) - 1, combo)
                self.parts[told.file] = combo
        table.setColumnHidden(len(FILE_COLUMNS) - 1, not self.parts)
        _fit_columns(table)
        if self.told.labels:
            rows = table.rowHeight(0) * min(len(self.told.files), 3)
            table.setFixedHeight(rows + table.horizontalHeader().sizeHint().height() + 4)
        return table

    def _mapping_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        label = QLabel("&Meaning of the values", self)
        label.setBuddy(self.preset)
        self.preset.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.preset.activated.connect(self._choose_preset)
        line.addWidget(label)
        line.addWidget(self.preset, 1)
        for text, slot in (
            ("&Open mapping…", self._ask_for_mapping),
            ("&Save mapping…", self._ask_where_to_save),
        ):
            button = QPushButton(text, self)
            button.setAutoDefault(False)
            button.clicked.connect(slot)
            line.addWidget(button)
        return line

    def _values_table(self) -> QTableWidget:
        table = _table("Values", VALUE_COLUMNS, len(self.told.labels), self)
        for row, told in enumerate(self.told.labels):
            volume = number(told.volume / ML, 1)
            for column, text in enumerate(
                (str(told.value), told.name, str(told.voxels), volume)
            ):  # fmt: skip
                table.setItem(row, column, _item(text, numeric=column != 1))
            choices = [(structure_text(kind), kind) for kind in _STRUCTURES]
            combo = ChoiceBox(f"What value {told.value} is", choices, table)
            combo.activated.connect(self._choose_structure)
            table.setCellWidget(row, len(VALUE_COLUMNS) - 1, combo)
            self.structures.append(combo)
        _fit_columns(table)
        return table

    def _add_placing(
        self,
    ) -> tuple[ChoiceBox[str | None], ChoiceBox[str | None], ChoiceBox[int | None]]:
        """Unit, axes and time frame, where the files leave them open."""
        units: list[tuple[str, str | None]] = [("automatic", None), *((u, u) for u in UNITS)]
        turns: list[tuple[str, str | None]] = [("automatic (LPS)", None), *((a, a) for a in _AXES)]
        frames: list[tuple[str, int | None]] = [(str(f), f) for f in self.told.frames]
        unit = ChoiceBox("Unit", units, self)
        axes = ChoiceBox("Axes", turns, self)
        frame = ChoiceBox("Time frame", frames or [("none", None)], self)
        kinds = (FileKind.SURFACE, FileKind.TETS, FileKind.CONTOURS)
        meshed = bool(self.told.of(*kinds))
        line = QHBoxLayout()
        boxes: tuple[tuple[str, QComboBox, bool], ...] = (
            ("&Unit", unit, meshed), ("A&xes", axes, meshed),
            ("Time &frame", frame, bool(self.told.frames)),
        )  # fmt: skip
        for text, combo, wanted in boxes:
            combo.setVisible(wanted)
            combo.activated.connect(self._choose_placing)
            if wanted:
                label = QLabel(text, self)
                label.setBuddy(combo)
                line.addWidget(label)
                line.addWidget(combo)
                line.addSpacing(12)
        line.addStretch(1)
        self._layout.addLayout(line)
        return unit, axes, frame

    def _check(self, text: str, slot: Callable[[bool], None]) -> QCheckBox:
        box = QCheckBox(text, self)
        box.clicked.connect(slot)
        self._layout.addWidget(box)
        return box

    def _sentence(self, look: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(look)
        label.setWordWrap(True)
        self._layout.addWidget(label)
        return label

    def _add_buttons(self) -> tuple[QDialogButtonBox, QPushButton]:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        # The style's red cross is louder than anything else here.
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setIcon(QIcon())
        build = buttons.addButton("Build the heart", QDialogButtonBox.ButtonRole.AcceptRole)
        build.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._layout.addWidget(buttons)
        return buttons, build

    @Slot()
    def _choose_preset(self) -> None:
        name = self.preset.value
        self._take(self.choice.with_preset(name) if name else replace(self.choice, mapping=""))

    @Slot()
    def _choose_structure(self) -> None:
        choice = self.choice
        for row, combo in enumerate(self.structures):
            choice = choice.with_structure(row, combo.value)
        self._take(choice)

    @Slot()
    def _choose_part(self) -> None:
        choice = self.choice
        for file, combo in self.parts.items():
            choice = choice.with_part(file, combo.value)
        self._take(choice)

    @Slot()
    def _choose_placing(self) -> None:
        unit, axes, frame = self.unit.value, self.axes.value, self.frame.value
        self._take(replace(self.choice, unit=unit, axes=axes, frame=frame))

    @Slot(bool)
    def _choose_complete(self, on: bool) -> None:
        self._take(replace(self.choice, complete=on))

    @Slot(bool)
    def _choose_position(self, on: bool) -> None:
        self._take(replace(self.choice, any_position=on))

    @Slot()
    def _ask_for_mapping(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Open a label mapping", "", _MAPPINGS)
        if path:
            self.open_mapping(Path(path))

    @Slot()
    def _ask_where_to_save(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, "Save the label mapping", "labels.toml", _MAPPINGS
        )
        if path:
            self.save_mapping(Path(path))


def _item(text: str, tooltip: str = "", *, numeric: bool = False) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    item.setToolTip(tooltip)
    if numeric:
        item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return item


def _table(name: str, columns: Sequence[str], rows: int, parent: QWidget) -> QTableWidget:
    table = QTableWidget(rows, len(columns), parent)
    table.setAccessibleName(name)
    table.setHorizontalHeaderLabels(list(columns))
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.horizontalHeader().setStretchLastSection(True)
    return table


def _fit_columns(table: QTableWidget) -> None:
    table.resizeColumnsToContents()
    table.resizeRowsToContents()
