"""What lies under the cursor: a place on the wall or on a cut face, and what is known of it."""

import math
from dataclasses import dataclass, replace

import numpy as np
from vtkmodules.vtkRenderingCore import vtkCamera

from organtwin.anatomy.anchor import SURFACE, TISSUE, Anchor
from organtwin.anatomy.regions import Region, Segment
from organtwin.arrays import Float32Array, FloatArray, IntArray
from organtwin.scene.fields import Field
from organtwin.scene.planes import Plane
from organtwin.scene.rays import first_hit
from organtwin.scene.surface_actor import SurfaceActor

_SKIN = 0.3e-3
"""How far below the surface the search for the other side of the wall begins [m]."""
_THICKEST = 40e-3


@dataclass(frozen=True, eq=False)
class Finding:
    """``place`` ``(3,)`` [m] in patient axes (LPS); ``thickness`` of the wall there [m].

    ``value`` of the field that colours the heart, in SI. What is not known is None.
    """

    anchor: Anchor
    place: FloatArray
    region: Region
    on_cut: bool
    thickness: float | None = None
    segment: Segment = Segment.NONE
    field: Field | None = None
    value: float | None = None


def line_of_sight(
    camera: vtkCamera, x: float, y: float, aspect: float
) -> tuple[FloatArray, FloatArray]:
    """Eye ``(3,)`` [m] and unit direction through a place of the picture (shares from top left)."""
    eye = np.array(camera.GetPosition())
    ahead = -np.array(camera.GetViewPlaneNormal())
    right = np.cross(ahead, camera.GetViewUp())
    right /= np.linalg.norm(right)
    up = np.cross(right, ahead)
    slope = math.tan(math.radians(0.5 * camera.GetViewAngle()))
    direction = ahead + slope * ((2.0 * x - 1.0) * aspect * right + (1.0 - 2.0 * y) * up)
    return eye, direction / np.linalg.norm(direction)


def find(
    surface: SurfaceActor,
    plane: Plane | None,
    eye: FloatArray,
    direction: FloatArray,
    *,
    closely: bool,
) -> Finding | None:
    """The first thing that the line of sight meets in the kept half of the heart."""
    near, far = _kept_span(plane, eye, direction)
    hit = first_hit(surface.points, surface.shown, eye, direction, near, far)
    if hit is None:
        return None
    if not hit.from_outside and plane is not None and near > 0.0:
        return _on_face(surface, eye + near * direction)
    corners = surface.shown[hit.triangle]
    count = len(surface.points)
    anchor = Anchor(SURFACE, tuple(int(corner) for corner in corners), hit.weights, count)
    region = Region(int(surface.surface.regions[corners[int(np.argmax(hit.weights))]]))
    place = eye + hit.distance * direction
    thickness = None
    if closely:
        normal = anchor.place(surface.normals)
        thickness = wall_thickness(surface.points, surface.triangles, place, normal)
    return Finding(anchor, place, region, False, thickness)


def wall_thickness(
    points: Float32Array, triangles: IntArray, place: FloatArray, normal: FloatArray
) -> float | None:
    """Distance [m] straight through the wall from its surface at ``place`` to its other side."""
    inward = -normal / np.linalg.norm(normal)
    through = first_hit(points, triangles, place, inward, _SKIN, _THICKEST)
    # Met from outside, it is another part lying behind a gap, not this wall's own other side.
    return None if through is None or through.from_outside else through.distance


def named(
    found: Finding, surface: SurfaceActor, segments: IntArray | None, field: Field | None
) -> Finding:
    """Add the segment, and the value of the field as it is now."""
    if found.anchor.ground == SURFACE:
        values = surface.values[list(found.anchor.nodes)]
        if segments is not None:
            owner = found.anchor.nodes[int(np.argmax(found.anchor.weights))]
            found = replace(found, segment=Segment(int(segments[owner])))
    else:
        values = surface.face.node_values[list(found.anchor.nodes)]
    if field is None or not np.isfinite(values).all():
        return found
    return replace(found, field=field, value=float(np.array(found.anchor.weights) @ values))


def _kept_span(plane: Plane | None, eye: FloatArray, direction: FloatArray) -> tuple[float, float]:
    """Between which distances [m] a line of sight runs through what a cut keeps."""
    if plane is None:
        return 0.0, math.inf
    slope = float(direction @ plane.normal)
    if abs(slope) < 1e-9:
        return 0.0, math.inf
    crossing = float((np.array(plane.origin) - eye) @ plane.normal) / slope
    return (max(crossing, 0.0), math.inf) if slope > 0.0 else (0.0, crossing)


def _on_face(surface: SurfaceActor, place: FloatArray) -> Finding | None:
    face = surface.face
    element = face.element_at(place)
    if element < 0:
        return None
    tissue = face.tissue
    nodes = tissue.tets[element]
    corners = face.nodes[nodes]
    inside = np.linalg.solve((corners[1:] - corners[0]).T, place - corners[0])
    weights = np.maximum([1.0 - inside.sum(), *inside], 0.0)
    weights /= weights.sum()
    shares, count = tuple(float(w) for w in weights), len(face.nodes)
    anchor = Anchor(TISSUE, tuple(int(n) for n in nodes), shares, count)
    return Finding(anchor, place, Region(int(tissue.regions[element])), on_cut=True)
