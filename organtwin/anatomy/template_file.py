"""The finished template heart on disk: single precision, metres, LPS patient axes.

Apart from ``template``, which builds it, so that starting the program loads none of the builder.
"""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.mesh import Anatomy, Boundary, Leaflets, MuscleMap, Surface, Tissue
from organtwin.anatomy.regions import Cavity, Region, Valve
from organtwin.resources import asset

ASSET = "anatomy/template_heart.npz"
_BYTE = 255.0


@cache
def load_template() -> Anatomy:
    """The bundled template heart: average adult, end-diastole."""
    with np.load(asset(ASSET)) as stored:
        arrays = {name: stored[name] for name in stored.files if "pericardium" not in name}

    def surface(name: str) -> Surface:
        return Surface(
            arrays[f"{name}_points"].astype(np.float64),
            arrays[f"{name}_triangles"],
            arrays[f"{name}_regions"].astype(np.int32),
        )

    tissue = Tissue(
        arrays["tissue_nodes"].astype(np.float64),
        arrays["tissue_tets"],
        arrays["tissue_regions"].astype(np.int32),
    )
    cavities = {cavity: surface(cavity.name.lower()) for cavity in Cavity}
    muscle = MuscleMap(
        arrays["muscle_shares"].astype(np.float32) / _BYTE,
        arrays["muscle_courses"].astype(np.float32) / _BYTE,
    )
    boundary = Boundary(arrays["boundary_faces"], arrays["boundary_borders"].astype(np.int32))
    leaflets = {
        valve: Leaflets(
            arrays[f"{valve.name.lower()}_leaflets"],
            arrays[f"{valve.name.lower()}_opening"].astype(np.float64),
        )
        for valve in Valve
    }
    whole = surface("surface")
    return Anatomy("template heart", tissue, whole, cavities, muscle, boundary, leaflets=leaflets)


@cache
def load_pericardium() -> Surface:
    """The sac around the bundled template heart; closed, the great vessels pass through it."""
    with np.load(asset(ASSET)) as stored:
        points = stored["pericardium_points"].astype(np.float64)
        triangles = stored["pericardium_triangles"]
    return Surface(points, triangles, np.full(len(points), Region.PERICARDIUM, np.int32))


def save_template(anatomy: Anatomy, pericardium: Surface, path: Path) -> None:
    """Write the asset that ``load_template`` and ``load_pericardium`` read.

    Raises
    ------
    ValueError
        The anatomy has no boundary.
    """
    if anatomy.boundary is None:
        raise ValueError("the template has no boundary")
    arrays: dict[str, NDArray[np.generic]] = {
        "tissue_nodes": anatomy.tissue.nodes.astype(np.float32),
        "tissue_tets": anatomy.tissue.tets,
        "tissue_regions": anatomy.tissue.regions.astype(np.int8),
        "muscle_shares": np.round(anatomy.muscle.shares * _BYTE).astype(np.uint8),
        "muscle_courses": np.round(anatomy.muscle.courses * _BYTE).astype(np.uint8),
        "boundary_faces": anatomy.boundary.faces,
        "boundary_borders": anatomy.boundary.borders.astype(np.int8),
        "pericardium_points": pericardium.points.astype(np.float32),
        "pericardium_triangles": pericardium.triangles,
    }
    for valve, leaflets in anatomy.leaflets.items():
        arrays[f"{valve.name.lower()}_leaflets"] = leaflets.points
        arrays[f"{valve.name.lower()}_opening"] = leaflets.opening.astype(np.float32)
    for name, surface in [("surface", anatomy.surface)] + [
        (cavity.name.lower(), surface) for cavity, surface in anatomy.cavities.items()
    ]:
        arrays[f"{name}_points"] = surface.points.astype(np.float32)
        arrays[f"{name}_triangles"] = surface.triangles
        arrays[f"{name}_regions"] = surface.regions.astype(np.int8)
    np.savez_compressed(path, allow_pickle=False, **arrays)
