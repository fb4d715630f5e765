"""A slider and a number field for one dose, with its unit and limits."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSlider, QWidget

from organtwin.ui.widgets.wording import pretty_unit

NUMBER_WIDTH = 112
"""Room for ``20.0 µg/kg/min`` and the arrows [pixels before scaling]."""


class GestureSlider(QSlider):
    """Tells when a gesture ends: a drag, a click beside the handle, a key held down."""

    let_go = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.let_go.emit()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        super().keyReleaseEvent(event)
        if not event.isAutoRepeat():
            self.let_go.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.let_go.emit()


class DoseControl(QWidget):
    """Both parts show the same dose; ``changed`` while it moves, ``settled`` when it is let go."""

    changed = Signal(float)
    settled = Signal()

    def __init__(
        self,
        label: str,
        unit: str,
        limits: tuple[float, float],
        *,
        step: float,
        decimals: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._lower, self._step = limits[0], step
        self.slider = GestureSlider(self)
        self.slider.setAccessibleName(f"{label} dose slider")
        self.slider.setRange(0, round((limits[1] - limits[0]) / step))
        self.slider.setPageStep(max(self.slider.maximum() // 10, 1))
        self.number = QDoubleSpinBox(self)
        self.number.setAccessibleName(f"{label} dose")
        self.number.setDecimals(decimals)
        self.number.setRange(*limits)
        self.number.setSingleStep(step)
        self.number.setSuffix(f" {pretty_unit(unit)}" if unit else "")
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.number.setKeyboardTracking(False)
        self.number.setFixedWidth(NUMBER_WIDTH)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.number)
        self.slider.valueChanged.connect(self._slider_moved)
        self.slider.let_go.connect(self.settled)
        self.number.valueChanged.connect(self._number_changed)
        self.number.editingFinished.connect(self.settled)

    @property
    def value(self) -> float:
        return self.number.value()

    def show_value(self, value: float) -> None:
        """Show a dose that came from elsewhere; emits nothing."""
        with QSignalBlocker(self.slider), QSignalBlocker(self.number):
            self.slider.setValue(round((value - self._lower) / self._step))
            self.number.setValue(value)

    @Slot(int)
    def _slider_moved(self, position: int) -> None:
        value = self._lower + position * self._step
        with QSignalBlocker(self.number):
            self.number.setValue(value)
        self.changed.emit(self.number.value())

    @Slot(float)
    def _number_changed(self, value: float) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(round((value - self._lower) / self._step))
        self.changed.emit(value)
