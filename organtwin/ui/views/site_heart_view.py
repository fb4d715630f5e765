"""The heart with candidate sites of a lead as dots, coloured by what pacing there would do."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from organtwin.anatomy.anchor import Anchor
from organtwin.arrays import BoolArray, FloatArray
from organtwin.scene.colormaps import color_table
from organtwin.ui.views.marked_heart_view import MarkedHeartView

_RADIUS = 7.0


class SiteHeartView(MarkedHeartView):
    """Dots on the far side of the heart are drawn small and hollow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sites: Sequence[Anchor] = ()
        self._shares: FloatArray = np.empty(0)
        self._good: BoolArray = np.empty(0, np.bool_)
        self._best = -1

    def set_sites(
        self, sites: Sequence[Anchor], shares: FloatArray, good: BoolArray, best: int
    ) -> None:
        """Sites with ``shares`` 0 to 1 for their colours, NaN none; see ``HeatMap``."""
        self._sites, self._shares, self._good, self._best = sites, shares, good, best
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._sites or self._picture is None or self._camera is None:
            return
        places, pixels = self._seen(self._sites)
        if not np.isfinite(pixels).all():
            return
        toward = places @ self._camera.direction
        far = toward < toward.mean()  # the middle of the sites lies inside the ventricle
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for k in np.argsort(toward).tolist():
            self._paint_site(painter, k, QPointF(*pixels[k].tolist()), far=bool(far[k]))

    def _paint_site(self, painter: QPainter, k: int, at: QPointF, *, far: bool) -> None:
        share = float(self._shares[k])
        known = not np.isnan(share)
        color = QColor(
            *(int(c) for c in color_table("viridis")[round(255 * share) if known else 0])
        )
        radius = 0.6 * _RADIUS if far else _RADIUS
        edge = QColor("#ffffff") if self._good[k] else QColor("#101418")
        painter.setPen(QPen(edge, 2.5 if self._good[k] else 1.2))
        painter.setBrush(color if known and not far else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(at, radius, radius)
        if k == self._best:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(at, radius + 4.0, radius + 4.0)
