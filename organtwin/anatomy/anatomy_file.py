"""A heart's meshes on disk: one compressed file of plain arrays, single precision, metres, LPS."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.mesh import (
    Anatomy,
    Architecture,
    Boundary,
    Leaflets,
    MuscleMap,
    Surface,
    Tissue,
)
from organtwin.anatomy.regions import Cavity, Valve

Arrays = Mapping[str, NDArray[np.generic]]

_BYTE = 255.0
_SAC = "pericardium"
_REAL, _WHOLE = ("apicobasal", "transmural", "rotational", "right", "fibers", "sheets"), "segments"


def arrays_of(anatomy: Anatomy) -> dict[str, NDArray[np.generic]]:
    """Everything but the name, by array name."""
    arrays: dict[str, NDArray[np.generic]] = {
        "tissue_nodes": anatomy.tissue.nodes.astype(np.float32),
        "tissue_tets": anatomy.tissue.tets,
        "tissue_regions": anatomy.tissue.regions.astype(np.int8),
        "muscle_shares": np.round(anatomy.muscle.shares * _BYTE).astype(np.uint8),
        "muscle_courses": np.round(anatomy.muscle.courses * _BYTE).astype(np.uint8),
    }
    for name, surface in _surfaces(anatomy):
        arrays[f"{name}_points"] = surface.points.astype(np.float32)
        arrays[f"{name}_triangles"] = surface.triangles
        arrays[f"{name}_regions"] = surface.regions.astype(np.int8)
    if anatomy.boundary is not None:
        arrays["boundary_faces"] = anatomy.boundary.faces
        arrays["boundary_borders"] = anatomy.boundary.borders.astype(np.int8)
    if anatomy.architecture is not None:
        for name in _REAL:
            arrays[f"architecture_{name}"] = getattr(anatomy.architecture, name).astype(np.float16)
        arrays[f"architecture_{_WHOLE}"] = anatomy.architecture.segments.astype(np.int8)
    for valve, leaflets in anatomy.leaflets.items():
        arrays[f"{valve.name.lower()}_leaflets"] = leaflets.points
        arrays[f"{valve.name.lower()}_opening"] = leaflets.opening.astype(np.float32)
    return arrays


def anatomy_of(arrays: Arrays, name: str) -> Anatomy:
    """The heart that ``arrays_of`` took apart."""
    tissue = Tissue(
        _real(arrays["tissue_nodes"]),
        arrays["tissue_tets"].astype(np.int32),
        arrays["tissue_regions"].astype(np.int32),
    )
    cavities = {
        c: _surface(arrays, c.name.lower()) for c in Cavity if f"{_low(c)}_points" in arrays
    }
    muscle = MuscleMap(
        arrays["muscle_shares"].astype(np.float32) / np.float32(_BYTE),
        arrays["muscle_courses"].astype(np.float32) / np.float32(_BYTE),
    )
    leaflets = {
        valve: Leaflets(
            arrays[f"{_low(valve)}_leaflets"].astype(np.int32),
            _real(arrays[f"{_low(valve)}_opening"]),
        )
        for valve in Valve
        if f"{_low(valve)}_leaflets" in arrays
    }
    return Anatomy(
        name, tissue, _surface(arrays, "surface"), cavities, muscle, _boundary(arrays),
        _architecture(arrays), leaflets,
        _surface(arrays, _SAC) if f"{_SAC}_points" in arrays else None,
    )  # fmt: skip


def _surfaces(anatomy: Anatomy) -> Iterator[tuple[str, Surface]]:
    yield "surface", anatomy.surface
    for cavity, surface in anatomy.cavities.items():
        yield _low(cavity), surface
    if anatomy.pericardium is not None:
        yield _SAC, anatomy.pericardium


def _surface(arrays: Arrays, name: str) -> Surface:
    return Surface(
        _real(arrays[f"{name}_points"]),
        arrays[f"{name}_triangles"].astype(np.int32),
        arrays[f"{name}_regions"].astype(np.int32),
    )


def _boundary(arrays: Arrays) -> Boundary | None:
    if "boundary_faces" not in arrays:
        return None
    return Boundary(
        arrays["boundary_faces"].astype(np.int32), arrays["boundary_borders"].astype(np.int32)
    )


def _architecture(arrays: Arrays) -> Architecture | None:
    if f"architecture_{_WHOLE}" not in arrays:
        return None
    real = {name: arrays[f"architecture_{name}"].astype(np.float32) for name in _REAL}
    return Architecture(**real, segments=arrays[f"architecture_{_WHOLE}"].astype(np.int32))


def _real(array: NDArray[np.generic]) -> NDArray[np.float64]:
    return array.astype(np.float64)


def _low(kind: Cavity | Valve) -> str:
    return kind.name.lower()
