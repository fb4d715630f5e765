"""A heart for each plan side by side, beating in step and seen from one place.

Over each lies the outline of the untreated heart. Nothing is drawn while the page is not seen.
"""

from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from organtwin.scene.camera import CameraState
from organtwin.session.implanted import planned_implants
from organtwin.session.plan_table import Beside
from organtwin.session.session import Session
from organtwin.ui.views.heart_view import HeartView

if TYPE_CHECKING:
    from organtwin.scene.motion import Motion

_NOTE = "The outline over each is the untreated heart at the same share of its beat."


class HeartsPage(QWidget):
    """Turning one heart turns all; colour, cut, layers and theme are those of the window."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._plans: tuple[Beside, ...] = ()
        self.views: dict[str, HeartView] = {}
        self._drawn: dict[str, tuple[object, ...]] = {}
        self._row = QHBoxLayout()
        self._row.setSpacing(2)
        self._empty = QLabel("Hearts appear here once their plans are predicted.", self)
        self._empty.setObjectName("placeholder")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        note = QLabel(_NOTE, self)
        note.setObjectName("small")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(self._empty, 1)
        layout.addLayout(self._row, 1)
        layout.addWidget(note)
        session.playhead.moved.connect(self._show_phase)
        chosen = session.selection.events
        for signal in (
            chosen.field, chosen.theme, chosen.preset, chosen.cut, chosen.cut_place, chosen.hidden,
        ):  # fmt: skip
            signal.connect(self._dress_all)

    def show_plans(self, shown: Sequence[Beside]) -> None:
        """Draw the plans that have a heartbeat; at once only where they are seen."""
        self._plans = tuple(shown)
        if self.isVisible():
            self._draw()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._draw()
        self._dress_all()
        self._show_phase()

    def release(self) -> None:
        """Give the graphics memory of all hearts back."""
        for letter in tuple(self.views):
            self._remove(letter)

    def _draw(self) -> None:
        plans = {p.letter: p for p in self._plans if p.letter and p.heartbeat is not None}
        for letter in [letter for letter in self.views if letter not in plans]:
            self._remove(letter)
        self._empty.setVisible(not plans)
        for place, (letter, plan) in enumerate(plans.items()):
            newcomer = letter not in self.views
            if newcomer:
                self._add(letter, place)
            self._fill(plan)
            if newcomer:
                self._dress(self.views[letter])
                self._share_camera(letter)

    def _add(self, letter: str, place: int) -> None:
        view = HeartView(self)
        view.setAccessibleName(f"Heart under plan {letter}")
        view.camera_changed.connect(self._turn_all)
        self.views[letter] = view
        self._row.insertWidget(place, view, 1)

    def _fill(self, plan: Beside) -> None:
        """Show a plan's heart, unless it is the one that is shown."""
        before = self._plans[0].heartbeat
        if plan.heartbeat is None or before is None:
            return
        surface = _surface(self._session, plan.letter)
        put_in = planned_implants(self._session.plans[plan.letter].draft, plan.heartbeat)
        wanted = (plan.heartbeat.motion, before.motion, surface, plan.title, put_in[0])
        if self._drawn.get(plan.letter) == wanted:
            return
        self._drawn[plan.letter] = wanted
        # A copy, because the window colours the same motion by the plan on the table.
        motion: Motion = copy(plan.heartbeat.motion)
        if surface is not None:
            motion.electrics = surface  # type: ignore[attr-defined]
        view = self.views[plan.letter]
        ghost = None if plan.heartbeat is before else before.motion
        view.show_motion(motion, ghost=ghost)
        view.set_implants(*put_in)
        view.set_phase(self._session.playhead.phase)
        view.set_caption(f"{plan.title} (extrapolation)" if plan.extrapolation else plan.title)

    def _remove(self, letter: str) -> None:
        view = self.views.pop(letter)
        self._drawn.pop(letter, None)
        self._row.removeWidget(view)
        view.release()
        view.hide()
        view.deleteLater()

    def _share_camera(self, letter: str) -> None:
        """A newcomer is seen from where the others are."""
        for other, view in self.views.items():
            if other != letter and view.camera is not None:
                self.views[letter].set_camera(view.camera)
                return

    @Slot()
    def _dress_all(self) -> None:
        if self.isVisible():
            for view in self.views.values():
                self._dress(view)

    def _dress(self, view: HeartView) -> None:
        chosen = self._session.selection
        view.set_theme(chosen.theme)
        view.set_field(chosen.field)
        view.set_hidden(chosen.hidden)
        if chosen.preset < len(view.PRESETS) and view.preset != view.PRESETS[chosen.preset]:
            view.set_preset(view.PRESETS[chosen.preset])
        view.set_cut(chosen.cut, chosen.cut_place)

    @Slot()
    def _show_phase(self) -> None:
        if self.isVisible():
            for view in self.views.values():
                view.set_phase(self._session.playhead.phase)

    @Slot(object)
    def _turn_all(self, camera: CameraState) -> None:
        for view in self.views.values():
            if view is not self.sender():
                view.set_camera(camera)


def _surface(session: Session, letter: str) -> object:
    """What colours the heart of a plan by its electrics; ``None`` before they are computed."""
    plan = session.plans[letter]
    answer = session.plan_desk.answer(plan).electric
    found = answer if answer is not None and plan.draft.electric_plan else session.electrics.own
    return None if found is None else found.surface
