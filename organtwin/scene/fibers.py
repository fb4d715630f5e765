"""The fibres in the picture: short lines that beat with the muscle, coloured by helix angle."""

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from organtwin.anatomy.mesh import Anatomy
from organtwin.arrays import Float32Array
from organtwin.scene.blood import Blood
from organtwin.scene.camera import clipping_plane
from organtwin.scene.colormaps import color_table
from organtwin.scene.fiber_paths import FiberPaths, fiber_paths
from organtwin.scene.fields import HELIX, Color
from organtwin.scene.kernels import paint, weighted_points
from organtwin.scene.motion import Motion, TissueMotion
from organtwin.scene.planes import Plane

CORE_COLOR: Color = (58, 52, 54)
"""Of the chambers' insides behind the fibres."""


class Fibers:
    """Traced when they are first wanted: that takes half a second."""

    def __init__(self, anatomy: Anatomy) -> None:
        self._anatomy = anatomy
        self._paths: FiberPaths | None = None
        self._wanted = self._opened = False
        # Without a core one would see the fibres of the far side through those of the near one.
        self._core = Blood(anatomy, (CORE_COLOR, CORE_COLOR), 1.0)
        self._mesh = vtkPolyData()
        self._points = vtkPoints()
        self._places: Float32Array = np.zeros((0, 3), dtype=np.float32)
        self._mapper = vtkPolyDataMapper()
        self._mapper.SetInputData(self._mesh)
        self.actor = vtkActor()
        self.actor.SetMapper(self._mapper)
        self.actor.VisibilityOff()
        self.actor.GetProperty().LightingOff()

    @property
    def actors(self) -> list[vtkActor]:
        return [self.actor, *self._core.actors]

    def show(self, wanted: bool, missing: Color) -> None:
        """Trace the fibres if they are wanted for the first time."""
        self._wanted = wanted
        if wanted and self._paths is None and self._anatomy.architecture is not None:
            self._paths = fiber_paths(self._anatomy)
            if self._paths is not None:
                self._build(self._paths, missing)

    def move(self, motion: Motion, phase: float) -> None:
        """Go to ``phase``; a motion that does not move the tissue shows no fibres."""
        paths = self._paths
        visible = self._wanted and paths is not None and isinstance(motion, TissueMotion)
        self.actor.SetVisibility(visible)
        self._core.show(visible and not self._opened)  # opened, one looks at its inside
        self._core.move(motion, phase)
        if visible and paths is not None and isinstance(motion, TissueMotion):
            weighted_points(motion.tissue_nodes(phase), paths.nodes, paths.weights, self._places)
            self._points.GetData().Modified()
            self._points.Modified()
            self._mesh.Modified()

    def set_width(self, pixels: float) -> None:
        self.actor.GetProperty().SetLineWidth(max(1.3 * pixels, 1.5))

    def cut(self, plane: Plane | None) -> None:
        self._opened = plane is not None
        self._mapper.RemoveAllClippingPlanes()
        if plane is not None:
            self._mapper.AddClippingPlane(clipping_plane(plane))

    def _build(self, paths: FiberPaths, missing: Color) -> None:
        count = len(paths.nodes)
        self._places = np.zeros((count, 3), dtype=np.float32)
        self._points.SetData(numpy_to_vtk(self._places))
        cells = vtkCellArray()
        cells.SetData(2, numpy_to_vtk(paths.segments.ravel(), deep=True))
        colors = np.zeros((count, 3), dtype=np.uint8)
        blank, lit = np.array(missing, dtype=np.uint8), np.ones(count, dtype=np.float32)
        paint(paths.helix, HELIX.low, HELIX.high, color_table(HELIX.table), blank, lit, colors)
        self._mesh.SetPoints(self._points)
        self._mesh.SetLines(cells)
        self._mesh.GetPointData().SetScalars(numpy_to_vtk(colors, deep=True))
