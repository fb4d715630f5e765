"""The template's muscle on a finer mesh, for electrics: what excitation needs and nothing else.

Single bytes and half words instead of floats keep it small: places to 2 um, fibres to 0.4 degrees,
coordinates to 1/2000. Vessels are left out; where a vein begins the mesh is cut.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.laplace import unit
from organtwin.anatomy.mesh import Architecture, Boundary, Tissue
from organtwin.arrays import Float32Array, FloatArray, IntArray
from organtwin.resources import asset

ASSET = "anatomy/template_electric.npz"

_STEPS = 65535
_BYTE = 127.0
_COORDINATES = ("apicobasal", "transmural", "rotational", "right")


@dataclass(frozen=True, eq=False)
class Muscle:
    """Muscle alone, with the borders and the architecture that belong to its mesh.

    ``boundary`` holds the faces towards blood and where the mesh is cut; the others lie outside.
    """

    tissue: Tissue
    boundary: Boundary
    architecture: Architecture


@cache
def load_electric_template() -> Muscle:
    """The bundled muscle of the template, lattice 2.4 mm."""
    with np.load(asset(ASSET)) as stored:
        arrays = {name: stored[name] for name in stored.files}
    low, high = arrays["bounds"]
    nodes = low + arrays["nodes"].astype(np.float64) * ((high - low) / _STEPS)
    tissue = Tissue(nodes, _joined(arrays["tets"]), arrays["regions"].astype(np.int32))
    boundary = Boundary(_joined(arrays["faces"]), arrays["borders"].astype(np.int32))
    architecture = Architecture(
        **{name: arrays[name].astype(np.float32) for name in _COORDINATES},
        fibers=_directions(arrays["fibers"]),
        sheets=_directions(arrays["sheets"]),
        segments=arrays["segments"].astype(np.int32),
    )
    return Muscle(tissue, boundary, architecture)


def save_electric_template(muscle: Muscle, path: Path) -> None:
    """Write the asset that ``load_electric_template`` reads."""
    nodes = muscle.tissue.nodes
    low, high = nodes.min(axis=0), nodes.max(axis=0)
    architecture = muscle.architecture
    np.savez_compressed(
        path,
        allow_pickle=False,
        bounds=np.stack([low, high]),
        nodes=np.round((nodes - low) / (high - low) * _STEPS).astype(np.uint16),
        tets=_split(muscle.tissue.tets),
        regions=muscle.tissue.regions.astype(np.int8),
        faces=_split(muscle.boundary.faces),
        borders=muscle.boundary.borders.astype(np.int8),
        segments=architecture.segments.astype(np.int8),
        fibers=np.round(architecture.fibers * _BYTE).astype(np.int8),
        sheets=np.round(architecture.sheets * _BYTE).astype(np.int8),
        apicobasal=architecture.apicobasal.astype(np.float16),
        transmural=architecture.transmural.astype(np.float16),
        rotational=architecture.rotational.astype(np.float16),
        right=architecture.right.astype(np.float16),
    )


def _split(corners: IntArray) -> IntArray:
    """Corners as differences to the element before, and within it: small numbers pack well."""
    first = np.diff(corners[:, 0], prepend=0)
    return np.concatenate([[first], (corners[:, 1:] - corners[:, :1]).T]).astype(np.int32)


def _joined(packed: NDArray[np.generic]) -> IntArray:
    first = np.cumsum(packed[0].astype(np.int64))
    return np.column_stack([first, *(first + row for row in packed[1:])]).astype(np.int32)


def _directions(packed: NDArray[np.generic]) -> Float32Array:
    directions: FloatArray = packed.astype(np.float64)
    return unit(directions).astype(np.float32)
