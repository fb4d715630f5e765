"""A mesh as its file gives it: the file's own numbers and axes, indices checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from organtwin.arrays import FloatArray, IntArray
from organtwin.errors import InputError

Fields = Mapping[str, FloatArray]

LINE, TRIANGLE, POLYGON, QUAD, TET = 3, 5, 7, 9, 10
"""Cell types as VTK numbers them."""

_TYPE_NAMES = {
    1: "points", 2: "points", 3: "lines", 4: "lines", 6: "triangle strips", 7: "polygons",
    9: "quadrilaterals", 11: "voxels", 12: "hexahedra", 13: "wedges", 14: "pyramids",
    21: "quadratic lines", 22: "quadratic triangles", 24: "quadratic tetrahedra",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class FileMesh:
    """Points ``(n, 3)``, triangles ``(m, 3)`` and tetrahedra ``(k, 4)`` with their fields.

    ``skipped`` counts the cells of other kinds.
    """

    source: Path
    points: FloatArray
    triangles: IntArray
    tets: IntArray
    point_fields: Fields = field(default_factory=dict)
    triangle_fields: Fields = field(default_factory=dict)
    tet_fields: Fields = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)


def no_cells(corners: int) -> IntArray:
    """An empty table of cells."""
    return np.empty((0, corners), np.int32)


def checked_points(points: ArrayLike, source: Path) -> FloatArray:
    """Coordinates ``(n, 3)``, all finite.

    Raises
    ------
    InputError
        There are none, or some are NaN or infinite.
    """
    numbers = np.array(points, dtype=np.float64).reshape(-1, 3)
    if not len(numbers):
        raise InputError(
            str(source), "points", expected="at least one point", got="none",
            remedy="Export the mesh again.",
        )  # fmt: skip
    wrong = ~np.isfinite(numbers).all(axis=1)
    if wrong.any():
        raise InputError(
            str(source), f"point {int(np.argmax(wrong))}", expected="finite coordinates",
            got=f"{numbers[np.argmax(wrong)].tolist()}; {int(wrong.sum())} such points",
            remedy="Repair or remove these points in the program that made the mesh.",
        )  # fmt: skip
    return numbers


def checked_cells(cells: ArrayLike, n_points: int, source: Path, what: str) -> IntArray:
    """Point numbers of cells, all of them inside the table of points.

    Raises
    ------
    InputError
        A cell names a point that does not exist.
    """
    numbers = np.asarray(cells, dtype=np.int64)
    wrong = ((numbers < 0) | (numbers >= n_points)).any(axis=1)
    if wrong.any():
        first = int(np.argmax(wrong))
        raise InputError(
            str(source), f"{what} {first}", expected=f"point numbers 0 to {n_points - 1}",
            got=f"{numbers[first].tolist()}; {int(wrong.sum())} such cells",
            remedy="The file is damaged, or points and cells are of two meshes.",
        )  # fmt: skip
    return numbers.astype(np.int32)


def mesh_of_cells(
    source: Path,
    points: ArrayLike,
    cells: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.integer]],
    point_fields: Fields,
    cell_fields: Fields,
) -> FileMesh:
    """Sort cells by kind; ``cells`` are connectivity, end of each cell in it, VTK type.

    Quadrilaterals and polygons are split into triangles; what is neither triangle nor tetrahedron
    is counted.
    """
    connectivity, ends, types = cells
    coordinates = checked_points(points, source)
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    sizes = ends - starts
    if len(types) != len(ends) or (sizes < 0).any() or (len(ends) and ends[-1] > len(connectivity)):
        raise InputError(
            str(source), "cells", expected=f"{len(types)} cells within {len(connectivity)} corners",
            got=f"{len(ends)} cells up to corner {ends[-1] if len(ends) else 0}",
            remedy="The file is damaged: export it again.",
        )  # fmt: skip
    is_tet = (types == TET) & (sizes == 4)
    is_face = np.isin(types, (TRIANGLE, QUAD, POLYGON)) & (sizes >= 3)
    tets = connectivity[starts[is_tet][:, None] + np.arange(4)]
    triangles, owner = _fans(connectivity, starts[is_face], sizes[is_face])
    faces = np.flatnonzero(is_face)[owner]
    n, checked = len(coordinates), _lengths_checked(cell_fields, len(types), source)
    return FileMesh(
        source,
        coordinates,
        checked_cells(triangles, n, source, "triangle"),
        checked_cells(tets, n, source, "tetrahedron"),
        _lengths_checked(point_fields, n, source),
        {name: values[faces] for name, values in checked.items()},
        {name: values[is_tet] for name, values in checked.items()},
        _counted(types[~is_tet & ~is_face]),
    )


def _counted(types: NDArray[np.integer]) -> dict[str, int]:
    kinds, counts = np.unique(types, return_counts=True)
    return {
        _TYPE_NAMES.get(int(kind), f"cells of type {kind}"): int(count)
        for kind, count in zip(kinds, counts, strict=True)
    }


def split_polygons(connectivity: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Triangles ``(m, 3)`` from polygons that follow each other in one list."""
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    return _fans(connectivity, starts, sizes)[0]


def _fans(
    connectivity: NDArray[np.int64], starts: NDArray[np.int64], sizes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Triangles around the first corner of each polygon, and the polygon of each."""
    owner = np.repeat(np.arange(len(sizes)), np.maximum(sizes - 2, 0))
    step = np.arange(len(owner)) - np.searchsorted(owner, owner)
    first = starts[owner]
    corners = np.stack([first, first + step + 1, first + step + 2], axis=1)
    return connectivity[corners], owner


def _lengths_checked(fields: Fields, count: int, source: Path) -> Fields:
    for name, values in fields.items():
        if len(values) != count:
            raise InputError(
                str(source), f"field {name!r}", expected=f"{count} values", got=f"{len(values)}",
                remedy="The file is damaged: export it again.",
            )  # fmt: skip
    return fields
