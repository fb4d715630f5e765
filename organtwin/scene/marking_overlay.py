"""Landmarks and measurements drawn into stills and movies: lines, dots and their values.

The window paints its own over the finished picture, where they stay sharp while the heart turns.
"""

from collections.abc import Callable, Sequence

import numpy as np
from vtkmodules.vtkRenderingCore import vtkCamera, vtkRenderer, vtkTextActor

from organtwin.anatomy.anchor import Anchor
from organtwin.anatomy.marking import UNITS, Kind, Marking
from organtwin.arrays import FloatArray
from organtwin.scene.overlay import Shape, overlay_text, paint_text
from organtwin.scene.theme import Theme

_CORNERS = 12
"""Of the polygon that is drawn for a dot."""
Places = Callable[[Sequence[Anchor]], FloatArray]


class MarkingOverlay:
    """Draws markings in picture coordinates; placed anew before every frame."""

    def __init__(self, renderer: vtkRenderer, markings: Sequence[Marking], theme: Theme) -> None:
        self._renderer = renderer
        self._parts = [(marking, *_made(marking)) for marking in markings]
        for _, lines, dots, text in self._parts:
            lines.paint(theme.mark)
            dots.paint(theme.mark)
            paint_text(text, theme.ink)
            for actor in (lines.actor, dots.actor, text):
                renderer.AddViewProp(actor)

    def remove(self) -> None:
        """Take everything off the renderer."""
        for _, lines, dots, text in self._parts:
            for actor in (lines.actor, dots.actor, text):
                self._renderer.RemoveViewProp(actor)

    def place(self, width: int, height: int, camera: vtkCamera, places: Places) -> None:
        """Lay out for a picture of that size; what this heart does not have stays away."""
        unit = max(min(width, height) / 50.0, 9.0)
        for marking, lines, dots, text in self._parts:
            points = places(marking.anchors)
            known = bool(np.isfinite(points).all())
            for actor in (lines.actor, dots.actor, text):
                actor.SetVisibility(known)
            if not known:
                continue
            pixels = pixels_of(points, width, height, camera)
            lines.move(pixels)
            lines.actor.GetProperty().SetLineWidth(max(unit / 9.0, 1.0))
            dots.move(np.repeat(pixels, _CORNERS, axis=0) + 0.3 * unit * _circle(len(pixels)))
            middle = pixels[1] if marking.kind is Kind.ANGLE else pixels.mean(axis=0)
            text.SetInput(_words(marking, points))
            text.GetTextProperty().SetFontSize(round(unit))
            text.SetPosition(*(middle + 0.7 * unit))


def _made(marking: Marking) -> tuple[Shape, Shape, vtkTextActor]:
    count = len(marking.anchors)
    pairs = np.stack([np.arange(count), np.roll(np.arange(count), -1)], axis=1)
    lines = Shape(pairs if marking.kind is Kind.AREA else pairs[:-1], count)
    dots = Shape(np.arange(count * _CORNERS).reshape(count, _CORNERS), count * _CORNERS)
    text = overlay_text("")
    text.GetTextProperty().SetJustificationToLeft()
    text.GetTextProperty().SetShadow(True)
    return lines, dots, text


def _words(marking: Marking, points: FloatArray) -> str:
    value = marking.value(points)
    if value is None:
        return marking.name
    scale, decimals, unit = UNITS[marking.kind]
    return f"{marking.name}  {value * scale:.{decimals}f}{unit}"


def pixels_of(points: FloatArray, width: int, height: int, camera: vtkCamera) -> FloatArray:
    """Where places ``(n, 3)`` [m] are seen: ``(n, 2)`` pixels from the lower left."""
    matrix = camera.GetCompositeProjectionTransformMatrix(width / height, -1.0, 1.0)
    projection = np.array([[matrix.GetElement(i, j) for j in range(4)] for i in range(4)])
    seen = np.column_stack([points, np.ones(len(points))]) @ projection.T
    return np.asarray((0.5 + 0.5 * seen[:, :2] / seen[:, 3:]) * [width, height])


def _circle(count: int) -> FloatArray:
    angles = np.arange(_CORNERS) * 2.0 * np.pi / _CORNERS
    return np.tile(np.stack([np.cos(angles), np.sin(angles)], axis=1), (count, 1))
