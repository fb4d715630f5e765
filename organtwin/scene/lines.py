"""Thin lines that follow the beat: the ghost's outline, the edge of a cut, isochrones."""

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from organtwin.arrays import BoolArray, Float32Array, IntArray
from organtwin.scene.camera import clipping_plane
from organtwin.scene.fields import Color, Levels
from organtwin.scene.kernels import level_lines
from organtwin.scene.planes import Plane

CUT_LIFT = 0.4e-3
"""Distance [m] of a section line from the cut face, so that the two do not fight for the pixel."""

ONE_METRE = 1.0
"""Farther than any heart reaches, so that the only level drawn is the plane itself."""
NEARER = -6.0
"""Depth units by which lines on a surface win against it."""


class LineActor:
    """Up to ``capacity`` loose segments, rewritten in place."""

    def __init__(self, capacity: int) -> None:
        self.segments: Float32Array = np.zeros((capacity, 2, 3), dtype=np.float32)
        self._points = vtkPoints()
        self._points.SetData(numpy_to_vtk(self.segments.reshape(-1, 3)))
        self._indices = np.arange(2 * capacity, dtype=np.int32)
        self._mesh = vtkPolyData()
        self._mesh.SetPoints(self._points)
        self._mapper = vtkPolyDataMapper()
        self._mapper.SetInputData(self._mesh)
        self._mapper.ScalarVisibilityOff()
        self._mapper.SetResolveCoincidentTopologyToPolygonOffset()
        self._mapper.SetRelativeCoincidentTopologyLineOffsetParameters(0.0, NEARER)
        self.actor = vtkActor()
        self.actor.SetMapper(self._mapper)
        self.actor.VisibilityOff()
        self.actor.GetProperty().LightingOff()

    def set_color(self, color: Color) -> None:
        self.actor.GetProperty().SetColor(*(channel / 255.0 for channel in color))

    def set_width(self, pixels: float) -> None:
        self.actor.GetProperty().SetLineWidth(max(pixels, 1.5))

    def draw_section(
        self,
        points: Float32Array,
        triangles: IntArray,
        plane: Plane,
        wanted: BoolArray | None = None,
    ) -> None:
        """The cut of a surface by a plane, drawn just in front of it."""
        normal = np.array(plane.normal, dtype=np.float32)
        height = (points - np.array(plane.origin, dtype=np.float32)) @ normal
        if wanted is not None:
            height[~wanted] = np.nan
        self.actor.SetPosition(*(-CUT_LIFT * normal))
        self.show(level_lines(points, triangles, height, ONE_METRE, ONE_METRE, self.segments))

    def draw_levels(
        self, points: Float32Array, triangles: IntArray, values: Float32Array, levels: Levels
    ) -> None:
        """Lines of equal ``values`` ``(n_points,)`` on a surface."""
        # Half a band aside, so that a plateau on a round value is not covered with scribble.
        bands = values + np.float32(0.5 * levels.spacing)
        self.show(
            level_lines(points, triangles, bands, levels.spacing, levels.steepest, self.segments)
        )

    def cut(self, plane: Plane | None) -> None:
        """Hide what lies behind ``plane``."""
        self._mapper.RemoveAllClippingPlanes()
        if plane is not None:
            self._mapper.AddClippingPlane(clipping_plane(plane))

    def hide(self) -> None:
        self.actor.VisibilityOff()

    def show(self, count: int) -> None:
        """Show the first ``count`` of ``segments``."""
        cells = vtkCellArray()
        cells.SetData(2, numpy_to_vtk(self._indices[: 2 * count]))
        self._mesh.SetLines(cells)
        self._points.Modified()
        self._mesh.Modified()
        self.actor.SetVisibility(count > 0)
