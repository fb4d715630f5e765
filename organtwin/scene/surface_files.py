"""Surfaces as STL and PLY files, binary, in millimetres, as printers and planners expect.

Neither format can name its unit to a program; both say it in words, in the header.
"""

from pathlib import Path

import numpy as np

from organtwin.arrays import Float32Array, IntArray
from organtwin.scene.kernels import ByteArray
from organtwin.units import MM

_HEADER_BYTES = 80


def write_stl(path: Path, points: Float32Array, triangles: IntArray, title: str) -> None:
    """Write a surface, ``points`` ``(n, 3)`` [m]."""
    corners = (points / MM).astype("<f4")[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    facets = np.zeros(
        len(triangles), dtype=[("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attr", "<u2")]
    )
    facets["normal"] = normals / np.maximum(length, 1e-30)
    facets["corners"] = corners
    header = f"unit millimetre; axes LPS; {title}".encode("ascii", "replace")
    count = np.array([len(triangles)], dtype="<u4")
    path.write_bytes(
        header[:_HEADER_BYTES].ljust(_HEADER_BYTES) + count.tobytes() + facets.tobytes()
    )


def write_ply(
    path: Path,
    points: Float32Array,
    triangles: IntArray,
    colors: ByteArray,
    regions: IntArray,
    title: str,
) -> None:
    """Write a surface with ``colors`` ``(n, 3)`` and values of ``Region`` per point."""
    vertices = np.zeros(
        len(points), dtype=[("place", "<f4", 3), ("color", "u1", 3), ("region", "<i4")]
    )
    vertices["place"], vertices["color"], vertices["region"] = points / MM, colors, regions
    faces = np.zeros(len(triangles), dtype=[("count", "u1"), ("corners", "<i4", 3)])
    faces["count"], faces["corners"] = 3, triangles
    lines = [
        "ply", "format binary_little_endian 1.0", f"comment {title}",
        "comment unit millimetre, patient axes LPS",
        f"element vertex {len(points)}",
        *(f"property float {axis}" for axis in "xyz"),
        *(f"property uchar {channel}" for channel in ("red", "green", "blue")),
        "property int region",
        f"element face {len(triangles)}", "property list uchar int vertex_indices", "end_header",
    ]  # fmt: skip
    header = "\n".join(lines).encode("ascii", "replace") + b"\n"
    path.write_bytes(header + vertices.tobytes() + faces.tobytes())
