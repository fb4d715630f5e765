"""Boxes of tetrahedra with fibres, as media for excitation."""

import itertools

import numpy as np

from organtwin.physiology.electrophysiology.eikonal import Medium, Speeds

NO_FACES = (np.zeros((0, 3), np.int32), np.zeros(0, np.int32))
NO_CABLES = np.zeros((0, 2), np.int32)


def lattice(shape, spacing, jitter=0.0):
    """Nodes [m] and tetrahedra of a box, six per cube around its long diagonal (Kuhn 1960)."""
    counts = np.array(shape) + 1
    grid = np.stack(np.meshgrid(*(np.arange(n) for n in counts), indexing="ij"), -1)
    grid = grid.reshape(-1, 3).astype(float)
    inner = ((grid > 0) & (grid < counts - 1)).all(axis=1)
    noise = np.random.default_rng(5).uniform(-jitter, jitter, grid.shape)
    cubes = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), -1).reshape(-1, 3)
    paths = [np.cumsum([(0, 0, 0), *np.eye(3, dtype=int)[list(p)]], axis=0)
             for p in itertools.permutations(range(3))]  # fmt: skip
    corners = cubes[:, None, None, :] + np.array(paths)[None]
    tets = np.ravel_multi_index(np.moveaxis(corners, -1, 0), tuple(counts)).reshape(-1, 4)
    places = (grid + noise * inner[:, None]) * spacing
    return places, positive(places, tets).astype(np.int32)


def positive(places, tets):
    """Tetrahedra turned so that their volume is positive."""
    a, b, c = (places[tets[:, i]] - places[tets[:, 0]] for i in (1, 2, 3))
    turned = np.einsum("ij,ij->i", a, np.cross(b, c)) < 0
    return np.where(turned[:, None], tets[:, [0, 2, 1, 3]], tets)


def box(shape, spacing, jitter=0.0, *, faces=NO_FACES, cables=NO_CABLES, places=None, kinds=None):
    """A medium with fibres along x and sheets along y; ``kinds`` tells the kind from the middle."""
    nodes, tets = lattice(shape, spacing, jitter)
    n_tets = len(tets)
    middle = nodes[tets].mean(axis=1)
    return Medium(
        nodes if places is None else np.concatenate([nodes, places]), tets,
        np.tile([1.0, 0.0, 0.0], (n_tets, 1)), np.tile([0.0, 1.0, 0.0], (n_tets, 1)),
        np.zeros(n_tets, np.int32) if kinds is None else kinds(middle).astype(np.int32),
        *faces, cables,
    )  # fmt: skip


def speeds(*tissue, layers=(), delays=()):
    return Speeds(
        np.array(tissue, float), np.array(layers, float), np.array(delays, float).reshape(-1, 2)
    )


def node_at(medium, place):
    """The node nearest to a place [m]."""
    return int(np.argmin(((medium.places - place) ** 2).sum(axis=1)))


def start(*nodes, time=0.0):
    return np.array(nodes, np.int32), np.full(len(nodes), time)


def straight_time(medium, node, along=(0.6, 0.4, 0.2)):
    """Exact arrival [s] from one node in a uniform medium with fibres along x."""
    return np.sqrt((((medium.places - medium.places[node]) / along) ** 2).sum(axis=1))
