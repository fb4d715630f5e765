"""PLY surfaces, text or binary of either byte order; other elements and properties are skipped."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from organtwin.errors import InputError
from organtwin.patient.geometry.content import COPY_AGAIN, file_bytes, numbers_of, too_short
from organtwin.patient.geometry.file_mesh import (
    FileMesh,
    checked_cells,
    checked_points,
    no_cells,
    split_polygons,
)

_TYPES = {"char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2",
          "ushort": "u2", "uint16": "u2", "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4",
          "float": "f4", "float32": "f4", "double": "f8", "float64": "f8"}  # fmt: skip
_ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
_CORNERS = ("vertex_indices", "vertex_index")

Row = dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class _Property:
    name: str
    kind: str
    count: str = ""
    """Type of the length that precedes a list; empty for a single number."""


@dataclass(frozen=True)
class _Element:
    name: str
    count: int
    properties: tuple[_Property, ...]


def read_ply(path: Path) -> FileMesh:
    """Triangles of a PLY file; polygons are split.

    Raises
    ------
    InputError
        Naming file, field, expected, got and remedy.
    """
    content = file_bytes(path)
    order, elements, start = _header(content, path)
    reader = _Reader(content[start:], order, path)
    vertices: list[NDArray[np.float64]] = []
    connectivity, sizes = np.empty(0, np.int64), np.empty(0, np.int64)
    for element in elements:
        singles, lists = reader.element(element)
        if element.name == "vertex":
            missing = [axis for axis in "xyz" if axis not in singles]
            if missing:
                raise _wrong(path, "element vertex", "properties x, y, z", f"no {missing[0]}")
            vertices = [singles[axis] for axis in "xyz"]
        elif element.name == "face" and any(name in lists for name in _CORNERS):
            connectivity, sizes = next(lists[name] for name in _CORNERS if name in lists)
    points = checked_points(np.stack(vertices, axis=1) if vertices else [], path)
    if (sizes < 3).any():
        raise _wrong(path, "element face", "faces of three corners or more", "fewer")
    triangles = split_polygons(connectivity, sizes)
    return FileMesh(
        path, points, checked_cells(triangles, len(points), path, "triangle"), no_cells(4)
    )


def _wrong(path: Path, field: str, expected: str, got: str) -> InputError:
    return InputError(str(path), field, expected=expected, got=got, remedy=COPY_AGAIN)


def _header(content: bytes, path: Path) -> tuple[str, list[_Element], int]:
    end = content.find(b"end_header")
    if not content.startswith(b"ply") or end < 0:
        raise _wrong(path, "header", "a PLY header", repr(content[:12]))
    start = content.find(b"\n", end) + 1
    order, elements = None, []
    for line in content[:end].decode("ascii", errors="replace").splitlines()[1:]:
        words = line.split()
        try:
            if words[:1] == ["format"]:
                order = _ORDERS[words[1]]
            elif words[:1] == ["element"]:
                elements.append(_Element(words[1], int(words[2]), ()))
            elif words[:1] == ["property"]:
                last = elements.pop()
                elements.append(
                    _Element(last.name, last.count, (*last.properties, _property(words)))
                )
        except (KeyError, IndexError, ValueError) as error:
            raise _wrong(path, "header", "lines of a PLY header", repr(line)) from error
    if order is None or start == 0:
        raise _wrong(path, "header", "a line that names the format", "none")
    return order, elements, start


def _property(words: list[str]) -> _Property:
    if words[1] == "list":
        return _Property(words[4], _TYPES[words[3]], _TYPES[words[2]])
    return _Property(words[2], _TYPES[words[1]])


Lists = dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]


class _Reader:
    """Takes one element after the other from the body of the file."""

    def __init__(self, body: bytes, order: str, path: Path) -> None:
        self._order, self._path = order, path
        self._body = b"" if order == "" else body
        self._words = (
            numbers_of(body.decode("ascii", "replace"), path, "body")
            if order == ""
            else np.empty(0)
        )
        self._at = 0

    def element(self, element: _Element) -> tuple[Row, Lists]:
        """Single properties by name, and lists as (all entries, length of each)."""
        if not any(item.count for item in element.properties):
            return self._table(element), {}
        same = self._even_lists(element)
        return same if same is not None else self._row_by_row(element)

    def _short(self, element: _Element, rows: int) -> InputError:
        return too_short(
            self._path, f"element {element.name}", expected=element.count, got=rows, what="rows"
        )

    def _table(self, element: _Element) -> Row:
        names = [item.name for item in element.properties]
        if self._order == "":
            width = len(names)
            end = self._at + width * element.count
            if end > len(self._words):
                raise self._short(element, (len(self._words) - self._at) // max(width, 1))
            block = self._words[self._at : end].reshape(element.count, width)
            self._at = end
            return {name: block[:, i] for i, name in enumerate(names)}
        dtype = np.dtype([(item.name, self._order + item.kind) for item in element.properties])
        table = self._binary_table(element, dtype)
        return {name: table[name].astype(np.float64) for name in names}

    def _binary_table(self, element: _Element, dtype: np.dtype[np.void]) -> NDArray[np.void]:
        held = (len(self._body) - self._at) // max(dtype.itemsize, 1)
        if held < element.count:
            raise self._short(element, held)
        table = np.frombuffer(self._body, dtype, element.count, self._at)
        self._at += dtype.itemsize * element.count
        return table

    def _even_lists(self, element: _Element) -> tuple[Row, Lists] | None:
        """The common case in one step: one list per row, everywhere of three entries."""
        if len(element.properties) != 1 or self._order == "":
            return None
        (item,) = element.properties
        dtype = np.dtype(
            [("n", self._order + item.count), ("corner", self._order + item.kind, (3,))]
        )
        start = self._at
        if (len(self._body) - start) // dtype.itemsize < element.count:
            return None
        table = self._binary_table(element, dtype)
        if not (table["n"] == 3).all():
            self._at = start
            return None
        corners = table["corner"].astype(np.int64).ravel()
        return {}, {item.name: (corners, np.full(element.count, 3, np.int64))}

    def _row_by_row(self, element: _Element) -> tuple[Row, Lists]:
        found: dict[str, list[NDArray[np.float64]]] = {item.name: [] for item in element.properties}
        for row in range(element.count):
            for item in element.properties:
                count = int(self._take(item.count, 1, element, row)[0]) if item.count else 1
                found[item.name].append(self._take(item.kind, count, element, row))
        singles = {
            item.name: np.concatenate([np.empty(0), *found[item.name]])
            for item in element.properties
            if not item.count
        }
        lists = {
            item.name: (
                np.concatenate([np.empty(0), *found[item.name]]).astype(np.int64),
                np.array([len(entry) for entry in found[item.name]], np.int64),
            )
            for item in element.properties
            if item.count
        }
        return singles, lists

    def _take(self, kind: str, count: int, element: _Element, row: int) -> NDArray[np.float64]:
        if self._order == "":
            taken = self._words[self._at : self._at + count]
            self._at += count
        else:
            dtype = np.dtype(self._order + kind)
            held = max(0, (len(self._body) - self._at) // dtype.itemsize)
            taken = np.frombuffer(self._body, dtype, min(count, held), self._at).astype(np.float64)
            self._at += dtype.itemsize * count
        if len(taken) < count or count < 0:
            raise self._short(element, row)
        return taken
