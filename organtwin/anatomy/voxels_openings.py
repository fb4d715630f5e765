"""Where a labelled heart ends though the heart goes on: a flat base, the edge of the image.

There the blood lies open to the background. A flat opening with everything labelled on one side is
a cut: beyond it the labels are mirrored, so that smoothing, walls and distances are the same up to
the cut as if the heart went on, and the meshes end at the plane. Any other opening is a hole in a
wall, to be closed or refused.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.finding import Findings, GeometryFinding, GeometryFindingKind, label_finding
from organtwin.anatomy.label_map import LabelArray, LabelMap, Structure
from organtwin.arrays import BoolArray, FloatArray

MUSCLE_OF = {
    Structure.LV_BLOOD: Structure.LV_MUSCLE,
    Structure.RV_BLOOD: Structure.RV_MUSCLE,
    Structure.LA_BLOOD: Structure.LA_MUSCLE,
    Structure.RA_BLOOD: Structure.RA_MUSCLE,
}

LARGEST_HOLE = 0.25
"""A wall that lacks more than this part of its blood's surface is refused."""

_LEAST_OPENING = 0.2e-4
"""Openings below this area [m2] are single voxels: smoothing closes them."""

_FLAT = 0.6
"""A plane may miss the opening's voxel faces by this part of a voxel's diagonal (rms)."""

_FLAT_END = 0.4
"""A flat end has this part of the largest cross-section."""

_BEYOND_SHARE = 0.01
_SAME_PLANE = 0.985
"""Cosine between two planes that may be one."""


@dataclass(frozen=True, eq=False)
class Cuts:
    """Planes at which the meshes end.

    ``base`` planes hold where their own centre is the nearest; ``edges`` hold everywhere. Both as
    centre and outward unit normal, each ``(k, 3)`` [m].
    """

    base_centres: FloatArray
    base_normals: FloatArray
    edge_centres: FloatArray
    edge_normals: FloatArray

    def beyond(self, points: FloatArray) -> FloatArray:
        """How far ``(n,)`` [m] points lie past the nearest cut, negative before it."""
        depth = self.beyond_base(points)
        for centre, normal in zip(self.edge_centres, self.edge_normals, strict=True):
            depth = np.maximum(depth, (points - centre) @ normal)
        return depth

    def beyond_base(self, points: FloatArray) -> FloatArray:
        """``beyond`` for the base planes alone."""
        if not len(self.base_centres):
            return np.full(len(points), -np.inf)
        return _nearest_plane(points, self.base_centres, self.base_normals)

    @property
    def any(self) -> bool:
        """Whether there is any cut."""
        return bool(len(self.base_centres) or len(self.edge_centres))


@dataclass(frozen=True, eq=False)
class OpenFaces:
    """Voxel faces between a blood and the background: centres, area vectors outward [m, m2]."""

    centres: FloatArray
    areas: FloatArray


def open_faces(label_map: LabelMap, blood: Structure) -> tuple[OpenFaces, int]:
    """Faces where a blood touches the background, and the number of all its outer faces."""
    labels, matrix = label_map.labels, label_map.affine[:3, :3]
    own = np.flatnonzero((labels == blood).any(axis=(1, 2)))
    centres, areas, total = [], [], 0
    if own.size == 0:
        return OpenFaces(np.zeros((0, 3)), np.zeros((0, 3))), 0
    cofactor = np.linalg.det(matrix) * np.linalg.inv(matrix).T
    for axis in range(3):
        low = np.moveaxis(labels, axis, 0)[:-1]
        high = np.moveaxis(labels, axis, 0)[1:]
        for inner, outer, side in ((low, high, 1.0), (high, low, -1.0)):
            outer_face = (inner == blood) & (outer != blood)
            total += int(np.count_nonzero(outer_face))
            index = np.argwhere(outer_face & (outer == Structure.BACKGROUND)).astype(float)
            index[:, 0] += 0.5
            centres.append(_unmoved(index, axis) @ matrix.T + label_map.affine[:3, 3])
            vector = side * np.sign(np.linalg.det(matrix)) * cofactor[:, axis]
            areas.append(np.broadcast_to(vector, (len(index), 3)))
    return OpenFaces(np.concatenate(centres), np.concatenate(areas)), total


def _unmoved(index: FloatArray, axis: int) -> FloatArray:
    order = [axis, *(a for a in range(3) if a != axis)]
    return index[:, np.argsort(order)]


def found_openings(label_map: LabelMap) -> tuple[Cuts, frozenset[Structure], Findings]:
    """Cuts, the bloods whose wall has holes to be closed, and what there is to tell."""
    centres, normals, findings = [], [], []
    open_bloods = []
    present = set(np.flatnonzero(np.bincount(label_map.labels.ravel())).tolist())
    for blood, muscle in MUSCLE_OF.items():
        if blood not in present or muscle not in present:
            continue
        faces, total = open_faces(label_map, blood)
        plane = _flat_plane(label_map, faces) if _counts(faces) else None
        if plane is None:
            open_bloods.append((blood, faces, total))
            continue
        centres.append(plane[0])
        normals.append(plane[1])
        area = float(np.linalg.norm(faces.areas.sum(axis=0)))
        findings.append(_cut_told(blood, plane[0], area))
    holes = [
        _hole_told(blood, elsewhere, len(elsewhere.centres) / total)
        for blood, faces, total in open_bloods
        if _counts(elsewhere := _away_from(faces, centres, normals, label_map))
    ]
    findings += holes
    holed = {f.structure for f in holes if f.structure and f.kind is GeometryFindingKind.REPAIRED}
    if centres and Structure.RV_BLOOD in present and Structure.RV_MUSCLE not in present:
        own = _parallel_plane(label_map, Structure.RV_BLOOD, normals[0])
        if own is not None:
            centres.append(own)
            normals.append(normals[0])
    base = _one_plane(np.array(centres).reshape(-1, 3), np.array(normals).reshape(-1, 3), label_map)
    return Cuts(*base, *_edges(label_map)), frozenset(holed), tuple(findings)


def _counts(faces: OpenFaces) -> bool:
    """Whether an opening is more than single voxels."""
    across = float(np.linalg.norm(faces.areas.sum(axis=0)))
    return max(across, 0.3 * float(np.linalg.norm(faces.areas, axis=1).sum())) >= _LEAST_OPENING


def _away_from(
    faces: OpenFaces, centres: list[FloatArray], normals: list[FloatArray], label_map: LabelMap
) -> OpenFaces:
    """The faces of an opening that do not lie at a cut found for another blood."""
    kept = np.ones(len(faces.centres), bool)
    for centre, normal in zip(centres, normals, strict=True):
        step = float(np.abs(normal @ label_map.affine[:3, :3]).sum())
        kept &= np.abs((faces.centres - centre) @ normal) > step
    return OpenFaces(faces.centres[kept], faces.areas[kept])


def _flat_plane(label_map: LabelMap, faces: OpenFaces) -> tuple[FloatArray, FloatArray] | None:
    """The plane of an opening, if it is flat and no label lies beyond it."""
    diagonal = float(np.linalg.norm(np.linalg.norm(label_map.affine[:3, :3], axis=0)))
    kept = np.ones(len(faces.centres), bool)
    centre, normal = np.zeros(3), np.zeros(3)
    for _ in range(4):
        centre = faces.centres[kept].mean(axis=0)
        normal = np.linalg.svd(faces.centres[kept] - centre, full_matrices=False)[2][2]
        off = np.abs((faces.centres - centre) @ normal)
        kept = off < max(2.5 * float(np.median(off)), 0.5 * diagonal)
    if np.count_nonzero(kept) < 0.85 * len(kept) or kept.sum() < 12:
        return None
    if np.sqrt(np.mean(off[kept] ** 2)) > _FLAT * diagonal:
        return None
    normal *= np.sign(normal @ faces.areas.sum(axis=0))
    if np.linalg.norm(faces.areas.sum(axis=0)) < 1e-4:
        return None
    labelled = np.argwhere(label_map.labels != Structure.BACKGROUND)[::7]
    points = labelled @ label_map.affine[:3, :3].T + label_map.affine[:3, 3]
    past = (points - centre) @ normal > 1.5 * diagonal
    return None if past.mean() > _BEYOND_SHARE else (centre, normal)


def _parallel_plane(label_map: LabelMap, blood: Structure, normal: FloatArray) -> FloatArray | None:
    """Where blood without a labelled wall ends flat along a known cut: the centre of that end."""
    faces, _ = open_faces(label_map, blood)
    height, facing = faces.centres @ normal, faces.areas @ normal
    step = float(np.abs(normal @ label_map.affine[:3, :3]).sum())
    order = np.argsort(height)
    enclosed = np.cumsum(facing[order][::-1])[::-1]
    top = np.searchsorted(height[order], height.max() - 1.5 * step)
    area = float(enclosed[top])
    if area < max(2e-4, _FLAT_END * float(enclosed.max())):
        return None
    band = order[top:]
    return np.asarray((facing[band] @ faces.centres[band]) / area)


def _cut_told(blood: Structure, centre: FloatArray, area: float) -> GeometryFinding:
    x, y, z = centre.tolist()
    return label_finding(
        blood,
        f"{blood.name} ends at a flat opening of {area * 1e4:.1f} cm2: taken for the cut base",
        (x, y, z),
        GeometryFindingKind.TOLD,
        "Complete the base from the template where atria and valves matter.",
    )


def _hole_told(blood: Structure, faces: OpenFaces, share: float) -> GeometryFinding:
    x, y, z = faces.centres.mean(axis=0).tolist()
    area = 0.67e4 * float(np.linalg.norm(faces.areas, axis=1).sum())
    what = f"the wall of {blood.name} is open over about {area:.2g} cm2, {share:.0%} of its surface"
    if share > LARGEST_HOLE:
        remedy = "Label the muscle all around the blood, or leave it out to have a wall grown."
        return label_finding(blood, what, (x, y, z), GeometryFindingKind.REFUSED, remedy)
    told = f"{what}; closed by a thin wall"
    return label_finding(
        blood, told, (x, y, z), GeometryFindingKind.REPAIRED, "Label the wall, or the next chamber."
    )


def _one_plane(
    centres: FloatArray, normals: FloatArray, label_map: LabelMap
) -> tuple[FloatArray, FloatArray]:
    """Planes that agree within a voxel, as one."""
    if len(centres) < 2 or float((normals @ normals.T).min()) < _SAME_PLANE:
        return centres, normals
    normal = normals.mean(axis=0)
    normal /= np.linalg.norm(normal)
    if np.ptp(centres @ normal) > 1.5 * np.linalg.norm(label_map.affine[:3, :3], axis=0).max():
        return centres, normals
    return centres.mean(axis=0)[None], normal[None]


def _edges(label_map: LabelMap) -> tuple[FloatArray, FloatArray]:
    """Planes of the image's faces that labels touch, along the outer side of the last voxels."""
    labels, matrix = label_map.labels, label_map.affine[:3, :3]
    outward = np.linalg.inv(matrix)
    centres, normals = [], []
    for axis in range(3):
        for side, index in ((-1.0, 0), (1.0, labels.shape[axis] - 1)):
            if not np.take(labels, index, axis=axis).any():
                continue
            middle = 0.5 * (np.array(labels.shape) - 1.0)
            middle[axis] = index + 0.5 * side
            centres.append(matrix @ middle + label_map.affine[:3, 3])
            normals.append(side * outward[axis] / np.linalg.norm(outward[axis]))
    return np.array(centres).reshape(-1, 3), np.array(normals).reshape(-1, 3)


def continued(label_map: LabelMap, cuts: Cuts, margin: float) -> LabelMap:
    """The labelled part with a margin [m] around it, mirrored beyond every cut."""
    cropped = _with_margin(label_map, margin)
    if not len(cuts.base_centres):
        return cropped
    labels = cropped.labels.copy()
    index = np.argwhere(_just_beyond(cropped, cuts, margin) & (labels == Structure.BACKGROUND))
    points = index @ cropped.affine[:3, :3].T + cropped.affine[:3, 3]
    depth = cuts.beyond_base(points)
    near = (depth > 0.0) & (depth < margin)
    normal = cuts.base_normals[_nearest(points[near], cuts.base_centres)]
    mirrored = points[near] - 2.0 * depth[near, None] * normal
    step = np.abs(normal @ cropped.affine[:3, :3]).sum(axis=1, keepdims=True)
    values = _labels_at(cropped, mirrored)
    # Beside the plane the nearest voxel may lie beyond it: one voxel further in there is none.
    deeper = _labels_at(cropped, mirrored - step * normal)
    beside = (depth[near] < step[:, 0]) & (values == Structure.BACKGROUND)
    labels[tuple(index[near].T)] = np.where(beside, deeper, values)
    return replace(cropped, labels=labels)


def _labels_at(label_map: LabelMap, points: FloatArray) -> LabelArray:
    """Label of the voxel nearest to each point, background outside."""
    inverse = np.linalg.inv(label_map.affine[:3, :3])
    index = np.rint((points - label_map.affine[:3, 3]) @ inverse.T).astype(int)
    inside = ((index >= 0) & (index < label_map.labels.shape)).all(axis=1)
    values = np.zeros(len(points), np.uint8)
    values[inside] = label_map.labels[tuple(index[inside].T)]
    return values


def _just_beyond(label_map: LabelMap, cuts: Cuts, margin: float) -> BoolArray:
    """Voxels past any base plane by up to a margin."""
    near = np.zeros(label_map.labels.shape, bool)
    for centre, normal in zip(cuts.base_centres, cuts.base_normals, strict=True):
        per_index = normal @ label_map.affine[:3, :3]
        i, j, k = (per_index[axis] * np.arange(near.shape[axis]) for axis in range(3))
        depth = i[:, None, None] + j[:, None] + (k + normal @ (label_map.affine[:3, 3] - centre))
        near |= (depth > 0.0) & (depth < margin)
    return near


def _with_margin(label_map: LabelMap, margin: float) -> LabelMap:
    labels = label_map.labels
    present = labels != Structure.BACKGROUND
    pads = np.ceil(margin / np.linalg.norm(label_map.affine[:3, :3], axis=0)).astype(int)
    start = np.zeros(3)
    for axis in range(3):
        used = np.flatnonzero(present.any(axis=tuple(a for a in range(3) if a != axis)))
        first, last = used[0], used[-1]
        n, pad = labels.shape[axis], int(pads[axis])
        low, high = max(first - pad, 0), min(last + pad + 1, n)
        labels = np.take(labels, np.arange(low, high), axis=axis)
        present = np.take(present, np.arange(low, high), axis=axis)
        labels = _padded(labels, axis, 0, pad - int(first - low), mirrored=first == 0)
        labels = _padded(labels, axis, 1, pad - int(high - 1 - last), mirrored=last == n - 1)
        present = labels != Structure.BACKGROUND
        start[axis] = first - pad
    affine = label_map.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ start
    return LabelMap(labels, affine)


def _padded(labels: LabelArray, axis: int, end: int, count: int, *, mirrored: bool) -> LabelArray:
    if count <= 0:
        return labels
    widths = [(0, 0)] * 3
    widths[axis] = (count, 0) if end == 0 else (0, count)
    if mirrored:
        return np.pad(labels, widths, mode="symmetric")
    return np.pad(labels, widths)


def _nearest(points: FloatArray, centres: FloatArray) -> NDArray[np.integer]:
    gaps = np.linalg.norm(points[:, None] - centres, axis=2)
    return np.asarray(np.argmin(gaps, axis=1))


def _nearest_plane(points: FloatArray, centres: FloatArray, normals: FloatArray) -> FloatArray:
    nearest = _nearest(points, centres) if len(centres) > 1 else np.zeros(len(points), int)
    return np.asarray(np.einsum("ij,ij->i", points - centres[nearest], normals[nearest]))
