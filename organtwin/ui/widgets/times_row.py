"""From when to when a therapy is given: two numbers, in minutes or hours."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QLabel, QWidget

from organtwin.errors import InputError
from organtwin.therapy.times import Times

UNITS = (("min", 60.0), ("h", 3600.0))
_WIDTH = 74
_LONGEST = 7 * 86_400.0


class TimesRow(QWidget):
    """``changed`` carries ``Times``; ``refused`` the reason why those typed are none."""

    changed = Signal(object)
    refused = Signal(str)

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._times = Times()
        self.start = self._number(f"{label}: start", "When it starts, from the start of the plan")
        self.stop = self._number(f"{label}: stop", "When it stops; 0: it goes on to the end")
        self.stop.setSpecialValueText("end")
        self.unit = QComboBox(self)
        self.unit.setAccessibleName(f"{label}: unit of the times")
        self.unit.setToolTip("Unit of the times")
        for name, seconds in UNITS:
            self.unit.addItem(name, seconds)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget in (QLabel("from", self), self.start, QLabel("to", self), self.stop, self.unit):
            layout.addWidget(widget)
        layout.addStretch(1)
        self.start.valueChanged.connect(self._change)
        self.stop.valueChanged.connect(self._change)
        self.unit.activated.connect(self._show)
        self._show()

    def show_times(self, times: Times) -> None:
        """Show times that came from elsewhere; emits nothing."""
        if times != self._times:
            self._times = times
            longest = max(times.start, times.stop or 0.0)
            if longest >= 5 * UNITS[1][1]:
                self.unit.setCurrentIndex(1)
            self._show()

    def _number(self, name: str, tip: str) -> QDoubleSpinBox:
        number = QDoubleSpinBox(self)
        number.setAccessibleName(name)
        number.setToolTip(tip)
        number.setDecimals(1)
        number.setAlignment(Qt.AlignmentFlag.AlignRight)
        number.setKeyboardTracking(False)
        number.setFixedWidth(_WIDTH)
        return number

    @Slot()
    def _show(self) -> None:
        scale = self.unit.currentData()
        for number, value in ((self.start, self._times.start), (self.stop, self._times.stop)):
            with QSignalBlocker(number):
                number.setRange(0.0, _LONGEST / scale)
                number.setSingleStep(1.0 if scale == UNITS[0][1] else 0.5)
                number.setValue((value or 0.0) / scale)

    @Slot()
    def _change(self) -> None:
        scale = self.unit.currentData()
        try:
            times = Times(self.start.value() * scale, self.stop.value() * scale or None)
        except InputError as error:
            self._show()
            self.refused.emit(str(error))
            return
        self._times = times
        self.changed.emit(times)
