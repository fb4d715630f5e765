"""Devices in the picture: prostheses, pumps, catheters and leads that beat with the heart.

Where walls hide them they are seen through these, faintly, as the conduction system is. Housings of
pumps lie outside of the heart and are not: drawn twice, their hidden insides would show.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from organtwin.anatomy.heart_places import HeartPlaces
from organtwin.anatomy.regions import Valve
from organtwin.arrays import Float32Array, FloatArray, IntArray
from organtwin.scene.camera import clipping_plane
from organtwin.scene.carrying import Carrier, Riding, Stiff
from organtwin.scene.device_model import BALLOONED, FREE, SOLID, DeviceModel, Sheet, Tube
from organtwin.scene.device_routes import ROUTES
from organtwin.scene.kernels import ByteArray, vertex_normals
from organtwin.scene.lead_routes import lead
from organtwin.scene.material import give_tissue_shading, set_cut_color, show_through_walls
from organtwin.scene.meshes import mesh_of, paint_mesh, place
from organtwin.scene.motion import Motion, ValveMotion
from organtwin.scene.planes import Plane
from organtwin.scene.septal_mark import septal_mark
from organtwin.scene.tubes import Tubes
from organtwin.scene.valve_devices import (
    balloon_expandable,
    bioprosthesis,
    clip,
    self_expanding,
)
from organtwin.therapy.implants import SEPTAL_SCAR, SEPTAL_TROUGH, Implant
from organtwin.therapy.prosthesis import sizing_advice

THROUGH = 0.5
"""Opacity of what is seen through the walls."""
HALF_THICKNESS = 0.25e-3
"""Of a prosthesis's leaflet [m]."""
EMPTY_SHARE = 0.25
"""Of the filled balloon's thickness, when it is empty and wrapped around its catheter."""
CUT_COLOR = (150, 154, 162)
_FRAMES = {
    "balloon-expandable valve": balloon_expandable, "self-expanding valve": self_expanding,
}  # fmt: skip


SIZED = {"balloon-expandable valve": "tavi_balloon", "self-expanding valve": "tavi_self"}


def model_of(implant: Implant, places: HeartPlaces) -> DeviceModel:
    """The shapes of one device in one heart at rest."""
    if implant.valve is not None:
        site = places.valves.get(implant.valve)
        if site is None:
            name = implant.valve.name.lower()
            return DeviceModel(notes=(f"no {name} valve in this heart to place a device at",))
        if implant.name == "clip":
            aorta = places.valves.get(Valve.AORTIC)
            return clip(site, None if aorta is None else aorta.centre)
        if implant.name not in SIZED:
            return bioprosthesis(implant, site)
        made = _FRAMES[implant.name](implant, site, places.aortic_lumen)
        if implant.size:
            note = sizing_advice(SIZED[implant.name], implant.size, site.diameter)
            return replace(made, notes=(*made.notes, f"{implant.label} {note}"))
        return made
    if implant.name == "lead":
        return lead(implant, places)
    if implant.name in (SEPTAL_SCAR, SEPTAL_TROUGH):
        return septal_mark(implant, places)
    if implant.name in ROUTES:
        return ROUTES[implant.name](implant, places)
    return DeviceModel()


class Devices:
    """All devices as one mesh; built anew for every heart and plan, moved in every frame."""

    def __init__(self, renderer: vtkRenderer) -> None:
        self._mappers = vtkPolyDataMapper(), vtkPolyDataMapper()
        self.actors = [vtkActor(), vtkActor()]
        for actor, mapper in zip(self.actors, self._mappers, strict=True):
            actor.SetMapper(mapper)
            actor.VisibilityOff()
            give_tissue_shading(actor)
            set_cut_color(actor, CUT_COLOR)
            renderer.AddActor(actor)
        show_through_walls(self.actors[1], THROUGH)
        self._shapes: list[_TubeGroup | _SheetGroup] = []
        self._meshes: list[vtkPolyData] = []
        self.notes: tuple[str, ...] = ()
        self._bodies = np.zeros((0, 3))

    @property
    def bodies(self) -> FloatArray:
        """Points ``(n, 3)`` [m] around housings that are shown; tubes lead out of the picture."""
        return self._bodies if self.visible else np.zeros((0, 3))

    @property
    def visible(self) -> bool:
        return bool(self.actors[0].GetVisibility())

    def build(self, implants: tuple[Implant, ...], places: HeartPlaces) -> None:
        """Make the shapes of devices in a heart at rest."""
        models = [model_of(implant, places) for implant in implants]
        self.notes = tuple(dict.fromkeys(note for model in models for note in model.notes))
        sheets = [part for model in models for part in model.sheets]
        self._bodies = np.vstack([
            np.zeros((0, 3)),
            *(_around(p) for model in models for p in model.tubes if p.held == SOLID),
        ])  # fmt: skip
        carrier = Carrier(places.anatomy.surface)
        self._shapes = [
            _TubeGroup([part for part in model.tubes if part.held == held], carrier, places, held)
            for model in models
            for held in dict.fromkeys(part.held for part in model.tubes)
        ]
        if sheets:
            self._shapes.append(_SheetGroup(sheets, carrier, places))
        if not self._shapes:
            return
        starts = np.cumsum([0, *(len(shape.colors) for shape in self._shapes)])
        triangles = [
            shape.triangles + start for shape, start in zip(self._shapes, starts, strict=False)
        ]
        within = [t for t, shape in zip(triangles, self._shapes, strict=True) if not shape.housing]
        colors = np.concatenate([shape.colors for shape in self._shapes])
        self._meshes = [_painted(triangles, colors), _painted(within, colors)]
        for mapper, mesh in zip(self._mappers, self._meshes, strict=True):
            mapper.SetInputData(mesh)

    def show(self, wanted: bool) -> None:
        for actor in self.actors:
            actor.SetVisibility(wanted and bool(self._shapes))

    def move(self, motion: Motion, phase: float, surface: Float32Array, full: float) -> None:
        """Go to ``phase``, the heart's surface being at ``surface``, the balloon ``full``."""
        if not self.visible:
            return
        openings = motion.valve_openings(phase) if isinstance(motion, ValveMotion) else np.zeros(4)
        shaped = [shape.now(surface, openings, full) for shape in self._shapes]
        points = np.concatenate([points for points, _ in shaped])
        normals = np.concatenate([normals for _, normals in shaped])
        for mesh in self._meshes:
            place(mesh, points, normals)

    def cut(self, plane: Plane | None) -> None:
        for mapper in self._mappers:
            mapper.RemoveAllClippingPlanes()
            if plane is not None:
                mapper.AddClippingPlane(clipping_plane(plane))


def _painted(triangles: list[IntArray], colors: ByteArray) -> vtkPolyData:
    none = np.zeros((0, 3), dtype=np.int32)
    mesh = mesh_of(np.concatenate([none, *triangles]).astype(np.int32))
    paint_mesh(mesh, colors)
    return mesh


def _around(part: Tube) -> FloatArray:
    """Corners of boxes as wide as a body around the points of its axis."""
    corners = np.stack(np.meshgrid(*3 * [[-1.0, 1.0]]), axis=-1).reshape(-1, 3)
    boxes = part.points[:, None, :] + part.radii[:, None, None] * corners
    return np.asarray(boxes.reshape(-1, 3))


class _TubeGroup:
    """Tubes that are carried in the same way."""

    def __init__(self, parts: list[Tube], carrier: Carrier, places: HeartPlaces, held: int) -> None:
        points = np.vstack([part.points for part in parts])
        starts = np.cumsum([0, *(len(part.points) for part in parts)])
        lines = [np.arange(a, b) for a, b in pairwise(starts.tolist())]
        radii = [part.radii for part in parts]
        wide = max(float(radius.max()) for radius in radii)
        loose = held in (FREE, BALLOONED, SOLID)
        self.housing = held == SOLID
        sides = 6 if wide < 1e-3 else 40 if self.housing else 20 if loose else 12
        self._tubes = Tubes(lines, radii, points, sides)
        self._thin = None
        if held == BALLOONED:
            self._thin = Tubes(lines, [EMPTY_SHARE * radius for radius in radii], points, sides)
        self._carried: Riding | Stiff
        if held == SOLID:
            self._carried = carrier.whole(points)
        elif loose:
            self._carried = carrier.free(points)
        else:
            self._carried = carrier.stiff(points, places.valves[Valve(held)])
        self.triangles: IntArray = self._tubes.triangles
        colors = np.array([part.color for part in parts], dtype=np.uint8)
        self.colors: ByteArray = colors[self._tubes.pieces]

    def now(
        self, surface: Float32Array, _openings: FloatArray, full: float
    ) -> tuple[Float32Array, Float32Array]:
        nodes = self._carried.now(surface)
        points, normals = self._tubes.shape(nodes)
        if self.housing:  # a body of revolution is steeper than a tube's normals tell
            vertex_normals(points, self.triangles.astype(np.int32), normals)
        if self._thin is not None:
            thin, _ = self._thin.shape(nodes)
            points = (thin + np.float32(full) * (points - thin)).astype(np.float32)
        return points, normals


class _SheetGroup:
    """Leaflets and cloth, both sides of each."""

    housing = False

    def __init__(self, parts: list[Sheet], carrier: Carrier, places: HeartPlaces) -> None:
        starts = np.cumsum([0, *(len(part.closed) for part in parts)])
        self._parts = parts
        self._stiff = [
            carrier.stiff(np.vstack([part.closed, part.opened]), places.valves[part.valve])
            for part in parts
        ]
        one = np.concatenate(
            [part.triangles + start for part, start in zip(parts, starts, strict=False)]
        ).astype(np.int32)
        self._count = int(starts[-1])
        self._one = one
        self.triangles: IntArray = np.concatenate([one, one[:, ::-1] + self._count])
        colors = [np.tile(np.array(p.color, np.uint8), (len(p.closed), 1)) for p in parts]
        self.colors: ByteArray = np.concatenate(2 * colors)

    def now(
        self, surface: Float32Array, openings: FloatArray, _full: float
    ) -> tuple[Float32Array, Float32Array]:
        shapes = []
        for part, stiff in zip(self._parts, self._stiff, strict=True):
            closed, opened = np.split(stiff.now(surface), 2)
            shapes.append(closed + openings[part.valve] * (opened - closed))
        points = np.concatenate(shapes).astype(np.float32)
        normals = np.zeros_like(points)
        vertex_normals(points, self._one, normals)
        off = np.float32(HALF_THICKNESS) * normals
        return np.concatenate([points + off, points - off]), np.concatenate([normals, -normals])
