"""All plans beside each other: numbers, curves, leads, two outcomes, and hearts side by side."""

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QCloseEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QLabel, QTabWidget, QVBoxLayout, QWidget

from organtwin.session.plan_table import UNTREATED, Beside, beside
from organtwin.session.session import Session
from organtwin.ui.theme import theme
from organtwin.ui.views.compare_curves import CurvesPage
from organtwin.ui.views.compare_dominance import DominancePage
from organtwin.ui.views.compare_ecg import EcgPage
from organtwin.ui.views.compare_numbers import NumbersPage
from organtwin.ui.widgets.plan_wording import COLORS, contents

if TYPE_CHECKING:
    from organtwin.ui.views.compare_hearts import HeartsPage

SIZE = (1180, 620)
"""Fits a screen of 1366 x 768 with its bars."""
HEARTS = "Hearts"


class CompareDialog(QDialog):
    """Stays beside the window and follows the session; only the page that is seen is drawn."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle("Compare plans")
        self.resize(*SIZE)
        self.key = QLabel(self)
        self.key.setAccessibleName("Plans and their colours")
        self.key.setWordWrap(True)
        # Always room for two lines, so that nothing jumps when a plan grows.
        self.key.setMinimumHeight(2 * self.key.fontMetrics().lineSpacing() + 2)
        self.numbers = NumbersPage(session, self)
        self.curves = CurvesPage(session, self)
        self.ecg = EcgPage(session, self)
        self.dominance = DominancePage(session, self)
        self.hearts: HeartsPage | None = None
        self._place = QWidget(self)
        QVBoxLayout(self._place).setContentsMargins(0, 0, 0, 0)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setAccessibleName("Pages of the comparison")
        for title, page in (
            ("Numbers", self.numbers), ("Loops and traces", self.curves), ("ECG", self.ecg),
            ("Which is better", self.dominance), (HEARTS, self._place),
        ):  # fmt: skip
            self.tabs.addTab(page, title)
        self.tabs.currentChanged.connect(self._show)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.addWidget(self.key)
        layout.addWidget(self.tabs, 1)
        # Many signals tell of one answer; it is drawn once, when all have been heard.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._show)
        for signal in (
            session.twin_changed, session.plans_changed, session.draft_changed,
            session.plan_desk.changed, session.selection.events.theme,
        ):  # fmt: skip
            signal.connect(self._show_soon)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._release()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._release()
        super().closeEvent(event)

    def _release(self) -> None:
        self._soon.stop()
        if self.hearts is not None:
            self.hearts.release()

    @Slot()
    def _show_soon(self) -> None:
        if self.isVisible():
            self._soon.start()

    @Slot()
    def _show(self) -> None:
        if not self.isVisible():
            return
        self._session.plan_desk.look_at_untreated()
        shown = beside(self._session)
        self.key.setText(_key(self._session, shown))
        page = self.tabs.currentWidget()
        if page is self._place:
            self._hearts().show_plans(shown)
        elif isinstance(page, NumbersPage | CurvesPage | EcgPage | DominancePage):
            page.show_plans(shown)

    def _hearts(self) -> "HeartsPage":
        """The page of hearts, made when it is first seen: it loads VTK."""
        if self.hearts is None:
            from organtwin.ui.views.compare_hearts import HeartsPage

            self.hearts = HeartsPage(self._session, self._place)
            layout = self._place.layout()
            if layout is not None:
                layout.addWidget(self.hearts)
        return self.hearts


def _key(session: Session, shown: tuple[Beside, ...]) -> str:
    """Each plan in its colour with what is done in it, and why it has no answer."""
    colors = theme(session.selection.theme)
    if not shown:
        return "The plans are compared once the twin is fitted."
    parts = [f'<span style="color:{colors.text}">┄ {UNTREATED}</span>']
    for plan in shown:
        if plan.letter:
            color = getattr(colors, COLORS[plan.letter])
            done = escape(contents(session.plans[plan.letter].draft))
            why = f' <span style="color:{colors.watch}">({escape(plan.why)})</span>'
            if plan.extrapolation:
                told = "extrapolation: nobody knows these numbers"
                why = f' <span style="color:{colors.bad}">({told})</span>'
            title = f'<b style="color:{color}">{escape(plan.title)}</b>'
            parts.append(f"{title} {done}{why if plan.why or plan.extrapolation else ''}")
    return " &nbsp;&nbsp; ".join(parts)
