"""How the twin is in step with its patient: source, lag, what was used, what is not explained."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from organtwin.quantities import QUANTITIES
from organtwin.session.session import Session
from organtwin.ui.theme import theme

if TYPE_CHECKING:
    from organtwin.twin.stream_loop import FollowStep

PHASE_LEVELS = {"live": "good", "connecting": "watch", "stalled": "watch", "lost": "bad"}
CAUSE_NAMES = {
    "rate": "heart rate", "volume": "volume", "contractility": "contractility",
    "systemic_tone": "systemic resistance",
}  # fmt: skip
_NOTHING = (
    "The twin follows no live source.\n\nConnect one, and it takes every beat of the patient: the "
    "drawn heart contracts on the patient's R peak, and contractility, resistance and volume are "
    "found anew from beat to beat."
)
_REASONS = 6
_MS = 1e-3


class SyncPage(QWidget):
    """Rows of what is so now, and the buttons that begin and end it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.connect_button = QPushButton("Connect…", self)
        self.disconnect_button = QPushButton("Disconnect", self)
        self.disconnect_button.clicked.connect(lambda: session.stream.disconnect())
        self.rows = QGridLayout()
        self.rows.setColumnStretch(1, 1)
        self.rows.setVerticalSpacing(3)
        self._labels: list[tuple[QLabel, QLabel]] = []
        buttons = QHBoxLayout()
        buttons.addWidget(self.connect_button)
        buttons.addWidget(self.disconnect_button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 6, 2, 2)
        layout.addLayout(self.rows)
        layout.addStretch(1)
        layout.addLayout(buttons)
        session.stream_changed.connect(self._show)
        session.twin_changed.connect(self._show)
        session.selection.events.theme.connect(self._show)
        self._show()

    def texts(self) -> list[tuple[str, str]]:
        """What the rows say."""
        return [
            (name.text(), value.text()) for name, value in self._labels if name.isVisibleTo(self)
        ]

    @Slot()
    def _show(self) -> None:
        stream = self._session.stream
        self.connect_button.setEnabled(stream.possible)
        self.disconnect_button.setEnabled(bool(stream.name))
        facts = [("", _NOTHING, "")] if not stream.name else list(_facts(self._session))
        colors = theme(self._session.selection.theme)
        while len(self._labels) < len(facts):
            self._add_row()
        for index, (name, value) in enumerate(self._labels):
            shown = index < len(facts)
            name.setVisible(shown)
            value.setVisible(shown)
            if shown:
                label, text, level = facts[index]
                name.setText(label)
                value.setText(text)
                value.setStyleSheet(f"color: {getattr(colors, level)}" if level else "")

    def _add_row(self) -> None:
        name, value = QLabel(self), QLabel(self)
        name.setObjectName("small")
        value.setWordWrap(True)
        row = len(self._labels)
        self.rows.addWidget(name, row, 0)
        self.rows.addWidget(value, row, 1)
        self._labels.append((name, value))


def _facts(session: Session) -> Iterator[tuple[str, str, str]]:
    """Name, text and level of every row."""
    stream, step = session.stream, session.stream.step
    yield "Source", stream.name, ""
    if step is None:
        yield "State", "opening …" if stream.going_on else "ended", "watch"
        return
    phase = step.state.phase.value
    yield "State", f"{phase}: {step.state.sentence}", PHASE_LEVELS.get(phase, "muted")
    yield (
        "Age",
        f"newest sample {_ms(step.age)}, chunks late {_ms(step.lag)}, 95 % {_ms(step.lag95)}",
        "",
    )
    if step.n_gaps or step.duplicates or step.late:
        lost = f"{step.n_gaps} gaps of {step.gap_seconds:.1f} s together"
        yield "Lost", f"{lost}, {step.duplicates} repeated, {step.late} too late", "watch"
    yield "Beats", _beats(step), ""
    for reason, count in sorted(step.reasons.items(), key=lambda row: -row[1])[:_REASONS]:
        yield "", f"{count} × {reason}", "muted"
    for channel, reason in step.set_aside.items():
        yield "Not read", f"{channel}: {reason}", "muted"
    for sentence, count in list(step.refused.items())[:_REASONS]:
        yield "Refused", f"{count} × {sentence}", "muted"
    yield from _explained(session, step)


def _beats(step: "FollowStep") -> str:
    rhythm = "" if step.irregular is None else ", regular"
    if step.irregular:
        rhythm = ", irregular as in atrial fibrillation"
    return f"{step.used} used, {sum(step.reasons.values())} not{rhythm}"


def _explained(session: Session, step: "FollowStep") -> Iterator[tuple[str, str, str]]:
    if not step.unexplained:
        yield "Twin", "explains all that is measured" if step.used else "waits for beats", "good"
    for each in step.unexplained:
        newest = step.followed[-1].time if step.followed else each.since
        ago = max(newest - each.since, 0.0) / 60.0
        text = f"does not explain {QUANTITIES[each.name].label} ({each.by:+.1f} sd, {ago:.0f} min)"
        yield "Twin", text, "bad"
    if session.stream.fallen is not None:
        lost = f"mean pressure fell by {session.stream.fallen.share:.0%}"
        causes = [
            f"{CAUSE_NAMES.get(cause.name, cause.name)} {cause.share:.0%}"
            for cause in session.stream.causes[:2]
        ]
        yield "Fall", f"{lost}; likely {', '.join(causes) or '…'}", "watch"


def _ms(seconds: float) -> str:
    return "–" if seconds != seconds else f"{seconds / _MS:.0f} ms"
