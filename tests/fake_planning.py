"""Courses, curves and presets of a few lines, for the fake science."""

from types import SimpleNamespace

import numpy as np

from organtwin.errors import ParameterError
from organtwin.session.plan_science import PlanScience
from organtwin.twin.beyond import Beyond
from organtwin.twin.checked_course import Stretch
from organtwin.twin.dose_response import DoseResponse
from organtwin.twin.long_course import QUANTITIES, Course


def fake_planning() -> PlanScience:
    """Pressure rises with time, output with dose; "poison" is refused."""
    return PlanScience(
        presets=lambda: (),
        course=fake_course,
        doses=fake_doses,
        beyond_in_time=fake_beyond,
        ramped=lambda: ("fluid",),
        ramp=fake_ramp,
        beyond_ramp=fake_beyond_ramp,
        stretches=fake_stretches,
    )


def fake_beyond(twin, course, excitation):
    """More than 9 mL of fluid was given to nobody."""
    given = [i.therapy for i in course if i.therapy.kind.name == "fluid"]
    if not any(therapy.dose > 9.0 for therapy in given):
        return ()
    return (Beyond("Fluid", "9.5 mL", "0 to 9 mL", "invented", "Stay inside this range."),)


def fake_stretches(course):
    """The second half of more than ten minutes reaches a state that nobody saw."""
    if course.duration <= 600.0:
        return ()
    why = Beyond("the state that is reached", "MAP 45 mmHg", "50 to 150 mmHg", "", "Stop earlier.")
    return (Stretch(0.5 * course.duration, course.duration, (why,)),)


def fake_course(twin, course, duration, excitation):
    from tests.fake_values import fake_beat

    if any(item.therapy.kind.name == "poison" for item in course):
        raise ParameterError("vigour: expected 0 to 1, got 3. Use a smaller dose.")
    moments = tuple(
        SimpleNamespace(
            time=time,
            quantities=dict.fromkeys(QUANTITIES, 1.0 + time / duration),
            exposures={},
            beat=fake_beat(60.0 + 60.0 * time / duration),
        )
        for time in np.linspace(0.0, 0.99 * duration, 40)
    )
    found = Course((), duration, moments)
    yield SimpleNamespace(fraction=0.5, message="running", course=found)
    yield SimpleNamespace(fraction=1.0, message="running", course=found)


def fake_doses(twin, plan, name, *, insist):
    """Output rises with the dose; of fluid, what exceeds 9 mL is an extrapolation."""
    doses = np.linspace(0.0, 10.0, 9)
    reason = Beyond("Fluid", "9.5 mL", "0 to 9 mL", "invented", "Stay inside this range.")
    outside = [(reason,) if name == "fluid" and dose > 9.0 else () for dose in doses]
    known = np.where([insist or not why for why in outside], 1.0 + doses, np.nan)
    values = dict.fromkeys((*QUANTITIES, "dp_dt_max"), known)
    found = DoseResponse(name, plan, doses, values, (), tuple(outside))
    yield SimpleNamespace(fraction=1.0, message="doses", response=found)


def fake_ramp(twin, device, settings, plan):
    """Flow is the setting; the valve stays shut from 8 on."""
    from organtwin.simulation.beat import Outcome
    from organtwin.twin.ramp import RampStep
    from organtwin.units import L_PER_MIN

    for setting in settings:
        signs = ("the aortic valve never opens",) if setting >= 8.0 else ()
        flow = setting * L_PER_MIN
        yield RampStep(
            setting, flow, flow, 1e-4, 0.0, 1e3, 1e3, 1e4, 0.0 if signs else 0.3, signs,
            Outcome.STEADY,
        )  # fmt: skip


def fake_beyond_ramp(twin, device, settings, plan):
    """More than 9 was checked in nobody; with poison nothing was."""
    poisoned = any(t.kind.name == "poison" for t in plan.therapies)
    reason = Beyond("Fluid", "9.5 mL", "0 to 9 mL", "invented", "Stay inside this range.")
    return tuple((reason,) if poisoned or s > 9.0 else () for s in settings)
