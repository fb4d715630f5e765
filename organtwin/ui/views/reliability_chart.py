"""Promised against observed coverage of the forecasts' bands."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from organtwin.ui.views.axis import Axis
from organtwin.ui.views.chart import Chart, Curve, Dot

if TYPE_CHECKING:
    from organtwin.store.remembering import Remembered

_NOTHING = "No forecast with bands has been scored yet."
_PERCENT = 100.0


class ReliabilityChart(Chart):
    """On the diagonal bands hold as much as they promise; under it they are too narrow."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Promised against observed coverage", parent)
        self.setToolTip(
            "Share of measurements inside a band, against what the band promises.\n"
            "Below the diagonal the bands are too narrow. Bars: 95 % interval, counted by "
            "forecasts."
        )

    def sizeHint(self) -> QSize:
        return QSize(190, 160)

    def show_known(self, known: "Remembered | None") -> None:
        """Draw the coverage of the patient's scored forecasts."""
        if known is None or known.reliability is None or not known.coverage:
            self.set_empty(_NOTHING)
            return
        promised, observed = _PERCENT * np.array(known.coverage).T
        both = np.array([0.0, _PERCENT])
        curves = [
            Curve("promised", "muted", both, both, ghost=True),
            Curve("", "accent", promised, observed),
        ]
        dots = []
        for band in (known.reliability.band_50, known.reliability.band_90):
            if band.rate is None:
                continue
            x = _PERCENT * band.nominal
            span = _PERCENT * np.array([band.low, band.high])
            curves.append(Curve("", "accent", np.full(2, x), span, ghost=True))
            dots.append(Dot(x, _PERCENT * band.rate, "accent" if band.as_promised else "watch"))
        self.set_curves(
            Axis("promised", "%", 0.0, _PERCENT, 25.0), Axis("inside", "%", 0.0, _PERCENT, 25.0),
            curves,
        )  # fmt: skip
        self.set_marks(None, dots)
