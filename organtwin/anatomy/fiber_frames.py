"""Frames of muscle and their rotation, after Bayer et al. 2012 (Ann Biomed Eng 40:2243).

A frame is right-handed, ``(n, 3, 3)``, with columns circumferential, longitudinal, transmural
before and fibre, sheet-normal, sheet after ``oriented``.
"""

import numpy as np

from organtwin.anatomy.laplace import unit
from organtwin.arrays import BoolArray, FloatArray

_NEARLY_SAME = 0.9999


def axis_frames(longitudinal: FloatArray, outward: FloatArray) -> FloatArray:
    """Frames from the way to the base and the way outward, ``(n, 3)`` each.

    The longitudinal axis is kept, the transmural one made square to it; circumferential is
    longitudinal x transmural. Where the two are parallel the frame is zero.
    """
    along = unit(longitudinal)
    across = unit(outward - np.sum(outward * along, axis=1, keepdims=True) * along)
    return np.stack([np.cross(along, across), along, across], axis=2)


def oriented(frames: FloatArray, helix: FloatArray, transverse: FloatArray) -> FloatArray:
    """Frames turned by helix and transverse angles ``(n,)`` [rad].

    First about the transmural axis, then about the turned longitudinal one. The matrix printed
    in 2012 turns by the second angle about the fibre itself, which leaves the fibre as it was;
    this is the corrected rotation.
    """
    ca, sa = np.cos(helix), np.sin(helix)
    cb, sb = np.cos(transverse), np.sin(transverse)
    zero = np.zeros_like(ca)
    turn = np.stack([
        np.stack([ca * cb, -sa, ca * sb], axis=1),
        np.stack([sa * cb, ca, sa * sb], axis=1),
        np.stack([-sb, zero, cb], axis=1),
    ], axis=1)  # fmt: skip
    return np.asarray(frames @ turn)


def blended(first: FloatArray, second: FloatArray, share: FloatArray) -> FloatArray:
    """Frames between two others on the shortest way, ``share`` ``(n,)`` of the second (bislerp).

    Muscle has axes, not arrows: half turns about any axis of the first frame are tried, and the one
    nearest to the second is taken. Zero frames give way to the other.
    """
    none = _empty(first)
    start = np.where(none[:, None, None], second, first)
    target = np.where(_empty(second)[:, None, None], start, second)
    a, b = quaternions(start), quaternions(target)
    turned = np.stack([a, _times_i(a), _times_j(a), _times_k(a)], axis=1)
    dots = np.einsum("nik,nk->ni", turned, b)
    best = np.argmax(np.abs(dots), axis=1)
    rows = np.arange(len(a))
    dot = dots[rows, best]
    nearest = turned[rows, best] * np.where(dot < 0, -1.0, 1.0)[:, None]
    angle = np.arccos(np.clip(np.abs(dot), 0.0, _NEARLY_SAME))
    straight = np.abs(dot) > _NEARLY_SAME
    one = np.where(straight, 1.0 - share, np.sin((1.0 - share) * angle) / np.sin(angle))
    two = np.where(straight, share, np.sin(share * angle) / np.sin(angle))
    mixed = one[:, None] * nearest + two[:, None] * b
    return rotations(mixed / np.linalg.norm(mixed, axis=1, keepdims=True))


def quaternions(frames: FloatArray) -> FloatArray:
    """Unit quaternions ``(n, 4)``, scalar first, of proper rotations; zero frames count as one."""
    frames = np.where(_empty(frames)[:, None, None], np.eye(3), frames)
    xx, yy, zz = frames[:, 0, 0], frames[:, 1, 1], frames[:, 2, 2]
    squares = 1.0 + np.stack([xx + yy + zz, xx - yy - zz, yy - xx - zz, zz - xx - yy], axis=1)
    x = frames[:, 2, 1] - frames[:, 1, 2]
    y = frames[:, 0, 2] - frames[:, 2, 0]
    z = frames[:, 1, 0] - frames[:, 0, 1]
    xy = frames[:, 1, 0] + frames[:, 0, 1]
    xz = frames[:, 0, 2] + frames[:, 2, 0]
    yz = frames[:, 2, 1] + frames[:, 1, 2]
    rows = [[squares[:, 0], x, y, z], [x, squares[:, 1], xy, xz],
            [y, xy, squares[:, 2], yz], [z, xz, yz, squares[:, 3]]]  # fmt: skip
    table = np.stack([np.stack(row, axis=1) for row in rows], axis=1)
    chosen = table[np.arange(len(frames)), np.argmax(squares, axis=1)]
    return np.asarray(chosen / np.linalg.norm(chosen, axis=1, keepdims=True))


def rotations(quaternion: FloatArray) -> FloatArray:
    """Rotation matrices ``(n, 3, 3)`` of unit quaternions ``(n, 4)``."""
    w, x, y, z = quaternion.T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=1) for row in rows], axis=1)


def _empty(frames: FloatArray) -> BoolArray:
    return np.asarray(np.abs(np.linalg.det(frames)) < 0.5)


def _times_i(q: FloatArray) -> FloatArray:
    return np.stack([-q[:, 1], q[:, 0], q[:, 3], -q[:, 2]], axis=1)


def _times_j(q: FloatArray) -> FloatArray:
    return np.stack([-q[:, 2], -q[:, 3], q[:, 0], q[:, 1]], axis=1)


def _times_k(q: FloatArray) -> FloatArray:
    return np.stack([-q[:, 3], q[:, 2], -q[:, 1], q[:, 0]], axis=1)
