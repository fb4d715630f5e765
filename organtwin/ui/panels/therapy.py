"""The plan: therapies added from a menu, each with its dose, and how the plan ended."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from organtwin.session.draft import Draft
from organtwin.session.notice import Notice
from organtwin.session.pacing_drafts import added
from organtwin.session.session import Session
from organtwin.therapy.times import Times
from organtwin.ui.panels.conduction import ConductionCard, recorded_told
from organtwin.ui.panels.pacing import PacingCard
from organtwin.ui.panels.pacing_switch import PacingSwitch
from organtwin.ui.panels.plan_tabs import PlanTabs
from organtwin.ui.panels.presets import PresetButton
from organtwin.ui.theme import theme
from organtwin.ui.widgets.card_scroll import CardScroll, guard_wheel
from organtwin.ui.widgets.clamped_label import ClampedLabel
from organtwin.ui.widgets.evidence_dialog import EvidenceDialog
from organtwin.ui.widgets.folded_card import FoldedCard
from organtwin.ui.widgets.therapy_card import TherapyCard
from organtwin.ui.widgets.titled_panel import TitledPanel
from organtwin.ui.widgets.wording import sentence, wrapped

if TYPE_CHECKING:
    from organtwin.therapy.kind import TherapyKind

CARD_WIDTH = 316
"""Room for the longest name, its buttons and the scroll bar [pixels before scaling]."""
_FAMILIES = {
    "other": "Other drugs with known block of ion channels", "machine": "Pumps and balloon",
    "valve": "Valves", "to teach": "Make it worse (to teach)",
    "provocation": "Exercise",
}  # fmt: skip
"""Titles of families whose name is not one."""
_WITH = {"fluid": "volume and pericardium"}
"""Families that are offered in the menu of another."""
_AWAITED = "What is done to conduction is not in these numbers yet: it is being computed"
_NO_CARDS = "Add a therapy to see what it would do to this heart."


class TherapyPanel(TitledPanel):
    """One card per therapy, in the order of the plan; cards are kept while doses change.

    ``curve_of`` makes the response over the dose that a card folds out.
    """

    ramp_asked = Signal(str)

    def __init__(
        self,
        session: Session,
        curve_of: "Callable[[TherapyKind], QWidget]",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Therapy", parent)
        self._curve_of = curve_of
        self._session = session
        self.cards: dict[str, TherapyCard] = {}
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.menu.triggered.connect(self._add)
        self.add = QToolButton(self)
        self.add.setObjectName("primary")
        self.add.setText("+ Add therapy")
        self.add.setAccessibleName("Add therapy")
        self.add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add.setMenu(self.menu)
        self.presets = PresetButton(session, self)
        self.conduction = ConductionCard(session, self)
        self.pacing = PacingCard(session, self)
        self.conduction_fold = FoldedCard("Conduction", self.conduction, self)
        self.paced = PacingSwitch(session, self)
        self.pacing_fold = FoldedCard("Pacemaker", self.pacing, self, switch=self.paced)
        self._hint = QLabel(_NO_CARDS, self)
        self._hint.setObjectName("muted")
        self._hint.setWordWrap(True)
        self.verdict = ClampedLabel(4, self)
        self.verdict.setObjectName("status")
        self.verdict.setAccessibleName("What the prediction says about the plan")
        self.insist = QCheckBox("Show extrapolation", self)
        self.insist.setToolTip(
            "Show numbers outside the range that was checked, struck through. Nobody knows them."
        )
        self._cards = QVBoxLayout()
        self._cards.setContentsMargins(0, 0, 0, 0)
        self._cards.setSpacing(6)
        self.header.addWidget(self.presets)
        self.header.addWidget(self.add)
        self.plans = PlanTabs(session, self)
        self.body.addWidget(self.plans)
        self.body.addWidget(self._scrolled(), 1)
        self.body.addWidget(self.insist)
        self.body.addWidget(self.verdict)
        self.insist.toggled.connect(self._set_insist)
        session.twin_changed.connect(self._show_draft)
        session.draft_changed.connect(self._show_draft)
        session.prediction_changed.connect(self._show_verdict)
        session.electrics_changed.connect(self._show_verdict)
        self._show_draft()

    def _scrolled(self) -> CardScroll:
        holder = QWidget(self)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 4, 0)
        column.addWidget(self.conduction_fold)
        column.addWidget(self.pacing_fold)
        column.addWidget(self._hint)
        column.addLayout(self._cards)
        column.addStretch(1)
        self.cards_column = CardScroll(holder, self)
        self.cards_column.setMinimumWidth(CARD_WIDTH)
        return self.cards_column

    @Slot()
    def _fill_menu(self) -> None:
        self.menu.clear()
        families: dict[str, QMenu] = {"": self.menu}
        for name, kind in self._session.science.therapies().items():
            family = _WITH.get(kind.family, kind.family)
            if family not in families:
                families[family] = self.menu.addMenu(_FAMILIES.get(family, family.capitalize()))
                families[family].setToolTipsVisible(True)
            action = families[family].addAction(kind.label)
            action.setData(name)
            action.setToolTip(f"{kind.population}\nEvidence: {kind.evidence}")
            action.setEnabled(name not in self._session.draft)
        self.menu.setToolTipsVisible(True)

    @Slot(QAction)
    def _add(self, action: QAction) -> None:
        kind = self._session.science.therapies()[action.data()]
        self._session.end_gesture()
        self._session.draft = added(self._session.draft, kind.at(kind.default))
        card = self.cards.get(kind.name)
        if card is not None:  # pacing is set in the card of the pacemaker
            card.dose.number.setFocus()
            card.dose.number.selectAll()
            self._reveal(kind.name)

    @Slot()
    def _show_draft(self) -> None:
        draft = self._session.draft
        self.add.setEnabled(self._session.twin is not None)
        wanted = {therapy.kind.name: therapy for therapy in draft.therapies}
        for name in [name for name in self.cards if name not in wanted]:
            card = self.cards.pop(name)
            self._session.doses.show(name, False)
            self._cards.removeWidget(card)
            card.hide()
            card.deleteLater()
        for position, (name, therapy) in enumerate(wanted.items()):
            if name not in self.cards:
                self.cards[name] = self._new_card(name)
            if self._cards.indexOf(self.cards[name]) != position:
                self._cards.insertWidget(position, self.cards[name])
                self.cards[name].show()
            self.cards[name].show_therapy(
                therapy, applied=name not in draft.off, times=draft.times_of(name)
            )
        self._hint.setVisible(not wanted and not draft.electrics)
        self._show_electric(draft)
        with QSignalBlocker(self.insist):
            self.insist.setChecked(draft.insist)
        self.insist.setEnabled(bool(wanted) or bool(draft.electrics) or draft.insist)
        self._show_verdict()

    def _show_electric(self, draft: Draft) -> None:
        """The one line of conduction, and that of the pacemaker."""
        plan, record = draft.electrics, self._session.record
        pacemaker = plan.pacemaker
        others = replace(plan, pacemaker=type(pacemaker)())
        told = "; ".join(others.told) or recorded_told(record)
        self.conduction_fold.tell(told, used=bool(others))
        self.pacing_fold.tell(pacemaker.told if pacemaker else "off", used=bool(pacemaker))

    def _new_card(self, name: str) -> TherapyCard:
        kind = self._session.science.therapies()[name]
        badge = self._session.science.evidence(kind).badge
        ramped = name in self._session.science.planning.ramped()
        card = TherapyCard(kind, self._curve_of(kind), self, badge=badge, ramped=ramped)
        card.ramp_asked.connect(self.ramp_asked)
        card.evidence_asked.connect(self._show_evidence)
        card.dose_changed.connect(self._set_dose)
        card.settled.connect(self._settle)
        card.switched.connect(self._switch)
        card.removed.connect(self._remove)
        card.timed.connect(self._set_times)
        card.times.refused.connect(self._refuse_times)
        card.moved.connect(self._move)
        card.dragged.connect(self._drag)
        card.curve_shown.connect(self._session.doses.show)
        card.unfolded.connect(self._reveal)
        guard_wheel(card)
        return card

    @Slot(str)
    def _reveal(self, name: str) -> None:
        if name in self.cards:
            self.cards_column.reveal(self.cards[name])

    @Slot()
    def _show_verdict(self) -> None:
        text, level, everything = self._verdict()
        self.verdict.setText(text)
        self.verdict.setToolTip(wrapped(everything or text))
        self.verdict.setAccessibleDescription(everything or text)
        blamed = self._blamed()
        for name, card in self.cards.items():
            if card.show_trouble(blamed.get(name, "")):
                self._reveal(name)
        if self.verdict.property("level") != level:
            self.verdict.setProperty("level", level)
            self.verdict.style().unpolish(self.verdict)
            self.verdict.style().polish(self.verdict)

    def _verdict(self) -> tuple[str, str, str]:
        """What there is room for, how bad it is, and all of it for the tooltip."""
        refusal = self._session.refusal
        if refusal is not None:
            if not refusal.declined:
                return refusal.text, "bad", ""
            reasons = refusal.text.split("\n")
            told = f"Declined. {self._way_out()}{refusal.brief}{_further(reasons)}"
            return told, "bad", "\n\n".join(reasons)
        prediction = self._session.prediction
        if prediction is None or not self._session.plan:
            return "", "", ""
        if reasons := [str(reason) for reason in prediction.beyond]:
            told = f"Extrapolation. {prediction.beyond[0].brief}{_further(reasons)}"
            remarks = [sentence(warning) for warning in prediction.warnings]
            return told, "bad", "\n\n".join([*reasons, *remarks])
        outcome = prediction.solution.outcome
        if outcome.remedy:
            level = "watch" if self._session.planned else "bad"
            reason = prediction.solution.detail or outcome.meaning
            return f"{reason[:1].upper()}{reason[1:]}. {outcome.remedy}", level, ""
        electrics = self._session.electrics
        waiting = (_AWAITED,) if electrics.awaited else ()
        remarks = [sentence(t) for t in (*waiting, *prediction.warnings, *electrics.remarks)]
        return " ".join(remarks), "watch", "\n\n".join(remarks)

    def _blamed(self) -> dict[str, str]:
        """Therapies that put the plan outside what was checked, with the reason of each."""
        from organtwin.twin.beyond import blamed

        refusal, prediction = self._session.refusal, self._session.prediction
        if refusal is not None:
            return dict(refusal.blamed)
        return blamed(prediction.beyond) if prediction is not None else {}

    def _way_out(self) -> str:
        """How to see the rest of a declined plan; nothing where nothing would be left."""
        blamed, applied = self._blamed(), self._session.draft.applied
        names = [t.kind.label for t in applied if t.kind.name in blamed]
        if not names or len(names) == len(applied):
            return ""
        return f"Untick {' and '.join(names)} to see the rest. "

    @Slot(bool)
    def _set_insist(self, on: bool) -> None:
        self._session.end_gesture()
        self._session.draft = replace(self._session.draft, insist=on)

    @Slot(str, float)
    def _set_dose(self, name: str, dose: float) -> None:
        kind = self._session.science.therapies()[name]
        self._session.edit(self._session.draft.with_(kind.at(dose)), merge=f"dose of {name}")

    @Slot(str, object)
    def _set_times(self, name: str, times: Times) -> None:
        self._session.end_gesture()
        self._session.draft = self._session.draft.timed(name, times)

    @Slot(str)
    def _refuse_times(self, reason: str) -> None:
        self._session.notice = Notice(
            "The times contradict each other", reason, "Let it stop after it starts."
        )

    @Slot(str, int)
    def _move(self, name: str, step: int) -> None:
        self._session.end_gesture()
        self._session.draft = self._session.draft.moved(name, self._place(name) + step)

    @Slot(str, int)
    def _drag(self, name: str, height: int) -> None:
        """Where the cursor has passed the middle of a card, there the dragged one goes."""
        draft = self._session.draft
        middles = [
            self.cards[t.kind.name].mapToGlobal(self.cards[t.kind.name].rect().center()).y()
            for t in draft.therapies
            if t.kind.name != name
        ]
        place = sum(middle < height for middle in middles)
        self._session.edit(draft.moved(name, place), merge=f"place of {name}")

    def _place(self, name: str) -> int:
        return [t.kind.name for t in self._session.draft.therapies].index(name)

    @Slot()
    def _settle(self) -> None:
        self._session.end_gesture()

    @Slot(str, bool)
    def _switch(self, name: str, on: bool) -> None:
        self._session.end_gesture()
        self._session.draft = self._session.draft.switched(name, on)

    @Slot(str)
    def _show_evidence(self, name: str) -> None:
        science, colors = self._session.science, theme(self._session.selection.theme)
        EvidenceDialog(science.evidence(science.therapies()[name]), colors, self).open()

    @Slot(str)
    def _remove(self, name: str) -> None:
        self._session.end_gesture()
        self._session.draft = self._session.draft.without(name)


def _further(reasons: list[str]) -> str:
    return f" (+{len(reasons) - 1} more)" if len(reasons) > 1 else ""
