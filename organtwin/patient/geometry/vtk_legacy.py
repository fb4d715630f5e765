"""Legacy VTK files, text or binary: unstructured grids and polygonal surfaces.

Format after "VTK File Formats" (Kitware); cells both as one list with lengths (to version 4) and
as offsets with connectivity (5.1). Binary numbers are big-endian. A file of points and fields
without cells is read too: some programs keep fibres so.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.patient.geometry.content import COPY_AGAIN, file_bytes, numbers_of, too_short
from organtwin.patient.geometry.file_mesh import LINE, POLYGON, FileMesh, mesh_of_cells

_TYPES = {"bit": "u1", "unsigned_char": "u1", "char": "i1", "unsigned_short": "u2", "short": "i2",
          "unsigned_int": "u4", "int": "i4", "unsigned_long": "u8", "long": "i8", "float": "f4",
          "double": "f8", "vtkidtype": "i4", "vtktypeint64": "i8", "vtktypeint32": "i4",
          "vtktypeuint64": "u8", "vtktypeuint32": "u4"}  # fmt: skip
_GRIDS = ("UNSTRUCTURED_GRID", "POLYDATA")
_SETS = {"CELLS": 0, "POLYGONS": POLYGON, "LINES": LINE, "VERTICES": 1, "TRIANGLE_STRIPS": 6}

Cells = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


@dataclass
class _Found:
    """What has been read so far."""

    points: FloatArray = field(default_factory=lambda: np.empty((0, 3)))
    cells: list[Cells] = field(default_factory=list)
    types: NDArray[np.int64] | None = None
    point_fields: dict[str, FloatArray] = field(default_factory=dict)
    cell_fields: dict[str, FloatArray] = field(default_factory=dict)
    into: dict[str, FloatArray] = field(default_factory=dict)
    """The fields that now follow: of the whole file until points or cells are named."""
    count: int = 0


def read_vtk(path: Path) -> FileMesh:
    """Triangles, tetrahedra and fields of a legacy VTK file.

    Raises
    ------
    InputError
        Naming file, field, expected, got and remedy.
    """
    cursor = _Cursor(file_bytes(path), path)
    found = _Found()
    while (words := cursor.line()) is not None:
        if words:
            _section(words, cursor, found)
    cells = _joined(found, path)
    return mesh_of_cells(path, found.points, cells, found.point_fields, found.cell_fields)


class _Cursor:
    """Walks through lines and blocks of numbers."""

    def __init__(self, content: bytes, path: Path) -> None:
        self._content, self.place, self.path = content, 0, path
        first, _, kind = self.raw_line(), self.raw_line(), self.raw_line()
        if not (first or "").startswith("# vtk DataFile") or kind not in ("ASCII", "BINARY"):
            raise self.wrong("header", "'# vtk DataFile', a title, ASCII or BINARY", repr(kind))
        self.is_text = kind == "ASCII"
        words = self.line() or []
        if words[:1] != ["DATASET"] or words[-1].upper() not in _GRIDS:
            raise self.wrong("DATASET", " or ".join(_GRIDS), " ".join(words))

    def wrong(self, field_name: str, expected: str, got: str) -> InputError:
        return InputError(str(self.path), field_name, expected=expected, got=got, remedy=COPY_AGAIN)

    def raw_line(self) -> str | None:
        if self.place >= len(self._content):
            return None
        end = self._content.find(b"\n", self.place)
        end = len(self._content) if end < 0 else end
        line = self._content[self.place : end].decode("ascii", errors="replace").strip()
        self.place = end + 1
        return line

    def line(self) -> list[str] | None:
        line = self.raw_line()
        return None if line is None else line.split()

    def skip_metadata(self) -> None:
        while self.raw_line():
            pass

    def integer(self, words: list[str], place: int) -> int:
        try:
            value = int(words[place])
        except (IndexError, ValueError) as error:
            raise self.wrong(words[0], "a whole number in this line", " ".join(words)) from error
        if value < 0:
            raise self.wrong(words[0], "a count", str(value))
        return value

    def numbers(self, count: int, kind: str, what: str) -> NDArray[np.generic]:
        if kind.lower() not in _TYPES:
            raise self.wrong(what, f"a type such as {', '.join(list(_TYPES)[:6])}", repr(kind))
        if self.is_text:
            return self._words(count, what)
        dtype = np.dtype(">" + _TYPES[kind.lower()])
        if kind.lower() == "bit":
            count = (count + 7) // 8
        held = max(0, len(self._content) - self.place) // dtype.itemsize
        if held < count:
            raise too_short(self.path, what, expected=count, got=held, what="numbers")
        block = np.frombuffer(self._content, dtype, count, self.place)
        self.place += count * dtype.itemsize
        return block

    def _words(self, count: int, what: str) -> FloatArray:
        words: list[str] = []
        while len(words) < count:
            line = self.line()
            if line is None:
                raise too_short(self.path, what, expected=count, got=len(words), what="numbers")
            words += line
        if len(words) > count:
            raise self.wrong(what, f"{count} numbers", f"{len(words)} at the end of their lines")
        return numbers_of(words, self.path, what)


def _section(words: list[str], cursor: _Cursor, found: _Found) -> None:
    name = words[0].upper()
    if name == "POINTS":
        count = cursor.integer(words, 1)
        found.points = _table(cursor, words, count, 3, words[-1])
    elif name in _SETS:
        found.cells.append(_cells(words, cursor, _SETS[name]))
    elif name == "CELL_TYPES":
        count = cursor.integer(words, 1)
        found.types = cursor.numbers(count, "int", "CELL_TYPES").astype(np.int64)
    elif name in ("POINT_DATA", "CELL_DATA"):
        found.count = cursor.integer(words, 1)
        found.into = found.point_fields if name == "POINT_DATA" else found.cell_fields
    elif name in ("METADATA", "INFORMATION"):
        cursor.skip_metadata()
    elif not _field(words, cursor, found):
        raise cursor.wrong("section", "a section of a VTK file", repr(" ".join(words)[:60]))


def _field(words: list[str], cursor: _Cursor, found: _Found) -> bool:
    """Read what describes points or cells; False when it is no such section."""
    name = words[0].upper()
    widths = {"VECTORS": 3, "NORMALS": 3, "TENSORS": 9}
    if name in widths:
        found.into[words[1]] = _table(cursor, words, found.count, widths[name], words[-1])
    elif name == "SCALARS":
        width = cursor.integer(words, 3) if len(words) > 3 else 1
        lookup = cursor.line()
        if lookup is None or lookup[:1] != ["LOOKUP_TABLE"]:
            raise cursor.wrong(f"SCALARS {words[1]}", "a line LOOKUP_TABLE", str(lookup))
        found.into[words[1]] = _table(cursor, words, found.count, width, words[2])
    elif name == "LOOKUP_TABLE":
        kind = "float" if cursor.is_text else "unsigned_char"
        cursor.numbers(4 * cursor.integer(words, 2), kind, "LOOKUP_TABLE")
    elif name == "TEXTURE_COORDINATES":
        width = cursor.integer(words, 2)
        found.into[words[1]] = _table(cursor, words, found.count, width, words[-1])
    elif name == "GLOBAL_IDS" or name == "PEDIGREE_IDS":
        cursor.numbers(found.count, words[-1], words[0])
    elif name == "FIELD":
        _arrays(words, cursor, found)
    else:
        return False
    return True


def _arrays(words: list[str], cursor: _Cursor, found: _Found) -> None:
    left = cursor.integer(words, 2)
    while left:
        line = cursor.line()
        if line is None:
            raise cursor.wrong("FIELD", f"{left} more arrays", "the end of the file")
        if line and line[0].upper() == "METADATA":
            cursor.skip_metadata()
        elif line:
            width, count = cursor.integer(line, 1), cursor.integer(line, 2)
            found.into[line[0]] = _table(cursor, line, count, width, line[-1])
            left -= 1


def _table(cursor: _Cursor, words: list[str], count: int, width: int, kind: str) -> FloatArray:
    what = " ".join(words[:2])
    values = cursor.numbers(count * width, kind, what).astype(np.float64)
    return values.reshape(count, width) if width > 1 else values


def _cells(words: list[str], cursor: _Cursor, kind: int) -> Cells:
    """Connectivity, end of each cell, and the type that the section implies."""
    first, second = cursor.integer(words, 1), cursor.integer(words, 2)
    start = cursor.place
    line = cursor.line()
    if line and line[0].upper() == "OFFSETS":
        offsets = cursor.numbers(first, line[1], "OFFSETS").astype(np.int64)
        heading = cursor.line()
        while heading == []:
            heading = cursor.line()
        if not heading or heading[0].upper() != "CONNECTIVITY":
            raise cursor.wrong(words[0], "CONNECTIVITY after OFFSETS", str(heading))
        connectivity = cursor.numbers(second, heading[1], "CONNECTIVITY").astype(np.int64)
        return connectivity, offsets[1:], np.full(max(0, first - 1), kind, np.int64)
    cursor.place = start
    listed = cursor.numbers(second, "int", words[0]).astype(np.int64)
    connectivity, ends = _unlisted(listed, first, words[0], cursor)
    return connectivity, ends, np.full(first, kind, np.int64)


def _unlisted(
    listed: NDArray[np.int64], count: int, what: str, cursor: _Cursor
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split a list of "length, corners" entries."""
    if count > len(listed):
        raise cursor.wrong(what, f"{count} cells in {len(listed)} numbers", "too few numbers")
    heads = np.zeros(count, np.int64)
    at = 0
    for cell in range(count):
        if at >= len(listed) or listed[at] < 0:
            raise cursor.wrong(what, f"{count} cells in {len(listed)} numbers", f"{cell} cells")
        heads[cell] = at
        at += int(listed[at]) + 1
    if at != len(listed):
        raise cursor.wrong(what, f"cells that fill {len(listed)} numbers", f"{at} numbers")
    corners = np.ones(len(listed), bool)
    corners[heads] = False
    return listed[corners], np.cumsum(listed[heads])


def _joined(found: _Found, path: Path) -> Cells:
    """All cells of the file in one list, with their types."""
    if not found.cells:
        nothing = np.empty(0, np.int64)
        return nothing, nothing, nothing
    shift, ends = 0, []
    for connectivity, end, _ in found.cells:
        ends.append(end + shift)
        shift += len(connectivity)
    types = np.concatenate([kinds for _, _, kinds in found.cells])
    if found.types is not None:
        if len(found.types) != len(types):
            raise InputError(
                str(path), "CELL_TYPES", expected=f"{len(types)} types", got=f"{len(found.types)}",
                remedy=COPY_AGAIN,
            )  # fmt: skip
        types = found.types
    return np.concatenate([cells for cells, _, _ in found.cells]), np.concatenate(ends), types
