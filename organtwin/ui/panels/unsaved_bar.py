"""What a crash left, offered above the heart until the user has said what to do with it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from organtwin.session.session import Session

if TYPE_CHECKING:
    from organtwin.store.autosave import Found
    from organtwin.store.unsaved import UnsavedWork


class UnsavedBar(QFrame):
    """One piece of work at a time, the latest first; hidden without any."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._session = session
        self.text = QLabel(self)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setAccessibleName("Unsaved work")
        self.restore, self.discard = QToolButton(self), QToolButton(self)
        self.restore.setText("Restore")
        self.restore.setObjectName("primary")
        self.discard.setText("Discard")
        self.restore.clicked.connect(self._restore)
        self.discard.clicked.connect(self._discard)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 5, 6, 5)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.restore)
        layout.addWidget(self.discard)
        session.unsaved_found.connect(self._show)
        self._show()

    @property
    def _offered(self) -> "Found | None":
        found = self._session.autosaving.found
        return found[0] if found else None

    @Slot()
    def _show(self) -> None:
        found = self._offered
        self.setVisible(found is not None)
        if found is not None:
            self.restore.setVisible(found.work is not None)
            self.text.setText(_told(found))

    @Slot()
    def _restore(self) -> None:
        if self._offered is not None:
            self._session.autosaving.restore(self._offered)

    @Slot()
    def _discard(self) -> None:
        if self._offered is not None:
            self._session.autosaving.discard(self._offered)


def _told(found: "Found") -> str:
    if found.work is None or found.saved_at is None:
        return f"Unsaved work that cannot be read was left: {found.problem}"
    at = found.saved_at.astimezone()
    parts = ", ".join(_parts(found.work)) or "nothing that this program can take up"
    return (
        f"The program ended without saving. Work on {Path(found.work.case).stem} "
        f"from {at:%Y-%m-%d %H:%M}: {parts}."
    )


def _parts(work: "UnsavedWork") -> Iterator[str]:
    """What there is of it, in words."""
    if work.plan.therapies:
        yield _count(len(work.plan.therapies), "therapy", "therapies")
    if work.plan.electrics:
        yield "changed conduction"
    if work.others:
        yield _count(len(work.others), "other plan", "other plans")
    if work.conditions:
        yield _count(len(work.conditions), "condition", "conditions")
    if work.markings:
        yield _count(len(work.markings), "marking", "markings")
    if work.heart is not None:
        yield "files of the heart"
    if work.lost:
        yield f"{len(work.lost)} that cannot be taken up"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
