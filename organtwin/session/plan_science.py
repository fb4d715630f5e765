"""What the session asks of the science about plans in time, doses and usual plans.

The functions import what they call when they are called, as those of ``session.science``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from organtwin.simulation.conditions import Excitation
    from organtwin.therapy.plan import TherapyPlan
    from organtwin.therapy.presets import Preset
    from organtwin.twin.dose_response import DoseStep
    from organtwin.twin.long_course import CourseStep
    from organtwin.twin.time_course import Scheduled
    from organtwin.twin.twin import Twin


def _presets() -> "tuple[Preset, ...]":
    from organtwin.therapy.presets import bundled_presets

    return bundled_presets()


def _course(
    twin: "Twin",
    course: "tuple[Scheduled, ...]",
    duration: float,
    excitation: "Excitation | None",
) -> "Iterator[CourseStep]":
    from organtwin.twin.long_course import coursing

    return coursing(twin, course, duration, excitation)


def _doses(twin: "Twin", plan: "TherapyPlan", name: str) -> "Iterator[DoseStep]":
    from organtwin.twin.dose_response import dose_responding

    return dose_responding(twin, plan, name)


@dataclass(frozen=True)
class PlanScience:
    """``presets`` answers at once; the others yield often and may be left early."""

    presets: "Callable[[], tuple[Preset, ...]]" = _presets
    course: "Callable[[Twin, tuple[Scheduled, ...], float, Excitation | None], Iterator[CourseStep]]" = _course  # noqa: E501
    doses: "Callable[[Twin, TherapyPlan, str], Iterator[DoseStep]]" = _doses
