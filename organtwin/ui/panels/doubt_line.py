"""A line over the heart: why its activation is that of a plan nobody could answer for."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QSizePolicy, QWidget

from organtwin.session.electric_doubt import electric_doubt
from organtwin.session.session import Session
from organtwin.ui.widgets.elided_label import ElidedLabel

ELECTRIC_FIELDS = frozenset({"activation", "voltage", "recovery", "duration", "doubt"})
"""Colours of the heart that the electrics of the plan give."""


class DoubtLine(ElidedLabel):
    """Shown while such colours are, and the plan was declined or is an extrapolation."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("status")
        self.setProperty("level", "bad")
        self.setAccessibleName("Why the activation of the plan is not to be believed")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for signal in (
            session.prediction_changed, session.electrics_changed, session.record_changed,
            session.selection.events.field,
        ):  # fmt: skip
            signal.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        doubt = electric_doubt(self._session)
        seen = doubt is not None and self._session.selection.field in ELECTRIC_FIELDS
        self.setText(f"plan {doubt}" if seen else "")
        self.setVisible(seen)
