"""What of the electric plan was set on the heart, as markings to be drawn there."""

from organtwin.anatomy.anchor import Anchor
from organtwin.anatomy.marking import Kind, Marking
from organtwin.simulation.electric_plan import AblationLine, ElectricPlan, Step


def placed_on_heart(plan: ElectricPlan) -> tuple[Marking, ...]:
    """Electrodes, lesions, lines, and the leads of the pacemaker that pace."""
    steps = [_of_step(step) for step in plan.steps]
    leads = [
        Marking(Kind.LANDMARK, f"{lead} lead", (where,))
        for lead in plan.pacemaker.leads
        if isinstance(where := plan.pacemaker.placement(lead).where, Anchor)
    ]
    return (*(marking for marking in steps if marking is not None), *leads)


def _of_step(step: Step) -> Marking | None:
    if isinstance(step, AblationLine):
        stops = (*step.stops, step.stops[0]) if step.closed else step.stops
        return Marking(Kind.LANDMARK, step.name, stops)
    if isinstance(step.where, Anchor):
        return Marking(Kind.LANDMARK, step.name, (step.where,))
    return None
