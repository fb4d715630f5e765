"""How the wall mechanics of the template lie in a heart: what a motion needs to draw it.

The template itself is brought to the volumes of each beat (``TemplatePlacement``). A patient's own
heart stays as its images show it; a warp of space carries the mechanics there (``OwnPlacement``).
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np

from organtwin.anatomy.embedding import embedding
from organtwin.anatomy.mesh import Anatomy, Surface, Tissue, enclosed_volume
from organtwin.anatomy.regions import Cavity
from organtwin.arrays import Float32Array, FloatArray, IntArray
from organtwin.physiology.mechanics.deformation_reference import (
    attached,
    modes_at,
    personalisation,
)
from organtwin.physiology.mechanics.template_walls import (
    TEMPLATE_WALLS,
    WallFactors,
    drawn_thickening,
    thickening,
)
from organtwin.physiology.mechanics.wall_beat import MovedCavities
from organtwin.physiology.mechanics.wall_riding import (
    freed_nodes,
    riders,
    smooth_modes,
    wall_modes,
)
from organtwin.physiology.mechanics.wall_tissue import followed, tissue_modes

if TYPE_CHECKING:
    from organtwin.anatomy.warping_map import Warp


class Placement(Protocol):
    """The reference heart of a beat and how its points follow the modes.

    ``volumes`` ``(4,)`` [m3] of its cavities; ``corners`` ``(s, 4, 3)`` [m] of the sampled
    elements, in the orientation of the template; ``surface`` ``(n, 3)`` [m] with
    ``surface_basis`` ``(n, 3, n_modes)``, and so on.
    """

    @property
    def anatomy(self) -> Anatomy:
        """Topology, regions, muscle and leaflets."""
        ...

    @property
    def volumes(self) -> FloatArray: ...
    @property
    def corners(self) -> FloatArray: ...
    @property
    def cavities(self) -> MovedCavities: ...
    @property
    def surface(self) -> Float32Array: ...
    @property
    def surface_basis(self) -> Float32Array: ...
    @property
    def tissue(self) -> FloatArray: ...
    @property
    def tissue_basis(self) -> Float32Array: ...
    @property
    def mechanics(self) -> FloatArray:
        """Nodes ``(n, 3)`` [m] of the mesh that the mechanics are solved on."""
        ...

    @property
    def mechanics_modes(self) -> Float32Array:
        """Modes ``(n, n_modes, 3)`` at these nodes."""
        ...

    def points_of(self, cavity: Cavity) -> slice:
        """Where the points of a cavity stand in ``cavities``."""
        ...


class TemplatePlacement:
    """The template with given walls, brought to cavity volumes ``(4,)`` [m3]."""

    def __init__(
        self, anatomy: Anatomy, volumes: FloatArray, walls: WallFactors = TEMPLATE_WALLS
    ) -> None:
        self.anatomy, self.volumes = anatomy, volumes
        self._walls, self._riders = walls, riders(anatomy)
        self._attached = own = attached(anatomy)
        self._personal = personalisation(own, volumes)
        surface, cavities = drawn_thickening(anatomy, walls)
        surface += self._personal.carried(anatomy.surface.points, own.surface_basis)
        self.surface: Float32Array = surface.astype(np.float32)
        self.surface_basis = self._riders.surface
        self.cavities = MovedCavities(
            self._personal.carried(own.cavity_points, own.cavity_basis) + cavities,
            self._riders.cavities,
            own.topology,
        )

    @property
    def corners(self) -> FloatArray:
        model = wall_modes()
        return self.carried(model.nodes[model.tets[model.sample]].reshape(-1, 3)).reshape(-1, 4, 3)

    @cached_property
    def tissue(self) -> FloatArray:
        return self.carried(self.anatomy.tissue.nodes)

    @property
    def tissue_basis(self) -> Float32Array:
        return self._riders.tissue

    @cached_property
    def mechanics(self) -> FloatArray:
        return self.carried(wall_modes().nodes)

    @property
    def mechanics_modes(self) -> Float32Array:
        return wall_modes().modes

    def points_of(self, cavity: Cavity) -> slice:
        return self._attached.points_of(cavity)

    def carried(self, points: FloatArray) -> FloatArray:
        """Template points ``(n, 3)`` [m] in this heart."""
        plain = self._personal.carried(points, modes_at(points).astype(np.float64))
        return plain + thickening(points, self._walls)


class OwnPlacement:
    """A patient's own heart; the same for every beat, so it is kept (``own_placement``).

    Chambers that the anatomy lacks are those of the warped template: they are not drawn, but the
    mechanics need their blood. Modes are turned with the heart, and smoothed over its surfaces:
    where these stand off the mechanics mesh, each point would else follow another element.
    """

    def __init__(self, anatomy: Anatomy, template: Anatomy, warp: "Warp") -> None:
        model = wall_modes()
        self.anatomy, self._tets = anatomy, template.tissue.tets
        self._turn = _rotation(warp.linear)
        nodes = warp.carried(model.nodes)
        self._mesh = Tissue(nodes, model.tets, model.regions)
        self.mechanics = nodes
        self.mechanics_modes: Float32Array = model.modes @ self._turn.T.astype(np.float32)
        self._flat = np.swapaxes(self.mechanics_modes, 1, 2).reshape(len(nodes), -1)
        self.corners = nodes[model.tets[model.sample]] @ self._turn
        self.surface = anatomy.surface.points.astype(np.float32)
        self.surface_basis = self._riding(anatomy.surface)
        shown = [anatomy.cavities.get(c) or warp.surface(template.cavities[c]) for c in Cavity]
        self._starts = np.cumsum([0, *(len(s.points) for s in shown)]).astype(np.int32)
        self.cavities = self._joined(shown)
        self.volumes = np.array([enclosed_volume(surface) for surface in shown])

    @cached_property
    def tissue(self) -> FloatArray:
        return self.anatomy.tissue.nodes

    @cached_property
    def tissue_basis(self) -> Float32Array:
        """Where the tissue is the template's, brought here, what was freed there is freed here."""
        tissue, freed = self.anatomy.tissue, freed_nodes()
        if len(tissue.nodes) != freed.n_tissue or not np.array_equal(tissue.tets, self._tets):
            return tissue_modes(self._mesh, self._flat, tissue)
        modes = followed(self._mesh, self._flat, tissue)[0].reshape(len(tissue.nodes), 3, -1)
        modes[freed.nodes] = self._turn.astype(np.float32) @ freed.modes
        return modes

    def points_of(self, cavity: Cavity) -> slice:
        return slice(int(self._starts[cavity]), int(self._starts[cavity + 1]))

    def _riding(self, surface: Surface) -> Float32Array:
        return smooth_modes(embedding(self._mesh, surface), self._flat, surface)

    def _joined(self, surfaces: list[Surface]) -> MovedCavities:
        triangles: IntArray = np.concatenate(
            [s.triangles + start for s, start in zip(surfaces, self._starts[:-1], strict=True)]
        ).astype(np.int32)
        firsts = np.cumsum([0, *(len(s.triangles) for s in surfaces)]).astype(np.int32)
        return MovedCavities(
            np.concatenate([s.points for s in surfaces]),
            np.concatenate([self._riding(s) for s in surfaces]),
            (triangles, firsts, self._starts),
        )


@dataclass(frozen=True, eq=False)
class PlacedHeart:
    """A patient's own heart and the warp that brings the template to it."""

    anatomy: Anatomy
    warp: "Warp"


@lru_cache(maxsize=2)
def own_placement(heart: PlacedHeart, template: Anatomy) -> OwnPlacement:
    """The placement of an own heart; kept, because every beat needs it."""
    return OwnPlacement(heart.anatomy, template, heart.warp)


def _rotation(linear: FloatArray) -> FloatArray:
    """The rotation ``(3, 3)`` in an affine map of positive determinant."""
    left, _, right = np.linalg.svd(linear)
    return np.asarray(left @ right)
