"""One label map from several masks, one structure each, possibly on different grids.

Segmentation programs often write a file per structure. The first mask's grid is kept when it holds
all of them, else it is enlarged; other grids are read at its voxel centres (nearest voxel).
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.finding import (
    Findings,
    GeometryFinding,
    GeometryFindingKind,
    without_repeats,
)
from organtwin.anatomy.label_map import LabelMap, Structure
from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.patient.geometry.label_checks import Position, checked_heart
from organtwin.patient.geometry.labels import PatientLabels, value_counts
from organtwin.patient.geometry.raw import LabelImage

_SAME_GRID = 1e-5
"""Grids whose corners agree within this [m] are one."""

_ORDER = (Structure.HEART, *(Structure(kind) for kind in range(1, 13)))
"""Later ones show: chambers over the whole heart, vessels over chambers."""


def label_map_of_masks(
    masks: Mapping[Structure, LabelImage], *, position: Position = Position.USUAL
) -> PatientLabels:
    """Join masks; every voxel that is not 0 belongs to the structure.

    Raises
    ------
    InputError
        There is no mask, one is empty or has several values, or they are not one heart.
    """
    if not masks:
        raise InputError(
            "masks", "files", expected="at least one mask", got="none",
            remedy="Say which structure each file is.",
        )  # fmt: skip
    for mask in masks.values():
        _check_mask(mask)
    first = next(iter(masks.values()))
    shape, affine = _grid(first, list(masks.values()))
    labels = np.zeros(shape, np.uint8)
    findings: Findings = ()
    for kind in _ORDER:
        if kind in masks:
            inside, told = _on_grid(masks[kind], shape, affine)
            covered = int((labels[inside] != 0).sum())
            labels[inside] = kind
            findings += (*masks[kind].findings, *told, *_covered(kind, covered))
    source = ", ".join(mask.source for mask in masks.values())
    result = LabelMap(labels, affine)
    findings += checked_heart(result, source, position)
    return PatientLabels(result, source, without_repeats(findings))


def _check_mask(mask: LabelImage) -> None:
    counts = value_counts(mask)
    if len(counts) != 1:
        raise InputError(
            mask.source, "values", expected="one value beside 0", got=str(list(counts) or "none"),
            remedy="Give one structure per file, or open a file of many labels with a mapping.",
        )  # fmt: skip


def _corners(image: LabelImage) -> FloatArray:
    """The eight outermost voxel centres of what is labelled [m]."""
    indices = np.argwhere(image.values != 0)
    box = np.stack([indices.min(axis=0), indices.max(axis=0)]).astype(float)
    ends = np.array(np.meshgrid(*box.T, indexing="ij")).reshape(3, -1).T
    return np.asarray(ends @ image.affine[:3, :3].T + image.affine[:3, 3])


def _grid(first: LabelImage, masks: list[LabelImage]) -> tuple[tuple[int, int, int], FloatArray]:
    """The first mask's grid, with whole voxels added where other masks reach beyond it."""
    inverse = np.linalg.inv(first.affine)
    places = np.concatenate([_corners(mask) for mask in masks])
    indices = places @ inverse[:3, :3].T + inverse[:3, 3]
    shape = np.array(first.values.shape)
    before = np.maximum(np.ceil(-indices.min(axis=0) - 0.5), 0.0)
    after = np.maximum(np.ceil(indices.max(axis=0) - shape + 0.5), 0.0)
    nx, ny, nz = (int(n) for n in shape + before + after)
    affine = first.affine.copy()
    affine[:3, 3] -= affine[:3, :3] @ before
    return (nx, ny, nz), affine


def _on_grid(
    mask: LabelImage, shape: tuple[int, int, int], affine: FloatArray
) -> tuple[NDArray[np.bool_], Findings]:
    """The mask at the voxel centres of a grid."""
    across = np.linalg.inv(mask.affine) @ affine
    if mask.values.shape == shape and np.allclose(mask.affine, affine, atol=_SAME_GRID / 1e3):
        return mask.values != 0, ()
    inside = np.zeros(shape, bool)
    inverse = np.linalg.inv(affine)
    ends = _corners(mask) @ inverse[:3, :3].T + inverse[:3, 3]
    first = np.maximum(np.floor(ends.min(axis=0)).astype(int) - 1, 0)
    last = np.minimum(np.ceil(ends.max(axis=0)).astype(int) + 2, shape)
    rest = np.stack(
        np.meshgrid(*(np.arange(a, b) for a, b in zip(first[1:], last[1:], strict=True)),
                    indexing="ij"), axis=-1,
    )  # fmt: skip
    for i in range(first[0], last[0]):  # by planes: all coordinates at once fill the memory
        place = rest @ across[:3, 1:3].T + across[:3, 0] * i + across[:3, 3]
        index = np.rint(place).astype(np.intp)
        within = ((index >= 0) & (index < mask.values.shape)).all(axis=-1)
        index[~within] = 0
        found = (mask.values[tuple(np.moveaxis(index, -1, 0))] != 0) & within
        inside[i, first[1] : last[1], first[2] : last[2]] = found
    whole = np.rint(across[:3, 3])
    moved = np.abs(across[:3, :3] - np.eye(3)).max() * max(shape) + np.abs(across[:3, 3] - whole)
    if moved.max() * np.linalg.norm(affine[:3, 0]) < _SAME_GRID:
        return inside, ()
    text = f"{mask.source}: another grid; read at the voxels of the first mask, nearest voxel"
    return inside, (GeometryFinding(GeometryFindingKind.TOLD, "grid", text),)


def _covered(kind: Structure, count: int) -> Findings:
    if not count:
        return ()
    text = f"{kind.name.lower()} takes {count} voxels that another mask holds too"
    return (GeometryFinding(GeometryFindingKind.TOLD, "overlap", text),)
