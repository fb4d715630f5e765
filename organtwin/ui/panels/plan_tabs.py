"""The plans above the therapy cards: one tab each, a button for one more, one to compare them."""

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QMenu, QTabBar, QToolButton, QWidget

from organtwin.session.plan_desk import PlanAnswer
from organtwin.session.plans import LetteredPlan
from organtwin.session.session import Session
from organtwin.ui.widgets.plan_wording import contents

_FULL = "Four plans are the most that can be compared."
_LONGEST = 7
"""Characters of a name that fit a tab; the whole name stands in its tooltip."""


class PlanTabs(QWidget):
    """Shows and edits ``session.plans``; the context menu is that of the tab under the mouse."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.bar = QTabBar(self)
        self.bar.setAccessibleName("Plans")
        self.bar.setExpanding(False)
        self.bar.setElideMode(Qt.TextElideMode.ElideRight)
        self.bar.setUsesScrollButtons(False)
        self.bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.bar.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.bar.customContextMenuRequested.connect(self._open_menu)
        self.bar.currentChanged.connect(self._choose)
        self.bar.tabBarDoubleClicked.connect(self._rename_tab)
        self.new = QToolButton(self)
        self.new.setText("+")
        self.new.setAccessibleName("One more plan")
        self.new.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.new.setMenu(QMenu(self.new))
        self.compare = QToolButton(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.bar, 1)
        row.addWidget(self.new)
        row.addWidget(self.compare)
        for signal in (session.plans_changed, session.plan_desk.changed, session.twin_changed):
            signal.connect(self._show)
        self._show()

    def offer(self, new: tuple[QAction, ...], compare: QAction) -> None:
        """Take the actions of the menus for the buttons."""
        self.new.menu().addActions(new)
        compare.setIconText("Compare")  # what a button says; the menu says it in full
        self.compare.setDefaultAction(compare)

    @Slot()
    def _show(self) -> None:
        plans, desk = self._session.plans, self._session.plan_desk
        with QSignalBlocker(self.bar):
            while self.bar.count() > len(plans.items):
                self.bar.removeTab(self.bar.count() - 1)
            while self.bar.count() < len(plans.items):
                self.bar.addTab("")
            for place, plan in enumerate(plans.items):
                self.bar.setTabText(place, _label(plan))
                self.bar.setTabData(place, plan.letter)
                tip = f"Plan {plan.title}\n{contents(plan.draft)}\n{told(plan, desk.answer(plan))}"
                self.bar.setTabToolTip(place, f"{tip}\nCtrl+{ord(plan.letter) - ord('A') + 1}")
            self.bar.setCurrentIndex(plans.letters.index(plans.active))
        self.new.setEnabled(bool(plans.free) and self._session.twin is not None)
        self.new.setToolTip("One more plan" if plans.free else _FULL)

    @Slot(int)
    def _choose(self, place: int) -> None:
        if place >= 0:
            self._session.plan_desk.choose(self.bar.tabData(place))

    @Slot(QPoint)
    def _open_menu(self, where: QPoint) -> None:
        place = self.bar.tabAt(where)
        place = self.bar.currentIndex() if place < 0 else place  # asked for by a key
        self.menu_of(self.bar.tabData(place)).popup(self.bar.mapToGlobal(where))

    def menu_of(self, letter: str) -> QMenu:
        """What can be done to one plan."""
        desk, menu = self._session.plan_desk, QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"Rename plan {letter}…", lambda: self.rename(letter))
        copy = menu.addAction(f"Duplicate plan {letter}", lambda: desk.duplicate(letter))
        copy.setEnabled(bool(self._session.plans.free))
        last = len(self._session.plans.items) == 1
        menu.addAction(
            f"{'Empty' if last else 'Delete'} plan {letter}", lambda: desk.remove(letter)
        )
        return menu

    @Slot(int)
    def _rename_tab(self, place: int) -> None:
        if place >= 0:
            self.rename(self.bar.tabData(place))

    def rename(self, letter: str) -> None:
        """Ask for the name of a plan; an empty one leaves the letter."""
        known = self._session.plans[letter].name
        name, agreed = QInputDialog.getText(self, f"Plan {letter}", "Name of the plan", text=known)
        if agreed:
            self._session.plan_desk.rename(letter, name)


def _label(plan: LetteredPlan) -> str:
    name = plan.name if len(plan.name) <= _LONGEST else f"{plan.name[: _LONGEST - 1]}…"
    return f"{plan.letter} {name}".rstrip()


def told(plan: LetteredPlan, answer: PlanAnswer) -> str:
    """How far a plan is answered, in words."""
    if answer.refusal is not None:
        return f"No answer: {answer.refusal.text}"
    if answer.foreseen is None:
        return "Nothing is changed" if answer.complete else "Not predicted yet"
    outcome = answer.foreseen.prediction.solution.outcome
    if outcome.remedy:
        return f"No answer: {outcome.meaning}"
    return "Predicted" if answer.complete else "Predicted, estimating doubt"
