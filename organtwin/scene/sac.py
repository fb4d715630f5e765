"""The pericardium: a translucent sac around the beating heart, open where the vessels leave."""

import numpy as np
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Region
from organtwin.arrays import Float32Array
from organtwin.scene.camera import clipping_plane
from organtwin.scene.fields import REGION_COLORS
from organtwin.scene.kernels import vertex_normals
from organtwin.scene.material import give_tissue_shading, set_cut_color
from organtwin.scene.meshes import mesh_of, place
from organtwin.scene.motion import Motion, SacMotion
from organtwin.scene.planes import Plane

OPACITY = 0.28


class Sac:
    """Nothing is drawn for a heart that has no sac, or by a motion that does not move it."""

    def __init__(self, anatomy: Anatomy) -> None:
        sac = anatomy.pericardium
        self._there = sac is not None
        self._triangles = np.zeros((0, 3), np.int32) if sac is None else sac.triangles
        count = 0 if sac is None else len(sac.points)
        self._points: Float32Array = np.zeros((count, 3), dtype=np.float32)
        self._normals: Float32Array = np.zeros((count, 3), dtype=np.float32)
        self._wanted = False
        self._build()

    def _build(self) -> None:
        self._mesh = mesh_of(self._triangles)
        self._mapper = vtkPolyDataMapper()
        self._mapper.SetInputData(self._mesh)
        self.actor = vtkActor()
        self.actor.SetMapper(self._mapper)
        self.actor.VisibilityOff()
        color = REGION_COLORS[Region.PERICARDIUM]
        give_tissue_shading(self.actor)
        set_cut_color(self.actor, color)
        look = self.actor.GetProperty()
        look.SetColor(*(channel / 255.0 for channel in color))
        look.SetOpacity(OPACITY)

    def show(self, wanted: bool) -> None:
        self._wanted = wanted

    def move(self, motion: Motion, phase: float) -> None:
        """Go to ``phase`` of the beat."""
        visible = self._wanted and self._there and isinstance(motion, SacMotion)
        self.actor.SetVisibility(visible)
        if not (visible and isinstance(motion, SacMotion)):
            return
        self._points[:] = motion.sac_points(phase)
        vertex_normals(self._points, self._triangles, self._normals)
        place(self._mesh, self._points, self._normals)

    def cut(self, plane: Plane | None) -> None:
        """Leave out what lies behind ``plane``, and show the inside."""
        self._mapper.RemoveAllClippingPlanes()
        if plane is not None:
            self._mapper.AddClippingPlane(clipping_plane(plane))
        self.actor.GetProperty().SetBackfaceCulling(plane is None)
