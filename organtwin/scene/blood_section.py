"""The blood's face in an opened heart: where the cut plane passes through a cavity, and only there.

Each cavity is a closed surface; its section is filled in a square map, which lies as a picture on
the plane.
"""

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkImageData, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkTexture

from organtwin.arrays import Float32Array, FloatArray, IntArray
from organtwin.scene.fields import Color
from organtwin.scene.section_filling import fill_section
from organtwin.scene.section_map import TEXELS, MapFrame

MOST_CROSSINGS = 64
"""Walls that one line may pass; what lies beyond is left out."""


class BloodSection:
    """A picture on the cut plane."""

    def __init__(self) -> None:
        self._pixels = np.zeros((TEXELS, TEXELS, 4), dtype=np.uint8)
        self._crossings: Float32Array = np.zeros((TEXELS, MOST_CROSSINGS), dtype=np.float32)
        self._counts: IntArray = np.zeros(TEXELS, dtype=np.int32)
        self._corners: Float32Array = np.zeros((4, 3), dtype=np.float32)
        self._points = vtkPoints()
        self._points.SetData(numpy_to_vtk(self._corners))
        self._array = numpy_to_vtk(self._pixels.reshape(-1, 4))
        self._image = vtkImageData()
        self._image.SetDimensions(TEXELS, TEXELS, 1)
        self._image.GetPointData().SetScalars(self._array)
        self.actor = self._build()

    def _build(self) -> vtkActor:
        texture = vtkTexture()
        texture.SetInputData(self._image)
        texture.InterpolateOn()
        texture.SetColorModeToDirectScalars()
        square = vtkCellArray()
        square.SetData(4, numpy_to_vtk(np.arange(4, dtype=np.int32), deep=True))
        mesh = vtkPolyData()
        mesh.SetPoints(self._points)
        mesh.SetPolys(square)
        places = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=np.float32)
        mesh.GetPointData().SetTCoords(numpy_to_vtk(places, deep=True))
        mapper = vtkPolyDataMapper()
        mapper.SetInputData(mesh)
        actor = vtkActor()
        actor.SetMapper(mapper)
        actor.SetTexture(texture)
        actor.ForceTranslucentOn()
        actor.GetProperty().LightingOff()
        actor.VisibilityOff()
        return actor

    def clear(self, frame: MapFrame) -> None:
        """Begin a new picture in ``frame``."""
        self._pixels.fill(0)
        half = 0.5 * frame.extent
        for corner, (x, y) in zip(self._corners, ((-1, -1), (1, -1), (1, 1), (-1, 1)), strict=True):
            corner[:] = frame.middle + half * (x * frame.right + y * frame.up)

    def fill(
        self,
        points: FloatArray,
        triangles: IntArray,
        frame: MapFrame,
        color: Color,
        opacity: float,
    ) -> None:
        """Add the section of one closed surface."""
        local = frame.local(points)
        paint = np.array([*color, round(255 * opacity)], dtype=np.uint8)
        fill_section(local, triangles, paint, self._crossings, self._counts, self._pixels)

    def finish(self) -> None:
        """Hand the picture to the renderer."""
        self._points.GetData().Modified()
        self._points.Modified()
        self._array.Modified()
        self._image.Modified()
