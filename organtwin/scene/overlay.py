"""What is written over the picture: colour legend, compass, caption and the note of purpose."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkRenderingCore import (
    vtkActor2D,
    vtkCamera,
    vtkPolyDataMapper2D,
    vtkRenderer,
    vtkTextActor,
)

from organtwin.arrays import FloatArray
from organtwin.scene.camera import c_arm_text
from organtwin.scene.colormaps import color_table
from organtwin.scene.fields import Color, Field
from organtwin.scene.theme import Theme

NOTICE = "Research and teaching use only"

_LETTERS: tuple[tuple[str, tuple[int, int, int]], ...] = (
    ("L", (1, 0, 0)), ("R", (-1, 0, 0)), ("P", (0, 1, 0)),
    ("A", (0, -1, 0)), ("H", (0, 0, 1)), ("F", (0, 0, -1)),
)  # fmt: skip
"""Left, right, posterior, anterior, head, foot, with their directions in patient axes."""


class Overlay:
    """Texts and shapes in picture coordinates; placed anew when size, camera or theme change."""

    def __init__(self, renderer: vtkRenderer) -> None:
        self._renderer = renderer
        self._letters = [
            (overlay_text(letter, bold=True), np.array(axis)) for letter, axis in _LETTERS
        ]
        self._spokes = Shape(np.array([[0, 1], [2, 3], [4, 5]]), len(_LETTERS))
        quads = np.arange(256)[:, np.newaxis] * 2 + np.array([0, 1, 3, 2])
        self._bar = Shape(quads, 514)
        self._title, self._notice, self._caption = (
            overlay_text(""),
            overlay_text(NOTICE),
            overlay_text(""),
        )
        self._angles = overlay_text("")
        self._angles.GetTextProperty().SetJustificationToLeft()
        self._notice.GetTextProperty().SetJustificationToRight()
        self._caption.GetTextProperty().SetJustificationToLeft()
        self._caption.GetTextProperty().SetVerticalJustificationToTop()
        self._ticks = [overlay_text("") for _ in range(5)]
        for actor in self._actors():
            renderer.AddViewProp(actor)
        self._field: Field | None = None
        self.set_field(None)

    def remove(self) -> None:
        """Take everything off the renderer."""
        for actor in self._actors():
            self._renderer.RemoveViewProp(actor)

    def set_theme(self, theme: Theme) -> None:
        self._spokes.paint(theme.faint)
        for text in (
            self._title,
            self._caption,
            self._angles,
            *self._ticks,
            *(text for text, _ in self._letters),
        ):
            paint_text(text, theme.ink)
        paint_text(self._notice, theme.faint)

    def set_caption(self, caption: str) -> None:
        self._caption.SetInput(caption)
        self._caption.SetVisibility(bool(caption))

    def set_field(self, field: Field | None) -> None:
        """Show the legend of ``field``; None hides it."""
        self._field = field
        visible = field is not None
        self._bar.actor.SetVisibility(visible)
        self._title.SetVisibility(visible)
        for tick in self._ticks:
            tick.SetVisibility(visible)
        if field is None:
            return
        self._title.SetInput(f"{field.label} [{field.unit}]")
        colors = color_table(field.table)
        self._bar.paint_points(np.repeat(np.vstack([colors, colors[-1:]]), 2, axis=0))
        for tick, value in zip(self._ticks, field.ticks, strict=True):
            tick.SetInput(f"{value:g}")

    def place(self, width: int, height: int, camera: vtkCamera) -> None:
        """Lay everything out for a picture of that size, in pixels."""
        unit = max(min(width, height) / 50.0, 9.0)
        for text in (self._title, self._notice, *self._ticks):
            text.GetTextProperty().SetFontSize(round(0.85 * unit))
        self._angles.GetTextProperty().SetFontSize(round(1.1 * unit))
        self._caption.GetTextProperty().SetFontSize(round(1.15 * unit))
        self._notice.SetPosition(width - unit, 0.7 * unit)
        self._caption.SetPosition(1.2 * unit, height - 1.0 * unit)
        self._angles.SetPosition(1.2 * unit, 9.0 * unit)
        self._angles.SetInput(c_arm_text(np.array(camera.GetViewPlaneNormal())))
        self._place_compass(unit, camera)
        if self._field is not None:
            self._place_legend(self._field, unit, width, height)

    def _place_compass(self, unit: float, camera: vtkCamera) -> None:
        matrix = camera.GetViewTransformMatrix()
        frame = np.array([[matrix.GetElement(row, col) for col in range(3)] for row in range(3)])
        middle = np.array([4.4 * unit, 4.4 * unit])
        ends = np.empty((len(self._letters), 2))
        for k, (text, axis) in enumerate(self._letters):
            x, y, towards = frame @ axis
            ends[k] = middle + 2.1 * unit * np.array([x, y])
            position = middle + 3.1 * unit * np.array([x, y])
            text.GetTextProperty().SetFontSize(round(unit))
            text.GetTextProperty().SetOpacity(float(np.clip(0.75 + 0.6 * towards, 0.25, 1.0)))
            # Letters at the far ends, or on an axis towards the viewer, would print over others.
            text.SetVisibility(bool(towards > -0.6 and np.hypot(x, y) > 0.35))
            text.SetPosition(*position)
        self._spokes.move(ends)
        self._spokes.actor.GetProperty().SetLineWidth(max(unit / 14.0, 1.0))

    def _place_legend(self, field: Field, unit: float, width: int, height: int) -> None:
        left, thick, tall = width - 5.4 * unit, 0.9 * unit, 14.0 * unit
        bottom = 0.5 * (height - tall)
        levels = np.repeat(bottom + tall * np.arange(257) / 256.0, 2)
        sides = np.tile([left, left + thick], 257)
        self._bar.move(np.stack([sides, levels], axis=1))
        self._title.GetTextProperty().SetJustificationToRight()
        self._title.SetPosition(width - unit, bottom + tall + 1.6 * unit)
        for tick, value in zip(self._ticks, field.ticks, strict=True):
            share = (value / field.per_unit - field.low) / (field.high - field.low)
            tick.GetTextProperty().SetJustificationToLeft()
            tick.SetPosition(left + thick + 0.5 * unit, bottom + tall * share)

    def _actors(self) -> Iterable[vtkActor2D]:
        yield from (self._spokes.actor, self._bar.actor)
        yield from (self._title, self._notice, self._caption, self._angles)
        yield from self._ticks
        yield from (text for text, _ in self._letters)


class Shape:
    """Lines (two indices per cell) or quads (four) in pixels, moved in place."""

    def __init__(self, cells: NDArray[np.integer], count: int) -> None:
        self._positions = np.zeros((count, 3), dtype=np.float32)
        self._colors = np.zeros((count, 3), dtype=np.uint8)
        self._color_array = numpy_to_vtk(self._colors)
        self._points = vtkPoints()
        self._points.SetData(numpy_to_vtk(self._positions))
        polygons = vtkCellArray()
        polygons.SetData(cells.shape[1], numpy_to_vtk(cells.astype(np.int32).ravel(), deep=True))
        self._mesh = vtkPolyData()
        self._mesh.SetPoints(self._points)
        (self._mesh.SetLines if cells.shape[1] == 2 else self._mesh.SetPolys)(polygons)
        self._mesh.GetPointData().SetScalars(self._color_array)
        mapper = vtkPolyDataMapper2D()
        mapper.SetInputData(self._mesh)
        self.actor = vtkActor2D()
        self.actor.SetMapper(mapper)

    def move(self, positions: FloatArray) -> None:
        self._positions[:, :2] = positions
        self._points.Modified()
        self._mesh.Modified()

    def paint(self, color: Color) -> None:
        self.paint_points(np.array([color]))

    def paint_points(self, colors: FloatArray) -> None:
        self._colors[:] = colors
        self._color_array.Modified()
        self._mesh.Modified()


def overlay_text(words: str, *, bold: bool = False) -> vtkTextActor:
    """A text in picture coordinates, centred on its place."""
    actor = vtkTextActor()
    actor.SetInput(words)
    style = actor.GetTextProperty()
    style.SetFontFamilyToArial()
    style.SetBold(bold)
    style.SetJustificationToCentered()
    style.SetVerticalJustificationToCentered()
    return actor


def paint_text(text: vtkTextActor, color: Color) -> None:
    """Give a text its colour."""
    text.GetTextProperty().SetColor(*(channel / 255.0 for channel in color))
