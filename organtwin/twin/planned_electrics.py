"""The electrics under a plan: what pacing, blocks, lesions and drugs do to activation and leads.

Only conduction changes, and under drugs on ion channels speeds and durations, the latter also by
the rate under the plan; without such drugs they do not follow the rate. Trunk and the factor on the
leads stay those that the record was explained with. Answers in a quarter of a second on the
template, once the cells have been paced.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from organtwin.anatomy.mesh import Anatomy
from organtwin.errors import InputError, UnknownNameError
from organtwin.parameters.sets import ParameterSet
from organtwin.physiology.electrophysiology.action_potential import load_action_potentials
from organtwin.physiology.electrophysiology.activation.conduction import (
    BLOCKED,
    Conduction,
    Stimulus,
    conduction_named,
)
from organtwin.physiology.electrophysiology.activation.electric_heart import ElectricHeart
from organtwin.physiology.electrophysiology.activation.lesions import Lesion
from organtwin.physiology.electrophysiology.activation.network import Branch
from organtwin.physiology.electrophysiology.ecg.repolarisation import lengthened
from organtwin.simulation.electric_model import ElectricBeat, ElectricState
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.simulation.pacing import Mode
from organtwin.therapy.kind import Therapy
from organtwin.therapy.layer_block import (
    NO_EFFECT,
    ElectricEffect,
    electric_drugs,
    given_drugs,
    working,
)
from organtwin.twin.ablation_lines import line_lesion
from organtwin.twin.comparing_ecg import (
    BEFORE,
    frontal_axis,
    qt_interval,
    shown_until,
    with_corrected,
)
from organtwin.twin.ecg_comparison import EcgComparison, LeadSignals
from organtwin.twin.electrics import ElectricAnswer, ElectricWork, excitation, surface_electrics
from organtwin.twin.pacing_leads import paced_conduction, site_of
from organtwin.twin.places import place_of

_READ = {"PR": 0, "QRS": 1, "QT": 2}
_PACED = 0.9
"""Share of the progress bar that pacing the cells takes."""
_UNDER_DRUGS = 1.1
"""[s] from the sinus impulse; long recoveries end later than a common beat is shown."""


def planned_conduction(
    plan: ElectricPlan, own: Conduction, anatomy: Anatomy, heart: ElectricHeart,
    speeds: ParameterSet,
) -> Conduction:  # fmt: skip
    """The conduction under a plan, from the patient's ``own``.

    Raises
    ------
    InputError
        A branch or site has no such name, or a place does not lie on this heart.
    """
    under = _at_delay(conduction_named(plan.conduction), plan.delay) if plan.conduction else own
    for branch in sorted(plan.blocked):
        if branch not in Branch.__members__:
            raise UnknownNameError("branch", branch, tuple(Branch.__members__))
        under = under.slowed(Branch[branch], BLOCKED)
    under = under.paced(*(Stimulus(site_of(s.where, anatomy), s.time) for s in plan.paced))
    lesions = [Lesion(place_of(step.where, anatomy), step.radius) for step in plan.ablated]
    lines = [line_lesion(line, anatomy, heart.tissue) for line in plan.lines]
    under = replace(under, name="planned", lesions=(*under.lesions, *lesions, *lines))
    return paced_conduction(under, plan.pacemaker, anatomy, heart, speeds)


def _at_delay(conduction: Conduction, delay: float) -> Conduction:
    """A pattern with its pacing, if it has any, at a delay after the sinus impulse [s]."""
    if "paced" not in conduction.name and conduction.name != "biventricular":
        return conduction
    stimuli = tuple(replace(stimulus, time=delay) for stimulus in conduction.stimuli)
    return replace(conduction, stimuli=stimuli)


def planned_electrics(
    answer: ElectricAnswer, plan: ElectricPlan, effect: ElectricEffect = NO_EFFECT
) -> ElectricAnswer:
    """The electrics that ``answer`` would become under a plan, compared with those it has now.

    ``effect``: what drugs do, from ``therapy.layer_block``.

    Raises
    ------
    InputError
        As ``planned_conduction``; or drugs make an action potential longer than is known.
    ParameterError
        Drugs slow conduction more than the range of the model.
    """
    model = answer.model
    beat = planned_beat(answer, answer.beat.state, plan, effect)
    surface = surface_electrics(answer.places, beat, effect.cycle or answer.cycle)
    pump = None
    if np.isfinite(beat.activation.ventricular_onset):
        pacemaker = plan.pacemaker
        delay = pacemaker.av if pacemaker.mode is not Mode.OFF else None
        pump = replace(excitation(model.heart, beat), mode=pacemaker.mode, av=delay)
    planned = replace(answer, beat=beat, surface=surface, pump=pump, plan=plan, effect=effect)
    compared = _compared(answer.comparison, planned)
    compared = with_corrected(compared, answer.cycle, effect.cycle)
    return replace(planned, comparison=compared)


def planned_beat(
    answer: ElectricAnswer, state: ElectricState, plan: ElectricPlan, effect: ElectricEffect
) -> ElectricBeat:
    """The beat that an explanation of the patient's electrics becomes under a plan."""
    model, anatomy = answer.model, answer.places.anatomy
    changed = state if effect is NO_EFFECT else slowed_state(answer, state, effect)
    conduction = planned_conduction(plan, state.conduction, anatomy, model.heart, changed.speeds)
    if effect is NO_EFFECT:
        return model.beat(replace(state, conduction=conduction))
    own = lengthened(model.durations(state.repolarisation), effect.lengthening, model.coordinates)
    longest = float(load_action_potentials("ventricle").durations[-1])
    if own.max() > longest:
        raise InputError(
            answer.places.anatomy.name, "action potential", expected=f"at most {longest:g} s",
            got=f"{own.max():.3f} s", remedy="Choose a smaller dose.",
        )  # fmt: skip
    return model.beat(replace(changed, conduction=conduction), duration=_UNDER_DRUGS)


def slowed_state(
    answer: ElectricAnswer, state: ElectricState, effect: ElectricEffect
) -> ElectricState:
    """A state under drugs: all speeds, the AV node, durations of the action potentials."""
    speeds = state.speeds
    slower = speeds.replace(speed_factor=speeds["speed_factor"] * effect.speed)
    if effect.pr != 1.0:
        onset = answer.model.heart.activation(state.conduction, speeds).ventricular_onset
        if np.isfinite(onset):
            later = (effect.pr - 1.0) * onset
            slower = slower.replace(av_delay=speeds["av_delay"] + later)
    return replace(state, speeds=slower, lengthening=effect.lengthening)


def planning_under_drugs(
    answer: ElectricAnswer, plan: ElectricPlan, therapies: Sequence[Therapy],
    cycle: float | None = None,
) -> Iterator[ElectricWork]:  # fmt: skip
    """The electrics under a plan and drugs, in the rhythm of the plan; ``cycle`` [s] if it differs.

    Some seconds while cells are paced that were not met before.

    Raises
    ------
    InputError, ParameterError
        As ``planned_electrics``; or too little sodium current is left, or cells do not recover.
    """
    given = electric_drugs(given_drugs(therapies))
    effect = NO_EFFECT
    if given:
        for step in working(given, own_cycle=answer.cycle, cycle=cycle or answer.cycle):
            yield ElectricWork(_PACED * step.fraction, step.message)
            effect = step.effect or effect
    yield ElectricWork(1.0, "Predicted", planned_electrics(answer, plan, effect))


def _compared(before: EcgComparison, planned: ElectricAnswer) -> EcgComparison:
    """Leads and intervals of the plan beside those before it.

    Ventricles that are not excited have no intervals; their leads are drawn from where the QRS was.
    """
    beat, found = planned.beat, planned.beat.activation
    excited = bool(np.isfinite(found.ventricular_onset))
    onset = found.ventricular_onset if excited else _value(before, "PR", 1)
    after: tuple[float | None, ...] = (None, None, None)
    if excited:
        after = (onset, found.ventricular_duration, qt_interval(beat))
    since = beat.times - onset
    shown = (since >= -BEFORE) & (since <= shown_until(after[2]))
    volts = before.amplitude * beat.volts[:, shown]
    return replace(
        before,
        planned=LeadSignals(beat.leads, since[shown] + before.shift, volts),
        intervals={
            name: (measured, model, after[_READ[name]])
            for name, (measured, model, _) in before.intervals.items()
            if name in _READ
        },
        axis=(*before.axis[:2], frontal_axis(beat) if excited else None),
    )


def _value(comparison: EcgComparison, name: str, column: int) -> float:
    value = comparison.intervals[name][column]
    return 0.0 if value is None else value
