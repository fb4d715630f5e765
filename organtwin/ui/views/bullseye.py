"""The left ventricle as a target of 17 segments: where each lies, and how it is drawn.

Cerqueira et al. 2002: base outside, apex in the middle, anterior wall on top, septum on the left.
"""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

RINGS = (1.0, 0.74, 0.48, 0.22)
"""Outer radius of basal, mid and apical ring and of the apex, in radii of the target."""


@dataclass(frozen=True, slots=True)
class Sector:
    """One segment: angles in degrees, 0 to the right, counter-clockwise; radii in shares."""

    segment: int
    start: float
    span: float
    inner: float
    outer: float

    def path(self, centre: QPointF, radius: float) -> QPainterPath:
        """Its outline in pixels."""
        path = QPainterPath()
        outer, inner = (_square(centre, radius * share) for share in (self.outer, self.inner))
        if self.inner == 0.0:
            path.addEllipse(outer)
            return path
        path.arcMoveTo(outer, self.start)
        path.arcTo(outer, self.start, self.span)
        path.arcTo(inner, self.start + self.span, -self.span)
        path.closeSubpath()
        return path

    def middle(self, centre: QPointF, radius: float) -> QPointF:
        """Where its number is written."""
        if self.inner == 0.0:
            return centre
        angle = math.radians(self.start + 0.5 * self.span)
        reach = 0.5 * radius * (self.inner + self.outer)
        return QPointF(centre.x() + reach * math.cos(angle), centre.y() - reach * math.sin(angle))


def _sectors() -> tuple[Sector, ...]:
    sixth = [(60.0 * ((k + 1) % 6), 60.0) for k in range(6)]
    quarter = [(45.0 + 90.0 * k, 90.0) for k in range(4)]
    rings = [(1, sixth), (7, sixth), (13, quarter)]
    found = [
        Sector(first + k, start, span, RINGS[ring + 1], RINGS[ring])
        for ring, (first, parts) in enumerate(rings)
        for k, (start, span) in enumerate(parts)
    ]
    return (*found, Sector(17, 0.0, 360.0, 0.0, RINGS[3]))


SECTORS = _sectors()


def segment_under(x: float, y: float) -> int:
    """Segment at a place in radii from the middle, y upwards; 0 outside the target."""
    reach, angle = math.hypot(x, y), math.degrees(math.atan2(y, x)) % 360.0
    for sector in SECTORS:
        inside = sector.inner <= reach < sector.outer
        if inside and (angle - sector.start) % 360.0 < sector.span:
            return sector.segment
    return 0


def _square(centre: QPointF, radius: float) -> QRectF:
    return QRectF(centre.x() - radius, centre.y() - radius, 2.0 * radius, 2.0 * radius)
