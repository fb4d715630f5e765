"""What lies in the heart that is shown: the plan's devices and the fluid around the heart."""

from typing import TYPE_CHECKING

import numpy as np

from organtwin.arrays import Float32Array

if TYPE_CHECKING:
    from organtwin.session.answers import Heartbeat
    from organtwin.session.draft import Draft
    from organtwin.session.session import Session
    from organtwin.simulation.beat import Beat
    from organtwin.therapy.implants import Implant


def implanted(session: "Session") -> "tuple[tuple[Implant, ...], Float32Array]":
    """Implants of the shown heart, and how full a balloon is over its beat, 0 to 1.

    Without an answer the untreated heart is shown, and so are no devices. While a changed draft
    waits for its answer the heart of the earlier one is shown, and so are its devices.
    """
    from organtwin.therapy.implants import implants

    shown = session.shown
    if shown is None:
        return (), np.zeros(0, dtype=np.float32)
    fluid = float(shown.numbers.get("pericardial_effusion", 0.0))
    if session.planned is None:
        from organtwin.simulation.electric_plan import ElectricPlan

        return implants((), ElectricPlan(), fluid), np.zeros(0, dtype=np.float32)
    draft, answer = session.draft, session.prediction
    therapies = draft.applied
    if session.timeline.heartbeat is not None:
        moment = session.timeline.heart_time
        therapies = tuple(item.therapy for item in draft.course if item.given(moment))
    elif answer is not None:
        therapies = answer.plan.therapies
    return implants(therapies, draft.electric_plan, fluid), balloon_filling(shown.beat)


def planned_implants(
    draft: "Draft", heart: "Heartbeat"
) -> "tuple[tuple[Implant, ...], Float32Array]":
    """The same for the heart that answers a plan beside the one on the table."""
    from organtwin.therapy.implants import implants

    fluid = float(heart.numbers.get("pericardial_effusion", 0.0))
    found = implants(draft.applied, draft.electric_plan, fluid)
    return found, balloon_filling(heart.beat)


def balloon_filling(beat: "Beat") -> Float32Array:
    """How full a balloon is at each time of a beat; empty where there is none."""
    volume = beat.traces.get("balloon_volume") if hasattr(beat, "traces") else None
    if volume is None or not len(volume) or volume.max() <= 0.0:
        return np.zeros(0, dtype=np.float32)
    return np.asarray(volume / volume.max(), dtype=np.float32)
