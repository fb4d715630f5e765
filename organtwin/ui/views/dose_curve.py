"""One output over the doses of a therapy, the rest of the plan held."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from organtwin.arrays import FloatArray
from organtwin.quantities import QUANTITIES
from organtwin.session.session import Session
from organtwin.ui.theme import theme
from organtwin.ui.views.axis import Axis
from organtwin.ui.views.chart import Chart, Curve, Dot, Strip
from organtwin.ui.widgets.wording import wrapped

if TYPE_CHECKING:
    from organtwin.therapy.kind import TherapyKind
    from organtwin.twin.dose_response import DoseResponse

OUTPUTS = (
    "mean_arterial_pressure", "systolic_pressure", "cardiac_output", "heart_rate", "stroke_volume",
    "lv_ef", "lv_edv", "pcwp", "ra_pressure", "pa_mean", "pulmonary_vascular_resistance",
    "dp_dt_max",
)  # fmt: skip
HEIGHT = 132


class DoseCurve(QWidget):
    """Follows the session while its therapy is in the draft and it is on screen."""

    def __init__(
        self, session: Session, kind: "TherapyKind", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._kind = session, kind
        self.output = QComboBox(self)
        self.output.setAccessibleName(f"{kind.label}: output of the curve")
        self.output.setToolTip("What the curve shows over the dose")
        for name in OUTPUTS:
            self.output.addItem(QUANTITIES[name].label, name)
        self.state = QLabel(self)
        self.state.setObjectName("small")
        self.chart = Chart(f"{kind.label}: response over the dose", self)
        self.chart.setFixedHeight(HEIGHT)
        self.chart.setToolTip(
            "Steady state at each dose, the rest of the plan held.\n"
            "Shaded: 90 % band, from hearts that fit, how patients respond, and model error.\n"
            "Dot: the dose now."
        )
        top = QHBoxLayout()
        top.addWidget(self.output)
        top.addWidget(self.state, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(top)
        layout.addWidget(self.chart)
        self.output.activated.connect(self._choose)
        for signal in (
            session.draft_changed, session.doses.changed, session.selection.events.dose_output,
            session.selection.events.theme,
        ):  # fmt: skip
            signal.connect(self._show)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    @Slot()
    def _show(self) -> None:
        name, session = self._kind.name, self._session
        therapy = next((t for t in session.draft.therapies if t.kind.name == name), None)
        if therapy is not None and self.isVisible():
            self.chart.set_theme(theme(session.selection.theme))
            chosen = session.selection.dose_output
            self.show_response(session.doses.response(name), chosen, therapy.dose)

    def show_response(self, found: "DoseResponse | str | None", output: str, dose: float) -> None:
        """The curve with the dose marked, why there is none, or that it is awaited."""
        with QSignalBlocker(self.output):
            self.output.setCurrentIndex(self.output.findData(output))
        if found is None or isinstance(found, str):
            self.state.setText("")
            self.chart.set_empty(found or "Running doses …")
            return
        self._draw(found, output, dose)
        text, told = _told(found, output)
        self.state.setText(text)
        self.state.setToolTip(wrapped(told))

    def _draw(self, found: "DoseResponse", output: str, dose: float) -> None:
        quantity = QUANTITIES[output]
        values = np.array([quantity.from_si(value) for value in found.values[output]])
        strips = []
        shown = [values]
        if output in found.bands:
            low, high = (
                np.array([quantity.from_si(v) for v in side]) for side in found.bands[output]
            )
            strips = [Strip("accent", found.band_doses, low, high)]
            shown += [low, high]
        known = np.concatenate(shown)
        known = known[np.isfinite(known)]
        extent = float(known.min()), float(known.max())
        least = 0.04 * max(abs(extent[0]), abs(extent[1]), 1e-9)  # a flat curve is shown as flat
        if extent[1] - extent[0] < least:
            extent = extent[0] - 0.5 * least, extent[1] + 0.5 * least
        self.chart.set_extrapolated(bool(np.any(found.outside & np.isfinite(values))))
        self.chart.set_curves(
            Axis.spanning("dose", self._kind.unit, (self._kind.lower, self._kind.upper), ticks=4),
            Axis.covering(quantity.label, quantity.unit, extent, ticks=3),
            _curves(found, values),
            strips,
        )
        now = quantity.from_si(found.value(output, dose))
        self.chart.set_marks(dose, [Dot(dose, now, "plan")] if np.isfinite(now) else [])

    @Slot(int)
    def _choose(self, index: int) -> None:
        self._session.selection.dose_output = self.output.itemData(index)


def _curves(found: "DoseResponse", values: FloatArray) -> list[Curve]:
    """Solid where it was checked, dashed where it is an extrapolation."""
    inside = np.where(found.outside, np.nan, values)
    if not np.any(found.outside & np.isfinite(values)):
        return [Curve("", "accent", found.doses, inside)]
    return [
        Curve("", "accent", found.doses, inside),
        Curve("", "bad", found.doses, values, ghost=True),
    ]


def _told(found: "DoseResponse", output: str) -> tuple[str, str]:
    """What is to be said beside the curve, and the whole of it for the tooltip."""
    if found.outside.any():
        shown = np.isfinite(found.values[output])[found.outside].any()
        first = next(reasons[0] for reasons in found.beyond if reasons)
        limits = found.doses[~found.outside]
        checked = limits.size and limits[-1] > limits[0]  # the dose of zero alone is no range
        told = f"checked: {limits[0]:g} to {limits[-1]:g}" if checked else "not checked here"
        return (f"hatched, {told}" if shown else told), str(first)
    if found.reasons:
        return f"no answer at {len(found.reasons)} of {len(found.doses)} doses", found.reasons[0]
    return ("" if found.bands else "point estimate"), ""
