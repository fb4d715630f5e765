"""The frame around a signal view: its title and the choice of what it draws."""

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QComboBox, QWidget

from organtwin.patient.channels import ECG_LEADS, FURTHER_ECG_LEADS
from organtwin.session.session import Session
from organtwin.ui.widgets.titled_panel import TitledPanel

SIDES = (("left", "Left heart"), ("right", "Right heart"))
ALL_LEADS = "All leads"


class SignalPanel(TitledPanel):
    def __init__(self, title: str, view: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.body.addWidget(view, 1)


class TracePanel(SignalPanel):
    """Pressures and volumes of one side of the heart."""

    def __init__(self, session: Session, view: QWidget, parent: QWidget | None = None) -> None:
        super().__init__("Pressures and volumes", view, parent)
        self._session = session
        self.side = QComboBox(self)
        self.side.setAccessibleName("Side of the heart")
        for name, label in SIDES:
            self.side.addItem(label, name)
        self.header.addWidget(self.side)
        self.side.activated.connect(self._choose)
        session.selection.events.side.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        with QSignalBlocker(self.side):
            self.side.setCurrentIndex(self.side.findData(self._session.selection.side))

    @Slot(int)
    def _choose(self, index: int) -> None:
        self._session.selection.side = self.side.itemData(index)


class EcgPanel(SignalPanel):
    """All leads as on a sheet, or one lead at full scale."""

    def __init__(self, session: Session, view: QWidget, parent: QWidget | None = None) -> None:
        super().__init__("Measured ECG", view, parent)
        self._session = session
        self.lead = QComboBox(self)
        self.lead.setAccessibleName("ECG lead")
        self.header.addWidget(self.lead)
        self.lead.activated.connect(self._choose)
        session.record_changed.connect(self._show)
        session.selection.events.lead.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        record = self._session.record
        recorded = record.waveforms if record else {}
        leads = [name for name in (*ECG_LEADS, *FURTHER_ECG_LEADS) if name in recorded]
        with QSignalBlocker(self.lead):
            self.lead.clear()
            self.lead.addItem(ALL_LEADS, "")
            for lead in leads:
                self.lead.addItem(lead, lead)
            self.lead.setCurrentIndex(max(self.lead.findData(self._session.selection.lead), 0))
        self.lead.setEnabled(bool(leads))

    @Slot(int)
    def _choose(self, index: int) -> None:
        self._session.selection.lead = self.lead.itemData(index)
