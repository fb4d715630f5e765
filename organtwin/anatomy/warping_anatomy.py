"""A whole anatomy carried through a warp: meshes, openings of the leaflets, fibres."""

from dataclasses import replace

import numpy as np

from organtwin.anatomy.mesh import Anatomy, Architecture, Leaflets, Surface, Tissue
from organtwin.anatomy.stuffing import volumes
from organtwin.anatomy.warping_field import Warp
from organtwin.arrays import Float32Array, FloatArray


def carried_anatomy(warp: Warp, template: Anatomy, name: str) -> Anatomy:
    """The template in the patient: same topology, regions and muscle map, new places.

    Openings of leaflets and directions of fibres turn and stretch with the local slope of the map;
    fibres stay unit vectors and sheets stay square to them.
    """
    tissue = template.tissue
    surface = _carried_surface(warp, template.surface)
    architecture = template.architecture
    return replace(
        template,
        name=name,
        tissue=Tissue(warp.carried(tissue.nodes), tissue.tets, tissue.regions),
        surface=surface,
        cavities={c: _carried_surface(warp, s) for c, s in template.cavities.items()},
        architecture=None if architecture is None else _turned(warp, tissue, architecture),
        leaflets={
            valve: Leaflets(
                leaflet.points,
                _turn(warp, template.surface.points[leaflet.points], leaflet.opening),
            )
            for valve, leaflet in template.leaflets.items()
        },
    )


def folded_elements(warp: Warp, tissue: Tissue) -> int:
    """Elements whose corners enclose no positive volume any more."""
    return int(np.count_nonzero(volumes(warp.carried(tissue.nodes), tissue.tets) <= 0.0))


def _carried_surface(warp: Warp, surface: Surface) -> Surface:
    return Surface(warp.carried(surface.points), surface.triangles, surface.regions)


def _turn(warp: Warp, places: FloatArray, vectors: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("nij,nj->ni", warp.slopes(places), vectors))


def _turned(warp: Warp, tissue: Tissue, architecture: Architecture) -> Architecture:
    middle = tissue.nodes[tissue.tets].mean(axis=1)
    slopes = warp.slopes(middle)
    fibers = _unit(np.einsum("nij,nj->ni", slopes, architecture.fibers))
    sheets = np.einsum("nij,nj->ni", slopes, architecture.sheets)
    sheets -= np.einsum("ni,ni->n", sheets, fibers)[:, None] * fibers
    return replace(
        architecture, fibers=_single(fibers), sheets=_single(_unit(sheets))
    )


def _unit(vectors: FloatArray) -> FloatArray:
    """Unit vectors; zero stays zero."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 1e-12))


def _single(vectors: FloatArray) -> Float32Array:
    return np.asarray(vectors, np.float32)
