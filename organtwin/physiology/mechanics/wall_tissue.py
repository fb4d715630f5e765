"""How the finer tissue mesh of a heart follows the coarser mesh of the wall mechanics.

Most nodes lie in the mechanics mesh and move with the element they lie in. Nodes that stand off by
more than ``STAND_OFF`` would hang on whichever element is nearest, neighbours on different ones,
and the tissue between them would turn over. Their displacement is filled in harmonically from the
nodes inside. For the template that is not enough: where walls that move against each other are
joined in the coarse mesh, ``repaired`` also frees the nodes of each element that would lose more
than 1 - ``LEAST_RATIO`` of its volume in an example, until none is left. It takes half a minute,
so the script that builds the modes stores its result, the modes at the freed nodes. What turns over
all the same, in an own heart or in a beat far from the examples, is righted frame by frame
(``anatomy.righting``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from organtwin.anatomy.embedding import nearest_elements
from organtwin.anatomy.harmonic import filled
from organtwin.anatomy.mesh import Tissue
from organtwin.anatomy.stuffing import volumes
from organtwin.arrays import BoolArray, Float32Array, FloatArray, IntArray
from organtwin.compilation import kernel

STAND_OFF = 5e-4
"""[m]: farther outside of the mechanics mesh a node follows its neighbours in the tissue."""

LEAST_RATIO = 0.1
"""Share of its volume in the reference below which an element of an example needs repair."""

ROUNDS, ROUNDS_PER_RING = 12, 3
"""Of the repair; an element that is still bad after some has more and more neighbours freed."""

ASSET = "anatomy/wall_tissue.npz"

_COUNTS = 32767.0


class Example(NamedTuple):
    """A beat: tissue nodes ``(n, 3)`` [m] in its reference, amplitudes ``(f, n_modes)`` [m]."""

    nodes: FloatArray
    amplitudes: FloatArray


@dataclass(frozen=True, eq=False)
class FreedNodes:
    """Modes ``(k, 3, n_modes)`` of the nodes ``(k,)`` of a tissue of ``n_tissue`` nodes."""

    n_tissue: int
    nodes: IntArray
    modes: Float32Array

    def save(self, path: Path) -> None:
        """Write the asset: 16 bits per value of a mode."""
        scale = np.maximum(np.abs(self.modes).max(axis=(0, 1)), 1e-9) / _COUNTS
        counts = np.round(self.modes / scale).astype(np.int16)
        np.savez_compressed(
            path,
            allow_pickle=False,
            n_tissue=np.int32(self.n_tissue),
            nodes=self.nodes.astype(np.int32),
            counts=np.moveaxis(counts, 2, 0),
            scale=scale.astype(np.float32),
        )

    @staticmethod
    def load(path: Path) -> "FreedNodes":
        with np.load(path) as stored:
            counts = np.moveaxis(stored["counts"], 0, 2)
            modes = np.ascontiguousarray(counts * stored["scale"], np.float32)
            return FreedNodes(int(stored["n_tissue"]), stored["nodes"], modes)


def followed(mesh: Tissue, flat: Float32Array, tissue: Tissue) -> tuple[Float32Array, BoolArray]:
    """Modes ``(n_nodes, 3 n_modes)`` of the element nearest to each node of a tissue.

    ``flat`` are those at the nodes of the mechanics ``mesh``. Also which nodes stand off from it.
    """
    nodes, weights, gap = nearest_elements(mesh, tissue.nodes)
    values = np.einsum("na,nak->nk", weights.astype(np.float32), flat[nodes])
    return np.asarray(values, np.float32), gap > STAND_OFF


def tissue_modes(mesh: Tissue, flat: Float32Array, tissue: Tissue) -> Float32Array:
    """Modes ``(n_nodes, 3, n_modes)`` of a tissue, filled in where it stands off."""
    values, apart = followed(mesh, flat, tissue)
    return filled(tissue, values, apart).reshape(len(values), 3, -1)


def repaired(
    tissue: Tissue, values: Float32Array, free: BoolArray, examples: Sequence[Example]
) -> FreedNodes:
    """The modes at all nodes that must be freed so that no element of an example turns over.

    ``values`` ``(n_nodes, 3 n_modes)`` and ``free`` ``(n_nodes,)`` as from ``followed``.
    """
    free = free.copy()
    for turn in range(ROUNDS):
        modes = filled(tissue, values, free).reshape(len(values), 3, -1)
        bad: BoolArray = np.asarray(least_ratios(tissue.tets, modes, examples) < LEAST_RATIO)
        if not bad.any():
            break
        for _ in range(1 + turn // ROUNDS_PER_RING):
            touched = np.zeros(len(free), bool)
            touched[tissue.tets[bad]] = True
            bad = np.asarray(touched[tissue.tets].any(axis=1))
        free[tissue.tets[bad]] = True
    nodes = np.flatnonzero(free).astype(np.int32)
    return FreedNodes(len(free), nodes, modes[nodes])


def least_ratios(tets: IntArray, modes: Float32Array, examples: Sequence[Example]) -> FloatArray:
    """Least volume of each element ``(n_tets,)`` over all examples, by that in the reference.

    Elements that are turned over in a reference already do not count there.
    """
    least = np.ones(len(tets))
    for nodes, amplitudes in examples:
        _shrunk(nodes, modes, amplitudes, tets, volumes(nodes, tets), least)
    return least


@kernel
def _shrunk(
    nodes: FloatArray,
    modes: Float32Array,
    amplitudes: FloatArray,
    tets: IntArray,
    rest: FloatArray,
    least: FloatArray,
) -> None:
    """Lower ``least`` (m,) to the volume ratios of one example."""
    moved = np.empty(nodes.shape)
    for frame in range(len(amplitudes)):
        for i in range(len(nodes)):
            for d in range(3):
                place = nodes[i, d]
                for k in range(amplitudes.shape[1]):
                    place += modes[i, d, k] * amplitudes[frame, k]
                moved[i, d] = place
        for e in range(len(tets)):
            if rest[e] <= 0.0:
                continue
            a = moved[tets[e, 0]]
            b, c, d3 = moved[tets[e, 1]] - a, moved[tets[e, 2]] - a, moved[tets[e, 3]] - a
            volume = (
                b[0] * (c[1] * d3[2] - c[2] * d3[1])
                + b[1] * (c[2] * d3[0] - c[0] * d3[2])
                + b[2] * (c[0] * d3[1] - c[1] * d3[0])
            ) / 6.0
            least[e] = min(least[e], volume / rest[e])
