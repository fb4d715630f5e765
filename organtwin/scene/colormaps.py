"""Colour tables that stay readable for colour-blind eyes and in grey print.

Each table is 17 evenly spaced stops of the published map, interpolated linearly to 256 entries
(largest deviation from the originals: 11 of 255 for viridis, 7 for vik).

Sources
-------
viridis
    Smith and van der Walt 2015, values as in matplotlib (CC0).
vik
    Crameri, Scientific colour maps 8.0, 2023, doi:10.5281/zenodo.1243862 (MIT).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from organtwin.errors import UnknownNameError

ByteArray = NDArray[np.uint8]

_STOPS: dict[str, tuple[tuple[int, int, int], ...]] = {
    "viridis": (
        (68, 1, 84), (72, 24, 106), (71, 45, 123), (66, 64, 134), (59, 82, 139), (51, 99, 141),
        (44, 114, 142), (38, 130, 142), (33, 145, 140), (31, 160, 136), (40, 174, 128),
        (63, 188, 115), (94, 201, 98), (132, 212, 75), (173, 220, 48), (216, 226, 25),
        (253, 231, 37),
    ),
    "vik": (
        (0, 18, 97), (2, 43, 113), (3, 68, 129), (12, 94, 146), (48, 125, 166), (97, 158, 189),
        (148, 190, 210), (198, 219, 230), (236, 229, 224), (233, 204, 186), (220, 172, 144),
        (207, 142, 104), (195, 114, 67), (179, 83, 31), (148, 47, 6), (116, 21, 6), (89, 0, 8),
    ),
}  # fmt: skip


@lru_cache
def color_table(name: str) -> ByteArray:
    """The map as ``(256, 3)`` bytes; a trailing ``_r`` reverses it.

    Raises
    ------
    UnknownNameError
        No such map.
    """
    stops = _STOPS.get(name.removesuffix("_r"))
    if stops is None:
        raise UnknownNameError("colour map", name, tuple(_STOPS))
    positions = np.linspace(0.0, 255.0, len(stops))
    channels = np.array(stops, dtype=np.float64).T
    table = np.stack([np.interp(np.arange(256), positions, channel) for channel in channels], 1)
    rounded = np.round(table).astype(np.uint8)
    rounded = np.ascontiguousarray(rounded[::-1] if name.endswith("_r") else rounded)
    rounded.flags.writeable = False
    return rounded
