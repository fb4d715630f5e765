"""The blood in the chambers: translucent bodies that fill and empty with the beat."""

from itertools import pairwise

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Cavity
from organtwin.arrays import Float32Array, IntArray
from organtwin.scene.camera import clipping_plane
from organtwin.scene.fields import BLOOD_COLORS, Color
from organtwin.scene.kernels import vertex_normals
from organtwin.scene.material import give_tissue_shading, set_cut_color
from organtwin.scene.motion import CavityMotion, Motion
from organtwin.scene.planes import Plane

OPACITY = 0.6
NEARER = -120.0
"""Depth units of VTK, about 1 mm: more than surface and cavity differ, less than a wall."""
_SIDES = ((Cavity.LV, Cavity.LA), (Cavity.RV, Cavity.RA))
"""Oxygenated blood, venous blood."""


class Blood:
    """One actor for each side of the heart, left and right."""

    def __init__(
        self,
        anatomy: Anatomy,
        colors: tuple[Color, Color] = BLOOD_COLORS,
        opacity: float = OPACITY,
    ) -> None:
        self._pools = [
            _Pool(anatomy, side, color, opacity) for side, color in zip(_SIDES, colors, strict=True)
        ]
        self._wanted = False

    @property
    def actors(self) -> list[vtkActor]:
        return [pool.actor for pool in self._pools]

    def show(self, wanted: bool) -> None:
        self._wanted = wanted

    def move(self, motion: Motion, phase: float) -> None:
        """Go to ``phase``; a motion that does not tell of its cavities shows no blood."""
        visible = self._wanted and isinstance(motion, CavityMotion)
        for pool in self._pools:
            pool.actor.SetVisibility(visible)
            if visible and isinstance(motion, CavityMotion):
                pool.move(motion, phase)

    def cut(self, plane: Plane | None) -> None:
        for pool in self._pools:
            pool.cut(plane)


class _Pool:
    def __init__(
        self, anatomy: Anatomy, side: tuple[Cavity, ...], color: Color, opacity: float
    ) -> None:
        self._side = side
        surfaces = [anatomy.cavities[cavity] for cavity in side]
        starts = np.cumsum([0, *(len(surface.points) for surface in surfaces)])
        self._spans = [slice(a, b) for a, b in pairwise(starts)]
        self._triangles: IntArray = np.concatenate(
            [s.triangles + start for s, start in zip(surfaces, starts[:-1], strict=True)]
        ).astype(np.int32)
        self._points: Float32Array = np.zeros((starts[-1], 3), dtype=np.float32)
        self._normals: Float32Array = np.zeros((starts[-1], 3), dtype=np.float32)
        self._build(color, opacity)

    def _build(self, color: Color, opacity: float) -> None:
        self._point_array, self._normal_array = map(numpy_to_vtk, (self._points, self._normals))
        self._vtk_points = vtkPoints()
        self._vtk_points.SetData(self._point_array)
        cells = vtkCellArray()
        cells.SetData(3, numpy_to_vtk(self._triangles.ravel()))
        self._mesh = vtkPolyData()
        self._mesh.SetPoints(self._vtk_points)
        self._mesh.SetPolys(cells)
        self._mesh.GetPointData().SetNormals(self._normal_array)
        self._mapper = vtkPolyDataMapper()
        self._mapper.SetInputData(self._mesh)
        self._mapper.ScalarVisibilityOff()
        # Blood touches the endocardium everywhere; it is drawn as if it were a little nearer.
        self._mapper.SetResolveCoincidentTopologyToPolygonOffset()
        self._mapper.SetRelativeCoincidentTopologyPolygonOffsetParameters(0.0, NEARER)
        self.actor = vtkActor()
        self.actor.SetMapper(self._mapper)
        self.actor.VisibilityOff()
        give_tissue_shading(self.actor)
        set_cut_color(self.actor, color)
        look = self.actor.GetProperty()
        look.SetColor(*(channel / 255.0 for channel in color))
        look.SetOpacity(opacity)
        look.BackfaceCullingOn()

    def move(self, motion: CavityMotion, phase: float) -> None:
        for cavity, span in zip(self._side, self._spans, strict=True):
            self._points[span] = motion.cavity_points(cavity, phase)
        vertex_normals(self._points, self._triangles, self._normals)
        self._point_array.Modified()
        self._normal_array.Modified()
        self._vtk_points.Modified()
        self._mesh.Modified()

    def cut(self, plane: Plane | None) -> None:
        self._mapper.RemoveAllClippingPlanes()
        if plane is not None:
            self._mapper.AddClippingPlane(clipping_plane(plane))
        # Of an opened pool only the inside is drawn: seen through the cut it is the blood's face.
        look = self.actor.GetProperty()
        look.SetBackfaceCulling(plane is None)
        look.SetFrontfaceCulling(plane is not None)
