"""How deep the cut lies: a slim slider at the edge of the heart's picture."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from organtwin.session.selection import DEEPEST

STEPS_PER_MM = 2
_REACH = round(1e3 * DEEPEST * STEPS_PER_MM)


class CutSlider(QFrame):
    """Tells ``moved`` the depth [m]; up goes into the part that was cut away."""

    moved = Signal(float)
    reset = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("overlay")
        self.slider = QSlider(Qt.Orientation.Vertical, self)
        self.slider.setRange(-_REACH, _REACH)
        self.slider.setInvertedAppearance(True)
        self.slider.setSingleStep(STEPS_PER_MM)
        self.slider.setPageStep(5 * STEPS_PER_MM)
        self.slider.setMinimumHeight(110)
        self.slider.setAccessibleName("Depth of the cut")
        self.slider.setToolTip(
            "Depth of the cut. Also: Ctrl+wheel, or the keys [ and ].\n"
            "Ctrl+drag in the picture turns the cut."
        )
        self.label = QLabel(self)
        self.label.setObjectName("small")
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.label.setFixedWidth(self.label.fontMetrics().horizontalAdvance("−70.0 mm"))
        self.back = QToolButton(self)
        self.back.setText("reset")
        self.back.setAccessibleName("Put the cut back into its place")
        self.back.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 4, 2, 2)
        layout.setSpacing(2)
        layout.addWidget(self.slider, 1, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self.label)
        layout.addWidget(self.back, 0, Qt.AlignmentFlag.AlignHCenter)
        self.slider.valueChanged.connect(self._tell)
        self.back.clicked.connect(self.reset)
        self.show_place((0.0, 0.0, 0.0))

    def show_place(self, place: tuple[float, float, float]) -> None:
        """Show depth [m] and whether the cut was turned, without echo."""
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(1e3 * place[0] * STEPS_PER_MM))
        self.label.setText(f"{1e3 * place[0]:+.1f} mm".replace("-", "−"))
        self.back.setEnabled(any(place))

    @Slot(int)
    def _tell(self, steps: int) -> None:
        self.moved.emit(1e-3 * steps / STEPS_PER_MM)
