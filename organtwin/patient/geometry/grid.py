"""The grid of an image: from the file's axes to patient axes in metres, checked.

Labels are whole numbers on an orthogonal three-dimensional grid whose voxels have a size that a
scanner makes. A grid may be left-handed (many files store the first axis towards the right); its
affine says so, and nothing is turned.
"""

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.finding import GeometryFinding, GeometryFindingKind
from organtwin.arrays import FloatArray, IntArray
from organtwin.errors import InputError

RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
IMAGE_UNITS = {"m": 1.0, "mm": 1e-3, "um": 1e-6}

LEAST_VOXEL, LARGEST_VOXEL = 0.05e-3, 20e-3
"""Edges of voxels that CT, MR and echo make [m]: micro-CT aside, 0.1 to 12 mm."""

_SKEW = 2e-3
"""Cosine up to which two axes count as orthogonal: 0.1 degrees, above float32 rounding."""


def scaled_affine(
    affine: FloatArray, unit: str | None, source: str
) -> tuple[FloatArray, tuple[GeometryFinding, ...]]:
    """Affine in metres from one in the file's unit; the unit is proposed where the file has none.

    Raises
    ------
    InputError
        The grid is not finite, flat, oblique to itself, or of a size that no scanner makes.
    """
    _check_axes(affine, source)
    edges = np.linalg.norm(affine[:3, :3], axis=0)
    fitting = [name for name, factor in IMAGE_UNITS.items() if _possible(edges * factor)]
    chosen = unit or next(iter(fitting), None)
    if chosen is None or chosen not in fitting:
        stated = f"in {unit}" if unit else "without a unit"
        hint = f"As {fitting[0]} it would fit. " if fitting else ""
        raise InputError(
            source, "voxel size",
            expected=f"{1e3 * LEAST_VOXEL:g} to {1e3 * LARGEST_VOXEL:g} mm",
            got=f"{', '.join(f'{edge:g}' for edge in edges)} {stated}",
            remedy=f"{hint}Correct the unit or the voxel size in the segmentation program.",
        )  # fmt: skip
    scaled = affine.copy()
    scaled[:3] *= IMAGE_UNITS[chosen]
    if unit:
        return scaled, ()
    text = (
        f"the file states no unit; taken as {chosen} because voxels of "
        f"{' x '.join(f'{edge:.3g}' for edge in edges)} {chosen} are what scanners make"
    )
    return scaled, (GeometryFinding(GeometryFindingKind.CONFIRM, "unit", text),)


def whole_numbers(values: NDArray[np.generic], source: str) -> IntArray:
    """Labels as integers, when that is what they are.

    Raises
    ------
    InputError
        The voxels are colours, complex or fractional, or do not fit 32 bits.
    """
    if values.ndim != 3:
        raise not_three_dimensional(values.shape, source)
    if values.dtype.kind == "f":
        rounded = np.round(values.astype(np.float64))
        odd = ~(rounded == values)
        if odd.any():
            raise InputError(
                source, "values", expected="whole numbers that name structures",
                got=f"{int(odd.sum())} voxels with fractions such as {values[odd].flat[0]:g}",
                remedy="Open the segmentation itself, not the image or a probability map; "
                "resample labels with nearest-neighbour interpolation.",
            )  # fmt: skip
        values = rounded
    if values.size and (values.max() > 2**31 - 1 or values.min() < -(2**31)):
        raise InputError(
            source, "values", expected="labels that fit 32 bits", got=f"{values.max()}",
            remedy="Renumber the labels.",
        )  # fmt: skip
    return np.ascontiguousarray(values, dtype=np.int32)


def not_three_dimensional(shape: tuple[int, ...], source: str) -> InputError:
    """A series or an overlay where one label map is wanted."""
    return InputError(
        source, "dimensions", expected="one image with three axes",
        got=f"{len(shape)} axes of {' x '.join(map(str, shape))}",
        remedy="Export one time frame, with all structures in one layer.",
    )  # fmt: skip


def colored(kind: str, source: str) -> InputError:
    """A picture where labels are wanted."""
    return InputError(
        source, "voxel type", expected="one whole number per voxel", got=kind,
        remedy="Export the segmentation as a label map, not as a coloured picture.",
    )  # fmt: skip


def _possible(edges: FloatArray) -> bool:
    return bool((edges >= LEAST_VOXEL).all() and (edges <= LARGEST_VOXEL).all())


def _check_axes(affine: FloatArray, source: str) -> None:
    axes = affine[:3, :3]
    edges = np.linalg.norm(axes, axis=0)
    if not np.isfinite(affine).all():
        raise InputError(
            source, "affine", expected="finite numbers", got="NaN or infinite entries",
            remedy="Correct origin and directions in the segmentation program.",
        )  # fmt: skip
    if (edges == 0.0).any():
        raise InputError(
            source, "voxel size", expected="three edges above zero",
            got=" x ".join(f"{edge:g}" for edge in edges),
            remedy="Correct the spacing in the segmentation program.",
        )  # fmt: skip
    unit = axes / edges
    skew = np.abs(unit.T @ unit - np.eye(3)).max()
    if skew > _SKEW:
        raise InputError(
            source, "affine", expected="axes at right angles",
            got=f"axes at {np.degrees(np.arccos(skew)):.1f} degrees (sheared grid)",
            remedy="Resample the labels to an orthogonal grid, e.g. after gantry tilt.",
        )  # fmt: skip
