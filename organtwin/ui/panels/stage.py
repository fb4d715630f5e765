"""The place of the heart: a sentence while it is being prepared, then the 3D view."""

from typing import Any, Protocol

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy, QStackedLayout, QToolButton, QWidget

from organtwin.session.session import Session
from organtwin.ui.widgets.elided_label import ElidedLabel
from organtwin.ui.widgets.titled_panel import TitledPanel

FIELDS = (("region", "Anatomy"), ("strain", "Fibre strain"), ("activation", "Activation time"))


class HeartDisplay(Protocol):
    """What the stage asks of the 3D view, which is also a ``QWidget``."""

    PRESETS: tuple[str, ...]

    def show_motion(self, motion: Any, ghost: Any = None) -> None: ...
    def set_phase(self, phase: float) -> None: ...
    def set_field(self, name: str) -> None: ...
    def set_preset(self, name: str) -> None: ...
    def set_clip(self, clip: bool) -> None: ...
    def set_theme(self, name: str) -> None: ...


class HeartStage(TitledPanel):
    """Choices above, heart below. The 3D view comes later, by ``receive``: it is slow to load."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Heart", parent)
        self._session = session
        self.display: HeartDisplay | None = None
        self.field = QComboBox(self)
        self.field.setAccessibleName("Colour of the heart")
        for name, label in FIELDS:
            self.field.addItem(label, name)
        self.preset = QComboBox(self)
        self.preset.setAccessibleName("Camera position")
        self.preset.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.clip = QToolButton(self)
        self.clip.setText("Cut open")
        self.clip.setCheckable(True)
        self.clip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.what = ElidedLabel(self)
        self.what.setObjectName("muted")
        # Gives way on a narrow screen instead of widening the window.
        self.what.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.header.addWidget(self.what, 10)
        for widget in (self.field, self.preset, self.clip):
            self.header.addWidget(widget)
        self._waiting = QLabel("Preparing the heart …", self)
        self._waiting.setObjectName("placeholder")
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._waiting)
        self.body.addLayout(self._stack, 1)
        self._motions: tuple[object, object] = (None, None)
        self._passed: dict[str, object] = {}
        self._connect()
        self._show_choices()

    def _connect(self) -> None:
        session = self._session
        self.field.activated.connect(self._choose_field)
        self.preset.activated.connect(self._choose_preset)
        self.clip.toggled.connect(self._choose_clip)
        session.twin_changed.connect(self._show_heart)
        session.prediction_changed.connect(self._show_heart)
        session.playhead.moved.connect(self._show_phase)
        chosen = session.selection.events
        for signal in (chosen.field, chosen.preset, chosen.clip, chosen.theme):
            signal.connect(self._show_choices)

    def tell(self, text: str) -> None:
        """Show a sentence while, or because, there is no 3D view."""
        self._waiting.setText(text)

    def receive(self, display: HeartDisplay) -> None:
        """Take the 3D view, once."""
        self.display = display
        with QSignalBlocker(self.preset):
            self.preset.addItems([f"{n}  {name}" for n, name in enumerate(display.PRESETS, 1)])
        self._session.selection.presets = display.PRESETS
        self._stack.addWidget(display)  # type: ignore[arg-type]
        self._show_heart()
        self._show_choices()

    @Slot()
    def _show_heart(self) -> None:
        session = self._session
        shown, baseline = session.shown, session.baseline
        planned = shown is not None and shown is not baseline
        untreated = "simulated" if session.twin else "not fitted yet"
        self.what.setText("predicted · ghost: untreated" if planned else untreated)
        self.what.setToolTip(self.what.text())
        self.what.setVisible(shown is not None)
        if self.display is None:
            return
        if shown is None or baseline is None:
            self._motions = (None, None)
            self._stack.setCurrentIndex(0)
            return
        motions = (shown.motion, baseline.motion if planned else None)
        if motions != self._motions:
            self._motions = motions
            self.display.show_motion(motions[0], ghost=motions[1])
            self.display.set_phase(session.playhead.phase)
        self._stack.setCurrentIndex(1)

    @Slot()
    def _show_phase(self) -> None:
        if self.display is not None and self._motions[0] is not None:
            self.display.set_phase(self._session.playhead.phase)

    @Slot()
    def _show_choices(self) -> None:
        """Set the controls without echo, and the display where something differs."""
        chosen = self._session.selection
        with QSignalBlocker(self.field), QSignalBlocker(self.preset), QSignalBlocker(self.clip):
            self.field.setCurrentIndex(self.field.findData(chosen.field))
            self.preset.setCurrentIndex(chosen.preset)
            self.clip.setChecked(chosen.clip)
        if self.display is None:
            return
        preset = self.display.PRESETS[chosen.preset]
        self._pass_on("theme", chosen.theme, self.display.set_theme)
        self._pass_on("field", chosen.field, self.display.set_field)
        self._pass_on("preset", preset, self.display.set_preset)
        self._pass_on("clip", chosen.clip, self.display.set_clip)

    def _pass_on(self, what: str, value: object, setter: Any) -> None:
        if self._passed.get(what) != value:
            self._passed[what] = value
            setter(value)

    @Slot(int)
    def _choose_field(self, index: int) -> None:
        self._session.selection.field = self.field.itemData(index)

    @Slot(int)
    def _choose_preset(self, index: int) -> None:
        self._session.selection.preset = index

    @Slot(bool)
    def _choose_clip(self, clip: bool) -> None:
        self._session.selection.clip = clip
