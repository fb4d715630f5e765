"""A plan over minutes to a day: beats where something happens, leaps where nothing does.

A day has some 100 000 beats of 5 ms, so they are not all run. After every start and stop of a
therapy, beat follows beat until heart and reflex have settled: the means of pressure, output, rate
and filling pressure over ``LAG`` seconds differ by less than ``SETTLED`` from those of the ``LAG``
before. Time then leaps, heart and nerves waiting, but never beyond the next start or stop, so far
that the exposure of a drug changes by more than ``EXPOSURE_STEP`` of its steady value, or by more
than a ``POINTS``th of the course. After a leap beats are run until settled anew; those in which the
heart catches up (``CATCHING_UP``) are not told. What is lost is what happens within a leap: a drug
that comes and goes slowly, taken along a straight line. Measured on the default heart against all
beats of three hours (milrinone, fluid): a tenth of the beats, root mean square error 0.1 % of the
mean pressure, 0.05 % of output and filling pressures, at most 0.4 % and 0.7 %.
The doubt is that of a prediction, from ``MEMBERS`` members of the posterior run through the same
course, each with its own response; with 20 their 90 % lie just within the outermost two. The
model's own error is added at every time, by how much of each therapy is there.
Verified in tests/twin/test_long_course.py, against the full run.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.assimilation.calibration import Evaluation
from organtwin.assimilation.simulating import side_by_side
from organtwin.errors import InputError, ParameterError
from organtwin.simulation.conditions import Excitation
from organtwin.simulation.simulator import SimulationStopped
from organtwin.therapy.model_error import certain
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.model_doubt import limits_of
from organtwin.twin.prediction import SURVIVING_SHARE
from organtwin.twin.time_course import CourseRun, Moment, Scheduled, error_share_at, exposures_at
from organtwin.twin.twin import Twin
from organtwin.units import MMHG

LAG = 10.0
"""[s]"""
SETTLED = 1e-3
EXPOSURE_STEP = 0.02
CATCHING_UP = 2.0 * LAG
"""[s]: the slowest effector of the reflex, 20 s, then follows a step of 2 % to within 0.8 %."""
SHORTEST_LEAP = 30.0
"""[s]: more than the beats that follow a leap take."""
POINTS = 48
MEMBERS = 20
SHORTEST, LONGEST = 60.0, 7 * 86_400.0
"""Durations [s] that are offered; over a week a heart would not stay as it is."""
QUANTITIES = (
    "heart_rate", "mean_arterial_pressure", "systolic_pressure", "diastolic_pressure",
    "cardiac_output", "stroke_volume", "pcwp", "ra_pressure", "pa_mean", "lv_ef", "lv_edv",
)  # fmt: skip
"""What is followed over time."""
_WATCHED = {
    "mean_arterial_pressure": 10.0 * MMHG, "cardiac_output": 0.0, "heart_rate": 0.0,
    "pcwp": 10.0 * MMHG,
}  # fmt: skip
"""What has to settle, and the least value [SI] that a change is a share of."""
_BANDED_POINTS = 400
_CHUNK = 12
"""Beats between two looks at whether to go on: 0.06 s."""


@dataclass(frozen=True, eq=False)
class Course:
    """A plan in time.

    ``bands`` by quantity: 90 % limits ``(2, n)``, SI, at ``band_times`` ``(n,)`` [s]; empty till
    the members have run. ``stopped`` says why the course ended early; empty where it did not.
    ``notes`` are sentences for the user.
    """

    course: tuple[Scheduled, ...]
    duration: float
    moments: tuple[Moment, ...]
    stopped: str = ""
    band_times: FloatArray = field(default_factory=lambda: np.empty(0))
    bands: Mapping[str, FloatArray] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def times(self) -> FloatArray:
        return np.array([moment.time for moment in self.moments])

    def series(self, name: str) -> FloatArray:
        """One quantity (SI) at ``times``."""
        return np.array([moment.quantities[name] for moment in self.moments])

    def exposures(self, name: str) -> FloatArray:
        """Exposure to a drug at ``times``, in its ``exposure_unit``."""
        return np.array([moment.exposures[name] for moment in self.moments])

    def at(self, time: float) -> Moment:
        """The beat that goes on at a time [s]; in a leap the nearer of the beats beside it."""
        times = self.times
        after = int(np.searchsorted(times, time, side="right"))
        first, last = max(after - 1, 0), min(after, len(times) - 1)
        inside = after < len(times) and times[last] - times[first] < SHORTEST_LEAP
        if inside or time - times[first] <= times[last] - time:
            return self.moments[first]
        return self.moments[last]


@dataclass(frozen=True, slots=True)
class CourseStep:
    """Progress; steps with a ``course`` are worth showing, the later the better."""

    fraction: float
    message: str
    course: Course | None = None


def coursing(
    twin: Twin,
    course: tuple[Scheduled, ...],
    duration: float,
    excitation: Excitation | None = None,
    members: int = MEMBERS,
) -> Iterator[CourseStep]:
    """Run a plan in time: first the point estimate, then bands from some members.

    Raises
    ------
    InputError
        The duration [s] is not one that is offered.
    ParameterError
        Not even the first beat lies in the range of the model.
    """
    if not SHORTEST <= duration <= LONGEST:
        raise InputError(
            "time course", "duration", expected=f"{SHORTEST:g} to {LONGEST:g} s",
            got=f"{duration:g} s", remedy="Choose a duration in this range.",
        )  # fmt: skip
    run = CourseRun(twin.conditions, twin.baseline.beat, course, excitation)
    moments: list[Moment] = []
    stopped = ""
    share = 0.2 if members and twin.ensemble else 1.0
    try:
        for moment in leaping(run, course, duration):
            moments.append(moment)
            if len(moments) % _CHUNK == 0:
                yield CourseStep(share * min(moment.time / duration, 1.0), "Running the course")
    except (SimulationStopped, ParameterError) as end:
        if not moments:
            raise ParameterError(f"{end}. Use smaller doses, or start later.") from end
        stopped = str(end)
    found = Course(course, duration, tuple(moments), stopped)
    yield CourseStep(share, "Running the course", found)
    if share < 1.0 and not stopped:
        yield from _doubting(twin, found, excitation, members)


def leaping(run: CourseRun, course: tuple[Scheduled, ...], duration: float) -> Iterator[Moment]:
    """Beats of a run, with leaps over time in which nothing changes fast.

    Raises
    ------
    SimulationStopped, ParameterError
        As ``CourseRun.beat``.
    """
    recent: deque[Moment] = deque()
    events = sorted({t for i in course for t in (i.start, i.stop) if t is not None})
    told_from = 0.0
    while run.time < duration:
        moment = run.beat()
        if moment.time >= told_from:
            yield moment
        recent.append(moment)
        if any(moment.time < event <= run.time for event in events):
            recent.clear()  # what starts or stops acts from the next beat on
            told_from = 0.0
        if _settled(recent):
            to = _leap(course, events, run.time, duration)
            if to - run.time > SHORTEST_LEAP:
                run.time, told_from = to, to + CATCHING_UP
                recent.clear()


def _settled(recent: "deque[Moment]") -> bool:
    """Whether the means of the last two stretches of ``LAG`` agree; forgets what is older."""
    while recent and recent[-1].time - recent[0].time > 2.0 * LAG:
        recent.popleft()
    if len(recent) < 4 or recent[-1].time - recent[0].time < 1.8 * LAG:
        return False
    middle = recent[-1].time - LAG
    for name, least in _WATCHED.items():
        before = np.mean([m.quantities[name] for m in recent if m.time <= middle])
        after = np.mean([m.quantities[name] for m in recent if m.time > middle])
        if not abs(after - before) <= SETTLED * max(abs(float(before)), least):
            return False
    return True


def _leap(
    course: tuple[Scheduled, ...], events: list[float], time: float, duration: float
) -> float:
    """The latest time [s] to which nothing changes by more than is allowed."""
    next_event = min([duration, *(event for event in events if event > time)])
    end = min(next_event - 1.5 * CATCHING_UP, time + duration / POINTS)
    now = exposures_at(course, time)
    allowed = {i.therapy.name: EXPOSURE_STEP * _steady(i) for i in course}
    while end - time > SHORTEST_LEAP:
        later = exposures_at(course, end)
        if all(abs(later[name] - now[name]) <= allowed[name] for name in now):
            return end
        end = time + 0.7 * (end - time)
    return time


def _steady(item: Scheduled) -> float:
    drug = item.therapy.kind.drug
    return 0.0 if drug is None else drug.exposure(item.therapy.dose)


def _doubting(
    twin: Twin, found: Course, excitation: Excitation | None, count: int
) -> Iterator[CourseStep]:
    """The same course through members, side by side and a few beats at a time."""
    stride = max(1, len(twin.ensemble) // count)
    members = tuple(enumerate(twin.ensemble))[::stride][:count]
    runs = [_MemberRun(place, member, found, excitation) for place, member in members]
    while going := [run for run in runs if not run.over]:
        for _ in side_by_side(_MemberRun.go_on, going):
            pass
        done = sum(min(run.time / found.duration, 1.0) if not run.over else 1.0 for run in runs)
        yield CourseStep(0.2 + 0.8 * done / len(runs), "Estimating doubt")
    alive = [run for run in runs if not run.failed]
    if len(alive) < SURVIVING_SHARE * len(runs):
        note = f"only {len(alive)} of {len(runs)} hearts that fit the patient last to the end"
        yield CourseStep(1.0, "Done", replace(found, notes=(*found.notes, note)))
        return
    times = found.times[:: max(1, len(found.moments) // _BANDED_POINTS)]
    bands = {
        name: limits_of(
            name, np.array([run.series(name, times) for run in alive]),
            _error_shares(name, found.course, times, excited=excitation is not None),
        )
        for name in QUANTITIES
    }  # fmt: skip
    yield CourseStep(1.0, "Done", replace(found, band_times=times, bands=bands))


def _error_shares(
    name: str, course: tuple[Scheduled, ...], times: FloatArray, *, excited: bool
) -> FloatArray:
    """The model error of a quantity at ``times``: none while a therapy sets it."""
    return np.array([
        0.0 if name in certain(i.therapy for i in course if i.given(time))
        else error_share_at(course, time, excited=excited)
        for time in times.tolist()
    ])  # fmt: skip


class _MemberRun:
    """One member on its way through the course."""

    def __init__(
        self, place: int, member: Evaluation, course: Course, excitation: Excitation | None
    ) -> None:
        self._run = CourseRun(
            member.conditions, member.solution.beat, course.course, excitation,
            TherapyPlan(tuple(item.therapy for item in course.course), excitation).drawn(place),
        )  # fmt: skip
        self._moments = leaping(self._run, course.course, course.duration)
        self._times: list[float] = []
        self._values: list[list[float]] = []
        self.over = self.failed = False

    @property
    def time(self) -> float:
        return self._run.time

    def go_on(self) -> None:
        """Run some more beats."""
        try:
            for _ in range(_CHUNK):
                moment = next(self._moments, None)
                if moment is None:
                    self.over = True
                    return
                self._times.append(moment.time)
                self._values.append([moment.quantities[name] for name in QUANTITIES])
        except (SimulationStopped, ParameterError):
            self.over = self.failed = True

    def series(self, name: str, times: FloatArray) -> FloatArray:
        values = np.asarray(self._values)[:, QUANTITIES.index(name)]
        return np.asarray(np.interp(times, self._times, values))
