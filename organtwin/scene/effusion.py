"""Fluid in the pericardial sac: a layer around the beating heart that holds the effusion's volume.

Its inner face is the sac as the heart fills it, its outer one lies as far out along the normals as
the volume asks for, evenly: the fluid's own lie, lower behind than in front, is not modelled. Both
faces are drawn, so that a cut shows the layer.
"""

import numpy as np
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from organtwin.anatomy.mesh import Surface
from organtwin.arrays import Float32Array
from organtwin.scene.camera import clipping_plane
from organtwin.scene.fields import Color
from organtwin.scene.kernels import vertex_normals
from organtwin.scene.material import give_tissue_shading, set_cut_color
from organtwin.scene.meshes import mesh_of, place
from organtwin.scene.motion import Motion, SacMotion
from organtwin.scene.planes import Plane

OPACITY = 0.36
FLUID: Color = (206, 178, 96)
CUT_FLUID: Color = (222, 190, 96)
STEPS = 3
"""Of the search for the thickness; the third changes it by less than a hundredth."""


class Effusion:
    """Nothing is drawn for a heart without a sac, or by a motion that does not move it."""

    def __init__(self, renderer: vtkRenderer) -> None:
        self._mapper, self.actor = vtkPolyDataMapper(), vtkActor()
        self.actor.SetMapper(self._mapper)
        self.actor.VisibilityOff()
        give_tissue_shading(self.actor)
        set_cut_color(self.actor, CUT_FLUID)
        look = self.actor.GetProperty()
        look.SetColor(*(channel / 255.0 for channel in FLUID))
        look.SetOpacity(OPACITY)
        renderer.AddActor(self.actor)
        self._sac: Surface | None = None
        self._volume = 0.0
        self.thickness = 0.0
        """[m]"""

    @property
    def visible(self) -> bool:
        return bool(self.actor.GetVisibility())

    def build(self, sac: Surface | None, volume: float) -> None:
        """A layer of ``volume`` [m3] around a sac at rest."""
        self._sac, self._volume = sac, volume
        if sac is None:
            return
        points = sac.points.astype(np.float32)
        normals = np.zeros_like(points)
        vertex_normals(points, sac.triangles, normals)
        self.thickness = layer_thickness(points, normals, sac, volume)
        count = len(points)
        both = np.concatenate([sac.triangles + count, sac.triangles[:, ::-1]])
        self._mesh = mesh_of(both.astype(np.int32))
        self._mapper.SetInputData(self._mesh)

    def show(self, wanted: bool) -> None:
        self.actor.SetVisibility(wanted and self._sac is not None and self._volume > 0.0)

    def move(self, motion: Motion, phase: float) -> None:
        """Go to ``phase`` of the beat."""
        if not self.visible or self._sac is None or not isinstance(motion, SacMotion):
            self.actor.VisibilityOff()
            return
        inner = motion.sac_points(phase).astype(np.float32)
        normals = np.zeros_like(inner)
        vertex_normals(inner, self._sac.triangles, normals)
        outer = inner + np.float32(self.thickness) * normals
        points = np.concatenate([inner, outer])
        place(self._mesh, points, np.concatenate([-normals, normals]))

    def cut(self, plane: Plane | None) -> None:
        self._mapper.RemoveAllClippingPlanes()
        if plane is not None:
            self._mapper.AddClippingPlane(clipping_plane(plane))
        self.actor.GetProperty().SetBackfaceCulling(plane is None)


def layer_thickness(
    points: Float32Array, normals: Float32Array, sac: Surface, volume: float
) -> float:
    """How thick [m] a layer outside of a sac is that holds ``volume`` [m3].

    Triangles grow as they are moved outwards, so the mean of both faces' areas counts.
    """
    inner = _area(points, sac)
    thickness = volume / inner
    for _ in range(STEPS):
        outer = _area(points + np.float32(thickness) * normals, sac)
        thickness = volume / (0.5 * (inner + outer))
    return float(thickness)


def _area(points: Float32Array, sac: Surface) -> float:
    a, b, c = (points[sac.triangles[:, i]].astype(np.float64) for i in range(3))
    return float(0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1).sum())
