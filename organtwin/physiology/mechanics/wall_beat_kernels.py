"""Equilibrium of a beat in reduced coordinates: Gauss-Newton with four exact cavity volumes.

With ``G_e`` the change of an element's deformation gradient per mode, ``P_e`` half its stress and
``C_c`` the slope of a cavity's volume by the modes, each round solves

    [ H  C^T ] [ d ]   [ -g         ]    g = sum_e G_e : P_e + K a
    [ C   0  ] [ m ] = [ V_given - V ]    H = H0 + sum_e k_e c_e c_e^T, c_e = G_e : cof F / |cof F|

``H0`` the constant part from shape and springs ``K``. The volume part must be a true tangent: the
constant matrix of the full solver would need ten times the rounds, since the modes hardly change
the volume of any element.
"""

import numpy as np

from organtwin.arrays import FloatArray, IntArray, RealArray
from organtwin.compilation import fast_kernel
from organtwin.physiology.mechanics.deformation_kernels import volume_gradient
from organtwin.physiology.mechanics.elastic_kernels import cofactor, stress


@fast_kernel
def ridden(points: RealArray, basis: RealArray, a: RealArray, out: RealArray) -> None:
    """``out`` = points + the modes ``basis`` (n, 3, m) times their amplitudes ``a`` (m,)."""
    for i in range(points.shape[0]):
        for d in range(3):
            row = basis[i, d]
            total = row[0] * a[0]
            for k in range(1, a.shape[0]):
                total += row[k] * a[k]
            out[i, d] = points[i, d] + total


@fast_kernel
def volume_slopes(
    points: RealArray,
    triangles: IntArray,
    starts: IntArray,
    point_starts: IntArray,
    basis: RealArray,
    volumes: FloatArray,
    slopes: FloatArray,
) -> None:
    """Volumes (4,) of the cavities and their slopes (4, m) by the modes ``basis`` (n, 3, m).

    Cavity ``c`` owns triangles ``starts[c]`` to ``starts[c + 1]`` and likewise its points.
    """
    gradient = np.zeros(points.shape)
    line = np.empty(basis.shape[2], basis.dtype)
    for c in range(volumes.shape[0]):
        volumes[c] = volume_gradient(points, triangles[starts[c] : starts[c + 1]], gradient)
        line[:] = 0.0
        for i in range(point_starts[c], point_starts[c + 1]):
            for d in range(3):
                push = np.float32(gradient[i, d])
                row = basis[i, d]
                for k in range(line.shape[0]):
                    line[k] += push * row[k]
        slopes[c] = line


@fast_kernel
def shape_matrix(
    slopes: RealArray, weights: FloatArray, metrics: FloatArray, out: FloatArray
) -> None:
    """Add the constant stiffness of shape to ``out`` (m, m); ``slopes`` (s, 9, m)."""
    m = out.shape[0]
    scaled = np.empty((3, m))
    for e in range(slopes.shape[0]):
        for i in range(3):
            for j in range(3):
                for k in range(m):
                    scaled[j, k] = weights[e, 0] * (
                        metrics[e, j, 0] * slopes[e, 3 * i, k]
                        + metrics[e, j, 1] * slopes[e, 3 * i + 1, k]
                        + metrics[e, j, 2] * slopes[e, 3 * i + 2, k]
                    )
            for j in range(3):
                for k in range(m):
                    for l in range(m):  # noqa: E741
                        out[k, l] += slopes[e, 3 * i + j, k] * scaled[j, l]


@fast_kernel
def element_sums(
    a: FloatArray,
    slopes: RealArray,
    weights: FloatArray,
    targets: FloatArray,
    metrics: FloatArray,
    rotations: FloatArray,
    gradient: FloatArray,
    tangent: FloatArray,
) -> None:
    """Add forces on the modes to ``gradient`` (m,) and the volume's tangent to ``tangent``."""
    m = a.shape[0]
    f, p, cof, work = np.empty((3, 3)), np.empty((3, 3)), np.empty((3, 3)), np.empty((3, 3, 3))
    line = np.empty(m, slopes.dtype)
    small = a.astype(slopes.dtype)
    for e in range(slopes.shape[0]):
        for r in range(9):
            total = slopes[e, r, 0] * small[0]
            for k in range(1, m):
                total += slopes[e, r, k] * small[k]
            f[r // 3, r % 3] = total
        for i in range(3):
            f[i, i] += 1.0
        stress(f, targets[e], metrics[e], rotations[e], weights[e, 0], weights[e, 1], work, p)
        cofactor(f, cof)
        square = 1e-9
        for i in range(3):
            for j in range(3):
                square += cof[i, j] * cof[i, j]
        scale = np.sqrt(weights[e, 1] / max(square, 3.0))
        for k in range(m):
            line[k] = 0.0
        for r in range(9):
            push, along = p[r // 3, r % 3], scale * cof[r // 3, r % 3]
            for k in range(m):
                gradient[k] += push * slopes[e, r, k]
                line[k] += along * slopes[e, r, k]
        for k in range(m):
            for l in range(k + 1):  # noqa: E741
                tangent[k, l] += line[k] * line[l]


@fast_kernel
def solved_frame(
    a: FloatArray,
    slopes: RealArray,
    weights: FloatArray,
    targets: FloatArray,
    metrics: FloatArray,
    rotations: FloatArray,
    constant: FloatArray,
    springs: FloatArray,
    points: RealArray,
    basis: RealArray,
    triangles: IntArray,
    starts: IntArray,
    point_starts: IntArray,
    volumes: FloatArray,
    rounds: int,
    still: float,
    tolerance: float,
) -> float:
    """Bring ``a`` (m,) to equilibrium in place; the largest relative misfit of a volume.

    Ends when no amplitude changes by ``still`` [m] and the volumes are met to ``tolerance``, or
    after ``rounds``.
    """
    m = a.shape[0]
    now, steepness = np.empty(4), np.empty((4, m))
    moved = np.empty_like(points)
    rounded = np.empty(m, basis.dtype)
    system, right = np.zeros((m + 4, m + 4)), np.empty(m + 4)
    tangent, gradient = np.empty((m, m)), np.empty(m)
    misfit = np.inf
    for _ in range(rounds):
        rounded[:] = a
        ridden(points, basis, rounded, moved)
        volume_slopes(moved, triangles, starts, point_starts, basis, now, steepness)
        tangent[:] = constant
        gradient[:] = springs @ a
        element_sums(a, slopes, weights, targets, metrics, rotations, gradient, tangent)
        for k in range(m):
            right[k] = -gradient[k]
            for l in range(k + 1):  # noqa: E741
                system[k, l] = tangent[k, l]
                system[l, k] = tangent[k, l]
        misfit = 0.0
        for c in range(4):
            right[m + c] = volumes[c] - now[c]
            misfit = max(misfit, abs(now[c] - volumes[c]) / volumes[c])
            for k in range(m):
                system[m + c, k] = steepness[c, k]
                system[k, m + c] = steepness[c, k]
        # Volumes are of the order 1e-4 m3 and energies too: the system needs no scaling.
        step = np.linalg.solve(system, right)
        largest = 0.0
        for k in range(m):
            largest = max(largest, abs(step[k]))
        if largest < still and misfit < tolerance:
            break
        a += step[:m]
    return misfit
