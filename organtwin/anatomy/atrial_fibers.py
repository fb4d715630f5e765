"""Rule-based fibres of the atria: around the valve ring and the mouths of the veins.

After the Laplace-based rule of Piersanti et al. 2021 (Comput Methods Appl Mech Eng 373:113468): the
fibre is tangential to the wall and square to the gradient of a field between the atrium's
openings. Their rule takes one such field per bundle; here one field, 1 at the atrioventricular
valve and 0 at the vein mouths, serves the whole atrium. It gives the circumferential
fibres at the annulus and the sleeves round every mouth that both this rule and Krueger et al. 2011
have, and bands between them. It does not show single bundles: Bachmann's bundle, the terminal
crest, pectinate muscles, or layers that cross.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from organtwin.anatomy.coordinates import filled
from organtwin.anatomy.fiber_frames import axis_frames
from organtwin.anatomy.laplace import harmonic, held, linear_elements, smooth_gradient
from organtwin.anatomy.mesh import Boundary, Tissue
from organtwin.anatomy.regions import Border, Region
from organtwin.anatomy.ventricles import BASE_REACH, WALLS, touched_sides
from organtwin.arrays import FloatArray

Indices = NDArray[np.integer]

_OUTER, _BLOOD, _VALVE, _VEIN = 1, 2, 3, 4

_OWN_BLOOD = {Region.LA: Border.LA_BLOOD, Region.RA: Border.RA_BLOOD}
_OWN_VEINS = {Region.LA: Region.PULMONARY_VEIN, Region.RA: Region.SYSTEMIC_VEIN}


def atrial_frames(
    tissue: Tissue, boundary: Boundary, chamber: Region
) -> tuple[Indices, FloatArray]:
    """Elements ``(k,)`` of one atrium and their frames ``(k, 3, 3)``: fibre, along, sheet.

    Frames are zero where the atrium has no opening of either kind to run around.
    """
    tets = np.flatnonzero(tissue.regions == chamber)
    if len(tets) == 0:
        return tets, np.zeros((0, 3, 3))
    nodes, numbered = np.unique(tissue.tets[tets], return_inverse=True)
    elements = linear_elements(tissue.nodes[nodes], numbered.reshape(-1, 4))
    outer, blood, valve, veins = _openings(tissue, boundary, chamber, tets, nodes)
    n = len(nodes)
    if len(valve) == 0 or len(blood) == 0:
        return tets, np.zeros((len(tets), 3, 3))
    if len(veins) == 0:
        distance, _ = cKDTree(elements.nodes[valve]).query(elements.nodes)
        veins = np.array([np.argmax(distance)])
    depth = harmonic(elements, held(n, (blood, 0.0), (outer, 1.0)))
    along = filled(harmonic(elements, held(n, (valve, 1.0), (veins, 0.0))), elements.nodes)
    frames = axis_frames(smooth_gradient(elements, along), smooth_gradient(elements, depth))
    return tets, frames


def _openings(
    tissue: Tissue, boundary: Boundary, chamber: Region, tets: Indices, nodes: Indices
) -> tuple[Indices, Indices, Indices, Indices]:
    """Nodes of the atrium on the outside, at its blood, at the valve and at its veins."""
    of_border = dict.fromkeys(Border, _OUTER)
    of_border |= {Border.LV_BLOOD: _VALVE, Border.RV_BLOOD: _VALVE, Border.CUT: _VEIN}
    of_border |= {_OWN_BLOOD[chamber]: _BLOOD}
    of_region = dict.fromkeys(Region, _OUTER)
    of_region |= dict.fromkeys((*WALLS, Region.VALVE_LEAFLET), _VALVE)
    of_region |= {_OWN_VEINS[chamber]: _VEIN}
    faces, looks_at = touched_sides(tissue, tets, boundary, of_border, of_region)
    outer, blood, valve, veins = (
        np.searchsorted(nodes, np.unique(faces[looks_at == kind]))
        for kind in (_OUTER, _BLOOD, _VALVE, _VEIN)
    )
    ring = np.intersect1d(valve, blood)
    if len(ring):
        distance, _ = cKDTree(tissue.nodes[nodes[ring]]).query(tissue.nodes[nodes[valve]])
        outer = np.union1d(outer, valve[distance >= BASE_REACH])
        valve = valve[distance < BASE_REACH]
    return outer, blood, valve, veins
