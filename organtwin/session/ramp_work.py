"""A ramp test of a pump on the plan that is on the table: its setting in steps, one after another.

Run when asked for; what is shown says of which plan it is, and is dropped with the twin. Settings
outside what was checked are left out, unless the user insists.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from organtwin.errors import OrganTwinError
from organtwin.session.answers import decline
from organtwin.session.dose_work import Dosing
from organtwin.session.jobs import busy
from organtwin.session.notice import Notice, notice_of
from organtwin.tasks.job import Job
from organtwin.tasks.progress import Progress

if TYPE_CHECKING:
    from organtwin.therapy.kind import TherapyKind
    from organtwin.therapy.plan import TherapyPlan
    from organtwin.twin.beyond import Beyond
    from organtwin.twin.ramp import RampStep
    from organtwin.twin.twin import Twin

RUNNING = "Ramp test"
STEPS = 8
"""Settings over the range of the device, its ends among them."""


@dataclass(frozen=True)
class Ramp:
    """Steps of one device; ``beyond`` of each setting why it was not checked, else nothing."""

    device: str
    plan: "TherapyPlan"
    settings: tuple[float, ...]
    beyond: "tuple[tuple[Beyond, ...], ...]"
    steps: "tuple[RampStep, ...]" = ()


class RampDesk:
    """One ramp at a time."""

    changed = Signal()

    def __init__(self, session: Dosing) -> None:
        self._session = session
        self._job: Job[Any] | None = None
        self.ramp: Ramp | None = None
        self.refusal: Notice | None = None
        """Why there is no ramp, or no more of it."""

    @property
    def going_on(self) -> bool:
        return busy(self._job)

    @property
    def devices(self) -> "tuple[TherapyKind, ...]":
        """What of the plan on the table can be ramped, in its order."""
        ramped = self._session.science.planning.ramped()
        return tuple(t.kind for t in self._session.draft.applied if t.kind.name in ramped)

    @property
    def up_to_date(self) -> bool:
        """The rest of the plan is as it was for the ramp."""
        ramp = self.ramp
        return ramp is not None and ramp.plan == self._session.plan.without(ramp.device)

    def run(self, device: str) -> None:
        """Step the device through its settings, the rest of the plan held."""
        session, twin = self._session, self._session.twin
        if twin is None or device not in [kind.name for kind in self.devices]:
            return
        kind = session.science.therapies()[device]
        plan, insist = session.plan.without(device), session.draft.insist
        settings = steps_of(kind)
        self.cancel()
        self.ramp = self.refusal = None
        self._job = session.jobs.start(
            session.jobs.lanes.background,
            f"{RUNNING}: {kind.label}",
            lambda progress: self._work(twin, device, settings, plan, insist, progress),
            on_result=lambda _: self.changed.emit(),
            on_error=self._fail,
            on_partial=self._receive,
        )
        self.changed.emit()

    def cancel(self) -> None:
        """Stop; what has been found stays."""
        if self._job is not None:
            self._job.cancel()
        self._job = None
        self.changed.emit()

    def forget(self) -> None:
        """Cancel and drop all, as for another twin."""
        self.ramp = self.refusal = None
        self.cancel()

    def _work(
        self, twin: "Twin", device: str, settings: tuple[float, ...], plan: "TherapyPlan",
        insist: bool, progress: Progress,
    ) -> None:  # fmt: skip
        planning = self._session.science.planning
        beyond = planning.beyond_ramp(twin, device, settings, plan)
        if not insist and all(beyond):
            decline(min(beyond, key=len))
        tried = tuple(s for s, why in zip(settings, beyond, strict=True) if insist or not why)
        found = Ramp(device, plan, settings, beyond)
        progress.publish(found)
        for number, step in enumerate(planning.ramp(twin, device, tried, plan), 1):
            found = Ramp(device, plan, settings, beyond, (*found.steps, step))
            progress.publish(found)
            progress.report(number / len(tried), "Stepping the setting")

    def _receive(self, found: Any) -> None:
        self.ramp = found
        self.changed.emit()

    def _fail(self, error: BaseException) -> None:
        if isinstance(error, OrganTwinError):
            self.refusal = notice_of(error, RUNNING)
        else:
            self._session.report(error, RUNNING)
        self.changed.emit()


def steps_of(kind: "TherapyKind") -> tuple[float, ...]:
    """Settings over the whole range of a device, on its own steps."""
    span = kind.upper - kind.lower
    wanted = (kind.lower + span * k / (STEPS - 1) for k in range(STEPS))
    grid = (kind.lower + round((value - kind.lower) / kind.step) * kind.step for value in wanted)
    return tuple(dict.fromkeys(min(value, kind.upper) for value in grid))
