"""Streamlines of the muscle's fibres, each of their points tied to the tissue.

From evenly drawn seeds a path follows the fibre direction of the nearest element both ways, until
it leaves the muscle or turns too sharply. The helix angle of a place is the angle of its fibre
above the plane across the long axis, seen from outside: positive (right-handed) near the
endocardium of the left ventricle, negative near the epicardium (Streeter et al. 1969, Circ Res
24:339). Across the wall runs the gradient of the transmural coordinate, up the wall that of the
apicobasal one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.mesh import Anatomy, Architecture, Tissue
from organtwin.arrays import Float32Array, FloatArray, IntArray

SEEDS = 3_000
STEP = 1.2e-3
STEPS = 8
"""Steps to either side: paths are up to 19 mm long."""
_STRAY = 2.5e-3
"""Distance [m] from the middle of any muscle element beyond which a path has left the muscle."""
_SHARPEST = 0.5
"""Least cosine between two steps."""


@dataclass(frozen=True, eq=False)
class FiberPaths:
    """``nodes`` and ``weights`` ``(n_points, 4)`` in the tissue; ``segments`` ``(n, 2)`` points.

    ``helix`` ``(n_points,)`` [rad], NaN where the angle is not defined.
    """

    nodes: IntArray
    weights: Float32Array
    segments: IntArray
    helix: Float32Array


def fiber_paths(anatomy: Anatomy, seeds: int = SEEDS) -> FiberPaths | None:
    """Paths through the muscle of a heart with an architecture; None for one without."""
    architecture, tissue = anatomy.architecture, anatomy.tissue
    if architecture is None:
        return None
    muscle = np.flatnonzero(np.linalg.norm(architecture.fibers, axis=1) > 0.5)
    if len(muscle) == 0:
        return None
    from scipy.spatial import cKDTree  # the window must not wait for it

    centres = tissue.nodes[tissue.tets].mean(axis=1)
    tree = cKDTree(centres[muscle])
    drawn = np.random.default_rng(3).choice(muscle, min(seeds, len(muscle)), replace=False)
    halves = [
        _traced(tree, muscle, architecture.fibers, centres[drawn], sign) for sign in (1.0, -1.0)
    ]
    places = np.concatenate([halves[1][::-1][:-1], halves[0]])  # (2 STEPS + 1, n_seeds, 3)
    element = muscle[tree.query(np.nan_to_num(places))[1]]
    alive = np.isfinite(places).all(axis=2)
    number = np.cumsum(alive.ravel()).reshape(alive.shape) - 1
    joined = alive[:-1] & alive[1:]
    segments = np.stack([number[:-1][joined], number[1:][joined]], axis=1).astype(np.int32)
    nodes = tissue.tets[element[alive]]
    weights = _barycentric(tissue.nodes[nodes], places[alive])
    helix = helix_angles(tissue, architecture)[element[alive]]
    return FiberPaths(
        nodes.astype(np.int32), weights.astype(np.float32), segments, helix.astype(np.float32)
    )


def helix_angles(tissue: Tissue, architecture: Architecture) -> FloatArray:
    """``(n_tets,)`` [rad] in -pi/2..pi/2; NaN outside the ventricles."""
    across = _gradients(tissue, architecture.transmural)
    up = _gradients(tissue, architecture.apicobasal)
    with np.errstate(invalid="ignore", divide="ignore"):
        across /= np.linalg.norm(across, axis=1, keepdims=True)
        up -= across * np.einsum("ij,ij->i", up, across)[:, np.newaxis]
        up /= np.linalg.norm(up, axis=1, keepdims=True)
    around = np.cross(up, across)
    rise = np.einsum("ij,ij->i", architecture.fibers, up)
    along = np.einsum("ij,ij->i", architecture.fibers, around)
    # A fibre has no front and back.
    return np.arctan2(rise * np.where(along < 0.0, -1.0, 1.0), np.abs(along))


def _traced(
    tree: object, muscle: NDArray[np.integer], fibers: Float32Array, start: FloatArray, sign: float
) -> FloatArray:
    """``(STEPS + 1, n, 3)`` places along the fibres; NaN after a path has ended."""
    places = np.full((STEPS + 1, *start.shape), np.nan)
    places[0] = start
    heading = np.zeros_like(start)
    for step in range(STEPS):
        distance, nearest = tree.query(np.nan_to_num(places[step]))  # type: ignore[attr-defined]
        fiber = fibers[muscle[nearest]].astype(np.float64)
        if step == 0:
            heading = sign * fiber
        turn = np.einsum("ij,ij->i", fiber, heading)
        going = (distance < _STRAY) & (np.abs(turn) > _SHARPEST)
        heading = fiber * np.sign(turn)[:, np.newaxis]
        places[step + 1, going] = places[step, going] + STEP * heading[going]
    return places


def _gradients(tissue: Tissue, values: Float32Array) -> FloatArray:
    """``(n_tets, 3)`` gradient of nodal values in every element [1/m]."""
    corners = tissue.nodes[tissue.tets]
    edges = corners[:, 1:] - corners[:, :1]
    rises = values[tissue.tets[:, 1:]] - values[tissue.tets[:, :1]]
    return np.asarray(np.linalg.solve(edges, rises[..., np.newaxis].astype(np.float64))[..., 0])


def _barycentric(corners: FloatArray, places: FloatArray) -> FloatArray:
    """Weights ``(n, 4)`` of ``places``; they may lie a little outside their element."""
    edges = np.moveaxis(corners[:, 1:] - corners[:, :1], 1, 2)
    inside = np.linalg.solve(edges, (places - corners[:, 0])[..., np.newaxis])[..., 0]
    return np.column_stack([1.0 - inside.sum(axis=1), inside])
