"""From a state of conduction to activation and the leads: the electrical half of one heart.

    activation   eikonal on tissue, layers and conduction system    (activation.electric_heart)
    voltage      library of action potentials, shifted in time      (ecg.electrocardiogram)
    leads        u = W V, weights solved once in a trunk            (torso)

Verified where its parts are; the whole in ``tests/simulation/test_electric_model.py``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.template_sizes import sized
from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.parameters.sets import ParameterSet
from organtwin.physiology.electrophysiology.action_potential import (
    Chamber,
    load_action_potentials,
)
from organtwin.physiology.electrophysiology.activation.activation_map import ActivationMap
from organtwin.physiology.electrophysiology.activation.conduction import Conduction
from organtwin.physiology.electrophysiology.activation.electric_heart import (
    ElectricHeart,
    default_speeds,
    electric_heart,
)
from organtwin.physiology.electrophysiology.activation.tissue import ElectricTissue
from organtwin.physiology.electrophysiology.ecg.electrocardiogram import (
    Recorder,
    electrocardiogram,
    recorder,
)
from organtwin.physiology.electrophysiology.ecg.repolarisation import (
    HEALTHY,
    UNCHANGED,
    Lengthening,
    Repolarisation,
    durations,
    lengthened,
    ventricular_coordinates,
)
from organtwin.physiology.electrophysiology.torso.body import Physique, TrunkSizes, trunk_sizes
from organtwin.physiology.electrophysiology.torso.electrodes import Electrode, standard_electrodes
from organtwin.physiology.electrophysiology.torso.leads import LEADS, LIMBS
from organtwin.physiology.electrophysiology.torso.placement import HeartPose
from organtwin.physiology.electrophysiology.torso.remembered import remembered_fan
from organtwin.physiology.electrophysiology.torso.sources import ANISOTROPY, Muscle
from organtwin.physiology.electrophysiology.torso.variation import (
    PoseVariation,
    WeightFan,
    posing,
    varied_weights,
)

DISPLAY_STEP = 1e-3
"""The ECG is computed at 1 kHz."""


@dataclass(frozen=True, eq=False, slots=True)
class ElectricState:
    """Everything that decides a beat of the electrical model.

    ``electrodes_up`` [m] moves the chest electrodes; ``anisotropy`` is how much stronger a source a
    front is along the fibres than across. ``lengthening``: of the durations, by drugs.
    """

    conduction: Conduction = field(default_factory=Conduction)
    speeds: ParameterSet = field(default_factory=default_speeds)
    repolarisation: Repolarisation = HEALTHY
    pose: HeartPose = field(default_factory=HeartPose)
    electrodes_up: float = 0.0
    anisotropy: float = ANISOTROPY
    lengthening: Lengthening = UNCHANGED


@dataclass(frozen=True, eq=False, slots=True)
class ElectricBeat:
    """One beat: ``activation`` map, ``durations`` ``(n_nodes,)`` [s] of the action potentials.

    ``volts`` ``(n_leads, n)`` [V] at ``times`` ``(n,)`` [s] from the sinus impulse.
    """

    state: ElectricState
    activation: ActivationMap
    durations: FloatArray
    leads: tuple[str, ...]
    times: FloatArray
    volts: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class ElectricModel:
    """A heart in a trunk, ready for any state. Build it with ``electric_models``.

    ``coordinates`` ``(n_nodes, 4)`` for the repolarisation, NaN in the atria; ``variation`` is
    there when the heart was solved in other poses too. ``along`` and ``variation_along`` hold the
    part of both that grows with the anisotropy of the source. The heart that is meant is
    ``heart.size`` times as long as its meshes; trunk and weights are made for that one.
    """

    heart: ElectricHeart
    sizes: TrunkSizes
    fan: WeightFan
    coordinates: FloatArray
    leads: tuple[str, ...] = LEADS
    variation: PoseVariation | None = None
    along: WeightFan | None = None
    variation_along: PoseVariation | None = None

    def weights(self, state: ElectricState) -> FloatArray:
        """Lead weights ``(n_leads, n_nodes)`` of all nodes.

        Raises
        ------
        InputError
            The heart is turned, but was solved in its usual pose only; or it is turned too far;
            or the source shall be another, but its fibre part was not solved.
        """
        weights = self._blended(self.fan, self.variation, state)
        more = state.anisotropy - ANISOTROPY
        if more == 0.0:
            return weights
        if self.along is None:
            raise InputError(
                "electrical model", "anisotropy", expected=f"{ANISOTROPY:g}",
                got=f"{state.anisotropy:g}", remedy="Build the model with its fibre part.",
            )  # fmt: skip
        return weights + more * self._blended(self.along, self.variation_along, state)

    def _blended(
        self, fan: WeightFan, variation: PoseVariation | None, state: ElectricState
    ) -> FloatArray:
        return varied_weights(
            fan, electrodes=self.electrodes(state.electrodes_up), leads=self.leads,
            pose=state.pose, variation=variation,
        )  # fmt: skip

    def electrodes(self, up: float = 0.0) -> dict[str, Electrode]:
        """The electrodes, those of the chest moved up by some metres."""
        usual = standard_electrodes(self.sizes)
        limbs = (*LIMBS, "RL")
        return {name: e if name in limbs else e.moved(up=up) for name, e in usual.items()}

    def durations(self, repolarisation: Repolarisation) -> FloatArray:
        """Action potential duration ``(n_nodes,)`` [s] of all nodes."""
        return durations(repolarisation, self.coordinates)

    def beat(self, state: ElectricState, *, duration: float = 0.8) -> ElectricBeat:
        """Activation and leads over ``duration`` [s] from the sinus impulse."""
        activation = self.heart.activation(state.conduction, state.speeds)
        times: FloatArray = np.arange(round(duration / DISPLAY_STEP), dtype=float) * DISPLAY_STEP
        own = self.durations(state.repolarisation)
        if state.lengthening != UNCHANGED:
            own = lengthened(own, state.lengthening, self.coordinates)
        volts = self._recorded(self.weights(state), activation.times, own, times)
        return ElectricBeat(state, activation, own, self.leads, times, volts)

    def _recorded(
        self, weights: FloatArray, activation: FloatArray, own: FloatArray, times: FloatArray
    ) -> FloatArray:
        n = self.heart.tissue.n_ventricular
        total = chamber_recorder("ventricle", weights[:, :n], times)
        volts = electrocardiogram(total, activation[:n], durations=own[:n])
        if n < len(activation):
            atria = chamber_recorder("atrium", weights[:, n:], times)
            volts = volts + electrocardiogram(atria, activation[n:], durations=own[n:])
        return volts


def chamber_recorder(chamber: Chamber, weights: FloatArray, times: FloatArray) -> Recorder:
    """Records of a chamber's nodes with ``weights`` ``(n_leads, n)`` at even ``times`` [s]."""
    return recorder(weights, load_action_potentials(chamber), times=times)


@dataclass(frozen=True, slots=True)
class ElectricStep:
    """Progress of building; the last step carries the model."""

    done: float
    doing: str
    model: ElectricModel | None = None


def electric_models(
    anatomy: Anatomy, tissue: ElectricTissue, *, physique: Physique | None = None,
    size: float = 1.0, movable: bool = False,
) -> Iterator[ElectricStep]:  # fmt: skip
    """Build the electrical model of a heart in a trunk; some 15 s once, then from the cache.

    ``tissue`` is the conducting part of ``anatomy``, perhaps on a finer mesh. ``size``
    is the length of the heart that is meant over that of the meshes, which stay as they are: its
    ways are so much longer and it lies so large in the trunk. ``movable`` also solves other poses
    of the heart, which a fit needs (some 30 s).

    Raises
    ------
    InputError
        The anatomy has no ventricular muscle, or no fibres.
    """
    yield ElectricStep(0.0, "Growing the conduction system")
    heart = electric_heart(tissue, size)
    sizes = trunk_sizes(physique or Physique())
    anatomy = anatomy if size == 1.0 else sized(anatomy, size)
    muscle = Muscle(tissue.nodes * size, tissue.tets, tissue.fibers, tissue.sheets)
    share = 0.3 if movable else 0.95
    fan: WeightFan | None = None
    along: WeightFan | None = None
    for step in remembered_fan(anatomy, sizes, muscle):
        fan, along = step.fan, step.along
        yield ElectricStep(0.05 + share * step.done, "Solving the fields of the electrodes")
    if fan is None:
        raise RuntimeError("the lead fields ended without an answer")
    variation: PoseVariation | None = None
    variation_along: PoseVariation | None = None
    if movable:
        for pose in posing(anatomy, sizes, muscle):
            variation, variation_along = pose.variation, pose.along
            yield ElectricStep(0.35 + 0.6 * pose.done, "Solving the heart in other poses")
    model = ElectricModel(
        heart, sizes, fan, ventricular_coordinates(tissue), variation=variation, along=along,
        variation_along=variation_along,
    )  # fmt: skip
    yield ElectricStep(1.0, "Electrical model ready", model)


def electric_model(
    anatomy: Anatomy, tissue: ElectricTissue, *, physique: Physique | None = None,
    size: float = 1.0, movable: bool = False,
) -> ElectricModel:  # fmt: skip
    """The finished model; see ``electric_models``."""
    steps = electric_models(anatomy, tissue, physique=physique, size=size, movable=movable)
    return [step.model for step in steps if step.model is not None][-1]
