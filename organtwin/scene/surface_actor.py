"""The heart's surface on the graphics side: arrays that are overwritten, never replaced."""

from collections.abc import Callable

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from organtwin.anatomy.mesh import Anatomy
from organtwin.arrays import BoolArray, Float32Array, IntArray
from organtwin.scene.camera import clipping_plane
from organtwin.scene.colormaps import color_table
from organtwin.scene.cut_face import CutFace
from organtwin.scene.fields import CUT_COLOR, Color, Field
from organtwin.scene.kernels import kept_triangles, paint, vertex_normals
from organtwin.scene.layers import hidden_regions
from organtwin.scene.material import give_tissue_shading, ready_cut_map, set_cut_color
from organtwin.scene.motion import Motion
from organtwin.scene.occlusion import smoothed
from organtwin.scene.painting import painting
from organtwin.scene.planes import Plane

ROUNDING = 8
"""Passes that round off the border of what is left when a layer is taken away."""
Hold = Callable[[Motion, float, Float32Array], None]
FIELD_SHADE = 0.45
"""How much of a scalar colour a groove may take away; more would falsify the reading."""


class SurfaceActor:
    """One actor for one surface topology."""

    def __init__(self, anatomy: Anatomy) -> None:
        self._anatomy = anatomy
        surface = self.surface = anatomy.surface
        count = len(surface.points)
        self.triangles = np.ascontiguousarray(surface.triangles, dtype=np.int32)
        painted = painting(anatomy)
        self.walls = painted.walls
        """What is drawn of an opened heart; see ``painting``."""
        self.shown = self.triangles
        """What is drawn now."""
        self._hidden: frozenset[str] = frozenset()
        self._left: Float32Array = np.ones(count, dtype=np.float32)
        self.removed: BoolArray = np.zeros(count, dtype=np.bool_)
        self._plane: Plane | None = None
        self._kept = np.empty_like(self.triangles)
        self.points: Float32Array = np.ascontiguousarray(surface.points, dtype=np.float32).copy()
        self.normals: Float32Array = np.zeros((count, 3), dtype=np.float32)
        self.colors = np.full((count, 4), 255, dtype=np.uint8)
        """Red, green, blue, and how much is left of a point when layers are taken away."""
        self.values: Float32Array = np.zeros(count, dtype=np.float32)
        self._field_shade = (1.0 - FIELD_SHADE * (1.0 - painted.light)).astype(np.float32)
        self._illustration = painted.colors
        self._build()

    def _build(self) -> None:
        self._point_array = numpy_to_vtk(self.points)
        self._normal_array = numpy_to_vtk(self.normals)
        self._color_array = numpy_to_vtk(self.colors)
        self._vtk_points = vtkPoints()
        self._vtk_points.SetData(self._point_array)
        self._mesh = vtkPolyData()
        self._mesh.SetPoints(self._vtk_points)
        self._mesh.SetPolys(self._cells(self.triangles))
        self._mesh.GetPointData().SetNormals(self._normal_array)
        self._mesh.GetPointData().SetScalars(self._color_array)
        self.mapper = vtkPolyDataMapper()
        self.mapper.SetInputData(self._mesh)
        self.actor = vtkActor()
        self.actor.SetMapper(self.mapper)
        self.actor.ForceOpaqueOn()
        self.actor.GetProperty().BackfaceCullingOn()
        self.face = CutFace(self._anatomy, self.actor)
        ready_cut_map(self.actor)
        give_tissue_shading(self.actor, with_map=True)

    @property
    def has_architecture(self) -> bool:
        return self._anatomy.architecture is not None

    def fits(self, anatomy: Anatomy) -> bool:
        """Whether another heart has the same topology and the same parts."""
        mine, surface = self.surface, anatomy.surface
        if self.has_architecture != (anatomy.architecture is not None):
            return False
        return self.face.fits(anatomy) and all(
            theirs is own or np.array_equal(theirs, own)
            for theirs, own in (
                (surface.triangles, mine.triangles),
                (surface.regions, mine.regions),
            )
        )

    def move(self, motion: Motion, phase: float, hold: Hold | None = None) -> None:
        """Overwrite points and normals; ``hold`` may keep leaflets from where they would go."""
        motion.surface_points(phase, self.points)
        if hold is not None:
            hold(motion, phase, self.points)
        vertex_normals(self.points, self.triangles, self.normals)
        self._point_array.Modified()
        self._normal_array.Modified()
        self._vtk_points.Modified()
        if self._plane is not None:
            self._leave_out(self._plane)
        self._mesh.Modified()

    def _leave_out(self, plane: Plane) -> None:
        """Draw only what a cut keeps: drawing is what a frame costs."""
        origin, normal = (np.array(v, dtype=np.float32) for v in (plane.origin, plane.normal))
        count = kept_triangles(self.points, self.shown, origin, normal, self._kept)
        self._mesh.SetPolys(self._cells(self._kept[:count]))

    def color_by_region(self) -> None:
        """Overwrite the colours with the illustration."""
        self.colors[:, :3] = self._illustration
        set_cut_color(self.actor, CUT_COLOR)
        self._color_array.Modified()
        self._mesh.Modified()

    def color_by(self, field: Field, motion: Motion, phase: float, missing: Color) -> None:
        """Overwrite the colours with ``field`` at ``phase``."""
        motion.surface_field(field.name, phase, self.values)
        set_cut_color(self.actor, missing)
        table, blank = color_table(field.table), np.array(missing, dtype=np.uint8)
        paint(self.values, field.low, field.high, table, blank, self._field_shade, self.colors)
        self._color_array.Modified()
        self._mesh.Modified()

    def cut(self, plane: Plane | None) -> None:
        """Hide what lies behind ``plane`` and show the insides; None closes the surface again."""
        self._plane = plane
        self.mapper.RemoveAllClippingPlanes()
        if plane is not None:
            self.mapper.AddClippingPlane(clipping_plane(plane))
        self.face.place(plane)
        self._choose_triangles()

    def hide(self, hidden: frozenset[str], removed: BoolArray | None = None) -> None:
        """Leave the named layers out, and points ``(n,)`` that were ``removed`` from the heart."""
        self.removed = self.removed if removed is None else removed
        self._hidden = hidden
        gone = hidden_regions(hidden)
        self.face.hide_regions(gone)
        kept = ~np.isin(self.surface.regions, [int(region) for region in gone])
        kept &= ~self.removed
        self._left = kept.astype(np.float32)
        if not kept.all():  # round off the teeth of the border between two parts
            self._left = smoothed(self._left[:, np.newaxis], self.triangles, ROUNDING)[:, 0]
        self.colors[:, 3] = np.round(255.0 * self._left)
        give_tissue_shading(self.actor, with_map=True, drop=not kept.all())
        self._color_array.Modified()
        self._choose_triangles()

    def _choose_triangles(self) -> None:
        every = self.triangles if self._plane is None else self.walls
        left = self._left >= 0.5
        self.shown = np.ascontiguousarray(every[left[every].any(axis=1)])
        # Where a wall was taken away, one looks into what it closed.
        opened = self._plane is not None or bool({"walls", "vessels"} & self._hidden)
        self.actor.GetProperty().SetBackfaceCulling(not opened)
        self._mesh.SetPolys(self._cells(self.shown))

    @staticmethod
    def _cells(triangles: IntArray) -> vtkCellArray:
        cells = vtkCellArray()
        cells.SetData(3, numpy_to_vtk(triangles.ravel()))
        return cells
