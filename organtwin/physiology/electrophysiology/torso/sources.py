"""What each heart node adds to the voltage of an electrode.

    phi_e(t) = - integral over the heart of (sigma_i grad V) . grad Z_e
             = q_e . V(t),        q_e = - K_i Z_e,
    K_i,ab   = sum over elements of volume * grad N_a . sigma_i grad N_b.

``V`` [V] is the transmembrane voltage, ``sigma_i`` [S/m] the intracellular conductivity, a tensor
along fibre, sheet and normal, ``Z_e`` [V/A] the lead field: the potential in the body when a unit
current enters at electrode ``e`` and leaves at the reference. ``q_e`` has no unit and sums to zero:
a heart of one voltage shows nothing. A front that runs towards an electrode raises its voltage.
In an infinite medium of conductivity ``sigma_b``, ``Z_e = 1 / (4 pi sigma_b |x - x_e|)``, which is
the pseudo-electrocardiogram: good for shapes, not for millivolts.

References: reciprocity after H. Helmholtz (1853), as R. Plonsey, "Reciprocity applied to volume
conductors and the ECG", IEEE Trans Biomed Eng 10:9 (1963); lead fields against other forward
methods: M. Potse, Front Physiol 9:370 (2018). Conductivities: M. Bishop, G. Plank, IEEE Trans
Biomed Eng 58:2297 (2011), as in the presets of fenicsx-beat.

Assumptions: passive, linear, resistive body; no capacity of tissue at these frequencies; the heart
stays where it is during the beat. Verified by ``tests/physiology/torso/test_sources.py``.
"""

from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray, IntArray
from organtwin.compilation import kernel


@dataclass(frozen=True, slots=True)
class Conductivity:
    """Conductivity [S/m] of one space along the fibre, the sheet and the sheet's normal."""

    fiber: float
    sheet: float
    normal: float


INTRACELLULAR = Conductivity(fiber=0.34, sheet=0.06, normal=0.06)
"""Inside the cells (Bishop & Plank 2011)."""

EXTRACELLULAR = Conductivity(fiber=0.12, sheet=0.08, normal=0.08)
"""Between the cells (Bishop & Plank 2011)."""

SOURCE = Conductivity(fiber=0.04, sheet=0.02, normal=0.02)
"""What a front is worth as a source [S/m].

Twice as much along the fibres as across, where inside the cells it is 5.7 times: rule-based fibres
have no scatter, and with all of the anisotropy fronts from apex to base outweigh those through the
wall. The healthy template then has no R wave in V4 to V6. Mean misfit of the template without any
fit, for three normal recordings of PTB-XL (36, 312, 411) and one with left bundle branch block
(286): 0.35 and 0.55 at a ratio of 1 (as Camps et al. 2024), 0.43 and 0.42 at 2, 0.54 and 0.33 at 3,
0.9 and 0.22 at 5.7. The size gives R waves of 1 to 2 mV there; amplitudes are no prediction.
"""

ANISOTROPY = SOURCE.fiber / SOURCE.sheet
"""Ratio of ``SOURCE`` along the fibres to across."""

FIBER_PART = Conductivity(fiber=SOURCE.sheet, sheet=0.0, normal=0.0)
"""What one more unit of that ratio adds. Weights are linear in the conductivity, so those of any
ratio ``r`` are those of ``SOURCE`` and ``r - ANISOTROPY`` times those of this part."""

BODY = 0.239
"""Conductivity [S/m] of a body without organs (Johnson 1997)."""


@dataclass(frozen=True, eq=False, slots=True)
class Muscle:
    """The heart muscle as a source of current.

    ``nodes`` ``(n_nodes, 3)`` [m]; ``tets`` ``(n_tets, 4)`` of positive volume; ``fibers`` and
    ``sheets`` ``(n_tets, 3)`` unit vectors, zero fibres where there is no muscle and no source.
    """

    nodes: FloatArray
    tets: IntArray
    fibers: FloatArray
    sheets: FloatArray


def source_weights(
    muscle: Muscle, potentials: FloatArray, *, conductivity: Conductivity = SOURCE
) -> FloatArray:
    """Weights ``(n_electrodes, n_nodes)`` of the nodes' voltages in each electrode's voltage.

    ``potentials`` ``(n_electrodes, n_nodes)`` [V/A] are the lead fields at the muscle's nodes. Each
    row of the answer sums to zero up to round-off.
    """
    along = np.array([conductivity.fiber, conductivity.sheet, conductivity.normal])
    fields = np.ascontiguousarray(np.asarray(potentials, float).T)
    weights = _weights(
        np.ascontiguousarray(muscle.nodes, np.float64),
        np.ascontiguousarray(muscle.tets, np.int32),
        np.ascontiguousarray(muscle.fibers, np.float64),
        np.ascontiguousarray(muscle.sheets, np.float64),
        along,
        fields,
    )
    return np.ascontiguousarray(weights.T)


def infinite_medium(
    places: FloatArray, electrodes: FloatArray, *, conductivity: float = BODY
) -> FloatArray:
    """Lead fields ``(n_electrodes, n)`` [V/A] at ``places`` ``(n, 3)`` [m], body without end.

    The current of each electrode ``(n_electrodes, 3)`` [m] leaves at infinity.
    """
    gap = np.linalg.norm(places[None] - np.asarray(electrodes)[:, None], axis=2)
    return np.asarray(1.0 / (4.0 * np.pi * conductivity * gap))


@kernel
def _weights(
    nodes: FloatArray, tets: IntArray, fibers: FloatArray, sheets: FloatArray,
    along: FloatArray, fields: FloatArray,
) -> FloatArray:  # fmt: skip
    n_fields = fields.shape[1]
    out = np.zeros((len(nodes), n_fields))
    grad, flux, tensor = np.empty((4, 3)), np.empty(3), np.empty((3, 3))
    for e in range(len(tets)):
        if fibers[e, 0] == 0.0 and fibers[e, 1] == 0.0 and fibers[e, 2] == 0.0:
            continue
        volume = shape_gradients(nodes, tets[e], grad)
        for i in range(3):
            for j in range(3):
                tensor[i, j] = (along[0] - along[2]) * fibers[e, i] * fibers[e, j]
                tensor[i, j] += (along[1] - along[2]) * sheets[e, i] * sheets[e, j]
            tensor[i, i] += along[2]
        for a in range(4):
            for i in range(3):
                flux[i] = 0.0
                for j in range(3):
                    flux[i] += volume * tensor[i, j] * grad[a, j]
            # Differences to the first corner: a constant field then gives exactly nothing.
            for b in range(1, 4):
                entry = 0.0
                for i in range(3):
                    entry += flux[i] * grad[b, i]
                for k in range(n_fields):
                    out[tets[e, a], k] -= entry * (fields[tets[e, b], k] - fields[tets[e, 0], k])
    return out


@kernel
def shape_gradients(nodes: FloatArray, corners: IntArray, grad: FloatArray) -> float:
    """Fill ``grad`` ``(4, 3)`` [1/m] of the shape functions; returns the volume [m3]."""
    edge = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            edge[i, j] = nodes[corners[i + 1], j] - nodes[corners[0], j]
    determinant = 0.0
    for i in range(3):
        p, q = (i + 1) % 3, (i + 2) % 3
        for j in range(3):
            u, v = (j + 1) % 3, (j + 2) % 3
            grad[i + 1, j] = edge[p, u] * edge[q, v] - edge[p, v] * edge[q, u]
    for j in range(3):
        determinant += edge[0, j] * grad[1, j]
    for j in range(3):
        for i in range(1, 4):
            grad[i, j] /= determinant
        grad[0, j] = -(grad[1, j] + grad[2, j] + grad[3, j])
    return float(determinant / 6.0)
