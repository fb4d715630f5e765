"""The body around a heart, as it is drawn: its skin, what fills it, and electrodes on the skin."""

from collections.abc import Mapping
from dataclasses import dataclass

from organtwin.arrays import Float32Array, FloatArray, IntArray


@dataclass(frozen=True, eq=False, slots=True)
class Shell:
    """``points`` ``(n, 3)`` [m] and ``triangles`` ``(m, 3)``, seen counter-clockwise outside."""

    points: FloatArray
    triangles: IntArray


@dataclass(frozen=True, eq=False, slots=True)
class Filling:
    """An organ on a grid that begins at ``lower`` [m], with steps of ``spacing`` [m].

    ``shares`` ``(nx, ny, nz)`` are 1 inside and 0 outside.
    """

    shares: Float32Array
    lower: tuple[float, float, float]
    spacing: float


@dataclass(frozen=True, eq=False, slots=True)
class Surroundings:
    """What lies around a heart, in the heart's own frame.

    ``organs`` by name; ``electrodes`` names of electrodes, ``places`` ``(k, 3)`` [m] where they
    touch the skin, ``facing`` ``(k, 3)`` unit vectors out of it.
    """

    skin: Shell
    organs: Mapping[str, Filling]
    electrodes: tuple[str, ...]
    places: FloatArray
    facing: FloatArray
