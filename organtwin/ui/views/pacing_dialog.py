"""The map of pacemaker settings beside the window, with its best region in words."""

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from organtwin.arrays import BoolArray, FloatArray
from organtwin.session.session import Session
from organtwin.simulation.pacing import Mode
from organtwin.therapy.kind import TherapyKind
from organtwin.therapy.pacing import PACED_AS
from organtwin.twin.pacing_survey import MODES, SITES, TIMING, Survey
from organtwin.twin.pacing_words import OUTCOMES, cell_told, refusals_told, region_told, shares
from organtwin.ui.theme import theme
from organtwin.ui.views.heat_map import HeatMap
from organtwin.ui.views.site_heart_view import SiteHeartView
from organtwin.ui.widgets.choice_box import ChoiceBox
from organtwin.ui.widgets.evidence_dialog import EvidenceDialog
from organtwin.ui.widgets.wording import sentence

OVER = (
    ("AV against VV delay", TIMING), ("modes against AV delay", MODES),
    ("sites of the LV lead", SITES),
)  # fmt: skip
_NOTE = (
    "Simulated, acute, without remodelling; every electrode captures. Enclosed: settings that "
    "cannot be told from the best (dot). A click on a cell, or Return, takes it into the plan."
)


class PacingDialog(QDialog):
    """Follows the newest map of the session; settings are taken into the plan by a click."""

    def __init__(self, session: Session, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._session = session
        self._released = False
        self.setWindowTitle("Map of pacemaker settings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(900, 560)
        self.over = ChoiceBox("Map over", OVER, self)
        self.outcome = ChoiceBox(
            "Outcome", [(o.label, name) for name, o in OUTCOMES.items()], self
        )  # fmt: skip
        self.start, self.stop = QPushButton("Compute", self), QPushButton("Cancel", self)
        self.start.setToolTip("Try every setting around the pacemaker of the plan")
        self.stop.setToolTip("Stop; what was found stays")
        self.over.setToolTip("What differs between the settings that are tried")
        self.outcome.setToolTip("By what a setting is judged and coloured")
        self.progress = _progress_bar(self)
        self.map = HeatMap(self)
        self.heart: SiteHeartView | None = None
        self.told = QLabel(self)
        self.told.setWordWrap(True)
        self.told.setAccessibleName("Which settings are best")
        self.told.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.badge = QToolButton(self)
        self.badge.setObjectName("badge")
        self.badge.setToolTip("Grade of the evidence, risk class; press for all of the evidence")
        self._views = QHBoxLayout()
        self._lay_out()
        self._listen()
        self._show()

    def _listen(self) -> None:
        session = self._session
        self.start.clicked.connect(self._compute)
        self.stop.clicked.connect(session.pacing.cancel)
        self.outcome.currentIndexChanged.connect(self._show)
        self.map.chosen.connect(session.pacing.take)
        self.badge.clicked.connect(self._show_evidence)
        session.pacing.changed.connect(self._show)
        session.selection.events.theme.connect(self._show)
        session.jobs.changed.connect(self._show_progress)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        for widget in (
            QLabel("Map over", self), self.over, QLabel("colour by", self), self.outcome,
        ):  # fmt: skip
            top.addWidget(widget)
        top.addWidget(self.badge)
        top.addStretch(1)
        top.addWidget(self.progress)
        top.addWidget(self.start)
        top.addWidget(self.stop)
        note = QLabel(_NOTE, self)
        note.setObjectName("small")
        note.setWordWrap(True)
        self._views.addWidget(self.map, 3)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addLayout(self._views, 1)
        layout.addWidget(self.told)
        layout.addWidget(note)

    @Slot()
    def _compute(self) -> None:
        self._session.pacing.ask(self.over.value)

    @Slot()
    def _show(self) -> None:
        desk, kind = self._session.pacing, self._paced_as
        self.badge.setText(f"{kind.label}: {self._session.science.evidence(kind).badge}")
        self.badge.setAccessibleName(f"Evidence of {self.badge.text()}")
        self.map.set_theme(self._session.selection.theme)
        self.start.setEnabled(desk.ready and not desk.going_on)
        self.stop.setEnabled(desk.going_on)
        self._show_progress()
        survey = desk.survey
        if survey is None:
            self.told.setText("Mapping …" if desk.going_on else "")
            return
        self._show_survey(survey)

    @property
    def _paced_as(self) -> TherapyKind:
        """The therapy that the pacemaker of the plan is; biventricular where it is none."""
        mode = self._session.electrics.plan.pacemaker.mode
        return PACED_AS.get(mode, PACED_AS[Mode.BIVENTRICULAR])

    @Slot()
    def _show_evidence(self) -> None:
        card = self._session.science.evidence(self._paced_as)
        EvidenceDialog(card, theme(self._session.selection.theme), self).open()

    @Slot()
    def _show_progress(self) -> None:
        desk = self._session.pacing
        fraction, message = desk.progress
        self.progress.setVisible(desk.going_on)
        self.progress.setValue(round(1000 * fraction))
        self.progress.setToolTip(message)

    def _show_survey(self, survey: Survey) -> None:
        grid, found, name = survey.grid, survey.found, self.outcome.value
        outcome = OUTCOMES[name]
        if len(found.refused) == len(found.settings):
            self.told.setText(f"No setting is shown: {next(iter(found.refused.values()))}")
            return
        good, best, part = found.as_good(name), found.best(name), shares(found, name)
        self.map.set_axes((grid.row_title, grid.column_title), grid.rows, grid.columns)
        texts = ["" if np.isnan(v) else outcome.text(float(v)) for v in found.values[name]]
        tips = [cell_told(found, grid, k) for k in range(len(found.settings))]
        self.map.set_cells(texts, tips, part, good, best, found.doubted)
        doubt = "" if found.members else " (doubt still being computed)"
        before = f"{outcome.text(found.reference[name])} {outcome.unit}"
        self.told.setText(
            f"{outcome.label}, {outcome.unit}; {before} without the pacemaker. Best: "
            f"{cell_told(found, grid, best)}. {sentence(region_told(found, grid, name) + doubt)}"
            f"{_outside_told(survey)}"
        )
        self._show_sites(survey, part, good)

    def _show_sites(self, survey: Survey, part: FloatArray, good: BoolArray) -> None:
        sites = survey.grid.sites
        shown = self._session.baseline
        if self.heart is not None:
            self.heart.setVisible(bool(sites))
        if not sites or shown is None:
            return
        if self.heart is None:
            self.heart = SiteHeartView(self)
            self.heart.set_theme(self._session.selection.theme)
            self.heart.show_motion(shown.motion)
            self.heart.set_preset("Left lateral")
            self.heart.setMinimumWidth(300)
            self._views.addWidget(self.heart, 2)
        by_site = np.where(np.isnan(part), -1.0, part).reshape(len(sites), -1).max(axis=1)
        by_site[by_site < 0.0] = np.nan
        best = survey.found.best(self.outcome.value) // len(survey.grid.columns)
        good_sites = np.asarray(good.reshape(len(sites), -1).max(axis=1))
        self.heart.set_sites(sites, by_site, good_sites, best)

    def done(self, result: int) -> None:
        self._release()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._release()
        super().closeEvent(event)

    def _release(self) -> None:
        if self._released:
            return
        self._released = True
        self._session.pacing.changed.disconnect(self._show)
        self._session.selection.events.theme.disconnect(self._show)
        self._session.jobs.changed.disconnect(self._show_progress)
        if self.heart is not None:
            self.heart.release()


def _outside_told(survey: Survey) -> str:
    """How many settings are extrapolations or were left out, and the reasons in the tooltips."""
    found = survey.found
    parts = []
    if found.doubted:
        parts.append(f" Hatched: {_count(len(found.doubted))} outside what was checked.")
    if found.refused:
        first = refusals_told(found, survey.grid)[0]
        parts.append(f" Left out: {_count(len(found.refused))}, such as {first}")
    return "".join(parts)


def _count(number: int) -> str:
    return f"{number} setting{'' if number == 1 else 's'}"


def _progress_bar(parent: QWidget) -> QProgressBar:
    """It keeps its place while hidden, so that nothing jumps."""
    bar = QProgressBar(parent)
    bar.setAccessibleName("Progress of the map")
    bar.setRange(0, 1000)
    bar.setTextVisible(False)
    bar.setFixedWidth(120)
    policy = bar.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    bar.setSizePolicy(policy)
    return bar
