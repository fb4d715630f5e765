"""Angles of a C-arm, typed as a catheter laboratory writes them; the heart turns at once."""

import re

from PySide6.QtCore import Slot
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QSpinBox, QWidget

from organtwin.session.session import Session

MOST_ABOUT, MOST_TILT = 180, 90
"""Greatest angle to either side and to head or feet [degrees], as in DICOM PS3.3 C.8.7.5."""


class AngleBox(QSpinBox):
    """A signed angle [degrees] written with its side, e.g. ``LAO 30°``; ``-30`` is read as well."""

    def __init__(self, sides: tuple[str, str], most: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._sides = sides
        self.setRange(-most, most)
        self.setWrapping(False)
        self.setKeyboardTracking(False)
        self.setAccessibleName(" or ".join(sides))

    def textFromValue(self, value: int) -> str:
        side = self._sides[0] if value >= 0 else self._sides[1]
        return f"{side} {abs(value)}°" if value else "0°"

    def valueFromText(self, text: str) -> int:
        return self._read(text) or 0

    def validate(self, text: str, place: int) -> tuple[QValidator.State, str, int]:
        value = self._read(text)
        if value is not None and self.minimum() <= value <= self.maximum():
            return QValidator.State.Acceptable, text, place
        unfinished = value is None and re.fullmatch(r"\s*[A-Za-z]*\s*[-+]?\s*°?\s*", text)
        state = QValidator.State.Intermediate if unfinished else QValidator.State.Invalid
        return state, text, place

    def _read(self, text: str) -> int | None:
        plus, minus = self._sides
        found = re.fullmatch(r"\s*([A-Za-z]*)\s*([-+]?\d+)\s*°?\s*", text)
        if found is None:
            return None
        side, value = found[1].upper(), int(found[2])
        if not side:
            return value
        signs = [s for name, s in ((plus, 1), (minus, -1)) if name.startswith(side)]
        return signs[0] * value if len(signs) == 1 and value >= 0 else None


class CArmDialog(QDialog):
    """Stays open beside the heart; begins with the angles ``now`` [degrees] and keeps none."""

    def __init__(
        self, session: Session, parent: QWidget, now: tuple[float, float] | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("C-arm angles")
        self._session = session
        self.about = AngleBox(("LAO", "RAO"), MOST_ABOUT, self)
        self.tilt = AngleBox(("CRAN", "CAUD"), MOST_TILT, self)
        about, tilt = now or session.selection.angles or (0, 0)
        self.about.setValue(round(about))
        self.tilt.setValue(round(tilt))
        form = QFormLayout(self)
        form.addRow("About the long axis", self.about)
        form.addRow("Towards head or feet", self.tilt)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)
        self.about.valueChanged.connect(self._turn)
        self.tilt.valueChanged.connect(self._turn)

    @Slot()
    def _turn(self) -> None:
        self._session.selection.angles = (float(self.about.value()), float(self.tilt.value()))
