"""One pacing site or lesion of the electric plan: its name, its delay or radius, and a cross."""

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QGridLayout, QToolButton, QWidget

from organtwin.simulation.electric_plan import Ablation, AblationLine, PacedSite, Step
from organtwin.ui.widgets.card_scroll import guard_wheel
from organtwin.ui.widgets.elided_label import ElidedLabel
from organtwin.units import MM, MS

DELAYS = (0.0, 300.0)
"""[ms] After the sinus impulse, as pacemakers offer."""
RADII = (2.0, 12.0)
"""[mm] Smaller lesions would be finer than the mesh; larger ones are made of several."""
DEPTHS = (1.0, 20.0)
"""[mm] Into a ventricle: from a touch of the catheter to through the wall, as a surgeon cuts."""

_RADIUS_OF = {
    Ablation: "Radius of the lesion",
    AblationLine: "Half the width of the line",
}


class StepRow(QWidget):
    """Emits what the user does; shows what it is given."""

    changed = Signal(int, object)
    settled = Signal()
    removed = Signal(int)

    def __init__(self, number: int, step: Step, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number, self.step = number, step
        self.closed: QCheckBox | None = None
        self.deep: QDoubleSpinBox | None = None
        paced = isinstance(step, PacedSite)
        self.name = ElidedLabel(self)
        self.value = _box(f"{'Delay' if paced else 'Radius'} of {step.name}", self)
        self.value.setRange(*(DELAYS if paced else RADII))
        self.value.setDecimals(0 if paced else 1)
        self.value.setSingleStep(5.0 if paced else 0.5)
        self.value.setSuffix(" ms" if paced else " mm")
        self.value.setToolTip("After the sinus impulse" if paced else _RADIUS_OF[type(step)])
        remove = QToolButton(self)
        remove.setText("✕")
        remove.setToolTip(f"Remove {step.name}")
        remove.setAccessibleName(f"Remove {step.name}")
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setVerticalSpacing(1)
        layout.setColumnStretch(0, 1)
        for column, widget in enumerate((self.name, self.value, remove)):
            layout.addWidget(widget, 0, column)
        if isinstance(step, AblationLine):
            layout.addWidget(self._closed_box(step), 1, 0)
            layout.addWidget(self._depth_box(step), 1, 1)
        self.value.valueChanged.connect(self._change)
        self.value.editingFinished.connect(self.settled)
        remove.clicked.connect(self._remove)
        self.show_step(step)
        guard_wheel(self)

    def _closed_box(self, step: AblationLine) -> QCheckBox:
        self.closed = QCheckBox("loop", self)
        self.closed.setToolTip("Lead the line back to its first point")
        self.closed.setAccessibleName(f"{step.name} closed to a loop")
        self.closed.toggled.connect(self._close)
        return self.closed

    def _depth_box(self, step: AblationLine) -> QDoubleSpinBox:
        self.deep = _box(f"Depth of {step.name}", self)
        self.deep.setRange(*DEPTHS)
        self.deep.setDecimals(0)
        self.deep.setSuffix(" mm deep")
        self.deep.setToolTip("Into a ventricle; an atrium's wall is always ablated through")
        self.deep.valueChanged.connect(self._deepen)
        self.deep.editingFinished.connect(self.settled)
        return self.deep

    def show_step(self, step: Step) -> None:
        """Show a step that came from elsewhere; emits nothing."""
        self.step = step
        self.name.setText(step.name[:1].upper() + step.name[1:])
        self.name.setToolTip(self.name.text())
        with QSignalBlocker(self.value):
            self.value.setValue(step.time / MS if isinstance(step, PacedSite) else step.radius / MM)
        if isinstance(step, AblationLine) and self.closed is not None:
            with QSignalBlocker(self.closed):
                self.closed.setChecked(step.closed)
        if isinstance(step, AblationLine) and self.deep is not None:
            with QSignalBlocker(self.deep):
                self.deep.setValue(step.depth / MM)

    @Slot(float)
    def _change(self, value: float) -> None:
        if isinstance(self.step, PacedSite):
            self.step = replace(self.step, time=value * MS)
        else:
            self.step = replace(self.step, radius=value * MM)
        self.changed.emit(self.number, self.step)

    @Slot(bool)
    def _close(self, closed: bool) -> None:
        if isinstance(self.step, AblationLine):
            self.step = replace(self.step, closed=closed)
            self.changed.emit(self.number, self.step)
            self.settled.emit()

    @Slot(float)
    def _deepen(self, value: float) -> None:
        if isinstance(self.step, AblationLine):
            self.step = replace(self.step, depth=value * MM)
            self.changed.emit(self.number, self.step)

    @Slot()
    def _remove(self) -> None:
        self.removed.emit(self.number)


def _box(name: str, parent: QWidget) -> QDoubleSpinBox:
    box = QDoubleSpinBox(parent)
    box.setAccessibleName(name)
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    box.setKeyboardTracking(False)
    return box
