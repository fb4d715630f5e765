"""Element kernels of the wall mechanics: forces of active, nearly incompressible muscle.

Energy of an element of rest volume ``v`` with deformation gradient ``F``::

    E = v ( w |F - R A|^2 + k |F - V|^2 )

``A`` the stretch its muscle wants, ``R`` the rotation closest to ``F A`` and ``V`` the matrix of
determinant ``det A`` closest to ``F``. Both are held while the positions are solved for, which
makes the global matrix constant (Bouaziz et al. 2014, "Projective dynamics"). ``R`` is found by
turning the last rotation (Mueller et al. 2016, "A robust method to extract the rotational part of
deformations"), which also brings back elements that were turned inside out; ``V`` by two Newton
steps along the cofactor, which is the projection to second order of the misfit.
"""

import numpy as np

from organtwin.arrays import FloatArray, IntArray, RealArray
from organtwin.compilation import kernel

_TURNS = 4
_TURN_TOLERANCE = 1e-4
_LEAST = 1e-9


@kernel
def turned(m: FloatArray, rotation: FloatArray) -> None:
    """Turn ``rotation`` (3, 3) in place to the one closest to ``m``."""
    axis = np.empty(3)
    for _ in range(_TURNS):
        dot = 0.0
        axis[:] = 0.0
        for c in range(3):
            r0, r1, r2 = rotation[0, c], rotation[1, c], rotation[2, c]
            m0, m1, m2 = m[0, c], m[1, c], m[2, c]
            axis[0] += r1 * m2 - r2 * m1
            axis[1] += r2 * m0 - r0 * m2
            axis[2] += r0 * m1 - r1 * m0
            dot += r0 * m0 + r1 * m1 + r2 * m2
        scale = 1.0 / (abs(dot) + _LEAST)
        x, y, z = axis[0] * scale, axis[1] * scale, axis[2] * scale
        angle = np.sqrt(x * x + y * y + z * z)
        if angle < _TURN_TOLERANCE:
            break
        x, y, z = x / angle, y / angle, z / angle
        s, c1 = np.sin(angle), 1.0 - np.cos(angle)
        for c in range(3):
            a, b, d = rotation[0, c], rotation[1, c], rotation[2, c]
            along = c1 * (x * a + y * b + z * d)
            keep = 1.0 - c1
            rotation[0, c] = keep * a + s * (y * d - z * b) + along * x
            rotation[1, c] = keep * b + s * (z * a - x * d) + along * y
            rotation[2, c] = keep * d + s * (x * b - y * a) + along * z


@kernel
def cofactor(f: FloatArray, out: FloatArray) -> float:
    """Cofactor matrix of ``f`` into ``out``; returns the determinant."""
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        for a in range(3):
            b, c = (a + 1) % 3, (a + 2) % 3
            out[i, a] = f[j, b] * f[k, c] - f[j, c] * f[k, b]
    determinant: float = f[0, 0] * out[0, 0] + f[0, 1] * out[0, 1] + f[0, 2] * out[0, 2]
    return determinant


@kernel
def stress(
    f: FloatArray,
    target: FloatArray,
    metric: FloatArray,
    rotation: FloatArray,
    shape_weight: float,
    volume_weight: float,
    work: FloatArray,
    out: FloatArray,
) -> float:
    """Half the energy's slope by ``f`` into ``out`` (3, 3); returns ``det f``.

    ``target`` is ``A``; ``rotation`` is turned in place; ``work`` (3, 3, 3) is scratch.
    """
    moved, cof, near = work[0], work[1], work[2]
    product(f, metric, cof)
    product(cof, target, moved)
    turned(moved, rotation)
    goal = cofactor(target, cof)
    near[:] = f
    determinant = 0.0
    for step in range(2):
        now = cofactor(near, cof)
        if step == 0:
            determinant = now
        square = 0.0
        for i in range(3):
            for j in range(3):
                square += cof[i, j] * cof[i, j]
        factor = (goal - now) / max(square, 3.0)
        for i in range(3):
            for j in range(3):
                near[i, j] += factor * cof[i, j]
    product(rotation, target, moved)
    for i in range(3):
        for j in range(3):
            moved[i, j] = f[i, j] - moved[i, j]
    product(moved, metric, out)
    for i in range(3):
        for j in range(3):
            out[i, j] = shape_weight * out[i, j] + volume_weight * (f[i, j] - near[i, j])
    return determinant


@kernel
def product(a: FloatArray, b: FloatArray, out: FloatArray) -> None:
    """``out = a @ b`` for (3, 3) matrices."""
    for i in range(3):
        for j in range(3):
            out[i, j] = a[i, 0] * b[0, j] + a[i, 1] * b[1, j] + a[i, 2] * b[2, j]


@kernel
def forces(
    points: FloatArray,
    tets: IntArray,
    inverse: FloatArray,
    weights: FloatArray,
    targets: FloatArray,
    metrics: FloatArray,
    rotations: FloatArray,
    out: FloatArray,
) -> None:
    """Half the slope of the energy by every node ``(n, 3)``.

    ``inverse`` (m, 3, 3) inverse rest edges, ``weights`` (m, 2) shape and volume weight times rest
    volume, ``targets`` and ``rotations`` (m, 3, 3), the latter updated.
    """
    out[:] = 0.0
    f, p, work = np.empty((3, 3)), np.empty((3, 3)), np.empty((3, 3, 3))
    for e in range(tets.shape[0]):
        gradient(points, tets[e], inverse[e], f)
        stress(f, targets[e], metrics[e], rotations[e], weights[e, 0], weights[e, 1], work, p)
        for a in range(3):
            node = tets[e, a + 1]
            for i in range(3):
                push = (
                    p[i, 0] * inverse[e, a, 0]
                    + p[i, 1] * inverse[e, a, 1]
                    + p[i, 2] * inverse[e, a, 2]
                )
                out[node, i] += push
                out[tets[e, 0], i] -= push


@kernel
def gradient(points: RealArray, tet: IntArray, inverse: FloatArray, out: FloatArray) -> None:
    """Deformation gradient of one element into ``out`` (3, 3)."""
    for i in range(3):
        origin = points[tet[0], i]
        e0, e1, e2 = (
            points[tet[1], i] - origin,
            points[tet[2], i] - origin,
            points[tet[3], i] - origin,
        )
        for j in range(3):
            out[i, j] = e0 * inverse[0, j] + e1 * inverse[1, j] + e2 * inverse[2, j]


@kernel
def turned_all(
    points: FloatArray,
    tets: IntArray,
    inverse: FloatArray,
    targets: FloatArray,
    metrics: FloatArray,
    rotations: FloatArray,
) -> None:
    """Turn all ``rotations`` to where they belong, however far."""
    f, scaled, moved = np.empty((3, 3)), np.empty((3, 3)), np.empty((3, 3))
    for e in range(tets.shape[0]):
        gradient(points, tets[e], inverse[e], f)
        product(f, metrics[e], scaled)
        product(scaled, targets[e], moved)
        for _ in range(20):
            turned(moved, rotations[e])


@kernel
def reduced_forces(
    points: FloatArray,
    tets: IntArray,
    inverse: FloatArray,
    weights: FloatArray,
    targets: FloatArray,
    metrics: FloatArray,
    rotations: FloatArray,
    modes: RealArray,
    out: FloatArray,
) -> None:
    """Half the slope of each element's energy by each mode, ``out`` (m, n_modes)."""
    f, p, work = np.empty((3, 3)), np.empty((3, 3)), np.empty((3, 3, 3))
    push = np.empty((4, 3))
    for e in range(tets.shape[0]):
        gradient(points, tets[e], inverse[e], f)
        stress(f, targets[e], metrics[e], rotations[e], weights[e, 0], weights[e, 1], work, p)
        push[0] = 0.0
        for a in range(3):
            for i in range(3):
                push[a + 1, i] = (
                    p[i, 0] * inverse[e, a, 0]
                    + p[i, 1] * inverse[e, a, 1]
                    + p[i, 2] * inverse[e, a, 2]
                )
                push[0, i] -= push[a + 1, i]
        for k in range(modes.shape[1]):
            total = 0.0
            for a in range(4):
                for i in range(3):
                    total += push[a, i] * modes[tets[e, a], k, i]
            out[e, k] = total
