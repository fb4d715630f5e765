"""Which live source the twin is to follow."""

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from organtwin.session.live_sources import (
    LOOPBACK,
    MLLP_PORT,
    SPEEDS,
    LiveSource,
    fhir_server,
    lsl_streams,
    lsl_streams_in_sight,
    mllp_listener,
    replayed,
    watched_folder,
)
from organtwin.session.session import Session
from organtwin.tasks.job import Job
from organtwin.ui.widgets.choice_box import ChoiceBox

KINDS = (
    ("A recording, replayed", "replay"),
    ("Lab Streaming Layer", "lsl"),
    ("HL7 v2 over MLLP", "mllp"),
    ("FHIR server", "fhir"),
    ("A watched folder", "folder"),
)
PATIENT_STREAMS = "all of type ECG or vitals"
_ABOUT = {
    "replay": "Any recording that the program reads, as if it came in now.",
    "lsl": "Streams with a lead or a pressure on each channel, in this network.",
    "mllp": "The program listens for results (ORU) of a monitor. It listens on this computer only, "
    "unless another address and the peers that may connect are named.",
    "fhir": "A FHIR R4 server is asked every half minute for new Observations of one patient: "
    "cuff pressures, heart rate, cardiac output. Nothing is written there, and the token is not "
    "kept.",
    "folder": "Recordings that another program writes into a folder; nothing is written there.",
}


class ConnectDialog(QDialog):
    """Asks, and connects when the answer is complete."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle("Connect a live source")
        self.setMinimumWidth(440)
        self.kind = ChoiceBox("Kind of source", KINDS, self)
        self.file, self.folder = QLineEdit(self), QLineEdit(self)
        self.speed = ChoiceBox("Speed", [(f"{s:g}×", s) for s in SPEEDS], self)
        self.speed.select(1.0)
        self.streams = QComboBox(self)
        self.look = QPushButton("Look again", self)
        self._looking: Job[tuple[str, ...]] | None = None
        self.address, self.peers = QLineEdit(self), QLineEdit(self)
        self.server, self.patient, self.token = (QLineEdit(self) for _ in range(3))
        self.port = QSpinBox(self)
        self._about = QLabel(self)
        self._about.setObjectName("small")
        self._about.setWordWrap(True)
        self.pages = QStackedWidget(self)
        for page in (self._replay(), self._lsl(), self._mllp(), self._fhir(), self._folder()):
            self.pages.addWidget(page)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.connect_button = buttons.addButton("Connect", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.kind)
        layout.addWidget(self._about)
        layout.addWidget(self.pages)
        layout.addWidget(buttons)
        self.kind.currentIndexChanged.connect(self._show)
        for field in (
            self.file, self.folder, self.address, self.peers, self.server, self.patient
        ):  # fmt: skip
            field.textChanged.connect(self._show)
        self.streams.currentTextChanged.connect(self._show)
        self.finished.connect(self._stop_looking)
        self._show()

    @property
    def source(self) -> LiveSource | None:
        """What was asked for; ``None`` while something is missing."""
        kind = self.kind.value
        if kind == "replay":
            text = self.file.text().strip()
            return replayed(Path(text), self.speed.value) if text else None
        if kind == "lsl":
            text = self.streams.currentText().strip()
            chosen = [] if text == PATIENT_STREAMS else text.split(",")
            return lsl_streams(tuple(name.strip() for name in chosen)) if text else None
        if kind == "fhir":
            base, patient = self.server.text().strip(), self.patient.text().strip()
            return fhir_server(base, patient, self.token.text()) if base and patient else None
        if kind == "folder":
            text = self.folder.text().strip()
            return watched_folder(Path(text)) if text else None
        peers = tuple(self.peers.text().replace(",", " ").split())
        address = self.address.text().strip()
        return mllp_listener(self.port.value(), address, peers) if address else None

    def accept(self) -> None:
        """Connect, and close."""
        source = self.source
        if source is not None:
            self._session.stream.connect(source.opening, source.name)
            super().accept()

    @Slot()
    def _show(self) -> None:
        self.pages.setCurrentIndex(self.kind.currentIndex())
        self._about.setText(_ABOUT[self.kind.value])
        self.connect_button.setEnabled(self.source is not None)
        if self.kind.value == "lsl" and self._looking is None:
            self._look()

    @Slot()
    def _look(self) -> None:
        """Ask the network for its streams; what was typed stays."""
        self.look.setEnabled(False)
        self.look.setText("Looking…")
        jobs = self._session.jobs
        self._looking = jobs.start(
            jobs.lanes.reading,
            "Looking for LSL streams",
            lambda progress: lsl_streams_in_sight(),
            on_result=self._offer,
            on_error=self._found_none,
        )

    def _offer(self, names: tuple[str, ...]) -> None:
        text = self.streams.currentText()
        self.streams.clear()
        self.streams.addItems([PATIENT_STREAMS, *names])
        self.streams.setCurrentText(text)
        found = ", ".join(names) if names else "none in sight"
        self._about.setText(f"{_ABOUT['lsl']} Now: {found}.")
        self._rest()

    def _found_none(self, error: BaseException) -> None:
        self._about.setText(f"{error}")
        self._rest()

    def _rest(self) -> None:
        self.look.setEnabled(True)
        self.look.setText("Look again")

    @Slot()
    def _stop_looking(self) -> None:
        if self._looking is not None:
            self._looking.cancel()

    def _replay(self) -> QWidget:
        page = QWidget(self)
        form = QFormLayout(page)
        form.addRow("Recording", self._chosen(self.file, self._choose_file))
        form.addRow("Speed", self.speed)
        return page

    def _lsl(self) -> QWidget:
        page = QWidget(self)
        self.streams.setEditable(True)
        self.streams.addItem(PATIENT_STREAMS)
        self.streams.setAccessibleName("Streams")
        self.streams.setToolTip("One stream of those in sight, or names with commas between them")
        self.look.clicked.connect(self._look)
        row = QHBoxLayout()
        row.addWidget(self.streams, 1)
        row.addWidget(self.look)
        QFormLayout(page).addRow("Streams", row)
        return page

    def _mllp(self) -> QWidget:
        page = QWidget(self)
        self.port.setRange(1, 65535)
        self.port.setValue(MLLP_PORT)
        self.address.setText(LOOPBACK)
        self.peers.setPlaceholderText("e.g. 10.1.2.0/24")
        form = QFormLayout(page)
        form.addRow("Port", self.port)
        form.addRow("Listen on", self.address)
        form.addRow("Peers", self.peers)
        return page

    def _fhir(self) -> QWidget:
        page = QWidget(self)
        self.server.setPlaceholderText("e.g. https://host/fhir")
        self.patient.setPlaceholderText("id of the patient on that server")
        self.token.setPlaceholderText("if the server asks for one")
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        form = QFormLayout(page)
        form.addRow("Address", self.server)
        form.addRow("Patient", self.patient)
        form.addRow("Token", self.token)
        return page

    def _folder(self) -> QWidget:
        page = QWidget(self)
        QFormLayout(page).addRow("Folder", self._chosen(self.folder, self._choose_folder))
        return page

    def _chosen(self, field: QLineEdit, choose: object) -> QWidget:
        row = QWidget(self)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        button = QPushButton("Choose…", row)
        button.clicked.connect(choose)
        layout.addWidget(field, 1)
        layout.addWidget(button)
        return row

    @Slot()
    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "A recording", self.file.text())
        if path:
            self.file.setText(path)

    @Slot()
    def _choose_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, "A folder", self.folder.text())
        if path:
            self.folder.setText(path)
