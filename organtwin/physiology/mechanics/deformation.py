"""The beating heart in 3D: the walls follow fibre strain and cavity volume of the circulation.

Position of a point at phase ``t``::

    x(t) = X + sum_k a_k(t) B_k(X0) + o_v(t) D(X0)

``X0`` its place in the template, ``X`` in the reference heart of this beat [m]: the template
brought to the patient's volumes (``deformation_reference``). ``B_k`` are displacement modes of the
wall mechanics (``wall_modes``) carried from the mechanics mesh to surface, cavities and tissue;
``a_k`` [m] their amplitudes: in every frame the equilibrium of active, nearly incompressible walls
under four exact cavity volumes (``wall_beat``), so that the picture cannot contradict the
pressure-volume loops. ``o_v`` is how far valve ``v`` is open, ``D`` the way of its leaflets.

Why this design: hyperelastic elements in full cost minutes per beat; the same equilibrium in 32
modes and some 300 sampled elements costs a tenth of a second, keeps every volume exactly, and still
knows which patch is late, stretched or scarred. What it cannot show:

- inertia, and blood that pushes leaflets: their opening is given;
- a motion far from the training beats (the bundled cases, late and scarred walls): it is drawn as
  the nearest of the same linear space;
- a torsion of its own: it follows shortening by a fixed ratio (``wall_stretch``);
- thin walls in detail: atria and vessels are 6 mm thick in the mechanics mesh; tissue that stands
  off from it follows its neighbours (``wall_tissue``), and elements that would turn over in a frame
  are righted in it (``anatomy.righting``), which may move single nodes by some millimetres;
- the free wall of a nearly emptied RV (below 30 mL): it dimples, and there its inside shows.

Reference for matching a 3D heart to 0D volumes by one multiplier per cavity: Augustin et al. 2021.
"""

import logging
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Protocol

import numpy as np

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Cavity, Region, Valve
from organtwin.anatomy.righting import Righting
from organtwin.arrays import BoolArray, Float32Array, FloatArray
from organtwin.errors import InputError, UnknownNameError
from organtwin.physiology.interface import Activation, PatchLayout, Wall
from organtwin.physiology.mechanics.deformation_kernels import spread
from organtwin.physiology.mechanics.placement import (
    PlacedHeart,
    Placement,
    TemplatePlacement,
    own_placement,
)
from organtwin.physiology.mechanics.template_walls import TEMPLATE_WALLS, WallFactors
from organtwin.physiology.mechanics.wall_beat import (
    beat_amplitudes,
    end_diastole,
    reference_volumes,
)
from organtwin.physiology.mechanics.wall_beat_kernels import ridden
from organtwin.physiology.mechanics.wall_riding import wall_modes
from organtwin.physiology.mechanics.wall_sac import FollowingSac
from organtwin.physiology.mechanics.wall_stretch import patch_weights

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class PatchFields:
    """What is shown as colour: values per patch, spread smoothly over the surface.

    ``weights`` ``(n_points, n_patches)``; ``visible`` ``(n_points,)`` where there is muscle;
    ``strain`` ``(n_frames, n_patches)``; ``activation`` ``(n_patches,)`` [s].
    """

    weights: Float32Array
    visible: BoolArray
    strain: Float32Array
    activation: Float32Array

    def at(self, name: str, phase: float) -> Float32Array:
        """Values ``(n_patches,)`` at a phase."""
        if name == "activation":
            return self.activation
        if name != "strain":
            raise UnknownNameError("surface field", name, ("strain", "activation"))
        return _between(self.strain, phase).astype(np.float32)


ELECTRIC_FIELDS = ("voltage", "duration", "recovery", "doubt")
"""Fields that only a computed activation can give; without one they are unknown everywhere."""


class SurfaceElectrics(Protocol):
    """Electrical values at the points of the drawing surface."""

    @property
    def names(self) -> tuple[str, ...]: ...

    def write(self, name: str, time: float, out: Float32Array) -> None:
        """Values ``(n_points,)`` at a time [s] from the sinus impulse; NaN without muscle."""


class HeartMotion:
    """One beat of one heart in 3D; build it with ``heart_motion`` or ``own_heart_motion``.

    ``amplitudes`` is ``(n_frames, n_modes)`` [m], uniform in phase, periodic; ``volume_misfit`` the
    largest relative difference between a drawn cavity and its given volume over all frames;
    ``end_diastole`` the phase at which the left ventricle is largest.
    """

    def __init__(
        self,
        placement: Placement,
        duration: float,
        amplitudes: FloatArray,
        volume_misfit: float,
        openings: FloatArray,
        fields: "PatchFields",
        end_diastole: float,
    ) -> None:
        self.duration = duration
        self.volume_misfit = volume_misfit
        self.amplitudes = amplitudes
        self.end_diastole = end_diastole
        self.placement = placement
        self.electrics: SurfaceElectrics | None = None
        """What was computed for the surface, shown instead of the patches' activation."""
        self._openings = openings
        self._fields = fields

    @cached_property
    def anatomy(self) -> Anatomy:
        """The heart at end-diastole."""
        rest, phase = self.placement.anatomy, self.end_diastole
        surface = np.empty((len(rest.surface.points), 3), np.float32)
        self.surface_points(phase, surface)
        return replace(
            rest,
            name=f"{rest.name}, personalised",
            tissue=replace(rest.tissue, nodes=self.tissue_nodes(phase)),
            surface=replace(rest.surface, points=surface.astype(np.float64)),
            cavities={
                cavity: replace(own, points=self.cavity_points(cavity, phase))
                for cavity, own in rest.cavities.items()
            },
            pericardium=rest.pericardium
            and replace(rest.pericardium, points=self.sac_points(phase)),
        )

    def surface_points(self, phase: float, out: Float32Array) -> None:
        """Points ``(n_points, 3)`` [m] of the drawing surface at a phase in [0, 1)."""
        weights = self._weights(phase).astype(np.float32)
        ridden(self.placement.surface, self.placement.surface_basis, weights, out)
        opening = self.valve_openings(phase)
        for valve, leaflets in self.placement.anatomy.leaflets.items():
            out[leaflets.points] += opening[valve] * leaflets.opening.astype(np.float32)

    def valve_openings(self, phase: float) -> FloatArray:
        """How far each ``Valve`` is open ``(4,)``, 0 closed to 1 open."""
        return _between(self._openings, phase)

    def cavity_points(self, cavity: Cavity, phase: float) -> FloatArray:
        """Points ``(n, 3)`` [m] of one cavity's closed surface."""
        own, cavities = self.placement.points_of(cavity), self.placement.cavities
        return self._moved(cavities.points[own], cavities.basis[own], phase)

    def cavity_volume(self, cavity: Cavity, phase: float) -> float:
        """Volume [m3] enclosed by the drawn cavity."""
        points = self.cavity_points(cavity, phase)
        triangles = self.placement.anatomy.cavities[cavity].triangles
        a, b, c = (points[triangles[:, i]] for i in range(3))
        return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)

    def sac_points(self, phase: float) -> FloatArray:
        """Points ``(n, 3)`` [m] of the pericardium; none where the heart has no sac."""
        anatomy = self.placement.anatomy
        if anatomy.pericardium is None:
            return np.empty((0, 3))
        heart = np.empty(anatomy.surface.points.shape, np.float32)
        self.surface_points(phase, heart)
        return _following_sac(anatomy).points(heart)

    def tissue_nodes(self, phase: float) -> FloatArray:
        """Nodes ``(n_nodes, 3)`` [m] of the tissue mesh, none of whose elements is turned over."""
        nodes = self.plain_tissue_nodes(phase)
        if left := self._righting.right(nodes):
            logger.warning("%d elements of %s stay turned over", left, self.placement.anatomy.name)
        return nodes

    def plain_tissue_nodes(self, phase: float) -> FloatArray:
        """The same before elements are righted: what follows the mechanics, and nothing else."""
        return self._moved(self.placement.tissue, self.placement.tissue_basis, phase)

    def mechanics_nodes(self, phase: float) -> FloatArray:
        """Nodes ``(n, 3)`` [m] of the mesh that the mechanics are solved on."""
        moved = np.einsum("nkd,k->nd", self.placement.mechanics_modes, self._weights(phase))
        return np.asarray(self.placement.mechanics + moved)

    def surface_field(self, name: str, phase: float, out: Float32Array) -> None:
        """Values ``(n_points,)`` on the drawing surface; NaN where there is no muscle.

        ``strain``: natural fibre strain relative to end-diastole; ``activation``: time of
        excitation since the sinus impulse [s], the same at every phase; ``voltage`` [V] of the
        membrane; ``duration`` of the action potential and time of its end, ``recovery`` [s];
        ``doubt`` of the time of excitation [s].
        """
        if self.electrics is not None and name in self.electrics.names:
            self.electrics.write(name, phase * self.duration, out)
            return
        if name in ELECTRIC_FIELDS:
            out[:] = np.nan
            return
        values = self._fields.at(name, phase)
        spread(self._fields.weights, values, self._fields.visible, out)

    @cached_property
    def _righting(self) -> Righting:
        return Righting(self.placement.anatomy.tissue, self.placement.tissue)

    def _moved(self, points: FloatArray, basis: Float32Array, phase: float) -> FloatArray:
        out = np.empty_like(points)
        ridden(points, basis, self._weights(phase), out)
        return out

    def _weights(self, phase: float) -> FloatArray:
        return _between(self.amplitudes, phase)


@dataclass(frozen=True, eq=False)
class BeatCourse:
    """What the wall motion needs to know of a simulated beat.

    ``duration`` cycle length [s]; ``times`` ``(n,)`` [s], uniform from 0, the end point not
    repeated; ``cavity_volumes`` ``(n, 4)`` [m3] in the order of ``Cavity``; ``patch_strain``
    ``(n, n_patches)`` natural fibre strain, of which only the change since end-diastole is used;
    ``activation`` delays and layout of the patches; ``av_delay`` from the sinus impulse to the
    first excitation of the ventricles [s], shown and not used in the motion; ``openings``
    ``(n, 4)`` in the order of ``Valve``, 0 closed to 1 open.

    Raises
    ------
    InputError
        Arrays do not fit each other, or no such heart can be drawn.
    """

    duration: float
    times: FloatArray
    cavity_volumes: FloatArray
    patch_strain: FloatArray
    activation: Activation
    av_delay: float
    openings: FloatArray

    def __post_init__(self) -> None:
        _check(
            self.times,
            self.cavity_volumes,
            self.patch_strain,
            self.openings,
            self.activation.layout,
        )


def heart_motion(
    anatomy: Anatomy, beat: BeatCourse, walls: WallFactors = TEMPLATE_WALLS
) -> HeartMotion:
    """The motion of the template heart, with given walls and brought to the beat's volumes."""
    volumes = reference_volumes(beat.cavity_volumes)
    return placed_motion(TemplatePlacement(anatomy, volumes, walls), beat)


def own_heart_motion(heart: PlacedHeart, template: Anatomy, beat: BeatCourse) -> HeartMotion:
    """The motion of a patient's own heart; it keeps its shape but for the beat's volumes."""
    return placed_motion(own_placement(heart, template), beat)


def placed_motion(placement: Placement, beat: BeatCourse) -> HeartMotion:
    """Solve a beat in a heart."""
    first = end_diastole(beat.cavity_volumes)
    strain = beat.patch_strain - beat.patch_strain[first]
    amplitudes, misfit = beat_amplitudes(
        wall_modes(),
        placement.corners,
        placement.cavities,
        np.ascontiguousarray(beat.cavity_volumes, dtype=np.float64),
        placement.volumes,
        strain,
        beat.activation.layout,
    )
    fields = _fields(placement.anatomy, strain, beat.activation, beat.av_delay)
    return HeartMotion(
        placement, beat.duration, amplitudes, misfit, beat.openings, fields, first / len(strain)
    )


def _fields(
    anatomy: Anatomy, strain: FloatArray, activation: Activation, av_delay: float
) -> PatchFields:
    layout = activation.layout
    delays = activation.delays.copy()
    delays[layout.slice(Wall.LV).start :] += av_delay
    return PatchFields(
        _patch_weights(anatomy, layout),
        anatomy.surface.regions <= Region.RA,
        strain.astype(np.float32),
        delays.astype(np.float32),
    )


@lru_cache(maxsize=4)
def _patch_weights(anatomy: Anatomy, layout: PatchLayout) -> Float32Array:
    """How much each patch ``(n_points, n_patches)`` is seen at each surface point."""
    return patch_weights(anatomy.muscle, layout).astype(np.float32)


@lru_cache(maxsize=2)
def _following_sac(anatomy: Anatomy) -> FollowingSac:
    if anatomy.pericardium is None:
        raise ValueError(f"{anatomy.name} has no pericardium")
    return FollowingSac(anatomy.pericardium, anatomy.surface)


def _between(frames: FloatArray | Float32Array, phase: float) -> FloatArray:
    """Periodic linear interpolation of ``(n_frames, ...)`` at a phase."""
    place = (phase % 1.0) * len(frames)
    first = int(place) % len(frames)
    share = place - int(place)
    return np.asarray((1.0 - share) * frames[first] + share * frames[(first + 1) % len(frames)])


def _check(
    times: FloatArray,
    volumes: FloatArray,
    strain: FloatArray,
    openings: FloatArray,
    layout: PatchLayout,
) -> None:
    expected = {
        "cavity_volumes": (volumes.shape, (len(times), len(Cavity))),
        "patch_strain": (strain.shape, (len(times), layout.total)),
        "openings": (openings.shape, (len(times), len(Valve))),
    }
    for field, (got, wanted) in expected.items():
        if got != wanted:
            raise InputError(
                "heart motion",
                field,
                expected=f"shape {wanted}",
                got=f"shape {got}",
                remedy="Pass one row per time and the layout of the activation.",
            )
    if not (np.isfinite(volumes).all() and (volumes > 0).all() and np.isfinite(strain).all()):
        raise InputError(
            "heart motion",
            "cavity_volumes",
            expected="finite strains and positive volumes",
            got="values that no heart can have",
            remedy="Draw only beats whose simulation ended well.",
        )
