"""A slider and a number field for one dose, with its unit and limits."""

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSlider, QWidget

from organtwin.ui.widgets.wording import pretty_unit


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
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
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
        self.number.setFixedWidth(116)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.number)
        self.slider.valueChanged.connect(self._slider_moved)
        self.slider.sliderReleased.connect(self.settled)
        self.slider.installEventFilter(self)
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

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """A row of key presses on the slider ends when the focus leaves it."""
        if watched is self.slider and event.type() == QEvent.Type.FocusOut:
            self.settled.emit()
        return False

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
