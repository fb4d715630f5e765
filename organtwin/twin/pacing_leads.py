"""A pacemaker's setting on one heart: which places it excites, and when.

An electrode on the conduction system excites that, and the muscle around unless it is selective.
Where the setting says so, the His electrode also excites the lower end of a left bundle that is
blocked, as late as healthy fibres would bring it there.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from organtwin.anatomy.anchor import Anchor
from organtwin.anatomy.mesh import Anatomy
from organtwin.errors import InputError, UnknownNameError
from organtwin.parameters.sets import ParameterSet
from organtwin.physiology.electrophysiology.activation.conduction import (
    Conduction,
    Rhythm,
    Stimulus,
)
from organtwin.physiology.electrophysiology.activation.electric_heart import ElectricHeart
from organtwin.physiology.electrophysiology.activation.network import Branch
from organtwin.physiology.electrophysiology.activation.sites import Place, Site, site_node
from organtwin.simulation.pacing import Lead, Pacemaker, Placement
from organtwin.twin.places import place_of

REACH = 12e-3
"""[m] Assumed: how far from a bundle an electrode may be set and still excite it, fixed by a screw
through the septum as it is."""

_SYSTEM: Mapping[Lead, Site] = MappingProxyType(
    {Lead.HIS: Site.HIS_BUNDLE, Lead.LEFT_BUNDLE: Site.LEFT_SEPTUM}
)


def paced_conduction(
    own: Conduction, pacemaker: Pacemaker, anatomy: Anatomy, heart: ElectricHeart,
    speeds: ParameterSet,
) -> Conduction:  # fmt: skip
    """The conduction of a heart with a pacemaker beside its own.

    Raises
    ------
    InputError
        A lead lies on another heart, in a chamber this one lacks, or too far from its bundle.
    """
    under = own
    for lead in pacemaker.leads:
        found = lead_stimuli(lead, pacemaker, own, anatomy, heart, speeds)
        if lead is Lead.ATRIAL:
            under = replace(under, rhythm=Rhythm.NONE)
        time = pacemaker.time(lead)
        under = under.paced(*(replace(one, time=time + one.time) for one in found))
    return under


def lead_stimuli(
    lead: Lead, pacemaker: Pacemaker, own: Conduction, anatomy: Anatomy, heart: ElectricHeart,
    speeds: ParameterSet,
) -> tuple[Stimulus, ...]:  # fmt: skip
    """What one lead excites, in times [s] from when it fires.

    Raises
    ------
    InputError
        As ``paced_conduction``.
    """
    placement = pacemaker.placement(lead)
    if lead not in _SYSTEM:
        return (Stimulus(_checked(site_of(placement.where, anatomy), heart)),)
    bundle = _SYSTEM[lead]
    muscle = _muscle(lead, bundle, placement, anatomy, heart)
    found = [Stimulus(bundle)]
    if not placement.selective:
        found.append(Stimulus(muscle))
    hindered = own.delays.get(Branch.LEFT_BUNDLE, 1.0) > 1.0
    if lead is Lead.HIS and hindered and pacemaker.past_block:
        found.append(Stimulus(Site.LEFT_SEPTUM, _bundle_time(heart, speeds)))
    return tuple(found)


def site_of(where: Anchor | str, anatomy: Anatomy) -> Place:
    """A place set on a heart, or a usual site by its name.

    Raises
    ------
    InputError
        The anchor belongs to another heart, or no site has such a name.
    """
    if isinstance(where, Anchor):
        return place_of(where, anatomy)
    names = {site.value: site for site in Site}
    if where not in names:
        raise UnknownNameError("pacing site", where, tuple(names))
    return names[where]


def _checked(place: Place, heart: ElectricHeart) -> Place:
    site_node(heart.tissue, heart.network, place)  # a heart without that chamber says so here
    return place


def _muscle(
    lead: Lead, bundle: Site, placement: Placement, anatomy: Anatomy, heart: ElectricHeart
) -> int:
    """The node of ventricular muscle at an electrode on the conduction system."""
    node = site_node(heart.tissue, heart.network, bundle) - len(heart.tissue.nodes)
    at = heart.network.places[node]
    if isinstance(placement.where, Anchor):
        clicked = np.array(place_of(placement.where, anatomy))
        gap = float(np.linalg.norm(clicked - at))
        if gap > REACH:
            raise InputError(
                anatomy.name, f"{lead} lead", expected=f"within {1e3 * REACH:.0f} mm of the bundle",
                got=f"{1e3 * gap:.0f} mm away",
                remedy="Set it nearer, or choose the usual site.",
            )  # fmt: skip
        at = clicked
    ventricular = heart.tissue.nodes[: heart.tissue.n_ventricular]
    return int(np.argmin(np.linalg.norm(ventricular - at, axis=1)))


def _bundle_time(heart: ElectricHeart, speeds: ParameterSet) -> float:
    """From the beginning of the His bundle to the end of the left bundle's trunk [s]."""
    own = np.isin(heart.network.branches, (Branch.HIS_BUNDLE, Branch.LEFT_BUNDLE))
    length = float(heart.network.lengths[own].sum())
    return length / speeds["purkinje_speed"] * heart.slowness(speeds)
