"""The electrics under a plan: what pacing, blocks and lesions would do to activation and leads.

Only conduction changes: speeds, recovery, trunk and the factor on the leads stay those that the
record was explained with. Answers in a quarter of a second on the template.
"""

from dataclasses import replace

import numpy as np

from organtwin.anatomy.mesh import Anatomy
from organtwin.errors import UnknownNameError
from organtwin.parameters.sets import ParameterSet
from organtwin.physiology.electrophysiology.activation.conduction import (
    BLOCKED,
    Conduction,
    Stimulus,
    conduction_named,
)
from organtwin.physiology.electrophysiology.activation.electric_heart import ElectricHeart
from organtwin.physiology.electrophysiology.activation.lesions import Lesion
from organtwin.physiology.electrophysiology.activation.network import Branch
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.twin.ablation_lines import line_lesion
from organtwin.twin.ecg_comparison import EcgComparison, LeadSignals
from organtwin.twin.electrics import (
    AFTER,
    BEFORE,
    ElectricAnswer,
    excitation,
    frontal_axis,
    qt_interval,
    surface_electrics,
)
from organtwin.twin.pacing_leads import paced_conduction, site_of
from organtwin.twin.places import place_of

_READ = {"PR": 0, "QRS": 1, "QT": 2}


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


def planned_electrics(answer: ElectricAnswer, plan: ElectricPlan) -> ElectricAnswer:
    """The electrics that ``answer`` would become under a plan, compared with those it has now.

    Raises
    ------
    InputError
        As ``planned_conduction``; or nothing would be excited at all.
    """
    model, state = answer.model, answer.beat.state
    conduction = planned_conduction(
        plan, state.conduction, answer.places.anatomy, model.heart, state.speeds
    )
    beat = model.beat(replace(state, conduction=conduction))
    surface = surface_electrics(answer.places, beat, answer.cycle)
    pump = None
    if np.isfinite(beat.activation.ventricular_onset):
        pump = excitation(model.heart, beat)
    planned = replace(answer, beat=beat, surface=surface, pump=pump)
    return replace(planned, comparison=_compared(answer.comparison, planned))


def _compared(before: EcgComparison, planned: ElectricAnswer) -> EcgComparison:
    """Leads and intervals of the plan beside those before it.

    Ventricles that are not excited have no intervals; their leads are drawn from where the QRS was.
    """
    beat, found = planned.beat, planned.beat.activation
    excited = bool(np.isfinite(found.ventricular_onset))
    onset = found.ventricular_onset if excited else _value(before, "PR", 1)
    since = beat.times - onset
    shown = (since >= -BEFORE) & (since <= AFTER)
    volts = before.amplitude * beat.volts[:, shown]
    after: tuple[float | None, ...] = (None, None, None)
    if excited:
        after = (onset, found.ventricular_duration, qt_interval(beat))
    return replace(
        before,
        planned=LeadSignals(beat.leads, since[shown] + before.shift, volts),
        intervals={
            name: (measured, model, after[_READ[name]])
            for name, (measured, model, _) in before.intervals.items()
        },
        axis=(*before.axis[:2], frontal_axis(beat) if excited else None),
    )


def _value(comparison: EcgComparison, name: str, column: int) -> float:
    value = comparison.intervals[name][column]
    return 0.0 if value is None else value
