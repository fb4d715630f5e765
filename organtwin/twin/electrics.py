"""What the record says of the electrics, made into activation on the heart and leads on paper.

The conduction named by the record runs on the heart on screen. One factor on all speeds brings the
spread through the ventricles to the measured QRS duration, and the delay of the AV node brings the
onset to the measured PR interval, both as far as their ranges go. Nothing else is fitted here: the
shapes of the leads are those of the model, and are shown beside the measured ones as such.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Region
from organtwin.anatomy.template_file import load_template
from organtwin.arrays import Float32Array, FloatArray, IntArray
from organtwin.assimilation.observation import observation
from organtwin.parameters.sets import ParameterSet
from organtwin.patient.record import PatientRecord
from organtwin.physiology.electrophysiology.action_potential import load_action_potentials
from organtwin.physiology.electrophysiology.activation.conduction import conduction_named
from organtwin.physiology.electrophysiology.activation.electric_heart import (
    ElectricHeart,
    default_speeds,
)
from organtwin.physiology.electrophysiology.activation.patches import patches, pump_activation
from organtwin.physiology.electrophysiology.activation.template import (
    Placed,
    electric_template,
    placed,
)
from organtwin.physiology.electrophysiology.activation.tissue import electric_tissue
from organtwin.physiology.electrophysiology.ecg.electrocardiogram import voltages
from organtwin.simulation.conditions import Excitation
from organtwin.simulation.electric_model import (
    ElectricBeat,
    ElectricModel,
    ElectricState,
    electric_models,
)
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.therapy.layer_block import NO_EFFECT, ElectricEffect
from organtwin.twin.comparing_ecg import comparison, cycle, examination_of
from organtwin.twin.ecg_comparison import EcgComparison
from organtwin.twin.electric_drawing import ElectricDrawing
from organtwin.twin.physique import body_of

if TYPE_CHECKING:
    from organtwin.twin.own_heart import OwnHeart

PATTERNS: Mapping[str, str] = MappingProxyType({"synchronous": "normal", "paced": "rv_paced"})
"""Names of the record that have another one in the electrical model."""

DOUBT = "doubt"
_BUILT = 0.9


@dataclass(frozen=True, eq=False)
class ElectricAnswer:
    """The beat, its leads for the ECG view, and what it does on the drawing surface.

    ``model``, ``places`` of the drawing surface and the ``cycle`` [s] are kept for questions about
    the same heart (``planned_electrics``).
    """

    model: ElectricModel
    places: "SurfacePlaces"
    cycle: float
    beat: ElectricBeat
    comparison: EcgComparison
    surface: "ShownElectrics"
    pump: Excitation | None = None
    """Under a plan, or fitted to the ECG: how the pump is excited then."""
    plan: ElectricPlan | None = None
    effect: ElectricEffect = NO_EFFECT
    """Under a plan: what was done by hand or by a pacing therapy, and what drugs do."""


class ShownElectrics:
    """Electrical values at the points of a drawing surface.

    ``arrival`` and ``lasting`` ``(n_points,)`` [s]: excitation from the sinus impulse, and how long
    the action potential lasts; NaN where there is no muscle or where excitation never comes.
    ``cycle`` [s] is when the next beat begins. ``doubt`` ``(n_points,)`` [s], where a fit gave one:
    half the width of the 90 % band of the time of excitation. ``drawing``: what else of the model
    can be shown.
    """

    def __init__(
        self, arrival: FloatArray, lasting: FloatArray, cycle: float, *,
        doubt: FloatArray | None = None, drawing: ElectricDrawing | None = None,
    ) -> None:  # fmt: skip
        self.arrival, self.lasting, self._cycle = arrival, lasting, cycle
        self.doubt, self.drawing = doubt, drawing
        self._known = np.isfinite(arrival) & np.isfinite(lasting)
        library = load_action_potentials("ventricle")
        low, high = library.durations[0], library.durations[-1]
        # atria recover sooner than any ventricle: their shape is the shortest one's
        self._drawn = np.where(self._known, np.clip(lasting, low, high), low)

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that are known."""
        known = ("activation", "voltage", "duration", "recovery")
        return known if self.doubt is None else (*known, DOUBT)

    def write(self, name: str, time: float, out: Float32Array) -> None:
        """Values ``(n_points,)`` at a time [s] from the sinus impulse; NaN without muscle."""
        if name == "activation":
            out[:] = self.arrival
        elif name == "duration":
            out[:] = self.lasting
        elif name == "recovery":
            out[:] = self.arrival + self.lasting
        elif name == DOUBT and self.doubt is not None:
            out[:] = self.doubt
        else:
            since = np.mod(time - np.where(self._known, self.arrival, 0.0), self._cycle)
            out[:] = voltages(
                load_action_potentials("ventricle"), 0.0, activation=-since, durations=self._drawn
            )
            out[~self._known] = np.nan


@dataclass(frozen=True, slots=True)
class ElectricWork:
    """Progress; the last step carries the answer."""

    fraction: float
    message: str
    answer: ElectricAnswer | None = None


def electric_answers(
    record: PatientRecord, heart: "OwnHeart | None" = None
) -> Iterator[ElectricWork]:
    """The electrics of a record on its own heart, or on the template without one."""
    anatomy = load_template() if heart is None else heart.anatomy
    tissue = electric_template() if heart is None else electric_tissue(anatomy)
    model: ElectricModel | None = None
    body = body_of(record, own_heart=heart is not None)
    for step in electric_models(anatomy, tissue, physique=body.physique, size=body.size):
        model = step.model
        yield ElectricWork(_BUILT * step.done, step.doing)
    if model is None:
        raise RuntimeError("the electrical model ended without an answer")
    beat = adapted_beat(model, record)
    yield ElectricWork(_BUILT, "Bringing activation to the surface")
    places, length = surface_places(model, anatomy), cycle(record)
    compared = comparison(beat, record, examination_of(record))
    compared = replace(compared, body=body.told)
    surface = surface_electrics(places, beat, length)
    answer = ElectricAnswer(model, places, length, beat, compared, surface)
    yield ElectricWork(1.0, "Electrics ready", answer)


def adapted_beat(model: ElectricModel, record: PatientRecord) -> ElectricBeat:
    """A beat with the measured QRS duration and PR interval, as far as the ranges allow.

    Where no PR interval was measured it is the pump's, so that both halves beat alike.
    """
    conduction = conduction_named(PATTERNS.get(record.conduction, record.conduction))
    speeds = default_speeds()
    found = model.heart.activation(conduction, speeds)
    measured = {m.name: m.value for m in record.measurements}
    if "qrs_duration" in measured:
        ratio = found.ventricular_duration / measured["qrs_duration"]
        speeds = within_range(speeds, "speed_factor", ratio)
        found = model.heart.activation(conduction, speeds)
    late = measured.get("pr_interval", pump_pr_interval(record)) - found.ventricular_onset
    if np.isfinite(late):
        speeds = within_range(speeds, "av_delay", speeds["av_delay"] + late)
    return model.beat(ElectricState(conduction=conduction, speeds=speeds))


def pump_pr_interval(record: PatientRecord) -> float:
    """From the sinus impulse to the ventricles in the pump of a record [s]."""
    parameters = observation(record).conditions.parameters
    return parameters["av_delay_fraction"] / parameters["heart_rate"]


def excitation(heart: ElectricHeart, beat: ElectricBeat) -> Excitation:
    """How a computed activation excites the pump, instead of the template's.

    Raises
    ------
    InputError
        Excitation does not reach the ventricles.
    """
    slowness = heart.slowness(beat.state.speeds)
    own = pump_activation(heart.tissue, patches(heart.tissue), beat.activation, slowness)
    return Excitation(own, beat.activation.ventricular_onset)


def within_range(values: ParameterSet, name: str, wanted: float) -> ParameterSet:
    """The nearest value that the range of the parameter allows."""
    spec = values.specs[name]
    return values.replace(**{name: float(np.clip(wanted, spec.lower, spec.upper))})


@dataclass(frozen=True, eq=False)
class SurfacePlaces:
    """Where the points of the drawing surface of ``anatomy`` lie in the mesh of ``model``.

    ``muscular`` ``(k,)`` of them are muscle, ``placed`` in the mesh.
    """

    model: ElectricModel
    anatomy: Anatomy
    muscular: IntArray
    placed: Placed

    def field(self, values: FloatArray) -> FloatArray:
        """Values ``(n_points,)`` from those of the nodes; NaN where there is none."""
        found = self.placed.values(values)
        field = np.full(len(self.anatomy.surface.points), np.nan)
        field[self.muscular] = np.where(np.isfinite(found), found, np.nan)
        return field


def surface_places(model: ElectricModel, anatomy: Anatomy) -> SurfacePlaces:
    """Find the points of the drawing surface in the electric mesh, once per heart."""
    surface = anatomy.surface
    muscular = np.flatnonzero(surface.regions <= Region.RA).astype(np.int32)
    found = placed(model.heart.tissue, surface.points[muscular])
    return SurfacePlaces(model, anatomy, muscular, found)


def surface_electrics(
    places: SurfacePlaces, beat: ElectricBeat, length: float, doubt: FloatArray | None = None
) -> ShownElectrics:
    """Activation and recovery at the points of the drawing surface; ``length`` of a beat [s]."""
    arrival, lasting = places.field(beat.activation.times), places.field(beat.durations)
    drawing = ElectricDrawing(places.model, beat, places.anatomy)
    return ShownElectrics(arrival, lasting, length, doubt=doubt, drawing=drawing)
