"""What the fit knows of a parameter: the hearts that explain the patient against the prior."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from organtwin.session.posterior_shape import PosteriorShape, drawn_parameters, posterior_shape
from organtwin.session.session import Session
from organtwin.ui.theme import theme
from organtwin.ui.views.axis import Axis, joined
from organtwin.ui.views.chart import Chart, Curve, Dot, Strip
from organtwin.ui.widgets.wording import pretty_unit, significant

_NO_TWIN = "Posteriors appear with the fitted twin."
_NO_DOUBT = "The doubt of the fit is being estimated …"
_FLOOR = -0.06
"""Where the members' dots lie, under the densities."""


@dataclass(frozen=True, slots=True)
class _Unmarked(Axis):
    """Heights are compared, not read off."""

    def text(self, mark: float) -> str:
        return ""


_DENSITY = _Unmarked("density", "", -0.125, 1.075, 0.3)


class PosteriorView(QWidget):
    """Follows the twin; drawn only while it is seen."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.choice = QComboBox(self)
        self.choice.setAccessibleName("Parameter of the posterior")
        self.chart = Chart("Posterior against prior", self)
        self.told = QLabel(self)
        self.told.setWordWrap(True)
        self.told.setObjectName("small")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(self.choice)
        layout.addWidget(self.chart, 1)
        layout.addWidget(self.told)
        self.choice.currentIndexChanged.connect(self._draw)
        session.twin_changed.connect(self._show)
        session.selection.events.theme.connect(self._show)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    @Slot()
    def _show(self) -> None:
        self.chart.set_theme(theme(self._session.selection.theme))
        twin = self._session.twin
        if not self.isVisible() and twin is not None:
            return
        labels = drawn_parameters(twin) if twin is not None else ()
        if labels != tuple(self.choice.itemText(n) for n in range(self.choice.count())):
            chosen = self.choice.currentText()
            with QSignalBlocker(self.choice):
                self.choice.clear()
                self.choice.addItems(labels)
                self.choice.setCurrentIndex(max(self.choice.findText(chosen), 0))
        self._draw()

    @Slot()
    def _draw(self) -> None:
        twin, label = self._session.twin, self.choice.currentText()
        self.choice.setEnabled(bool(label))
        known = self._session.fit_work.known
        shape = (
            posterior_shape(twin, label, known.prior if known else None) if twin and label else None
        )
        if shape is None:
            self.chart.set_empty(_NO_DOUBT if twin else _NO_TWIN)
            self.told.setText("")
            return
        self._show_shape(shape)
        self.told.setText(_sentence(shape))

    def _show_shape(self, shape: PosteriorShape) -> None:
        extent = joined(
            (float(shape.x[0]), float(shape.x[-1])),
            (float(shape.members.min()), float(shape.members.max())),
        )
        across, up = _steps(shape)
        self.chart.set_curves(
            Axis.covering(shape.label, shape.unit, extent, ticks=4),
            _DENSITY,
            [Curve("prior", "muted", shape.x, shape.prior), Curve("hearts", "accent", across, up)],
            [Strip("accent", across, np.zeros_like(up), up)],
        )
        self.chart.set_marks(None, [Dot(float(x), _FLOOR, "accent") for x in shape.members])


def _steps(shape: PosteriorShape) -> tuple[np.ndarray, np.ndarray]:
    """The outline of the histogram."""
    across = np.repeat(shape.edges, 2)
    return across, np.concatenate([[0.0], np.repeat(shape.density, 2), [0.0]])


def _sentence(shape: PosteriorShape) -> str:
    low, high = np.quantile(shape.members, (0.05, 0.95))
    text = (
        f"{significant(shape.value)} {pretty_unit(shape.unit)}, 90 % of the hearts "
        f"{significant(float(low))} to {significant(float(high))}. {shape.told}"
    )
    return text if shape.determined else f"Not determined by the data. {text}"
