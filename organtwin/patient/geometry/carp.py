"""openCARP meshes: ``.pts``, ``.elem`` and, where it exists, ``.lon``.

Format after the openCARP user manual, "File formats": points, elements with a region tag, and one
or two unit vectors (fibre, sheet) per element.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.patient.geometry.content import (
    COPY_AGAIN,
    file_bytes,
    numbers_of,
    text_of,
    too_short,
)
from organtwin.patient.geometry.file_mesh import FileMesh, mesh_of_cells

_KINDS = {"Tt": (4, 10), "Tr": (3, 5), "Ln": (2, 3), "Cx": (2, 3), "Qd": (4, 9), "Py": (5, 14),
          "Pr": (6, 13), "Hx": (8, 12), "Oc": (6, 99)}  # fmt: skip
"""Corners and VTK type of each kind of element."""


def read_carp(path: Path) -> FileMesh:
    """Mesh of the three files that share a name; any of them may be given.

    Raises
    ------
    InputError
        Naming file, field, expected, got and remedy.
    """
    points = _points(path.with_suffix(".pts"))
    elements = path.with_suffix(".elem")
    cells, tags = _elements(elements)
    fields = {"region": tags}
    directions = path.with_suffix(".lon")
    if directions.exists():
        fields |= _directions(directions, len(tags))
    return mesh_of_cells(elements, points, cells, {}, fields)


def _lines(path: Path) -> tuple[list[str], int]:
    lines = text_of(file_bytes(path), path).splitlines()
    try:
        count = int(lines[0].split()[0])
    except (IndexError, ValueError) as error:
        raise InputError(
            str(path), "line 1", expected="the count of what follows", got=repr(lines[:1]),
            remedy=COPY_AGAIN,
        ) from error  # fmt: skip
    return [line for line in lines[1:] if line.strip()], count


def _points(path: Path) -> FloatArray:
    lines, count = _lines(path)
    numbers = numbers_of(" ".join(lines), path, "points")
    if len(numbers) != 3 * count:
        raise too_short(path, "points", expected=3 * count, got=len(numbers), what="coordinates")
    return numbers.reshape(-1, 3)


def _elements(
    path: Path,
) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]], FloatArray]:
    lines, count = _lines(path)
    if len(lines) != count:
        raise too_short(path, "elements", expected=count, got=len(lines), what="elements")
    connectivity: list[int] = []
    ends, types, tags = [], [], []
    for number, line in enumerate(lines, start=2):
        words = line.split()
        corners, kind = _KINDS.get(words[0], (0, 0))
        if not corners or not corners + 1 <= len(words) <= corners + 2:
            raise _bad_element(path, number, line)
        try:
            listed = [int(word) for word in words[1:]]
        except ValueError as error:
            raise _bad_element(path, number, line) from error
        connectivity += listed[:corners]
        ends.append(len(connectivity))
        types.append(kind)
        tags.append(float(listed[corners]) if len(listed) > corners else 0.0)
    cells = (np.array(connectivity, np.int64), np.array(ends, np.int64), np.array(types, np.int64))
    return cells, np.array(tags)


def _bad_element(path: Path, line: int, got: str) -> InputError:
    return InputError(
        str(path), f"line {line}", expected=f"{', '.join(_KINDS)} with point numbers and a tag",
        got=repr(got[:60]), remedy=COPY_AGAIN,
    )  # fmt: skip


def _directions(path: Path, count: int) -> dict[str, FloatArray]:
    lines, vectors = _lines(path)
    if vectors not in (1, 2):
        lines, vectors = [" ".join([str(vectors), *lines])], 1  # the oldest files have no count
    numbers = numbers_of(" ".join(lines), path, "directions")
    if len(numbers) != 3 * vectors * count:
        raise too_short(
            path, "directions", expected=3 * vectors * count, got=len(numbers), what="numbers"
        )
    table = numbers.reshape(count, vectors, 3)
    return {name: table[:, i] for i, name in enumerate(("fiber", "sheet")[:vectors])}
