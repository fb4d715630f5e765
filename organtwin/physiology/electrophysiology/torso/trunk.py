"""A patient's heart in a trunk, ready to tell what every electrode sees of it.

    trunk = trunk_with_heart(anatomy, sizes)
    weights = lead_weights(trunk, muscle, electrodes=standard_electrodes(sizes))

``weights @ V`` are the lead voltages of transmembrane voltages ``V``. The lead field of an
electrode takes one solution of the volume conductor, which ``variation`` spares a fit that moves
electrodes and heart many times.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from organtwin.anatomy.embedding import nearest_elements
from organtwin.anatomy.mesh import Anatomy, Tissue
from organtwin.arrays import FloatArray, IntArray
from organtwin.physiology.electrophysiology.torso.body import NECK, TrunkSizes, half_axes, skin
from organtwin.physiology.electrophysiology.torso.conductor import (
    VolumeConductor,
    isotropic,
    skin_currents,
    solved,
    stretched_mesh,
    volume_conductor,
)
from organtwin.physiology.electrophysiology.torso.electrodes import (
    REFERENCE,
    Electrode,
    electrode_places,
    standard_electrode,
)
from organtwin.physiology.electrophysiology.torso.leads import LEADS, lead_matrix
from organtwin.physiology.electrophysiology.torso.organs import (
    CONDUCTIVITY,
    HeartVoxels,
    Organ,
    heart_voxels,
    organs_at,
)
from organtwin.physiology.electrophysiology.torso.placement import (
    HeartPose,
    Seat,
    chamber_nodes,
    seat,
)
from organtwin.physiology.electrophysiology.torso.sources import (
    EXTRACELLULAR,
    INTRACELLULAR,
    Muscle,
    source_weights,
)

FINE, COARSE = 6.5e-3, 20e-3
"""Steps of the mesh around the heart and far from it [m].

Against 4.2 and 11 mm, leads of the template differ by 2 to 4 % (root mean square; lead I, small on
that front, by 6 %), their correlation stays above 0.996; the coarse step hardly matters.
"""

_MARGIN = 0.01
"""The fine part reaches this far beyond the chambers [m]."""

_NEAR = 0.01
"""Fields are sampled this far beyond the fine part [m]."""

_SAMPLES = np.array(
    [[0.25, 0.25, 0.25, 0.25]]
    + [[0.6 if i == j else 0.4 / 3.0 for j in range(4)] for i in range(4)]
)
"""Places in an element whose organs are averaged."""


@dataclass(frozen=True, eq=False, slots=True)
class Trunk:
    """A volume conductor with a heart in it.

    ``near`` ``(k,)`` are the elements around the heart, where fields are sampled.
    """

    sizes: TrunkSizes
    conductor: VolumeConductor
    seat: Seat
    near: IntArray


def muscle_of(anatomy: Anatomy) -> Muscle:
    """The template's own tissue as the source.

    Raises
    ------
    ValueError
        The anatomy has no fibres.
    """
    if anatomy.architecture is None:
        raise ValueError(f"{anatomy.name} has no fibres")
    own = anatomy.architecture
    return Muscle(
        anatomy.tissue.nodes,
        anatomy.tissue.tets,
        own.fibers.astype(np.float64),
        own.sheets.astype(np.float64),
    )


def trunk_with_heart(
    anatomy: Anatomy, sizes: TrunkSizes, *, pose: HeartPose | None = None,
    fine: float = FINE, coarse: float = COARSE,
) -> Trunk:  # fmt: skip
    """Mesh a trunk of these sizes around the heart and assemble it."""
    *_, last = building(anatomy, sizes, pose=pose, fine=fine, coarse=coarse)
    if last.trunk is None:
        raise RuntimeError("a trunk was not finished")
    return last.trunk


@dataclass(frozen=True, eq=False, slots=True)
class BuildingStep:
    """Progress of ``building``, share done; the last one has the trunk."""

    done: float
    trunk: Trunk | None = None


def building(
    anatomy: Anatomy, sizes: TrunkSizes, *, pose: HeartPose | None = None,
    fine: float = FINE, coarse: float = COARSE,
) -> Iterator[BuildingStep]:  # fmt: skip
    """``trunk_with_heart`` in steps of at most some tenths of a second."""
    own = seat(anatomy, sizes, pose=pose or HeartPose())
    voxels = heart_voxels(anatomy)
    yield BuildingStep(0.2)
    chambers = own.in_trunk(chamber_nodes(anatomy))
    lower, upper = chambers.min(axis=0) - _MARGIN, chambers.max(axis=0) + _MARGIN
    nodes, tets = _mesh(sizes, lower, upper, fine, coarse)
    yield BuildingStep(0.35)
    corners = nodes[tets]
    tensors = np.zeros((len(tets), 6))
    for n, sample in enumerate(_SAMPLES):
        points = np.einsum("c,mck->mk", sample, corners)
        tensors += conductivities(points, sizes, heart=voxels, seat=own) / len(_SAMPLES)
        yield BuildingStep(0.35 + 0.1 * (n + 1))
    middles = corners.mean(axis=1)
    near = np.flatnonzero(((middles > lower - _NEAR) & (middles < upper + _NEAR)).all(axis=1))
    conductor = volume_conductor(nodes, tets, tensors=tensors)
    yield BuildingStep(1.0, Trunk(sizes, conductor, own, near.astype(np.int32)))


def _mesh(
    sizes: TrunkSizes, lower: FloatArray, upper: FloatArray, fine: float, coarse: float
) -> tuple[FloatArray, IntArray]:
    """Nodes and tetrahedra of the trunk, fine between ``lower`` and ``upper``."""
    bottom, top = -sizes.length, NECK * sizes.length
    width, depth = half_axes(sizes, np.linspace(bottom, top, 200))
    reach = np.array([width.max(), depth.max()]) + 1e-3
    return stretched_mesh(
        lambda points: skin(sizes, points),
        np.array([*-reach, bottom - 1e-3]),
        np.array([*reach, top + 1e-3]),
        fine_lower=lower,
        fine_upper=upper,
        fine=fine,
        coarse=coarse,
    )


def conductivities(
    points: FloatArray, sizes: TrunkSizes, *, heart: HeartVoxels | None, seat: Seat | None
) -> FloatArray:
    """Tensors ``(n, 6)`` [S/m] at points ``(n, 3)`` [m] of the trunk."""
    table = np.zeros(len(Organ))
    for organ, value in CONDUCTIVITY.items():
        table[organ] = value
    across = INTRACELLULAR.normal + EXTRACELLULAR.normal
    along = INTRACELLULAR.fiber + EXTRACELLULAR.fiber - across
    table[Organ.HEART] = across
    organs, fibers = organs_at(points, sizes, heart=heart, seat=seat)
    x, y, z = fibers.T
    inner = np.stack([x * x, y * y, z * z, x * y, y * z, x * z], axis=1)
    return isotropic(table[organs]) + along * inner


def electrode_currents(trunk: Trunk, places: FloatArray) -> FloatArray:
    """Loads ``(k, n_nodes)`` [A]: one ampere in at each place ``(k, 3)`` [m], out at the reference.

    The reference electrode is in its usual place.
    """
    usual = {REFERENCE: standard_electrode(REFERENCE, trunk.sizes)}
    reference = electrode_places(usual, trunk.sizes)
    loads = skin_currents(trunk.conductor, np.concatenate([places, reference]))
    return np.asarray(loads[:-1] - loads[-1])


def lead_fields(trunk: Trunk, electrodes: Mapping[str, Electrode]) -> FloatArray:
    """Lead fields ``(n_electrodes, n_nodes)`` [V/A] at the nodes of the conductor.

    The current of each leaves at the reference electrode in its usual place.
    """
    places = electrode_places(electrodes, trunk.sizes)
    return solved(trunk.conductor, electrode_currents(trunk, places))


def sampled(trunk: Trunk, fields: FloatArray, points: FloatArray) -> FloatArray:
    """Fields ``(k, n_nodes)`` of the conductor at points ``(n, 3)`` [m] of the anatomy: ``(k, n)``.

    Points far from the chambers take the value of the nearest element that is kept.
    """
    corners, shares = located(trunk, points)
    return np.asarray(np.einsum("knc,nc->kn", fields[:, corners], shares))


def located(trunk: Trunk, points: FloatArray) -> tuple[IntArray, FloatArray]:
    """Conductor nodes ``(n, 4)`` around points of the anatomy, their barycentric shares alike."""
    around = trunk.conductor.tets[trunk.near]
    tissue = Tissue(trunk.conductor.nodes, around, np.zeros(len(around), np.int32))
    corners, shares, _ = nearest_elements(tissue, trunk.seat.in_trunk(points))
    return corners.astype(np.int32), shares


def lead_weights(
    trunk: Trunk, muscle: Muscle, *, electrodes: Mapping[str, Electrode],
    leads: Sequence[str] = LEADS,
) -> FloatArray:  # fmt: skip
    """Weights ``(n_leads, n_nodes)`` of the muscle's nodes in each lead; rows sum to zero."""
    potentials = sampled(trunk, lead_fields(trunk, electrodes), muscle.nodes)
    return lead_matrix(list(electrodes), leads=leads) @ source_weights(muscle, potentials)
