"""What the files of a heart hold, as they are: translucent, so that faults inside show through."""

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401  registers the OpenGL classes
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from organtwin.arrays import FloatArray, IntArray
from organtwin.scene.camera import MARGIN, VIEW_ANGLE, CameraState, apply
from organtwin.scene.kernels import vertex_normals
from organtwin.scene.theme import Theme

OPACITY = 0.3
_ALL_AROUND = 0.2
"""Share of the radius within which the middle of places says nothing about where they lie."""
_COLORS = ((214, 128, 118), (120, 160, 214), (206, 178, 120), (140, 190, 150))
"""One file after the other."""


class Outline(Protocol):
    """Points ``(n, 3)`` [m] and triangles ``(m, 3)``; points alone are drawn as dots."""

    @property
    def points(self) -> FloatArray: ...
    @property
    def triangles(self) -> IntArray: ...


class FileScene:
    """Draws outlines on a renderer; never renders by itself."""

    def __init__(self, renderer: vtkRenderer, theme: Theme) -> None:
        self._renderer = renderer
        self._actors: list[vtkActor] = []
        self._centre, self._radius = np.zeros(3), 0.1
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """The background; outlines keep their colours."""
        self._renderer.SetBackground(*(channel / 255.0 for channel in theme.background))

    def show(self, outlines: Sequence[Outline]) -> None:
        """Draw these instead of what was drawn before."""
        for actor in self._actors:
            self._renderer.RemoveActor(actor)
        self._actors = [
            _actor(outline, _COLORS[number % len(_COLORS)])
            for number, outline in enumerate(outlines)
            if len(outline.points)
        ]
        for actor in self._actors:
            self._renderer.AddActor(actor)
        if self._actors:
            points = np.concatenate([outline.points for outline in outlines])
            self._centre = 0.5 * (points.min(axis=0) + points.max(axis=0))
            self._radius = max(float(np.linalg.norm(points - self._centre, axis=1).max()), 1e-3)

    def from_front(self, aspect: float) -> CameraState:
        """From the patient's front, all in the picture of ``aspect`` width over height."""
        slope = math.sin(math.radians(VIEW_ANGLE / 2.0)) * min(aspect, 1.0)
        x, y, z = self._centre.tolist()
        away = MARGIN * self._radius / slope
        return CameraState((x, y - away, z), (x, y, z), (0.0, 0.0, 1.0))

    def towards(self, places: FloatArray, camera: CameraState) -> CameraState:
        """The camera turned about the files so that ``places`` ``(k, 3)`` [m] lie before it.

        Places that lie all around leave it as it is: from elsewhere one would hide another.
        """
        arm = np.asarray(places, float).mean(axis=0) - self._centre
        length = float(np.linalg.norm(arm))
        if length < _ALL_AROUND * self._radius:
            return camera
        direction = arm / length
        distance = float(np.linalg.norm(np.subtract(camera.position, camera.focal_point)))
        up = np.array([0.0, 0.0, 1.0]) if abs(direction[2]) < 0.9 else np.array([0.0, -1.0, 0.0])
        px, py, pz = (self._centre + distance * direction).tolist()
        fx, fy, fz = self._centre.tolist()
        ux, uy, uz = up.tolist()
        return CameraState((px, py, pz), (fx, fy, fz), (ux, uy, uz), camera.view_angle)

    def look(self, camera: CameraState) -> None:
        """Point the renderer's camera."""
        apply(camera, self._renderer.GetActiveCamera())
        away = float(np.linalg.norm(np.array(camera.position) - self._centre))
        nearest = max(away - 1.1 * self._radius, 1e-2 * self._radius)
        self._renderer.GetActiveCamera().SetClippingRange(nearest, away + 1.1 * self._radius)


def _actor(outline: Outline, color: tuple[int, int, int]) -> vtkActor:
    places = np.ascontiguousarray(outline.points, np.float32)
    points = vtkPoints()
    points.SetData(numpy_to_vtk(places, deep=True))
    mesh = vtkPolyData()
    mesh.SetPoints(points)
    triangles = np.ascontiguousarray(outline.triangles, np.int32)
    corners = triangles if len(triangles) else np.arange(len(places), dtype=np.int32)[:, None]
    cells = vtkCellArray()
    cells.SetData(corners.shape[1], numpy_to_vtk(corners.ravel(), deep=True))
    actor = vtkActor()
    style = actor.GetProperty()
    if len(triangles):
        normals = np.zeros_like(places)
        vertex_normals(places, triangles, normals)
        mesh.GetPointData().SetNormals(numpy_to_vtk(normals, deep=True))
        mesh.SetPolys(cells)
        style.SetOpacity(OPACITY)
    else:
        mesh.SetVerts(cells)
        style.SetPointSize(4.0)
        style.LightingOff()
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(mesh)
    actor.SetMapper(mapper)
    style.SetColor(*(channel / 255.0 for channel in color))
    return actor
