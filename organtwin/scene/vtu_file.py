"""The tissue as VTK XML files (.vtu, and .pvd for a whole beat), in metres, patient axes LPS.

Source: VTK file formats, "XML file formats": appended data, raw encoding, 64-bit headers.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from organtwin.arrays import RealArray

_TETRAHEDRON = 10
_TYPES = {"f4": "Float32", "f8": "Float64", "i4": "Int32", "i8": "Int64", "u1": "UInt8"}


def write_vtu(
    path: Path,
    nodes: RealArray,
    tets: np.ndarray,
    node_values: Mapping[str, np.ndarray],
    element_values: Mapping[str, np.ndarray],
    title: str,
) -> None:
    """Write tetrahedra with values ``(n,)`` or ``(n, 3)`` on nodes and elements."""
    body = _Body()
    offsets = 4 * np.arange(1, len(tets) + 1, dtype=np.int64)
    kinds = np.full(len(tets), _TETRAHEDRON, np.uint8)
    pieces = [
        _group("PointData", [body.array(name, value) for name, value in node_values.items()]),
        _group("CellData", [body.array(name, value) for name, value in element_values.items()]),
        _group("Points", [body.array("Points", nodes)]),
        _group(
            "Cells",
            [
                body.array("connectivity", tets.astype(np.int64).ravel()),
                body.array("offsets", offsets),
                body.array("types", kinds),
            ],
        ),
    ]
    head = (
        '<?xml version="1.0"?>\n'
        f"<!-- {escape(title).replace('--', '-')}; unit metre; patient axes LPS -->\n"
        '<VTKFile type="UnstructuredGrid" version="1.0" byte_order="LittleEndian" '
        'header_type="UInt64">\n<UnstructuredGrid>\n'
        f'<Piece NumberOfPoints="{len(nodes)}" NumberOfCells="{len(tets)}">\n'
    )
    foot = '</Piece>\n</UnstructuredGrid>\n<AppendedData encoding="raw">\n_'
    text = head + "".join(pieces) + foot
    path.write_bytes(text.encode() + body.bytes() + b"\n</AppendedData>\n</VTKFile>\n")


def write_pvd(files: Sequence[Path], times: Sequence[float], path: Path) -> None:
    """Write the list of a beat's files at ``times`` [s]; they lie beside it."""
    rows = [
        f'<DataSet timestep="{time:.6f}" part="0" file={quoteattr(file.name)}/>\n'
        for file, time in zip(files, times, strict=True)
    ]
    path.write_text(
        '<?xml version="1.0"?>\n<VTKFile type="Collection" version="0.1">\n<Collection>\n'
        + "".join(rows) + "</Collection>\n</VTKFile>\n",
        encoding="utf-8",
    )  # fmt: skip


def _group(name: str, arrays: Sequence[str]) -> str:
    return f"<{name}>\n{''.join(arrays)}</{name}>\n"


class _Body:
    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def array(self, name: str, values: np.ndarray) -> str:
        """Append an array; gives the element that points at it."""
        raw = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<")).tobytes()
        kind = _TYPES[f"{values.dtype.kind}{values.dtype.itemsize}"]
        width = values.shape[1] if values.ndim == 2 else 1
        element = (
            f'<DataArray type="{kind}" Name={quoteattr(name)} NumberOfComponents="{width}" '
            f'format="appended" offset="{self._size}"/>\n'
        )
        part = np.array([len(raw)], dtype="<u8").tobytes() + raw
        self._parts.append(part)
        self._size += len(part)
        return element

    def bytes(self) -> bytes:
        return b"".join(self._parts)
