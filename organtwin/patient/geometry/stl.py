"""STL surfaces, text or binary. Equal corners of neighbouring triangles become one point."""

import re
from pathlib import Path

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.patient.geometry.content import COPY_AGAIN, file_bytes, numbers_of, too_short
from organtwin.patient.geometry.file_mesh import FileMesh, checked_points, no_cells

_HEAD = 84
_FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_VERTEX = re.compile(rb"\bvertex\s+(\S+)\s+(\S+)\s+(\S+)")


def read_stl(path: Path) -> FileMesh:
    """Triangles of an STL file.

    Raises
    ------
    InputError
        Naming file, field, expected, got and remedy.
    """
    content = file_bytes(path)
    corners = _text(content, path) if _is_text(content) else _binary(content, path)
    if not len(corners):
        raise InputError(
            str(path), "facets", expected="at least one triangle", got="none", remedy=COPY_AGAIN
        )
    corners = checked_points(corners, path)
    points, number = np.unique(corners, axis=0, return_inverse=True)
    return FileMesh(path, points, number.reshape(-1, 3).astype(np.int32), no_cells(4))


def _is_text(content: bytes) -> bool:
    """Many binary files begin with "solid" too, so the size decides first."""
    if len(content) >= _HEAD:
        count = int.from_bytes(content[80:_HEAD], "little")
        if len(content) == _HEAD + count * _FACET.itemsize:
            return False
    return content.lstrip()[:5] == b"solid" and b"facet" in content[:2000]


def _text(content: bytes, path: Path) -> FloatArray:
    if b"endsolid" not in content:
        raise InputError(
            str(path), "end of file", expected="a line 'endsolid'", got="none", remedy=COPY_AGAIN
        )
    words = [word.decode("ascii", "replace") for row in _VERTEX.findall(content) for word in row]
    facets = len(re.findall(rb"\bendfacet\b", content))
    if len(words) != 9 * facets:
        raise too_short(path, "facets", expected=3 * facets, got=len(words) // 3, what="corners")
    return numbers_of(words, path, "vertex").reshape(-1, 3)


def _binary(content: bytes, path: Path) -> FloatArray:
    count = int.from_bytes(content[80:_HEAD], "little") if len(content) >= _HEAD else 0
    held = max(0, len(content) - _HEAD) // _FACET.itemsize
    if held < count or len(content) < _HEAD:
        raise too_short(path, "facets", expected=count, got=held, what="triangles")
    if len(content) != _HEAD + count * _FACET.itemsize:
        raise InputError(
            str(path), "size", expected=f"{_HEAD + count * _FACET.itemsize} bytes for {count} "
            "triangles", got=f"{len(content)}", remedy=COPY_AGAIN,
        )  # fmt: skip
    corners = np.frombuffer(content, _FACET, count, _HEAD)["corners"]
    return corners.astype(np.float64).reshape(-1, 3)
