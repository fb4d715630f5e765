"""One pacing site or lesion of the electric plan: its name, its delay or radius, and a cross."""

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QToolButton, QWidget

from organtwin.simulation.electric_plan import AblationLine, PacedSite, Step
from organtwin.ui.widgets.elided_label import ElidedLabel
from organtwin.units import MM, MS

DELAYS = (0.0, 300.0)
"""[ms] After the sinus impulse, as pacemakers offer."""
RADII = (2.0, 12.0)
"""[mm] Smaller lesions would be finer than the mesh; larger ones are made of several."""


class StepRow(QWidget):
    """Emits what the user does; shows what it is given."""

    changed = Signal(int, object)
    settled = Signal()
    removed = Signal(int)

    def __init__(self, number: int, step: Step, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number, self.step = number, step
        paced = isinstance(step, PacedSite)
        self.name = ElidedLabel(self)
        self.value = QDoubleSpinBox(self)
        self.value.setRange(*(DELAYS if paced else RADII))
        self.value.setDecimals(0 if paced else 1)
        self.value.setSingleStep(5.0 if paced else 0.5)
        self.value.setSuffix(" ms" if paced else " mm")
        self.value.setToolTip("After the sinus impulse" if paced else "Radius of the lesion")
        self.value.setAccessibleName(f"{'Delay' if paced else 'Radius'} of {step.name}")
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.value.setKeyboardTracking(False)
        remove = QToolButton(self)
        remove.setText("✕")
        remove.setToolTip(f"Remove {step.name}")
        remove.setAccessibleName(f"Remove {step.name}")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.name, 1)
        layout.addWidget(self.value)
        layout.addWidget(remove)
        self.value.valueChanged.connect(self._change)
        self.value.editingFinished.connect(self.settled)
        remove.clicked.connect(self._remove)
        self.show_step(step)

    def show_step(self, step: Step) -> None:
        """Show a step that came from elsewhere; emits nothing."""
        self.step = step
        self.name.setText(step.name[:1].upper() + step.name[1:])
        self.name.setToolTip(self.name.text())
        with QSignalBlocker(self.value):
            self.value.setValue(step.time / MS if isinstance(step, PacedSite) else step.radius / MM)

    @Slot(float)
    def _change(self, value: float) -> None:
        if isinstance(self.step, PacedSite):
            self.step = replace(self.step, time=value * MS)
        else:
            self.step = replace(self.step, radius=value * MM)
        self.changed.emit(self.number, self.step)

    @Slot()
    def _remove(self) -> None:
        self.removed.emit(self.number)
