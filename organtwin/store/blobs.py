"""Arrays as bytes: float64, little-endian, row by row, with their shape beside them."""

import numpy as np

from organtwin.arrays import FloatArray

_STORED = np.dtype("<f8")


def packed(values: FloatArray) -> tuple[int, int, bytes]:
    """Rows, columns and bytes of an array of one or two dimensions; one dimension is one row."""
    table = np.atleast_2d(np.asarray(values, dtype=_STORED))
    return table.shape[0], table.shape[1], np.ascontiguousarray(table).tobytes()


def unpacked(rows: int, columns: int, data: bytes) -> FloatArray:
    """The array ``(rows, columns)``, writable and in the machine's own byte order.

    Raises
    ------
    ValueError
        The bytes are not as many as the shape asks for.
    """
    if rows < 0 or columns < 0 or len(data) != rows * columns * _STORED.itemsize:
        raise ValueError(f"{len(data)} bytes for {rows} x {columns} numbers of 8 bytes")
    table = np.frombuffer(data, dtype=_STORED).reshape(rows, columns)
    return table.astype(np.float64)
