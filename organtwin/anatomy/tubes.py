"""Closed tubes around a line: rings of points and a tip beyond each end."""

import numpy as np

from organtwin.arrays import FloatArray, IntArray


def rings(line: FloatArray, radius: FloatArray, outward: FloatArray, sides: int) -> FloatArray:
    """Points ``(len(line) * sides + 2, 3)``: rings around ``line``, then the two tips.

    ``outward`` ``(n, 3)`` says where each ring starts; ``radius`` ``(n,)`` in the unit of ``line``.
    """
    tangent = np.gradient(line, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    first = outward - np.einsum("ij,ij->i", outward, tangent)[:, None] * tangent
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(tangent, first)
    turn = 2.0 * np.pi * np.arange(sides) / sides
    around = line[:, None] + radius[:, None, None] * (
        np.cos(turn)[:, None] * first[:, None] + np.sin(turn)[:, None] * second[:, None]
    )
    ends = np.stack([line[0] - radius[0] * tangent[0], line[-1] + radius[-1] * tangent[-1]])
    return np.concatenate([around.reshape(-1, 3), ends])


def ring_triangles(n_rings: int, sides: int) -> IntArray:
    """Outward triangles of the points of ``rings``."""
    here = np.arange(sides)
    there = np.roll(here, -1)
    triangles = []
    for ring in range(n_rings - 1):
        low, high = ring * sides, (ring + 1) * sides
        triangles.append(np.stack([low + here, low + there, high + there], axis=1))
        triangles.append(np.stack([low + here, high + there, high + here], axis=1))
    first, last, rim = n_rings * sides, n_rings * sides + 1, (n_rings - 1) * sides
    triangles.append(np.stack([np.full(sides, first), there, here], axis=1))
    triangles.append(np.stack([np.full(sides, last), rim + here, rim + there], axis=1))
    return np.concatenate(triangles).astype(np.int32)
