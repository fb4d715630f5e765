"""The warp: a smooth map of space that folds nowhere, and a whole anatomy carried through it.

    x_0 = L x + s,    x_{k+1} = x_k + u_k(x_k)

One affine map, then a chain of spline steps, each small enough to be one to one; so the chain is
one to one as well (Rueckert et al. 2006, "Diffeomorphic registration using B-splines").
"""

from dataclasses import dataclass, replace

import numpy as np

from organtwin.anatomy.mesh import Anatomy, Architecture, Leaflets, Surface, Tissue
from organtwin.anatomy.stuffing import volumes
from organtwin.anatomy.warping_field import SplineStep
from organtwin.arrays import Float32Array, FloatArray


@dataclass(frozen=True, eq=False)
class Warp:
    """From the template to the patient: ``linear`` ``(3, 3)``, ``shift`` ``(3,)`` [m], steps."""

    linear: FloatArray
    shift: FloatArray
    steps: tuple[SplineStep, ...] = ()

    def carried(self, points: FloatArray) -> FloatArray:
        """Template points ``(n, 3)`` [m] in the patient."""
        place = np.ascontiguousarray(points @ self.linear.T + self.shift)
        for step in self.steps:
            place = place + step.moves(place)
        return place

    def slopes(self, points: FloatArray) -> FloatArray:
        """Jacobian matrices ``(n, 3, 3)`` of the map at template points."""
        place = np.ascontiguousarray(points @ self.linear.T + self.shift)
        slope = np.broadcast_to(self.linear, (len(points), 3, 3))
        for step in self.steps:
            slope = step.slopes(place) @ slope
            place = place + step.moves(place)
        return np.asarray(slope)

    def determinants(self, points: FloatArray) -> FloatArray:
        """How much volume grows ``(n,)`` at template points; positive where nothing folds."""
        return np.asarray(np.linalg.det(self.slopes(points)))

    def surface(self, surface: Surface) -> Surface:
        return Surface(self.carried(surface.points), surface.triangles, surface.regions)

    def folded_elements(self, tissue: Tissue) -> int:
        """Number of elements whose corners enclose no positive volume any more."""
        return int(np.count_nonzero(volumes(self.carried(tissue.nodes), tissue.tets) <= 0.0))

    def anatomy(self, template: Anatomy, name: str = "patient's heart") -> Anatomy:
        """The template in the patient: same topology, regions and muscle map, new places.

        Openings of leaflets and directions of fibres turn and stretch with the local slope of the
        map; fibres stay unit vectors and sheets stay square to them.
        """
        tissue, architecture = template.tissue, template.architecture
        return replace(
            template,
            name=name,
            tissue=Tissue(self.carried(tissue.nodes), tissue.tets, tissue.regions),
            surface=self.surface(template.surface),
            cavities={c: self.surface(s) for c, s in template.cavities.items()},
            architecture=None if architecture is None else self._turned(tissue, architecture),
            leaflets={
                valve: self._leaflets(template.surface, leaflets)
                for valve, leaflets in template.leaflets.items()
            },
        )

    def _leaflets(self, surface: Surface, leaflets: Leaflets) -> Leaflets:
        slopes = self.slopes(surface.points[leaflets.points])
        opening = np.einsum("nij,nj->ni", slopes, leaflets.opening)
        return replace(leaflets, opening=opening)

    def _turned(self, tissue: Tissue, architecture: Architecture) -> Architecture:
        slopes = self.slopes(tissue.nodes[tissue.tets].mean(axis=1))
        fibers = _unit(np.einsum("nij,nj->ni", slopes, architecture.fibers))
        sheets = np.einsum("nij,nj->ni", slopes, architecture.sheets)
        sheets -= np.einsum("ni,ni->n", sheets, fibers)[:, None] * fibers
        return replace(architecture, fibers=_single(fibers), sheets=_single(_unit(sheets)))


def _unit(vectors: FloatArray) -> FloatArray:
    """Unit vectors; zero stays zero."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 1e-12))


def _single(vectors: FloatArray) -> Float32Array:
    return np.asarray(vectors, np.float32)
