"""The frame around a signal view: its title and the choice of what it draws."""

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QComboBox, QWidget

from organtwin.patient.channels import ECG_LEADS, FURTHER_ECG_LEADS
from organtwin.session.session import Session
from organtwin.ui.widgets.paged_panel import PagedPanel
from organtwin.ui.widgets.titled_panel import TitledPanel

SIDES = (("left", "Left heart"), ("right", "Right heart"))
ALL_LEADS = "All leads"
ECG_PAGES = ("beat", "recording", "live", "trends", "course")


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


class EcgPanel(PagedPanel):
    """One beat, measured over simulated, the recording, or what comes in live; all leads or one."""

    def __init__(
        self,
        session: Session,
        pages: tuple[QWidget, QWidget, QWidget, QWidget, QWidget],
        parent: QWidget | None = None,
    ) -> None:
        titles = ("ECG beat", "Recording", "Live", "Trends", "Course")
        super().__init__("ECG", tuple(zip(titles, pages, strict=True)), parent)
        self._session = session
        self.lead = QComboBox(self)
        self.lead.setAccessibleName("ECG lead")
        self.pages.setCornerWidget(self.lead)
        self.lead.activated.connect(self._choose)
        self.pages.tabBarClicked.connect(self._turn)
        for signal in (session.record_changed, session.ecg_changed, session.selection.events.lead):
            signal.connect(self._show)
        session.selection.events.ecg_page.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        record, ecg, chosen = self._session.record, self._session.ecg, self._session.selection
        known = set(record.waveforms if record else ())
        if ecg is not None:
            known |= set((ecg.measured or ecg.model).leads)
        leads = [name for name in (*ECG_LEADS, *FURTHER_ECG_LEADS) if name in known]
        with QSignalBlocker(self.lead):
            self.lead.clear()
            self.lead.addItem(ALL_LEADS, "")
            for lead in leads:
                self.lead.addItem(lead, lead)
            self.lead.setCurrentIndex(max(self.lead.findData(chosen.lead), 0))
        self.lead.setEnabled(bool(leads))
        self.lead.setVisible(chosen.ecg_page not in ("live", "trends", "course"))
        recorded = ecg is None and bool(leads)
        page = chosen.ecg_page or ("recording" if recorded else "beat")
        self.pages.setCurrentIndex(ECG_PAGES.index(page))

    @Slot(int)
    def _choose(self, index: int) -> None:
        self._session.selection.lead = self.lead.itemData(index)

    @Slot(int)
    def _turn(self, page: int) -> None:
        if page >= 0:
            self._session.selection.ecg_page = ECG_PAGES[page]
