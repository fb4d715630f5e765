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
from organtwin.scene.blood_section import BloodSection
from organtwin.scene.fields import BLOOD_COLORS, Color
from organtwin.scene.kernels import vertex_normals
from organtwin.scene.material import give_tissue_shading, set_cut_color
from organtwin.scene.motion import CavityMotion, Motion
from organtwin.scene.planes import Plane
from organtwin.scene.section_map import MapFrame, map_frame

OPACITY = 0.6
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
            _Pool(anatomy, side, color, opacity)
            for side, color in zip(_SIDES, colors, strict=True)
            if anatomy.cavities.keys() & set(side)
        ]
        self._colors, self._opacity = colors, opacity
        self._face = BloodSection()
        points = np.concatenate([surface.points for surface in anatomy.cavities.values()])
        self._box = points.min(axis=0), points.max(axis=0)
        self._frame: MapFrame | None = None
        self._triangles = {
            cavity: np.ascontiguousarray(surface.triangles, dtype=np.int32)
            for cavity, surface in anatomy.cavities.items()
        }
        self._wanted = False

    @property
    def actors(self) -> list[vtkActor]:
        return [self._face.actor, *(pool.actor for pool in self._pools)]

    def show(self, wanted: bool) -> None:
        self._wanted = wanted

    def move(self, motion: Motion, phase: float) -> None:
        """Go to ``phase``; a motion that does not tell of its cavities shows no blood."""
        visible = self._wanted and isinstance(motion, CavityMotion)
        self._face.actor.SetVisibility(visible and self._frame is not None)
        for pool in self._pools:
            pool.actor.SetVisibility(visible and self._frame is None)
        if not (visible and isinstance(motion, CavityMotion)):
            return
        if self._frame is None:
            for pool in self._pools:
                pool.move(motion, phase)
        else:
            self._draw_face(motion, phase, self._frame)

    def _draw_face(self, motion: CavityMotion, phase: float, frame: MapFrame) -> None:
        self._face.clear(frame)
        for side, color in zip(_SIDES, self._colors, strict=True):
            for cavity in self._triangles.keys() & set(side):
                points = motion.cavity_points(cavity, phase)
                self._face.fill(points, self._triangles[cavity], frame, color, self._opacity)
        self._face.finish()

    def cut(self, plane: Plane | None) -> None:
        """An opened heart shows the blood's face in the plane instead of bodies of blood."""
        self._frame = None if plane is None else map_frame(plane, *self._box)


class _Pool:
    def __init__(
        self, anatomy: Anatomy, side: tuple[Cavity, ...], color: Color, opacity: float
    ) -> None:
        self._side = tuple(cavity for cavity in side if cavity in anatomy.cavities)
        surfaces = [anatomy.cavities[cavity] for cavity in self._side]
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
        self.actor = vtkActor()
        self.actor.SetMapper(self._mapper)
        self.actor.VisibilityOff()
        give_tissue_shading(self.actor)
        set_cut_color(self.actor, color)  # the shader wants it, though no back face is drawn
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
