"""A menu of usual starting plans by disease; those that do not fit the patient say why."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from organtwin.session.draft import Draft
from organtwin.session.notice import Notice
from organtwin.session.pacing_drafts import added
from organtwin.session.session import Session
from organtwin.ui.widgets.wording import wrapped

if TYPE_CHECKING:
    from organtwin.therapy.presets import Preset


class PresetButton(QToolButton):
    """Lays a preset out in place of the therapies that are there; undo brings them back."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setText("Presets")
        self.setAccessibleName("Presets by disease")
        self.setToolTip("Usual starting plans by disease, in place of the therapies below")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.aboutToShow.connect(self._fill)
        menu.triggered.connect(self._choose)
        self.setMenu(menu)
        session.twin_changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        self.setEnabled(self._session.twin is not None)

    @Slot()
    def _fill(self) -> None:
        menu = self.menu()
        menu.clear()
        presets = self._session.science.planning.presets()
        doubts = {preset.name: self._doubts(preset) for preset in presets}
        suited = {preset.disease for preset in presets if not any(doubts[preset.name])}
        groups: dict[str, QMenu] = {}
        # First the diseases with a plan that can be shown for such a patient.
        for preset in sorted(presets, key=lambda one: one.disease not in suited):
            if preset.disease not in groups:
                if preset.disease not in suited and groups.keys() == suited:
                    menu.addSeparator()
                groups[preset.disease] = menu.addMenu(preset.disease)
                groups[preset.disease].setToolTipsVisible(True)
            misfits, declined = doubts[preset.name]
            told = " (does not fit)" if misfits else " (would be declined)" if declined else ""
            action = groups[preset.disease].addAction(f"{preset.label}{told}")
            action.setData(preset.name)
            grade = "Guideline" if preset.evidence == "guideline" else "Example"
            lines = [
                " + ".join(map(str, preset.therapies)),
                preset.text,
                f"{grade}: {preset.source}",
                *(f"Does not fit: {reason}" for reason in misfits),
                *(f"Would be declined: {reason}" for reason in declined),
            ]
            action.setToolTip(wrapped("\n".join(lines)))

    def _doubts(self, preset: "Preset") -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Where the patient is not what the preset is for, and why its plan would be declined."""
        from organtwin.therapy.plan import TherapyPlan

        twin = self._session.twin
        if twin is None:
            return (), ()
        beyond = self._session.science.beyond(twin, TherapyPlan(preset.therapies))
        return self._misfits(preset), tuple(reason.brief for reason in beyond)

    def _misfits(self, preset: "Preset") -> tuple[str, ...]:
        twin = self._session.twin
        if twin is None:
            return ()
        record = twin.record
        measured = {m.name: m.value for m in record.measurements}
        return preset.misfits({**twin.numbers, **measured}, record.conduction, record.rhythm)

    @Slot(QAction)
    def _choose(self, action: QAction) -> None:
        session = self._session
        chosen = {preset.name: preset for preset in session.science.planning.presets()}
        preset = chosen[action.data()]
        session.end_gesture()
        draft = Draft(electrics=session.draft.electrics)
        for therapy in preset.therapies:
            draft = added(draft, therapy)
        session.draft = draft
        if reasons := self._misfits(preset):
            session.notice = Notice(
                f"{preset.disease}, {preset.label[:1].lower()}{preset.label[1:]}: "
                "made for other patients",
                f"{'; '.join(reasons)}.", "Read the response with that in mind, or undo.",
            )  # fmt: skip
