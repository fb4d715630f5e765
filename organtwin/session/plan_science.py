"""What the session asks of the science about plans in time, doses and usual plans.

The functions import what they call when they are called, as those of ``session.science``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from organtwin.simulation.conditions import Excitation
    from organtwin.simulation.electric_plan import ElectricPlan
    from organtwin.therapy.plan import TherapyPlan
    from organtwin.therapy.presets import Preset
    from organtwin.twin.beyond import Beyond
    from organtwin.twin.checked_course import Stretch
    from organtwin.twin.dose_response import DoseStep
    from organtwin.twin.electrics import ElectricAnswer
    from organtwin.twin.long_course import Course, CourseStep
    from organtwin.twin.pacing_survey import SurveyStep
    from organtwin.twin.ramp import RampStep
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


def _beyond_in_time(
    twin: "Twin", course: "tuple[Scheduled, ...]", excitation: "Excitation | None"
) -> "tuple[Beyond, ...]":
    from organtwin.twin.checked_course import beyond_in_time

    return beyond_in_time(twin, course, excitation)


def _stretches(course: "Course") -> "tuple[Stretch, ...]":
    from organtwin.twin.checked_course import stretches_beyond

    return stretches_beyond(course)


def _doses(twin: "Twin", plan: "TherapyPlan", name: str, *, insist: bool) -> "Iterator[DoseStep]":
    from organtwin.twin.dose_response import dose_responding

    return dose_responding(twin, plan, name, insist=insist)


def _ramped() -> tuple[str, ...]:
    from organtwin.twin.ramp import RAMPED

    return RAMPED


def _ramp(
    twin: "Twin", device: str, settings: "Sequence[float]", plan: "TherapyPlan"
) -> "Iterator[RampStep]":
    from organtwin.twin.ramp import ramping

    return ramping(twin, device, settings, plan)


def _beyond_ramp(
    twin: "Twin", device: str, settings: "Sequence[float]", plan: "TherapyPlan"
) -> "tuple[tuple[Beyond, ...], ...]":
    from organtwin.twin.ramp import beyond_settings

    return beyond_settings(twin, device, settings, plan)


class MapsPacing(Protocol):
    """How a map of pacemaker settings is asked for, over delays, modes or sites."""

    def __call__(
        self, answer: "ElectricAnswer", twin: "Twin", plan: "ElectricPlan",
        therapies: "TherapyPlan", over: str, *, insist: bool,
    ) -> "Iterator[SurveyStep]": ...  # fmt: skip


class Dosing(Protocol):
    """How responses over a dose are asked for."""

    def __call__(
        self, twin: "Twin", plan: "TherapyPlan", name: str, *, insist: bool
    ) -> "Iterator[DoseStep]": ...


@dataclass(frozen=True)
class PlanScience:
    """``presets`` and ``beyond_in_time`` answer at once; the others yield often."""

    presets: "Callable[[], tuple[Preset, ...]]" = _presets
    course: "Callable[[Twin, tuple[Scheduled, ...], float, Excitation | None], Iterator[CourseStep]]" = _course  # noqa: E501
    beyond_in_time: "Callable[[Twin, tuple[Scheduled, ...], Excitation | None], tuple[Beyond, ...]]" = _beyond_in_time  # noqa: E501
    """Why a course is to be declined; asked before anything is computed."""
    stretches: "Callable[[Course], tuple[Stretch, ...]]" = _stretches
    """Where a course that was run reaches states that were never checked."""
    doses: Dosing = _doses
    ramped: "Callable[[], tuple[str, ...]]" = _ramped
    """Names of the devices that can be ramped; at once."""
    ramp: "Callable[[Twin, str, Sequence[float], TherapyPlan], Iterator[RampStep]]" = _ramp
    """A device in steps; one step each."""
    beyond_ramp: "Callable[[Twin, str, Sequence[float], TherapyPlan], tuple[tuple[Beyond, ...], ...]]" = _beyond_ramp  # noqa: E501
    """Of each setting, why it lies outside what was checked."""
