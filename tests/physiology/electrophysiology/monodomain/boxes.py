"""A box of tetrahedra for tests."""

from itertools import permutations

import numpy as np


def box(cells: tuple[int, int, int], spacing: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes [m] and tetrahedra of a box cut into cubes, each into six elements."""
    shape = tuple(n + 1 for n in cells)
    index = np.arange(np.prod(shape)).reshape(shape)
    tets = []
    for order in permutations(range(3)):
        corner = np.zeros(3, int)
        corners = [index[: cells[0], : cells[1], : cells[2]]]
        for axis in order:
            corner[axis] = 1
            x, y, z = corner
            corners.append(index[x : cells[0] + x, y : cells[1] + y, z : cells[2] + z])
        tets.append(np.stack([c.ravel() for c in corners], axis=1))
    nodes = np.indices(shape).reshape(3, -1).T * spacing
    elements = np.concatenate(tets).astype(np.int32)
    edges = nodes[elements[:, 1:]] - nodes[elements[:, :1]]
    inverted = np.linalg.det(edges) < 0
    elements[inverted] = elements[inverted][:, [0, 2, 1, 3]]
    return nodes, elements
