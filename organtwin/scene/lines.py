"""Thin lines that follow the beat: the ghost's outline and the edge of a cut."""

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from organtwin.arrays import Float32Array, IntArray
from organtwin.scene.camera import Plane
from organtwin.scene.fields import Color
from organtwin.scene.kernels import outline, section

CUT_LIFT = 0.4e-3
"""Distance [m] of a section line from the cut face, so that the two do not fight for the pixel."""


class LineActor:
    """Up to ``capacity`` loose segments, rewritten in place."""

    def __init__(self, capacity: int) -> None:
        self.segments: Float32Array = np.zeros((capacity, 2, 3), dtype=np.float32)
        self._points = vtkPoints()
        self._points.SetData(numpy_to_vtk(self.segments.reshape(-1, 3)))
        self._indices = np.arange(2 * capacity, dtype=np.int32)
        self._mesh = vtkPolyData()
        self._mesh.SetPoints(self._points)
        mapper = vtkPolyDataMapper()
        mapper.SetInputData(self._mesh)
        mapper.ScalarVisibilityOff()
        self.actor = vtkActor()
        self.actor.SetMapper(mapper)
        self.actor.VisibilityOff()
        self.actor.GetProperty().LightingOff()

    def set_color(self, color: Color) -> None:
        self.actor.GetProperty().SetColor(*(channel / 255.0 for channel in color))

    def set_width(self, pixels: float) -> None:
        self.actor.GetProperty().SetLineWidth(max(pixels, 1.5))

    def draw_outline(
        self,
        points: Float32Array,
        triangles: IntArray,
        edges: IntArray,
        eye: Float32Array,
        lift: float,
    ) -> None:
        """The contour of a surface as seen from ``eye`` ``(3,)`` [m]."""
        self.actor.SetPosition(0.0, 0.0, 0.0)
        self._show(outline(points, triangles, edges, eye, lift, self.segments))

    def draw_section(self, points: Float32Array, triangles: IntArray, plane: Plane) -> None:
        """The cut of a surface by a plane, drawn just in front of it."""
        origin = np.array(plane.origin, dtype=np.float32)
        normal = np.array(plane.normal, dtype=np.float32)
        self.actor.SetPosition(*(-CUT_LIFT * normal))
        self._show(section(points, triangles, origin, normal, self.segments))

    def hide(self) -> None:
        self.actor.VisibilityOff()

    def _show(self, count: int) -> None:
        cells = vtkCellArray()
        cells.SetData(2, numpy_to_vtk(self._indices[: 2 * count]))
        self._mesh.SetLines(cells)
        self._points.Modified()
        self._mesh.Modified()
        self.actor.SetVisibility(count > 0)


def shared_edges(triangles: IntArray) -> IntArray:
    """``(n_edges, 4)`` int32: the two points of each edge and the two triangles that share it.

    Edges on an open border have one triangle only and are left out.
    """
    n = len(triangles)
    ends = np.sort(np.vstack([np.roll(triangles, -k, axis=1)[:, :2] for k in range(3)]))
    owner = np.tile(np.arange(n), 3)
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    ends, owner = ends[order], owner[order]
    pair = np.flatnonzero((ends[1:] == ends[:-1]).all(axis=1))
    return np.column_stack([ends[pair], owner[pair], owner[pair + 1]]).astype(np.int32)
