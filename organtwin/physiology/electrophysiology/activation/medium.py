"""A heart's tissue, subendocardial net and conduction system as one medium for the eikonal solver.

Cables of the medium are those of the network, then its junctions with muscle, then the places where
an accessory pathway can be, all shut unless one is there. Every tetrahedron and every face has a
zone, its segment and its health, so that a scar only changes speeds.

The layer under the endocardium conducts alike in all directions, up to 0.9 of the way to the base,
faster where the Purkinje net is dense (Camps et al. 2024: LV below 0.4, RV free wall).
"""

from enum import IntEnum

import numpy as np

from organtwin.anatomy.outer_faces import matched, outer_faces
from organtwin.anatomy.regions import Cavity, Segment
from organtwin.arrays import FloatArray, IntArray
from organtwin.parameters.sets import ParameterSet
from organtwin.physiology.electrophysiology.activation.conduction import BLOCKED, Conduction
from organtwin.physiology.electrophysiology.activation.network import (
    ATRIAL_TRACTS,
    LEFT_TREE,
    RIGHT_TREE,
    Branch,
    ConductionNetwork,
)
from organtwin.physiology.electrophysiology.activation.pathways import Crossings
from organtwin.physiology.electrophysiology.activation.tissue import ElectricTissue, Health
from organtwin.physiology.electrophysiology.activation.zones import N_SEGMENTS, N_ZONES
from organtwin.physiology.electrophysiology.eikonal import Medium, Speeds


class Layer(IntEnum):
    """Kinds of endocardium by how dense the Purkinje net beneath is."""

    BARE = 0
    SPARSE = 1
    DENSE = 2


FAST_UP_TO, DENSE_BELOW = 0.9, 0.4
"""Apicobasal coordinates at which the net changes (Camps et al. 2024)."""

_TREES = ((Branch.LEFT_BUNDLE, LEFT_TREE), (Branch.RIGHT_BUNDLE, RIGHT_TREE))
_ATRIAL = (Segment.LEFT_ATRIUM, Segment.RIGHT_ATRIUM)


def medium_of(tissue: ElectricTissue, network: ConductionNetwork, pathways: Crossings) -> Medium:
    """What excitation runs through in a heart; nodes of the tissue first, then network places."""
    n = len(tissue.nodes)
    zones = tissue.health * N_SEGMENTS + tissue.segments
    outer, owners = outer_faces(tissue.tets)
    row, _ = matched(tissue.faces, outer)
    layers = _layers(tissue)
    fast = layers != Layer.BARE
    cables = np.concatenate([
        network.cables + n,
        np.stack([network.junction_places + n, network.junction_nodes], axis=1),
        np.stack([pathways.atrial, pathways.ventricular], axis=1),
    ])  # fmt: skip
    return Medium(
        places=np.concatenate([tissue.nodes, network.places]),
        tets=tissue.tets,
        fibers=tissue.fibers,
        sheets=tissue.sheets,
        tissue_kinds=zones.astype(np.int32),
        faces=tissue.faces[fast],
        face_kinds=(layers * N_ZONES + zones[owners[row]])[fast].astype(np.int32),
        cables=cables.astype(np.int32),
    )


def speeds_of(
    network: ConductionNetwork, pathways: Crossings, conduction: Conduction, values: ParameterSet,
    factor: float,
) -> Speeds:  # fmt: skip
    """Speeds [m/s] and delays [s] of that medium for one state of conduction.

    ``factor`` on all speeds: that of the values, in a heart of another size divided by the size.
    """
    share = share_of_zone(conduction, values["border_zone_factor"])
    tissue = np.tile(
        values.vector([f"ventricular_{axis}_speed" for axis in ("fiber", "sheet", "normal")]),
        (N_ZONES, 1),
    )
    for segment in _ATRIAL:
        along, across = values["atrial_fiber_speed"], values["atrial_cross_speed"]
        tissue[segment::N_SEGMENTS] = (along, across, across)
    layers = np.array([0.0, values["sparse_speed"], values["dense_speed"]])
    delays = (
        _cable_delays(network, conduction, values, factor),
        _junction_delays(network, conduction, values),
        _pathway_delays(pathways, conduction),
    )
    return Speeds(
        tissue=factor * tissue * share[:, None],
        layers=factor * (layers[:, None] * share).ravel(),
        delays=np.concatenate(delays),
    )


def share_of_zone(conduction: Conduction, border: float) -> FloatArray:
    """Speed of each zone ``(N_ZONES,)`` relative to healthy muscle."""
    share = np.ones((len(Health), N_SEGMENTS))
    share[Health.BORDER_ZONE] = border
    share[:, list(conduction.border_zone)] = border
    share[Health.SCAR] = 0.0
    share[:, list(conduction.scar)] = 0.0
    return share.ravel()


def _layers(tissue: ElectricTissue) -> IntArray:
    """Kind ``(n_faces,)`` of the net beneath each face of the endocardium."""
    corners = tissue.faces
    level = tissue.apicobasal[corners].mean(axis=1)
    free = tissue.right[corners].mean(axis=1) > 0.5
    left = tissue.chambers == Cavity.LV
    dense = np.where(left, level < DENSE_BELOW, free)
    layers = np.where(dense, Layer.DENSE, Layer.SPARSE)
    ventricular = np.isin(tissue.chambers, (Cavity.LV, Cavity.RV))
    layers[~ventricular | ~(level <= FAST_UP_TO)] = Layer.BARE
    return layers.astype(np.int32)


def _cable_delays(
    network: ConductionNetwork, conduction: Conduction, values: ParameterSet, factor: float
) -> FloatArray:
    """Delays ``(n, 2)`` [s] of the cables, forwards and backwards."""
    speed = np.full(len(Branch), values["purkinje_speed"])
    speed[Branch.TERMINAL_CREST] = values["terminal_crest_speed"]
    speed[Branch.BACHMANN_BUNDLE] = values["bachmann_speed"]
    speed *= factor
    delays = np.repeat((network.lengths / speed[network.branches])[:, None], 2, axis=1)
    delays[network.branches == Branch.AV_NODE] = (values["av_delay"], values["backward_av_delay"])
    for branch, factor in conduction.delays.items():
        own = network.branches == branch
        delays[own] = BLOCKED if factor == BLOCKED else delays[own] * factor
    return delays


def _junction_delays(
    network: ConductionNetwork, conduction: Conduction, values: ParameterSet
) -> FloatArray:
    """Delays ``(k, 2)`` [s] at the junctions; 0 in the atria, blocked backwards past a block."""
    kinds = network.junction_branches
    delays = np.tile([values["junction_delay"], values["backward_junction_delay"]], (len(kinds), 1))
    delays[np.isin(kinds, (*ATRIAL_TRACTS, Branch.AV_NODE))] = 0.0
    for trunk, tree in _TREES:
        for branch in tree:
            if BLOCKED in (conduction.delays.get(trunk), conduction.delays.get(branch)):
                delays[kinds == branch, 1] = BLOCKED
    return delays


def _pathway_delays(pathways: Crossings, conduction: Conduction) -> FloatArray:
    delays = np.full((len(pathways.angles), 2), BLOCKED)
    if conduction.pathway is not None:
        delays[pathways.nearest(conduction.pathway)] = conduction.pathway.delay
    return delays
