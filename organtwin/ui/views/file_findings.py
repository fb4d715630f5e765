"""What was found in the files of a heart, listed and shown at its place on them."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from organtwin.anatomy.finding import GeometryFinding, GeometryFindingKind, place_text
from organtwin.session.session import Session
from organtwin.ui.views.file_view import FileView

if TYPE_CHECKING:
    from organtwin.arrays import FloatArray

_FAULTS = (
    GeometryFindingKind.REFUSED, GeometryFindingKind.DEFECT, GeometryFindingKind.REPAIRED,
)  # fmt: skip
"""Kinds whose places are marked without being chosen."""


class FileFindings(QWidget):
    """The files in 3D above, the findings below; a click on one turns the files to it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.view = FileView(session.selection.theme, self)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Findings")
        self.list.setWordWrap(True)
        self.list.setFixedHeight(150)
        self.list.currentRowChanged.connect(self._choose)
        self.list.itemClicked.connect(self._turn)
        self.told = QLabel("Looking for faults …", self)
        self.told.setObjectName("small")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.told)
        layout.addWidget(self.list)
        session.heart_examined.connect(self._show)

    def release(self) -> None:
        """Stop listening, and give the graphics memory back."""
        self._session.heart_examined.disconnect(self._show)
        self.view.release()

    @property
    def refusal(self) -> str:
        """Why no heart can be built of the files; empty when one can, or it is not known yet."""
        kind = GeometryFindingKind.REFUSED
        return next((f"{f.text}. {f.remedy}" for f in self._findings if f.kind is kind), "")

    @property
    def _findings(self) -> tuple[GeometryFinding, ...]:
        examination = self._session.examination
        return examination.findings if examination is not None else ()

    @Slot()
    def _show(self) -> None:
        examination = self._session.examination
        if examination is None:
            return
        self.view.show_outlines(examination.outlines)
        self.list.clear()
        for finding in self._findings:
            self.list.addItem(QListWidgetItem(_wording(finding)))
        count = len(self._findings)
        self.told.setText(f"{count or 'No'} finding{'' if count == 1 else 's'}; click to see where")
        self._choose(-1)

    @Slot(int)
    def _choose(self, row: int) -> None:
        """Mark the places of faults, and those of the chosen finding more loudly."""
        faults = [f.places for f in self._findings if f.kind in _FAULTS]
        marks: FloatArray = np.concatenate([np.empty((0, 3)), *faults])
        self.view.set_marks(marks, self._places(row))
        if len(self._places(row)):
            self.view.look_at(self._places(row))

    @Slot()
    def _turn(self) -> None:
        """Turn back to a finding that is already chosen."""
        self._choose(self.list.currentRow())

    def _places(self, row: int) -> "FloatArray":
        if 0 <= row < len(self._findings):
            return self._findings[row].places
        return np.empty((0, 3))


def _wording(finding: GeometryFinding) -> str:
    where = f" At {place_text(finding.places[0])}" if len(finding.places) else ""
    more = f" and {len(finding.places) - 1} more places" if len(finding.places) > 1 else ""
    remedy = f" {finding.remedy}" if finding.remedy else ""
    text = finding.text.rstrip(".")
    return f"{finding.kind.value.capitalize()}: {finding.field}: {text}.{remedy}{where}{more}"
