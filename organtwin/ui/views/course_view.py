"""The plan in time: run it, see what it does, and look at the heart at any moment of it."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from organtwin.quantities import QUANTITIES
from organtwin.session.session import Session
from organtwin.therapy.times import Times
from organtwin.ui.theme import theme
from organtwin.ui.views.course_plot import Bar, CoursePlot, Line, StripPlot
from organtwin.ui.widgets.elided_label import ElidedLabel
from organtwin.ui.widgets.wording import pretty_unit, wrapped

if TYPE_CHECKING:
    from organtwin.session.course_work import CourseDesk
    from organtwin.session.notice import Notice
    from organtwin.twin.checked_course import Stretch
    from organtwin.twin.long_course import Course

DURATIONS = (
    ("10 min", 600.0), ("30 min", 1800.0), ("1 h", 3600.0), ("3 h", 10_800.0), ("6 h", 21_600.0),
    ("12 h", 43_200.0), ("24 h", 86_400.0),
)  # fmt: skip
STRIPS = (
    (("heart_rate", "good"),),
    (("mean_arterial_pressure", "aorta"),),
    (("cardiac_output", "lv"),),
    (("pcwp", "la"), ("ra_pressure", "rv")),
)
_EXPOSURE_COLORS = ("plan", "measured", "pulmonary_artery", "ra")
_NOTHING = "Press Run to see the plan in time.\nWith Times on its card a therapy starts and stops."
_RUNNING = "Running the plan in time …"
_NO_PLAN = "Add a therapy, then run the plan in time."


class CourseView(QWidget):
    """Strips of the course, with the bars of the plan that is on the table now."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.duration = QComboBox(self)
        self.duration.setAccessibleName("Duration of the course")
        self.duration.setToolTip("How long the plan is run")
        for label, seconds in DURATIONS:
            self.duration.addItem(label, seconds)
        self.start = _button("Run", "Run the plan over this time", self)
        self.steady = _button("Steady", "Back to the steady plan", self)
        self.state = ElidedLabel(self)
        self.state.setObjectName("small")
        self.plot = CoursePlot(self)
        top = QHBoxLayout()
        for widget in (self.duration, self.start, self.steady):
            top.addWidget(widget)
        top.addWidget(self.state, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 3, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(top)
        layout.addWidget(self.plot, 1)
        self.duration.activated.connect(self._choose_duration)
        self.start.clicked.connect(self._run_or_stop)
        self.steady.clicked.connect(session.timeline.leave)
        self.plot.looked.connect(session.timeline.look)
        self.plot.left.connect(session.timeline.leave)
        self.plot.timed.connect(self._set_times)
        self.plot.settled.connect(session.end_gesture)
        for signal in (session.timeline.changed, session.draft_changed, session.twin_changed):
            signal.connect(self._show)
        session.selection.events.course_duration_s.connect(self._show)
        session.selection.events.theme.connect(self._show_theme)
        self._show_theme(session.selection.theme)
        self._show()

    @Slot()
    def _show(self) -> None:
        session, desk = self._session, self._session.timeline
        chosen = session.selection.course_duration_s
        with QSignalBlocker(self.duration):
            self.duration.setCurrentIndex(self.duration.findData(chosen))
        self.start.setText("Stop" if desk.going_on else "Run")
        self.start.setEnabled(session.twin is not None and bool(session.draft.applied))
        self.steady.setEnabled(desk.time is not None)
        course = desk.course
        bars = [
            Bar(t.kind.name, t.kind.label, session.draft.times_of(t.kind.name))
            for t in session.draft.applied
        ]
        empty = _refused(desk.refusal) if desk.refusal else _NOTHING if bars else _NO_PLAN
        if desk.going_on:
            empty = _RUNNING
        self.plot.show_course(
            strips_of(course) if course is not None else (),
            bars, course.duration if course is not None else chosen,
            time=desk.time, stale=not desk.up_to_date, text=empty,
            extrapolated=_hatched(desk, chosen),
        )  # fmt: skip
        self.state.setText(self._told())
        reached = (told_of(stretch) for stretch in desk.stretches)
        self.state.setToolTip(wrapped("\n\n".join((*map(str, desk.beyond), *reached))))

    def _told(self) -> str:
        desk = self._session.timeline
        course = desk.course
        if course is None:
            return "running …" if desk.going_on else ""
        if not desk.up_to_date:
            return "of an earlier plan; run again"
        if desk.time is not None:
            doubt = desk.doubted_now
            why = f", extrapolation: {doubt[0].brief}" if doubt else ""
            return f"the heart at {clock(desk.time)}{why}"
        if desk.beyond:
            return f"extrapolation: {desk.beyond[0].brief}"
        if course.stopped:
            return f"ended at {clock(float(course.times[-1]))}: {course.stopped}"
        if desk.stretches:
            return told_of(desk.stretches[0])
        if course.bands:
            return "shaded: 90 % band, with model error"
        told = course.notes or ("estimating doubt …" if desk.going_on else "point estimate",)
        return told[0]

    @Slot()
    def _run_or_stop(self) -> None:
        desk = self._session.timeline
        if desk.going_on:
            desk.cancel()
        else:
            desk.run()

    @Slot(int)
    def _choose_duration(self, index: int) -> None:
        self._session.selection.course_duration_s = self.duration.itemData(index)

    @Slot(str, object)
    def _set_times(self, name: str, times: Times) -> None:
        session = self._session
        session.edit(session.draft.timed(name, times), merge=f"times of {name}")

    @Slot(str)
    def _show_theme(self, name: str) -> None:
        self.plot.set_theme(theme(name))


def _refused(refusal: "Notice") -> str:
    if refusal.declined:
        return f"Declined. {refusal.brief}\n“Show extrapolation”, under the plan, runs it anyhow."
    return refusal.text


def _hatched(desk: "CourseDesk", duration: float) -> list[tuple[float, float]]:
    """The stretches [s] to be marked; all of a course whose plan itself was never checked."""
    if desk.beyond:
        return [(0.0, desk.course.duration if desk.course is not None else duration)]
    return [(stretch.start, stretch.stop) for stretch in desk.stretches]


def told_of(stretch: "Stretch") -> str:
    """From when to when a course is an extrapolation, and why."""
    why = " ".join(reason.brief for reason in stretch.reasons)
    return f"extrapolation from {clock(stretch.start)} to {clock(stretch.stop)}: {why}"


def strips_of(course: "Course") -> tuple[StripPlot, ...]:
    """What is drawn: quantities in clinical units, then exposures in % of their steady values."""
    times = course.times
    found = []
    for rows in STRIPS:
        lines = []
        for name, color in rows:
            quantity = QUANTITIES[name]
            # the conversions are linear, so two points give it for whole arrays
            offset = quantity.from_si(0.0)
            scale = quantity.from_si(1.0) - offset
            band = course.bands.get(name)
            lines.append(Line(
                quantity.label, color, times, course.series(name) * scale + offset,
                course.band_times, None if band is None else band * scale + offset,
            ))  # fmt: skip
        unit = QUANTITIES[rows[0][0]]
        found.append(StripPlot(pretty_unit(unit.unit), unit.decimals, tuple(lines)))
    drugs = [item.therapy for item in course.course if item.therapy.kind.drug is not None]
    exposures = []
    for place, therapy in enumerate(drugs):
        drug = therapy.kind.drug
        steady = drug.exposure(therapy.dose) if drug is not None else 0.0
        share = 100.0 * course.exposures(therapy.name) / steady if steady else np.zeros(len(times))
        color = _EXPOSURE_COLORS[place % len(_EXPOSURE_COLORS)]
        exposures.append(Line(therapy.kind.label, color, times, share, course.band_times))
    if exposures:
        found.append(StripPlot("% of steady", 0, tuple(exposures)))
    return tuple(found)


def clock(time: float) -> str:
    """``12.5 min`` or ``3.20 h``."""
    return f"{time / 60.0:.1f} min" if time <= 7200.0 else f"{time / 3600.0:.2f} h"


def _button(text: str, tip: str, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button
