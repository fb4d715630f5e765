"""Is a label map a heart? What is wrong with it, where, and what was done about it.

Small faults are repaired and told: specks are removed, enclosed holes are filled. What would need
a guess is refused with a remedy. Turned or mirrored hearts are told, never turned back.

Limits are wide: they catch wrong units, not disease. LV and RV volumes in adults with severe
dilatation stay below 600 and 700 mL, small women's hearts above 15 mL at end-systole.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from organtwin.anatomy.finding import Findings, GeometryFinding, GeometryFindingKind, label_finding
from organtwin.anatomy.label_map import LabelArray, LabelMap, Structure
from organtwin.arrays import BoolArray, FloatArray

MILLILITRE = 1e-6
BLOODS = (Structure.LV_BLOOD, Structure.RV_BLOOD, Structure.LA_BLOOD, Structure.RA_BLOOD)
VESSELS = (
    Structure.AORTA,
    Structure.PULMONARY_ARTERY,
    Structure.SYSTEMIC_VEIN,
    Structure.PULMONARY_VEIN,
)
LIMITS_ML = {
    Structure.LV_BLOOD: (15.0, 600.0),
    Structure.RV_BLOOD: (15.0, 700.0),
    Structure.LA_BLOOD: (8.0, 600.0),
    Structure.RA_BLOOD: (8.0, 700.0),
    Structure.LV_MUSCLE: (25.0, 700.0),
}
WHOLE_HEART_ML = (200.0, 2500.0)

SPECK_ML, SPECK_SHARE = 1.0, 0.05
"""Components below both of these are specks."""

SECOND_HEART_SHARE = 0.3
"""A second component of a ventricle this large beside the first is another heart."""

_ONE_PIECE = (Structure.LV_BLOOD, Structure.RV_BLOOD, Structure.LV_MUSCLE, Structure.HEART)
_LEAST_SLICES = 4
_UNIT_STEPS = {
    factor**power: f"lengths {'too long' if power > 0 else 'too short'} by {factor:g}"
    for factor in (10.0, 100.0, 1000.0)
    for power in (3, -3)
}
"""Ratio of volumes to what a wrong unit of length does."""

VoxelLabels = NDArray[np.int32]


def examined(label_map: LabelMap) -> tuple[LabelMap, Findings]:
    """The label map without specks and holes, and all that was found.

    After a refusal later checks are left out: they would only repeat it.
    """
    findings: list[GeometryFinding] = []
    for check in (_unreadable, _without_chambers, _wrong_size, _several_hearts):
        findings += check(label_map)
        if any(f.kind is GeometryFindingKind.REFUSED for f in findings):
            return label_map, tuple(findings)
    labels = label_map.labels.copy()
    findings += _without_specks(labels, label_map)
    findings += _without_holes(labels, label_map)
    cleaned = replace(label_map, labels=labels)
    findings += [*_at_the_edge(cleaned), *_missing(cleaned)]
    return cleaned, tuple(findings)


def place(label_map: LabelMap, index: FloatArray) -> tuple[float, float, float]:
    """Where a voxel index lies [m]."""
    x, y, z = (label_map.affine[:3, :3] @ index + label_map.affine[:3, 3]).tolist()
    return x, y, z


def centre(label_map: LabelMap, of: BoolArray) -> tuple[float, float, float]:
    """Centroid [m] of some voxels."""
    return place(label_map, _middle(of, (slice(0, None),) * 3))


def _middle(of: BoolArray, box: tuple[slice, ...]) -> FloatArray:
    """Mean index of some voxels of a box."""
    along = [of.sum(axis=other) for other in ((1, 2), (0, 2), (0, 1))]
    mean = [float(np.average(np.arange(len(a)), weights=a)) for a in along]
    start: FloatArray = np.array([float(side.start or 0) for side in box])
    return np.array(mean) + start


def _refusal(structure: Structure | None, what: str, remedy: str,
             where: tuple[float, float, float] | None = None) -> GeometryFinding:  # fmt: skip
    return label_finding(structure, what, where, GeometryFindingKind.REFUSED, remedy)


def _unreadable(label_map: LabelMap) -> Iterator[GeometryFinding]:
    labels, affine = label_map.labels, label_map.affine
    if affine.shape != (4, 4) or not np.isfinite(affine).all():
        yield _refusal(None, "the affine is not a finite 4 x 4 matrix", "Export the image again.")
    elif (
        abs(np.linalg.det(affine[:3, :3])) < 1e-9 * np.prod(np.linalg.norm(affine[:3, :3], axis=0))
        or not np.linalg.norm(affine[:3, :3], axis=0).all()
    ):
        yield _refusal(
            None,
            "the affine cannot be inverted: two voxel axes point the same way or have no length",
            "Export the image again with its orientation and all three voxel sizes.",
        )
    if labels.ndim != 3 or min(labels.shape) < _LEAST_SLICES:
        size = " x ".join(str(n) for n in labels.shape)
        yield _refusal(
            None,
            f"{size} voxels: too few slices for a volume",
            f"Give at least {_LEAST_SLICES} slices; single slices go in as contours.",
        )
    unknown = np.setdiff1d(
        np.flatnonzero(np.bincount(labels.ravel())), [s.value for s in Structure]
    )
    if unknown.size:
        yield _refusal(
            None,
            f"label values without a meaning: {', '.join(str(u) for u in unknown[:8])}",
            "Map every value of the file to a structure, or to background.",
        )


def _without_chambers(label_map: LabelMap) -> Iterator[GeometryFinding]:
    counts = np.bincount(label_map.labels.ravel(), minlength=len(Structure))
    if counts[1:].sum() == 0:
        yield _refusal(None, "no voxel is labelled", "Check the label mapping and the file.")
    elif not any(counts[b] for b in BLOODS) and counts[Structure.HEART]:
        yield _refusal(
            Structure.HEART,
            "the heart is one undivided label; its chambers cannot be told apart",
            "Fit the template heart to this outline (template completion), or label the chambers.",
            centre(label_map, label_map.labels == Structure.HEART),
        )
    elif not any(counts[b] for b in BLOODS) and not _largest_hole(label_map):
        yield _refusal(
            None,
            "no chamber's blood is labelled",
            "Label the blood of at least one ventricle, or complete the heart from the template.",
        )


def _wrong_size(label_map: LabelMap) -> Iterator[GeometryFinding]:
    ml = {s: label_map.volume(s) / MILLILITRE for s in Structure if s}
    rows = [(s, s.name, ml[s], limits) for s, limits in LIMITS_ML.items() if ml[s] > 0]
    if ml[Structure.HEART] > 0 or all(ml[b] > 0 for b in BLOODS):
        whole = sum(v for s, v in ml.items() if s not in VESSELS)
        rows.append((Structure.HEART, "whole heart", whole, WHOLE_HEART_ML))
    for structure, name, volume, (least, most) in rows:
        if least <= volume <= most:
            continue
        where = centre(label_map, label_map.labels == structure) if ml[structure] else None
        told = f"{name} has {volume:.3g} mL, adults {least:g} to {most:g} mL"
        likely = [text for factor, text in _UNIT_STEPS.items() if least <= volume / factor <= most]
        if likely:
            yield _refusal(
                structure, f"{told}: {likely[0]}?", "Correct the unit of the affine.", where
            )
        else:
            yield label_finding(
                structure, told, where, GeometryFindingKind.TOLD, "Check labels and voxel sizes."
            )


def _boxes(labels: LabelArray) -> Iterator[tuple[Structure, tuple[slice, slice, slice]]]:
    """Every structure that is present and the box it fills."""
    for value, box in enumerate(ndimage.find_objects(labels), start=1):
        if box is not None:
            yield Structure(value), box


def _components(of: BoolArray) -> tuple[VoxelLabels, NDArray[np.integer]]:
    """Parts that touch by face, edge or corner, and their sizes, index 0 being the rest."""
    parts, _ = ndimage.label(of, np.ones((3, 3, 3)))
    return parts, np.bincount(parts.ravel())


def _several_hearts(label_map: LabelMap) -> Iterator[GeometryFinding]:
    least_ml = LIMITS_ML[Structure.LV_BLOOD][0]
    for structure, box in _boxes(label_map.labels):
        if structure not in _ONE_PIECE:
            continue
        parts, sizes = _components(label_map.labels[box] == structure)
        first, *others = np.argsort(sizes[1:])[::-1] + 1
        for other in others[:1]:
            volume = sizes[other] * label_map.voxel_volume / MILLILITRE
            if sizes[other] > SECOND_HEART_SHARE * sizes[first] and volume > least_ml:
                yield _refusal(
                    structure,
                    f"{structure.name} lies in two large parts of "
                    f"{sizes[first] * label_map.voxel_volume / MILLILITRE:.0f} and {volume:.0f} mL",
                    "Keep one heart; if it is one, close the gap between the parts.",
                    place(label_map, _middle(parts == other, box)),
                )


def _without_specks(labels: LabelArray, label_map: LabelMap) -> Iterator[GeometryFinding]:
    for structure, box in _boxes(labels):
        parts, sizes = _components(labels[box] == structure)
        ml = sizes * label_map.voxel_volume / MILLILITRE
        speck = (ml < SPECK_ML) & (sizes < SPECK_SHARE * sizes[1:].max())
        speck[0] = False
        if not speck.any():
            continue
        voxels = np.zeros(labels.shape, bool)
        voxels[box] = speck[parts]
        labels[voxels] = _surrounding(labels, voxels)
        yield label_finding(
            structure,
            f"{_count(int(np.count_nonzero(speck)), 'loose speck')} of {structure.name} removed, "
            f"{ml[speck].sum():.2g} mL",
            centre(label_map, voxels),
            GeometryFindingKind.REPAIRED,
            "Nothing to do unless one of them was real.",
        )


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _surrounding(labels: LabelArray, voxels: BoolArray) -> LabelArray:
    """For each of some voxels the label most common within one voxel around its part."""
    parts, n = ndimage.label(voxels, np.ones((3, 3, 3)))
    chosen = np.zeros(n + 1, np.uint8)
    for part, box in enumerate(ndimage.find_objects(parts), start=1):
        wide = tuple(slice(max(b.start - 1, 0), b.stop + 1) for b in box)
        own = parts[wide] == part
        ring = ndimage.binary_dilation(own, np.ones((3, 3, 3))) & ~voxels[wide]
        if ring.any():
            chosen[part] = np.bincount(labels[wide][ring]).argmax()
    return np.asarray(chosen[parts[voxels]], np.uint8)


def _holes(labels: LabelArray) -> tuple[VoxelLabels, NDArray[np.integer]]:
    """Parts of the background that labelled voxels enclose, and their numbers."""
    parts, n = ndimage.label(labels == Structure.BACKGROUND)
    outside = [np.unique(np.take(parts, side, axis=axis)) for axis in range(3) for side in (0, -1)]
    return parts, np.setdiff1d(np.arange(1, n + 1), np.concatenate(outside))


def _largest_hole(label_map: LabelMap) -> bool:
    """Whether muscle encloses a space as large as a chamber."""
    parts, holes = _holes(label_map.labels)
    sizes = np.bincount(parts.ravel())[holes] * label_map.voxel_volume
    return bool(sizes.size and sizes.max() > LIMITS_ML[Structure.LV_BLOOD][0] * MILLILITRE)


def _without_holes(labels: LabelArray, label_map: LabelMap) -> Iterator[GeometryFinding]:
    parts, holes = _holes(labels)
    if not holes.size:
        return
    sizes = np.bincount(parts.ravel())
    filled = 0.0
    for hole in holes[np.argsort(-sizes[holes])]:
        ml = sizes[hole] * label_map.voxel_volume / MILLILITRE
        blood = _blood_of_shell(labels, parts, int(hole)) if ml > 15.0 else None
        if blood is None:
            break
        own = parts == hole
        labels[own] = blood
        filled += ml
        yield label_finding(
            blood,
            f"{blood.name} is not labelled; {ml:.0f} mL enclosed by its muscle were taken for it",
            centre(label_map, own),
            GeometryFindingKind.REPAIRED,
            "Label the blood if this is wrong.",
        )
    rest = np.isin(parts, holes) & (labels == Structure.BACKGROUND)
    if rest.any():
        n = int(np.unique(parts[rest]).size)
        where = centre(label_map, rest)
        ml = np.count_nonzero(rest) * label_map.voxel_volume / MILLILITRE
        labels[rest] = _surrounding(labels, rest)
        yield label_finding(
            None,
            f"{_count(n, 'enclosed hole')} filled, {ml:.2g} mL",
            where,
            GeometryFindingKind.REPAIRED,
            "Nothing to do unless one of them was real.",
        )


def _blood_of_shell(labels: LabelArray, parts: VoxelLabels, hole: int) -> Structure | None:
    """The blood that belongs into a hole, where its muscle surrounds it and nothing else has it."""
    around = ndimage.binary_dilation(parts == hole) & (parts != hole)
    common = Structure(int(np.bincount(labels[around]).argmax()))
    if common not in (
        Structure.LV_MUSCLE,
        Structure.RV_MUSCLE,
        Structure.LA_MUSCLE,
        Structure.RA_MUSCLE,
    ):
        return None
    blood = Structure(common + 4)
    return None if (labels == blood).any() else blood


def _at_the_edge(label_map: LabelMap) -> Iterator[GeometryFinding]:
    labels = label_map.labels
    for axis in range(3):
        for side in (0, labels.shape[axis] - 1):
            face = np.take(labels, side, axis=axis)
            for value in np.flatnonzero(np.bincount(face.ravel())):
                if value == Structure.BACKGROUND:
                    continue
                index = np.insert(np.argwhere(face == value).mean(axis=0), axis, side)
                yield label_finding(
                    Structure(int(value)),
                    f"{Structure(int(value)).name} reaches the image's edge; the mesh is cut there",
                    place(label_map, index),
                    GeometryFindingKind.TOLD,
                    "Use an image that holds the whole structure if that part matters.",
                )


def _missing(label_map: LabelMap) -> Iterator[GeometryFinding]:
    present = np.bincount(label_map.labels.ravel(), minlength=len(Structure))
    for blood in BLOODS:
        if not present[blood]:
            yield label_finding(
                blood,
                f"{blood.name} is not labelled; this heart has no such chamber",
                None,
                GeometryFindingKind.TOLD,
                "Complete it from the template where the model needs all four chambers.",
            )
