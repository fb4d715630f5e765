"""What a label map must show to be one living heart, lying in the body as hearts do.

The size catches a wrong unit, the centres of the chambers catch wrong axes: the left
ventricle lies to the left of the right one and behind it, the atria behind the ventricles'
common centre. One such contradiction means a mirror image, two mean axes of another convention
(RAS read as LPS). Volumes, the image's edge and the parts of one structure are looked at when the
heart is meshed (``anatomy.voxels_checks``).
"""

from enum import Enum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from organtwin.anatomy.finding import (
    Findings,
    GeometryFinding,
    GeometryFindingKind,
    place_text,
)
from organtwin.anatomy.label_map import LabelMap, Structure
from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.patient.geometry.placing import fits, size_error

HEART_PARTS = (*(Structure(kind) for kind in range(1, 9)), Structure.HEART)

SECOND_HEART = 0.1
"""A separate piece of this share of the largest one is another heart, not a stray voxel."""

_ISLAND = 1e-8
"""Separate pieces above this volume [m3] (10 microlitre) are told; smaller are noise."""

_DECISIVE = 5e-3
"""Centres closer than this along an axis [m] say nothing about it."""

Mask = NDArray[np.bool_]


class Position(Enum):
    """Whether the heart must lie as usual."""

    USUAL = "usual"
    ANY = "any"
    """Dextrocardia and unknown axes: contradictions are told, not refused."""


def checked_heart(labels: LabelMap, source: str, position: Position) -> Findings:
    """Everything about a label map that should be known; errors where it cannot be one heart.

    Raises
    ------
    InputError
        Nothing of the heart, two hearts, or a size or place that no heart has.
    """
    whole = labels
    parts = np.zeros(256, bool)
    parts[list(HEART_PARTS)] = True
    heart = parts[whole.labels]
    if not heart.any():
        raise InputError(
            source, "labels", expected="at least one part of the heart", got="no heart",
            remedy="Map at least one value to a chamber, to muscle, or to the whole heart.",
        )  # fmt: skip
    box = ndimage.find_objects(heart.view(np.uint8))[0]
    labels, near = _cropped(whole, box), heart[box]
    _check_size(labels, source)
    return (
        *_pieces(labels, near, source),
        *_placed(labels, source, position),
    )


def voxel_places(labels: LabelMap, indices: FloatArray) -> FloatArray:
    """Patient coordinates ``(k, 3)`` [m] of voxel indices ``(k, 3)``."""
    return np.asarray(indices @ labels.affine[:3, :3].T + labels.affine[:3, 3])


def _cropped(labels: LabelMap, box: tuple[slice, ...]) -> LabelMap:
    """The part of a label map in a box: a heart is a small part of a whole thorax."""
    affine = labels.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ [part.start for part in box]
    return LabelMap(labels.labels[box], affine)


def _check_size(labels: LabelMap, source: str) -> None:
    """``labels`` end where the heart ends."""
    edges = np.linalg.norm(labels.affine[:3, :3], axis=0)
    extent = float((labels.labels.shape * edges).max())
    if not fits(extent):
        raise size_error(
            source, f"{1e3 * extent:.3g} mm", "Check voxel size and unit, and that the labels "
            "mapped to the heart are its own.",
        )  # fmt: skip


def _pieces(labels: LabelMap, heart: Mask, source: str) -> Findings:
    pieces, count = ndimage.label(heart, np.ones((3, 3, 3), np.uint8))
    if count == 1:
        return ()
    sizes = np.bincount(pieces.ravel())[1:]
    order = np.argsort(sizes)[::-1]
    centres = np.array(ndimage.center_of_mass(heart, pieces, order + 1))
    places = voxel_places(labels, centres)
    if sizes[order[1]] > SECOND_HEART * sizes[order[0]]:
        volumes = 1e6 * sizes[order[:2]] * labels.voxel_volume
        raise InputError(
            source, "labels", expected="one connected heart",
            got=f"separate pieces of {volumes[0]:.0f} mL at {place_text(places[0])} and "
            f"{volumes[1]:.0f} mL at {place_text(places[1])}",
            remedy="Keep one heart: delete the other piece, or join what belongs together.",
            places=places[:2].tolist(),
        )  # fmt: skip
    stray = sizes[order[1:]] * labels.voxel_volume
    told = places[1:][stray >= _ISLAND]
    text = f"{count - 1} separate pieces, {1e6 * stray.sum():.2f} mL in all"
    return (GeometryFinding(GeometryFindingKind.DEFECT, "labels", text, told),)


def _placed(labels: LabelMap, source: str, position: Position) -> Findings:
    wrong = contradictions(labels)
    if not wrong:
        return ()
    sort = "mirrored" if len(wrong) % 2 else "turned (RAS read as LPS?)"
    got = f"{'; '.join(wrong)}: {sort}"
    centres = (_centre(labels, Structure(kind), Structure(kind)) for kind in range(1, 9))
    places = np.array([centre for centre in centres if centre is not None])
    if position is Position.USUAL:
        raise InputError(
            source, "orientation", expected="a heart lying as usual in patient axes", got=got,
            remedy="Check the axes or the affine. If the heart lies so, allow any position.",
            places=places.tolist(),
        )  # fmt: skip
    return (GeometryFinding(GeometryFindingKind.CONFIRM, "orientation", got, places),)


def contradictions(labels: LabelMap) -> list[str]:
    """Sentences about chambers that do not lie as in other people."""
    left = _centre(labels, Structure.LV_BLOOD, Structure.LV_MUSCLE)
    right = _centre(labels, Structure.RV_BLOOD, Structure.RV_MUSCLE)
    atria = [
        centre
        for kind in (Structure.LA_BLOOD, Structure.RA_BLOOD)
        if (centre := _centre(labels, kind, kind)) is not None
    ]
    found = []
    if left is not None and right is not None:
        if left[0] - right[0] < -_DECISIVE:
            found.append("the left ventricle lies to the right of the right ventricle")
        if left[1] - right[1] < -_DECISIVE:
            found.append("the left ventricle lies in front of the right ventricle")
        if len(atria) == 2 and (np.mean(atria, axis=0) - (left + right) / 2)[2] < -_DECISIVE:
            found.append("the atria lie below the ventricles")
    return found


def _centre(labels: LabelMap, blood: Structure, muscle: Structure) -> FloatArray | None:
    for kind in (blood, muscle):
        indices = np.argwhere(labels.labels == kind)
        if len(indices):
            return np.asarray(voxel_places(labels, indices.mean(axis=0)[None])[0])
    return None
