"""VTK's XML files: surfaces (``.vtp``) and unstructured grids (``.vtu``).

Arrays as text, base64 or appended (raw or base64), plain or compressed with zlib or LZMA, either
byte order, headers of 32 or 64 bits, one or more pieces. Format after "VTK XML Formats" (Kitware).
"""

import base64
import binascii
import lzma
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.patient.geometry.content import COPY_AGAIN, file_bytes, numbers_of, too_short
from organtwin.patient.geometry.file_mesh import LINE, POLYGON, FileMesh, mesh_of_cells

_TYPES = {"Int8": "i1", "UInt8": "u1", "Int16": "i2", "UInt16": "u2", "Int32": "i4",
          "UInt32": "u4", "Int64": "i8", "UInt64": "u8", "Float32": "f4",
          "Float64": "f8"}  # fmt: skip
_COMPRESSORS: Mapping[str, Callable[[bytes], bytes]] = {
    "vtkZLibDataCompressor": zlib.decompress,
    "vtkLZMADataCompressor": lzma.decompress,
}
_SETS = {"Verts": 1, "Lines": LINE, "Strips": 6, "Polys": POLYGON}
"""Cells of a surface in the order in which its cell fields count them."""

_APPENDED = re.compile(rb'<AppendedData[^>]*encoding\s*=\s*"(\w+)"[^>]*>\s*_')

Element = ElementTree.Element


@dataclass(frozen=True, eq=False)
class _Document:
    """The file, its appended data taken out, and how its arrays are coded."""

    path: Path
    root: Element
    appended: bytes
    encoding: str

    @property
    def order(self) -> str:
        return ">" if self.root.get("byte_order") == "BigEndian" else "<"

    @property
    def word(self) -> np.dtype[np.generic]:
        return np.dtype(self.order + _TYPES.get(self.root.get("header_type", "UInt32"), "u4"))

    def wrong(self, field: str, expected: str, got: str) -> InputError:
        return InputError(str(self.path), field, expected=expected, got=got, remedy=COPY_AGAIN)


def read_vtk_xml(path: Path) -> FileMesh:
    """Triangles, tetrahedra and fields of a ``.vtp`` or ``.vtu`` file.

    Raises
    ------
    InputError
        Naming file, field, expected, got and remedy.
    """
    document = _document(path)
    kind = document.root.get("type", "")
    if document.root.tag != "VTKFile" or kind not in ("PolyData", "UnstructuredGrid"):
        raise document.wrong("VTKFile type", "PolyData or UnstructuredGrid", repr(kind))
    pieces = [_piece(document, piece) for piece in document.root.findall(f"{kind}/Piece")]
    if not pieces:
        raise document.wrong("Piece", "at least one", "none")
    return mesh_of_cells(path, *_together(pieces))


Cells = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
Piece = tuple[FloatArray, Cells, dict[str, FloatArray], dict[str, FloatArray]]


def _document(path: Path) -> _Document:
    content = file_bytes(path)
    appended, encoding = b"", "raw"
    match = _APPENDED.search(content)
    if match is not None:
        end = content.rfind(b"</AppendedData>")
        if end < match.end():
            raise InputError(
                str(path), "AppendedData", expected="its end", got="the end of the file",
                remedy=COPY_AGAIN,
            )  # fmt: skip
        appended, encoding = content[match.end() : end], match.group(1).decode()
        content = content[: match.end() - 1] + content[end:]
    if b"<!ENTITY" in content or b"<!DOCTYPE" in content:
        raise InputError(
            str(path), "XML", expected="a file without entities", got="a document type",
            remedy="Export the mesh again.",
        )  # fmt: skip
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise InputError(
            str(path), "XML", expected="complete XML", got=str(error), remedy=COPY_AGAIN
        ) from error
    return _Document(path, root, appended, encoding)


def _piece(document: _Document, piece: Element) -> Piece:
    array = piece.find("Points/DataArray")
    if array is None:
        raise document.wrong("Points", "an array", "none")
    points = _array(document, array).astype(np.float64)
    count = _whole(document, piece, "NumberOfPoints", 0)
    if points.size != 3 * count:
        raise document.wrong("Points", f"{count} points", f"{points.size} numbers")
    if piece.find("Cells") is not None:
        connectivity, ends, types = (
            _named(document, piece, "Cells", name) for name in ("connectivity", "offsets", "types")
        )
        cells = connectivity, ends, types
    else:
        cells = _polys(document, piece)
    fields = [_fields(document, piece, name) for name in ("PointData", "CellData")]
    return points.reshape(-1, 3), cells, fields[0], fields[1]


def _polys(document: _Document, piece: Element) -> Cells:
    parts: list[Cells] = []
    shift = 0
    for name, kind in _SETS.items():
        if piece.find(f"{name}/DataArray") is None:
            continue
        connectivity = _named(document, piece, name, "connectivity")
        ends = _named(document, piece, name, "offsets")
        parts.append((connectivity, ends + shift, np.full(len(ends), kind, np.int64)))
        shift += len(connectivity)
    if not parts:
        raise document.wrong("Polys", "an array of cells", "none")
    joined = [np.concatenate(list(column)) for column in zip(*parts, strict=True)]
    return joined[0], joined[1], joined[2]


def _named(document: _Document, piece: Element, section: str, name: str) -> NDArray[np.int64]:
    for array in piece.findall(f"{section}/DataArray"):
        if array.get("Name") == name:
            return _array(document, array).astype(np.int64)
    raise document.wrong(section, f"an array {name!r}", "none")


def _fields(document: _Document, piece: Element, section: str) -> dict[str, FloatArray]:
    fields = {}
    for array in piece.findall(f"{section}/DataArray"):
        width = _whole(document, array, "NumberOfComponents", 1)
        values = _array(document, array).astype(np.float64)
        if width < 1 or values.size % width:
            raise document.wrong("NumberOfComponents", "a divisor of the values", str(width))
        fields[array.get("Name", "")] = values.reshape(-1, width) if width > 1 else values
    return fields


def _together(pieces: list[Piece]) -> Piece:
    if len(pieces) == 1:
        return pieces[0]
    n_points = np.cumsum([0, *(len(points) for points, *_ in pieces)])
    n_corners = np.cumsum([0, *(len(cells[0]) for _, cells, *_ in pieces)])
    cells: Cells = (
        np.concatenate([c[0] + n for (_, c, *_), n in zip(pieces, n_points, strict=False)]),
        np.concatenate([c[1] + n for (_, c, *_), n in zip(pieces, n_corners, strict=False)]),
        np.concatenate([c[2] for _, c, *_ in pieces]),
    )
    points = np.concatenate([piece[0] for piece in pieces])
    point_fields = _joined([piece[2] for piece in pieces])
    return points, cells, point_fields, _joined([piece[3] for piece in pieces])


def _joined(fields: list[dict[str, FloatArray]]) -> dict[str, FloatArray]:
    """Fields that every piece has."""
    shared = [name for name in fields[0] if all(name in others for others in fields)]
    return {name: np.concatenate([values[name] for values in fields]) for name in shared}


def _whole(document: _Document, element: Element, name: str, default: int) -> int:
    """A whole number from 0 among the attributes of an element."""
    text = element.get(name, str(default))
    if not text.isdecimal():
        raise document.wrong(name, "a whole number", repr(text))
    return int(text)


def _array(document: _Document, array: Element) -> NDArray[np.generic]:
    kind, name = array.get("type", ""), array.get("Name", "")
    what = f"DataArray {name!r}"
    if kind not in _TYPES:
        raise document.wrong(what, "a type of numbers", repr(kind))
    form = array.get("format", "ascii")
    if form == "ascii":
        values = numbers_of(array.text or "", document.path, what)
        return values if kind.startswith("Float") else values.astype(np.int64)
    if form == "binary":
        stored, coded = (array.text or "").encode().strip(), True
    elif form == "appended":
        offset = _whole(document, array, "offset", 0)
        stored, coded = document.appended[offset:], document.encoding == "base64"
    else:
        raise document.wrong(what, "ascii, binary or appended", repr(form))
    try:
        block = _decoded(document, stored, coded)
    except (binascii.Error, ValueError, zlib.error, lzma.LZMAError, IndexError) as error:
        raise document.wrong(what, "complete data", str(error) or "too few bytes") from error
    dtype = np.dtype(document.order + _TYPES[kind])
    return np.frombuffer(block[: len(block) // dtype.itemsize * dtype.itemsize], dtype)


def _decoded(document: _Document, stored: bytes, coded: bool) -> bytes:
    """Bytes of one array. Compressed arrays begin with: blocks, block size, last size, sizes."""
    word = document.word
    compressor = document.root.get("compressor", "")
    if not compressor:
        (size,) = np.frombuffer(_head(stored, word.itemsize, coded), word, 1)
        return _complete(document, _slice(stored, word.itemsize, int(size), coded), int(size))
    if compressor not in _COMPRESSORS:
        raise document.wrong("compressor", f"one of {', '.join(_COMPRESSORS)}", repr(compressor))
    (count,) = np.frombuffer(_head(stored, word.itemsize, coded), word, 1)
    if not count:
        return b""
    width = (3 + int(count)) * word.itemsize
    sizes = np.frombuffer(_head(stored, width, coded), word, 3 + int(count))[3:].astype(np.int64)
    # Header and blocks are coded apart, each padded to whole groups of base64.
    body = stored[-(-width // 3) * 4 :] if coded else stored[width:]
    packed = _complete(document, _head(body, int(sizes.sum()), coded), int(sizes.sum()))
    ends = np.cumsum(sizes)
    return b"".join(
        _COMPRESSORS[compressor](packed[end - size : end])
        for end, size in zip(ends, sizes, strict=True)
    )


def _head(stored: bytes, size: int, coded: bool) -> bytes:
    """The first bytes of a block."""
    if not coded:
        return stored[:size]
    return base64.b64decode(stored[: -(-size // 3) * 4])[:size]


def _slice(stored: bytes, start: int, size: int, coded: bool) -> bytes:
    """Bytes after the leading length, which is coded together with them."""
    return _head(stored, start + size, coded)[start:]


def _complete(document: _Document, block: bytes, size: int) -> bytes:
    if len(block) < size:
        raise too_short(document.path, "DataArray", expected=size, got=len(block), what="bytes")
    return block
