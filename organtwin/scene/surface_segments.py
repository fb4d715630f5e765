"""Which segment of the heart each point of the drawn surface belongs to.

From the architecture of the tissue where the heart has one. Otherwise from the shape of the left
ventricle, after Cerqueira et al. 2002 (Circulation 105:539): thirds of the cavity along the long
axis, and sectors of 60 degrees (90 in the apical third) counted from the middle of the septum; the
muscle beyond the cavity's tip is the apex. The long axis leads from that tip to the middle of the
left atrium.
"""

from dataclasses import dataclass

import numpy as np

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Cavity, Region, Segment
from organtwin.arrays import FloatArray, IntArray, RealArray
from organtwin.scene.planes import centre

LV_SEGMENTS = 17
_REACH = 4e-3
"""How far from its tissue a surface point may lie [m]."""
_LEFT_VENTRICLE = (Region.LV, Region.SEPTUM, Region.PAPILLARY_MUSCLE)
_KEPT = 4


@dataclass(frozen=True, eq=False)
class SurfaceSegments:
    """``segments`` ``(n_points,)`` values of ``Segment``; ``source`` says where they come from."""

    segments: IntArray
    source: str


_finished: list[tuple[Anatomy, SurfaceSegments]] = []


def surface_segments(anatomy: Anatomy) -> SurfaceSegments | None:
    """Segments of a heart, found once per topology; None where they cannot be told."""
    for known, done in _finished:
        if _same(known, anatomy):
            return done
    made = _from_architecture(anatomy) or _from_shape(anatomy)
    if made is not None:
        _finished.append((anatomy, made))
        del _finished[:-_KEPT]
    return made


def _same(one: Anatomy, other: Anatomy) -> bool:
    return (
        one.surface.triangles is other.surface.triangles
        and one.surface.regions is other.surface.regions
        and (one.architecture is None) == (other.architecture is None)
        and (
            one.architecture is None
            or other.architecture is None
            or one.architecture.segments is other.architecture.segments
        )
    )


def _from_architecture(anatomy: Anatomy) -> SurfaceSegments | None:
    if anatomy.architecture is None:
        return None
    from scipy.spatial import cKDTree  # the window must not wait for it

    named = np.flatnonzero(anatomy.architecture.segments != Segment.NONE)
    if len(named) == 0:
        return None
    tissue = anatomy.tissue
    tree = cKDTree(tissue.nodes[tissue.tets[named]].mean(axis=1))
    distance, nearest = tree.query(anatomy.surface.points)
    segments = anatomy.architecture.segments[named[nearest]].astype(np.int32)
    muscle = (anatomy.surface.regions <= Region.RA) | (
        anatomy.surface.regions == Region.PAPILLARY_MUSCLE
    )
    segments[(distance > _REACH) | ~muscle] = Segment.NONE
    return SurfaceSegments(segments, "from the tissue")


def _from_shape(anatomy: Anatomy) -> SurfaceSegments | None:
    surface = anatomy.surface
    own = np.isin(surface.regions, _LEFT_VENTRICLE)
    septum = surface.points[surface.regions == Region.SEPTUM]
    if not own.any() or len(septum) == 0:
        return None
    cavity = anatomy.cavities[Cavity.LV].points
    base = centre(anatomy, Cavity.LA)
    tip = cavity[((cavity - base) ** 2).sum(axis=1).argmax()]
    axis = (base - tip) / np.linalg.norm(base - tip)
    septal = septum.mean(axis=0) - cavity.mean(axis=0)
    septal -= axis * (septal @ axis)
    septal /= np.linalg.norm(septal)
    # From base to apex the order septum, anterior, lateral runs against the clock in LPS axes.
    anterior = np.cross(axis, septal)
    heights = (cavity - tip) @ axis
    away = surface.points - cavity.mean(axis=0)
    level = ((surface.points - tip) @ axis) / heights.max()
    angle = np.degrees(np.arctan2(away @ anterior, away @ septal))
    segments = np.where(own, segment_at(level, angle), Segment.NONE)
    return SurfaceSegments(segments.astype(np.int32), "from LV shape")


def segment_at(level: FloatArray, angle: FloatArray) -> IntArray:
    """Segment of places ``(n,)``.

    ``level`` 0 at the tip of the cavity to 1 at its base; ``angle`` [degrees] about the long axis,
    0 in the middle of the septum, positive to the front.
    """
    # Sectors of 60 degrees from -180: inferolateral, inferior, inferoseptal, anteroseptal, ...
    six = np.array([5, 4, 3, 2, 1, 6])[np.clip(((angle + 180.0) // 60.0).astype(int), 0, 5)]
    four = np.array([16, 15, 14, 13, 16])[np.clip(((angle + 225.0) // 90.0).astype(int), 0, 4)]
    ring = np.where(level < 2.0 / 3.0, six + 6, six)
    found = np.where(level < 1.0 / 3.0, four, ring)
    return np.where(level < 0.0, int(Segment.APEX), found).astype(np.int32)


def segment_means(values: RealArray, segments: IntArray) -> FloatArray:
    """``(18,)`` mean of ``values`` ``(n_points,)`` per left-ventricular segment; NaN for none."""
    valid = np.isfinite(values) & (segments <= LV_SEGMENTS)
    count = np.bincount(segments[valid], minlength=LV_SEGMENTS + 1)
    total = np.bincount(segments[valid], weights=values[valid], minlength=LV_SEGMENTS + 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = total / count
    means[Segment.NONE] = np.nan
    return means


def segment_name(segment: int) -> str:
    """E.g. ``mid inferolateral``; empty for none."""
    return "" if segment == Segment.NONE else Segment(segment).name.replace("_", " ").lower()
