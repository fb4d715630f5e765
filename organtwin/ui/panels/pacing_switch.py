"""The tick that takes the pacemaker off the plan and brings it back as it was set."""

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QCheckBox, QWidget

from organtwin.session.session import Session
from organtwin.simulation.pacing import Mode, Pacemaker


class PacingSwitch(QCheckBox):
    """Ticked while the pacemaker paces; not there before one was set.

    What each plan's pacemaker was set to is kept while the case is open.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._kept: dict[str, Pacemaker] = {}
        self.setAccessibleName("Apply the pacemaker")
        self.setToolTip("Apply the pacemaker as it is set; without the tick its setting is kept")
        self.toggled.connect(self._switch)
        session.record_changed.connect(self._forget)
        for signal in (
            session.draft_changed, session.plans_changed, session.electrics_changed,
            session.twin_changed,
        ):  # fmt: skip
            signal.connect(self._show)
        self._show()

    @Slot()
    def _forget(self) -> None:
        self._kept = {}
        self._show()

    @Slot()
    def _show(self) -> None:
        session, letter = self._session, self._session.plans.active
        self._kept = {one: kept for one, kept in self._kept.items() if one in session.plans.letters}
        pacemaker = session.draft.electrics.pacemaker
        if pacemaker:
            self._kept[letter] = pacemaker
        with QSignalBlocker(self):
            self.setChecked(bool(pacemaker))
        self.setEnabled(session.electrics.ready)
        self.setVisible(letter in self._kept)

    @Slot(bool)
    def _switch(self, on: bool) -> None:
        self._session.end_gesture()
        draft = self._session.draft
        plan, kept = draft.electrics, self._kept[self._session.plans.active]
        wanted = kept if on else replace(plan.pacemaker, mode=Mode.OFF, atrial=False)
        self._session.draft = draft.with_electrics(plan.paced_by(wanted))
