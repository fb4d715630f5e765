"""Places where hearts are paced or beat by themselves, by name, on any heart."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

import numpy as np

from organtwin.anatomy.regions import Region
from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.activation.network import Branch, ConductionNetwork
from organtwin.physiology.electrophysiology.activation.purkinje import (
    Waypoint,
    cavities,
    nearest_node,
)
from organtwin.physiology.electrophysiology.activation.tissue import ElectricTissue


class Site(Enum):
    """Usual places of electrodes and of ectopic beats."""

    RIGHT_ATRIUM = "right atrial appendage"
    HIS_BUNDLE = "His bundle"
    LEFT_SEPTUM = "left bundle branch area"
    RV_APEX = "apex of the right ventricle"
    RV_SEPTUM = "right side of the septum"
    RV_OUTFLOW = "right ventricular outflow tract"
    LV_LATERAL = "lateral vein of the left ventricle"
    LV_POSTEROLATERAL = "posterolateral vein of the left ventricle"
    LV_ANTERIOR = "anterior vein of the left ventricle"
    LV_APEX = "endocardium at the apex of the left ventricle"


Place = Site | int | tuple[float, float, float]
"""A site by name, a node of the tissue, or a point [m] whose nearest node it is."""

_EPICARDIAL: dict[Site, Waypoint] = {
    Site.LV_LATERAL: (0.55, np.pi), Site.LV_POSTEROLATERAL: (0.6, -2.5),
    Site.LV_ANTERIOR: (0.6, 1.6),
}  # fmt: skip
_LEFT_ENDOCARDIAL: dict[Site, Waypoint] = {
    Site.LEFT_SEPTUM: (0.78, -0.05), Site.LV_APEX: (0.1, np.pi),
}  # fmt: skip
_RIGHT_SEPTAL: dict[Site, Waypoint] = {Site.RV_SEPTUM: (0.6, 0.2)}
_RIGHT_FREE: dict[Site, Waypoint] = {Site.RV_APEX: (0.2, 0.0), Site.RV_OUTFLOW: (0.95, 0.9)}

WALLS: Mapping[str, dict[Site, Waypoint]] = MappingProxyType({
    "outside": _EPICARDIAL, "left": _LEFT_ENDOCARDIAL, "right septum": _RIGHT_SEPTAL,
    "right": _RIGHT_FREE,
})  # fmt: skip
"""On which wall of the ventricles a waypoint is looked for: of the LV from outside or inside, the
septum seen from the RV, or inside the free wall of the RV."""


def site_node(tissue: ElectricTissue, network: ConductionNetwork, site: Place) -> int:
    """Node of tissue, or ``n_nodes`` of the tissue plus place of the network, of a site.

    Raises
    ------
    InputError
        The heart lacks the chamber of the site, or has no such node.
    """
    if isinstance(site, int):
        return _checked(tissue, site)
    if not isinstance(site, Site):
        gap = np.linalg.norm(tissue.nodes - np.asarray(site), axis=1)
        return int(np.argmin(gap))
    if site is Site.HIS_BUNDLE:
        return len(tissue.nodes) + network.av_exit
    if site is Site.LEFT_SEPTUM:
        trunk = network.cables[network.branches == Branch.LEFT_BUNDLE]
        return len(tissue.nodes) + int(trunk[-1, 1])
    if site is Site.RIGHT_ATRIUM:
        return _appendage(tissue, site)
    return _ventricular(tissue, site)


def _checked(tissue: ElectricTissue, node: int) -> int:
    if not 0 <= node < len(tissue.nodes):
        raise InputError(
            "conduction", "stimulus", expected=f"a node from 0 to {len(tissue.nodes) - 1}",
            got=str(node), remedy="Choose a node of this heart's tissue.",
        )  # fmt: skip
    return node


def _appendage(tissue: ElectricTissue, site: Site) -> int:
    right = tissue.touching(Region.RA)
    if len(right) == 0:
        raise _lacking(site)
    return int(right[np.argmax(tissue.nodes[right] @ np.array([0.3, -1.0, 0.5]))])


def _ventricular(tissue: ElectricTissue, site: Site) -> int:
    if site in _EPICARDIAL:
        outer = np.flatnonzero((tissue.transmural > 0.95) & (tissue.right < 0.5))
        return nearest_node(tissue, outer, _EPICARDIAL[site])
    walls = cavities(tissue)
    if site in _LEFT_ENDOCARDIAL:
        return walls.left_node(_LEFT_ENDOCARDIAL[site])
    if site in _RIGHT_SEPTAL:
        return walls.right_node(_RIGHT_SEPTAL[site])
    if len(walls.free_right) == 0:
        raise _lacking(site)
    return walls.free_node(_RIGHT_FREE[site])


def _lacking(site: Site) -> InputError:
    return InputError(
        "conduction", "stimulus", expected=f"a heart with the {site.value}",
        got="a heart without that chamber", remedy="Choose another site.",
    )  # fmt: skip
