"""The muscle map of any heart: which wall each point drawn belongs to, and where along it.

Walls follow the order LV free wall, septum, RV free wall, LA, RA. The course runs from 0 where
normal conduction arrives first to 1 where it arrives last: in the LV free wall from the septum
round to the basal lateral wall, in the septum and the RV from the apical third, where the bundle
branches end, to the base and the outflow tract (Durrer et al. 1970). Atria have one place only.
"""

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from organtwin.anatomy.coordinates import INSERTION
from organtwin.anatomy.laplace import linear_elements, nodal_average
from organtwin.anatomy.mesh import Architecture, MuscleMap, Tissue
from organtwin.anatomy.regions import Region
from organtwin.arrays import BoolArray, Float32Array, FloatArray

MUSCLES = (Region.LV, Region.SEPTUM, Region.RV, Region.LA, Region.RA)


def muscle_map(tissue: Tissue, architecture: Architecture, weights: sparse.csr_array) -> MuscleMap:
    """Shares and courses at the points of a surface tied to the tissue.

    Parameters
    ----------
    tissue
        With LV, septum and RV told apart (``ventricles.with_walls`` does that).
    weights
        ``(n_points, n_nodes)`` of the surface's points on the tissue (``embedding``).
    """
    elements = linear_elements(tissue.nodes, tissue.tets)
    belongs = np.stack([tissue.regions == wall for wall in MUSCLES], axis=1).astype(np.float64)
    shares = nodal_average(elements, belongs)
    muscular = shares.sum(axis=1) > 1e-6
    shares[muscular] /= shares[muscular].sum(axis=1, keepdims=True)
    shares = _carried_out(shares, muscular, tissue.nodes)
    known = architecture
    by_node = courses(known.apicobasal, known.rotational, known.right)
    by_node = _carried_out(by_node, ~np.isnan(known.apicobasal), tissue.nodes)
    on_surface = np.maximum(np.asarray(weights @ shares), 0.0)
    on_surface /= on_surface.sum(axis=1, keepdims=True)
    along = np.clip(np.asarray(weights @ by_node), 0.0, 1.0)
    return MuscleMap(on_surface.astype(np.float32), along.astype(np.float32))


def courses(
    apicobasal: FloatArray | Float32Array,
    rotational: FloatArray | Float32Array,
    right: FloatArray | Float32Array,
) -> FloatArray:
    """Place along the course of each wall ``(n, 5)`` from coordinates ``(n,)`` of nodes.

    Coordinates as in ``Architecture``; each column has a meaning only within its own wall.
    """
    height = apicobasal.astype(np.float64)
    turn = np.abs(rotational.astype(np.float64))
    around = np.clip((turn - INSERTION) / (np.pi - INSERTION), 0.0, 1.0)
    from_septum = right * np.clip(1.0 - turn / INSERTION, 0.0, 1.0)
    places = np.full((len(height), len(MUSCLES)), 0.5)
    places[:, 0] = 0.75 * around + 0.25 * height
    places[:, 1] = height
    places[:, 2] = 0.6 * height + 0.4 * from_septum
    return places


def _carried_out(values: FloatArray, known: BoolArray, places: FloatArray) -> FloatArray:
    """Values of the nearest known node where they are unknown: vessels, and atria for courses."""
    if known.all():
        return values
    _, nearest = cKDTree(places[known]).query(places[~known])
    values = values.copy()
    values[~known] = values[known][nearest]
    return values
