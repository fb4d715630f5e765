"""From a heart and the state of its conduction to the time at which every place is excited.

    sqrt(grad t . V2 grad t) = 1 in muscle,   t_b = t_a + delay along cables,

``t`` time of excitation [s], ``V2 = vf2 ff' + vs2 ss' + vn2 nn'`` with the speeds along fibre,
sheet and normal [m/s] (solver and its reference: ``eikonal``). The geometry is prepared once per
heart; a change of speed, block, pathway, pacing or scar only changes speeds and delays.

Assumes that each place is excited once per beat and that fronts do not change their speed where
they curve or meet. Places that excitation does not reach have an infinite time.

Verified by ``tests/physiology/electrophysiology/test_electric_heart.py`` against
Durrer 1970 and Wyndham 1979 (healthy) and Wyndham 1980 (left bundle branch block).
"""

from dataclasses import dataclass

import numpy as np

from organtwin.arrays import BoolArray
from organtwin.errors import InputError
from organtwin.parameters.files import parameter_specs
from organtwin.parameters.sets import ParameterSet
from organtwin.physiology.electrophysiology.activation.activation_map import ActivationMap, Start
from organtwin.physiology.electrophysiology.activation.atria import conduction_network
from organtwin.physiology.electrophysiology.activation.conduction import (
    Conduction,
    Rhythm,
)
from organtwin.physiology.electrophysiology.activation.lesions import cut_off, lesioned
from organtwin.physiology.electrophysiology.activation.medium import (
    medium_of,
    share_of_zone,
    speeds_of,
)
from organtwin.physiology.electrophysiology.activation.network import ConductionNetwork
from organtwin.physiology.electrophysiology.activation.pathways import Crossings, crossings
from organtwin.physiology.electrophysiology.activation.sites import Site, site_node
from organtwin.physiology.electrophysiology.activation.tissue import ElectricTissue
from organtwin.physiology.electrophysiology.eikonal import Eikonal, prepared


def default_speeds() -> ParameterSet:
    """Speeds and delays of a healthy adult; the range of each is its prior."""
    return ParameterSet(parameter_specs("conduction"))


@dataclass(frozen=True, eq=False, slots=True)
class ElectricHeart:
    """A heart ready to be excited in any way: tissue, network, solver.

    ``size``: length of the heart that is meant over that of the meshes, which stay as drawn; all
    ways are so much longer.
    """

    tissue: ElectricTissue
    network: ConductionNetwork
    pathways: Crossings
    eikonal: Eikonal
    size: float = 1.0

    def slowness(self, speeds: ParameterSet) -> float:
        """How much longer the meshes take than with the usual speeds in their own size."""
        return self.size / speeds["speed_factor"]

    def activation(self, conduction: Conduction, speeds: ParameterSet) -> ActivationMap:
        """Times of one beat; ``speeds`` as from ``default_speeds``.

        Raises
        ------
        InputError
            Nothing excites the heart, or it lacks a chamber that is to be paced.
        """
        starts = self._starts(conduction, speeds)
        eikonal = lesioned(self.eikonal, conduction.lesions)
        own = speeds_of(
            self.network, self.pathways, conduction, speeds, 1.0 / self.slowness(speeds)
        )
        times = eikonal.arrival(
            cut_off(eikonal, own, conduction.lesions),
            np.array([start.node for start in starts], np.int32),
            np.array([start.time for start in starts]),
        )
        n = len(self.tissue.nodes)
        times[:n][~self._alive(eikonal, conduction)] = np.inf
        return ActivationMap(
            conduction.name, times[:n].copy(), times[n:].copy(), self.tissue.n_ventricular, starts
        )

    def _starts(self, conduction: Conduction, speeds: ParameterSet) -> tuple[Start, ...]:
        starts = []
        if conduction.rhythm is not Rhythm.NONE:
            starts.append(self._atrial_start(conduction.rhythm, speeds))
        for stimulus in conduction.stimuli:
            node = site_node(self.tissue, self.network, stimulus.site)
            name = stimulus.site.value if isinstance(stimulus.site, Site) else "ectopic focus"
            starts.append(Start(name, node, stimulus.time))
        if not starts:
            raise InputError(
                "conduction", "rhythm", expected="a rhythm or a stimulus", got="neither",
                remedy="Choose a rhythm or add a stimulus.",
            )  # fmt: skip
        return tuple(starts)

    def _alive(self, eikonal: Eikonal, conduction: Conduction) -> BoolArray:
        """Which nodes of the tissue lie in muscle that conducts: a fascicle excites no scar."""
        zones = eikonal.medium.tissue_kinds
        conducts = share_of_zone(conduction, 1.0)[zones] > 0.0
        alive = np.zeros(len(self.tissue.nodes), np.bool_)
        alive[self.tissue.tets[conducts]] = True
        return alive

    def _atrial_start(self, rhythm: Rhythm, speeds: ParameterSet) -> Start:
        """A heart without right atrium begins at its AV node, as late as if it had one."""
        if self.network.sinus_node < 0:
            entry = len(self.tissue.nodes) + self.network.av_entry
            return Start("AV node", entry, speeds["internodal_time"])
        if rhythm is Rhythm.ATRIAL_PACING:
            node = site_node(self.tissue, self.network, Site.RIGHT_ATRIUM)
            return Start(Site.RIGHT_ATRIUM.value, node, 0.0)
        return Start("sinus node", self.network.sinus_node, 0.0)


def electric_heart(tissue: ElectricTissue, size: float = 1.0) -> ElectricHeart:
    """Grow the conduction system of a heart and prepare the solver."""
    return prepared_heart(tissue, conduction_network(tissue), size)


def prepared_heart(
    tissue: ElectricTissue, network: ConductionNetwork, size: float = 1.0
) -> ElectricHeart:
    """Prepare the solver for a heart with a conduction system of its own."""
    pathways = crossings(tissue)
    return ElectricHeart(
        tissue, network, pathways, prepared(medium_of(tissue, network, pathways)), size
    )  # fmt: skip


def activation(
    tissue: ElectricTissue,
    network: ConductionNetwork,
    conduction: Conduction,
    speeds: ParameterSet,
) -> ActivationMap:
    """Times of one beat of a heart that is excited only once; see ``ElectricHeart.activation``."""
    return prepared_heart(tissue, network).activation(conduction, speeds)
