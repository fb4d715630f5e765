"""The beating heart in 3D: the walls follow fibre strain and cavity volume of the circulation.

Position of a point at phase ``t``::

    x(t) = X + sum_w g_w (-de_w(t)) A_w(X0) + sum_c q_c(t) B_c(X0)

``X0`` its place in the template, ``X`` in this patient's heart at end-diastole [m]; ``A_w``
displacement per unit shortening of one wall or group of patches, ``B_c`` per volume put into
one cavity (``deformation_modes``); ``de_w`` natural fibre strain since end-diastole; ``g_w`` the
patient's size relative to the template. The four ``q_c`` [m3] are found by Newton's method so that
all four cavities have exactly the volume the circulation says, in every frame: the picture cannot
contradict the pressure-volume loops. Strain decides how the walls get there.

End-diastole itself is the template brought to the patient's volumes (``deformation_reference``).

Why this design: a hyperelastic solution per beat costs minutes, and scaling four chambers one by
one tears the heart where they meet. Ambient modes cost milliseconds, move all surfaces together and
meet the volumes exactly. Limits: a straight path per point, with wall thickening correct at a
normal stroke and less so beyond it; late patches are told apart in thirds of the LV free wall only;
leaflets do not move; torsion is not modelled.

Reference for matching a 3D heart to 0D volumes by one multiplier per cavity: Augustin et al. 2021.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from organtwin.anatomy.mesh import Anatomy, Surface, Tissue
from organtwin.anatomy.regions import Cavity, Region
from organtwin.arrays import BoolArray, Float32Array, FloatArray
from organtwin.errors import InputError, UnknownNameError
from organtwin.physiology.interface import Activation, PatchLayout, Wall
from organtwin.physiology.mechanics.deformation_grid import LV_GROUPS, MODES, STRAIN_GAIN
from organtwin.physiology.mechanics.deformation_kernels import (
    displaced,
    match_volumes,
    spread,
)
from organtwin.physiology.mechanics.deformation_reference import (
    N_INFLATION,
    Personalisation,
    attached,
    modes_at,
    personalisation,
)

VOLUME_TOLERANCE = 1e-5
_NEWTON_ROUNDS = 12


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


class HeartMotion:
    """One beat of one heart in 3D; build it with ``heart_motion``.

    ``amplitudes`` is ``(n_frames, n_modes)``, uniform in phase, periodic; ``volume_misfit`` the
    largest relative difference between a drawn cavity and its given volume over all frames.
    """

    def __init__(
        self,
        template: Anatomy,
        duration: float,
        personal: Personalisation,
        amplitudes: FloatArray,
        patches: "PatchFields",
        volume_misfit: float,
    ) -> None:
        self.duration = duration
        self.volume_misfit = volume_misfit
        self.amplitudes = amplitudes
        self._template = template
        self._attached = attached(template)
        self._personal = personal
        self._patches = patches
        self._surface = personal.carried(
            template.surface.points, self._attached.surface_basis
        ).astype(np.float32)
        self._cavities = personal.carried(self._attached.cavity_points, self._attached.cavity_basis)

    @cached_property
    def anatomy(self) -> Anatomy:
        """The patient's heart at end-diastole."""
        template = self._template
        surface, tissue = template.surface, template.tissue
        return Anatomy(
            f"{template.name}, personalised",
            Tissue(
                self._personal.carried(tissue.nodes, self._tissue_basis),
                tissue.tets,
                tissue.regions,
            ),
            Surface(self._surface.astype(np.float64), surface.triangles, surface.regions),
            {
                cavity: Surface(
                    self._cavities[self._attached.points_of(cavity)], own.triangles, own.regions
                )
                for cavity, own in template.cavities.items()
            },
            template.muscle,
        )

    def surface_points(self, phase: float, out: Float32Array) -> None:
        """Points ``(n_points, 3)`` [m] of the drawing surface at a phase in [0, 1)."""
        weights = self._weights(phase).astype(np.float32)
        displaced(self._surface, self._attached.surface_basis, weights, 0, len(MODES), out)

    def cavity_points(self, cavity: Cavity, phase: float) -> FloatArray:
        """Points ``(n, 3)`` [m] of one cavity's closed surface."""
        own = self._attached.points_of(cavity)
        return self._moved(self._cavities[own], self._attached.cavity_basis[own], phase)

    def cavity_volume(self, cavity: Cavity, phase: float) -> float:
        """Volume [m3] enclosed by the drawn cavity."""
        points = self.cavity_points(cavity, phase)
        a, b, c = (points[self._template.cavities[cavity].triangles[:, i]] for i in range(3))
        return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)

    def tissue_nodes(self, phase: float) -> FloatArray:
        """Nodes ``(n_nodes, 3)`` [m] of the tissue mesh."""
        return self._moved(self.anatomy.tissue.nodes, self._tissue_basis, phase)

    def surface_field(self, name: str, phase: float, out: Float32Array) -> None:
        """Values ``(n_points,)`` on the drawing surface; NaN where there is no muscle.

        ``strain``: natural fibre strain relative to end-diastole; ``activation``: time of
        excitation since the sinus impulse [s], the same at every phase.
        """
        values = self._patches.at(name, phase)
        spread(self._patches.weights, values, self._patches.visible, out)

    @cached_property
    def _tissue_basis(self) -> FloatArray:
        return modes_at(self._template.tissue.nodes).astype(np.float64)

    def _moved(self, points: FloatArray, basis: FloatArray, phase: float) -> FloatArray:
        out = np.empty_like(points)
        displaced(points, basis, self._weights(phase), 0, len(MODES), out)
        return out

    def _weights(self, phase: float) -> FloatArray:
        return _between(self.amplitudes, phase)


def heart_motion(
    anatomy: Anatomy,
    duration: float,
    times: FloatArray,
    cavity_volumes: FloatArray,
    patch_strain: FloatArray,
    activation: Activation,
    av_delay: float = 0.0,
) -> HeartMotion:
    """The motion of a template heart for one simulated beat.

    Parameters
    ----------
    anatomy
        The template (``load_template``); it is personalised here.
    duration
        Cycle length [s].
    times
        ``(n,)`` [s], uniform from 0, the end point not repeated.
    cavity_volumes
        ``(n, 4)`` [m3] in the order of ``Cavity``.
    patch_strain
        ``(n, n_patches)`` natural fibre strain; only its change since end-diastole is used.
    activation
        Delays and layout of the patches.
    av_delay
        From the sinus impulse to the ventricular activation reference [s]; shown, not used in
        the motion.

    Raises
    ------
    InputError
        Arrays do not fit each other, or no such heart can be drawn.
    """
    layout = activation.layout
    _check(times, cavity_volumes, patch_strain, layout)
    end_diastole = int(np.argmax(cavity_volumes[:, Cavity.LV]))
    template = attached(anatomy)
    personal = personalisation(template, cavity_volumes[end_diastole])
    strain = patch_strain - patch_strain[end_diastole]
    size = np.cbrt(cavity_volumes[end_diastole] / template.volumes)
    amplitudes = np.zeros((len(times), len(MODES)))
    amplitudes[:, N_INFLATION:] = (
        -STRAIN_GAIN * group_strain(strain, layout) * size[_SHORTENING_CAVITY]
    )
    misfit = match_volumes(
        personal.carried(template.cavity_points, template.cavity_basis),
        template.cavity_basis,
        *template.topology,
        amplitudes,
        np.ascontiguousarray(cavity_volumes, dtype=np.float64),
        VOLUME_TOLERANCE,
        _NEWTON_ROUNDS,
    )
    delays = activation.delays.copy()
    delays[layout.slice(Wall.LV).start :] += av_delay
    fields = PatchFields(
        _patch_weights(anatomy, layout),
        anatomy.surface.regions <= Region.RA,
        strain.astype(np.float32),
        delays.astype(np.float32),
    )
    return HeartMotion(anatomy, duration, personal, amplitudes, fields, misfit)


def group_strain(strain: FloatArray, layout: PatchLayout) -> FloatArray:
    """Mean strain ``(n, LV_GROUPS + 4)`` of every shortening mode from ``(n, n_patches)``."""
    lv = strain[:, layout.slice(Wall.LV)]
    place = (np.arange(layout.lv) + 0.5) / layout.lv
    centres = (np.arange(LV_GROUPS) + 0.5) / LV_GROUPS
    hats = np.stack([np.interp(place, centres, row) for row in np.eye(LV_GROUPS)], axis=1) + 1e-9
    others = [
        strain[:, layout.slice(wall)].mean(axis=1)
        for wall in (Wall.SEPTUM, Wall.RV, Wall.LA, Wall.RA)
    ]
    return np.column_stack([lv @ (hats / hats.sum(axis=0)), *others])


_SHORTENING_CAVITY = np.array(
    [*[Cavity.LV] * LV_GROUPS, Cavity.LV, Cavity.RV, Cavity.LA, Cavity.RA]
)


@lru_cache(maxsize=4)
def _patch_weights(anatomy: Anatomy, layout: PatchLayout) -> Float32Array:
    """How much each patch ``(n_points, n_patches)`` is seen at each surface point."""
    weights = np.zeros((len(anatomy.surface.points), layout.total), np.float32)
    for wall, column in _WALL_COLUMN.items():
        own = layout.slice(wall)
        count = own.stop - own.start
        place = np.clip(anatomy.muscle.courses[:, column] * count - 0.5, 0.0, count - 1.0)
        hats = np.maximum(0.0, 1.0 - np.abs(place[:, None] - np.arange(count)))
        weights[:, own] = anatomy.muscle.shares[:, column, None] * hats
    return weights


_WALL_COLUMN = {Wall.LV: 0, Wall.SEPTUM: 1, Wall.RV: 2, Wall.LA: 3, Wall.RA: 4}


def _between(frames: FloatArray | Float32Array, phase: float) -> FloatArray:
    """Periodic linear interpolation of ``(n_frames, ...)`` at a phase."""
    place = (phase % 1.0) * len(frames)
    first = int(place) % len(frames)
    share = place - int(place)
    return np.asarray((1.0 - share) * frames[first] + share * frames[(first + 1) % len(frames)])


def _check(times: FloatArray, volumes: FloatArray, strain: FloatArray, layout: PatchLayout) -> None:
    expected = {
        "cavity_volumes": (volumes.shape, (len(times), len(Cavity))),
        "patch_strain": (strain.shape, (len(times), layout.total)),
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
