"""The place of the heart: a sentence while it is being prepared, then the 3D view."""

from typing import Any, Protocol, cast

from PySide6.QtCore import QSignalBlocker, Qt, SignalInstance, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QWidget,
)

from organtwin.session.implanted import implanted
from organtwin.session.session import Session
from organtwin.ui.panels.doubt_line import DoubtLine
from organtwin.ui.widgets.cut_slider import CutSlider
from organtwin.ui.widgets.elided_label import ElidedLabel
from organtwin.ui.widgets.titled_panel import TitledPanel

FIELDS = (
    ("region", "Anatomy"),
    ("strain", "Fibre strain"),
    ("activation", "Activation time"),
    ("voltage", "Voltage"),
    ("recovery", "Recovery time"),
    ("duration", "Action potential"),
)
DOUBT = ("doubt", "Activation doubt")
"""Offered once a fit has told it."""


class HeartDisplay(Protocol):
    """What the stage asks of the 3D view, which is also a ``QWidget``."""

    PRESETS: tuple[str, ...]
    CUTS: tuple[str, ...]
    camera_changed: SignalInstance
    cut_moved: SignalInstance
    cut_turned: SignalInstance
    point_set: SignalInstance
    outline_closed: SignalInstance
    segment_pointed: SignalInstance
    segment_chosen: SignalInstance

    @property
    def layers(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def angles(self) -> tuple[float, float] | None: ...
    def show_motion(self, motion: Any, ghost: Any = None) -> None: ...
    def set_phase(self, phase: float) -> None: ...
    def set_field(self, name: str) -> None: ...
    def set_preset(self, name: str) -> None: ...
    def set_angles(self, primary: float, secondary: float) -> None: ...
    def set_cut(self, name: str, place: tuple[float, float, float]) -> None: ...
    def set_hidden(self, layers: frozenset[str]) -> None: ...
    def set_segment(self, segment: int) -> None: ...
    def set_implants(self, implants: Any, filling: Any) -> None: ...
    def set_tool(self, tool: str) -> None: ...
    def set_markings(self, markings: Any, pending: Any) -> None: ...
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
        self.cut = _menu_button("Cut", self)
        self.layers = _menu_button("Layers", self)
        self.measure = _menu_button("Measure", self)
        self.cut_slider = CutSlider(self)
        self.cut_slider.hide()
        self.doubt = DoubtLine(session, self)
        self.what = ElidedLabel(self)
        self.what.setObjectName("muted")
        # Gives way on a narrow screen instead of widening the window.
        self.what.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.what.setMinimumWidth(self.what.fontMetrics().horizontalAdvance("simulated") + 4)
        self._fill_header()
        self._waiting = QLabel("Preparing the heart …", self)
        self._waiting.setObjectName("placeholder")
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._waiting)
        self.body.addLayout(self._stack, 1)
        self._motions: tuple[object, object] = (None, None)
        self._electrics: object = None
        self._passed: dict[str, object] = {}
        self._connect()
        self._show_choices()

    def _fill_header(self) -> None:
        """What is shown is told in full; the choices share what room is left beside it."""
        self.header.addWidget(self.what, 210)
        for choice, widest in ((self.field, 130), (self.preset, 160)):
            choice.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            choice.setMinimumContentsLength(4)
            choice.setMaximumWidth(widest)
            choice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self.header.addWidget(choice, widest)
        for button in (self.cut, self.layers, self.measure):
            self.header.addWidget(button)

    def _connect(self) -> None:
        session = self._session
        self.field.activated.connect(self._choose_field)
        self.preset.activated.connect(self._choose_preset)
        self.cut.menu().aboutToShow.connect(self._offer_cuts)
        self.cut.menu().triggered.connect(self._choose_cut)
        self.layers.menu().aboutToShow.connect(self._offer_layers)
        self.layers.menu().triggered.connect(self._choose_layer)
        self.cut_slider.moved.connect(self._choose_depth)
        self.cut_slider.reset.connect(self._reset_cut)
        session.twin_changed.connect(self._show_heart)
        session.prediction_changed.connect(self._show_heart)
        session.playhead.moved.connect(self._show_phase)
        session.markings_changed.connect(self._show_markings)
        session.measuring.changed.connect(self._show_markings)
        session.draft_changed.connect(self._show_markings)
        for signal in (session.electrics_changed, session.record_changed):
            signal.connect(self._show_electrics)
        chosen = session.selection.events
        for signal in (
            chosen.field,
            chosen.preset,
            chosen.angles,
            chosen.cut,
            chosen.cut_place,
            chosen.hidden,
            chosen.theme,
            chosen.segment,
            chosen.pointed,
        ):
            signal.connect(self._show_choices)

    @property
    def angles(self) -> tuple[float, float] | None:
        """From where the heart is seen, as a C-arm tells it [degrees]."""
        return None if self.display is None else self.display.angles

    def tell(self, text: str) -> None:
        """Show a sentence while, or because, there is no 3D view."""
        self._waiting.setText(text)

    def receive(self, display: HeartDisplay) -> None:
        """Take the 3D view, once."""
        self.display = display
        with QSignalBlocker(self.preset):
            self.preset.addItems([f"{n}  {name}" for n, name in enumerate(display.PRESETS, 1)])
        chosen = self._session.selection
        chosen.presets, chosen.cuts = display.PRESETS, display.CUTS
        self._listen_to(display)
        self._lay_over(display)
        self._stack.addWidget(display)  # type: ignore[arg-type]
        self._show_heart()
        self._show_choices()
        self._show_markings()

    @Slot()
    def _show_heart(self) -> None:
        session = self._session
        shown, baseline = session.shown, session.baseline
        # The numbers of a plan come before its motion: until then this is the heart from before.
        planned = shown is not None and baseline is not None and shown.motion is not baseline.motion
        certainty = "simulated" if session.twin else "not fitted yet"
        drawn = "own heart" if shown is not None and shown.heart is not None else "template"
        told = "extrapolated" if session.extrapolated else "predicted"
        self.what.setText(f"{told if planned else certainty} · {drawn}")
        ghost = "; the outline over it is the untreated heart" if planned else ""
        self.what.setToolTip(f"{self.what.text()}{ghost}")
        self.what.setVisible(shown is not None)
        if self.display is None:
            return
        if shown is None or baseline is None:
            self._motions = (None, None)
            self._stack.setCurrentIndex(0)
            return
        motions = (shown.motion, baseline.motion if planned else None)
        electrics = getattr(shown.motion, "electrics", None)
        if (motions, electrics) != (self._motions, self._electrics):
            self._motions, self._electrics = motions, electrics
            self.display.show_motion(motions[0], ghost=motions[1])
            self.display.set_phase(session.playhead.phase)
            session.selection.layers = tuple(name for name, _ in self.display.layers)
        self._show_implants()
        self._stack.setCurrentIndex(1)

    def _show_implants(self) -> None:
        """Hand on what lies in the shown heart, where it is not what was handed on before."""
        if self.display is None:
            return
        found, filling = implanted(self._session)
        key = (found, filling.tobytes(), self._motions[0])
        if self._passed.get("implants") != key:
            self._passed["implants"] = key
            self.display.set_implants(found, filling)
            names = tuple(name for name, _ in self.display.layers)
            self._session.selection.layers = names

    @Slot()
    def _show_phase(self) -> None:
        if self.display is not None and self._motions[0] is not None:
            self.display.set_phase(self._session.playhead.phase)

    @Slot()
    def _show_choices(self) -> None:
        """Set the controls without echo, and the display where something differs."""
        chosen = self._session.selection
        with QSignalBlocker(self.field), QSignalBlocker(self.preset):
            self.field.setCurrentIndex(self.field.findData(chosen.field))
            self.preset.setCurrentIndex(chosen.preset)
        self.cut.setChecked(bool(chosen.cut))
        self.cut_slider.show_place(chosen.cut_place)
        if self.display is None:
            return
        self.cut_slider.setVisible(bool(chosen.cut))
        preset = self.display.PRESETS[chosen.preset]
        self._pass_on("theme", chosen.theme, self.display.set_theme)
        self._pass_on("field", chosen.field, self.display.set_field)
        self._pass_on("preset", preset, self.display.set_preset)
        self._pass_on("angles", chosen.angles, self._pass_angles)
        self._pass_on("cut", (chosen.cut, chosen.cut_place), self._pass_cut)
        self._pass_on("hidden", chosen.hidden, self.display.set_hidden)
        self._pass_on("segment", chosen.pointed or chosen.segment, self.display.set_segment)

    def _pass_on(self, what: str, value: object, setter: Any) -> None:
        if self._passed.get(what) != value:
            self._passed[what] = value
            setter(value)

    def _pass_angles(self, angles: tuple[float, float] | None) -> None:
        if self.display is not None and angles is not None:
            self.display.set_angles(*angles)

    def _pass_cut(self, cut: tuple[str, tuple[float, float, float]]) -> None:
        if self.display is not None:
            self.display.set_cut(*cut)

    def _listen_to(self, display: HeartDisplay) -> None:
        session = self._session
        chosen, measuring = session.selection, session.measuring
        display.camera_changed.connect(chosen.leave_angles)
        display.cut_moved.connect(chosen.move_cut)
        display.cut_turned.connect(chosen.turn_cut)
        display.segment_chosen.connect(chosen.choose_segment)
        display.segment_pointed.connect(chosen.point_at)
        display.point_set.connect(measuring.set_point)
        display.outline_closed.connect(measuring.finish)

    def add_measuring(self, menu: QMenu) -> None:
        """Offer the measuring tools beside the other choices."""
        self.measure.setMenu(menu)

    @Slot()
    def _show_markings(self) -> None:
        measuring = self._session.measuring
        self.measure.setChecked(bool(measuring.tool))
        self.measure.setText(f"{measuring.tool[:1].upper() + measuring.tool[1:] or 'Measure'} ▾")
        if self.display is not None:
            self._pass_on("tool", measuring.tool, self.display.set_tool)
            marked = (*self._session.markings, *self._session.electrics.placed)
            self.display.set_markings(marked, measuring.pending)

    @Slot()
    def _show_electrics(self) -> None:
        """The electrics of the heart that is shown are others."""
        chosen, known = self._session.selection, self._session.electrics.fitted is not None
        place = self.field.findData(DOUBT[0])
        if known and place < 0:
            self.field.addItem(DOUBT[1], DOUBT[0])
        elif not known and place >= 0:
            if chosen.field == DOUBT[0]:
                chosen.field = FIELDS[0][0]
            self.field.removeItem(place)
        self._show_heart()

    def _lay_over(self, display: HeartDisplay) -> None:
        """Put the slider of the cut onto the left edge of the picture."""
        picture = cast("QWidget", display)
        if picture.layout() is not None:  # it shows a sentence instead of a heart
            return
        edge = QHBoxLayout(picture)
        edge.setContentsMargins(2, 24, 2, 100)
        self.cut_slider.setParent(picture)
        edge.addWidget(self.cut_slider, 0, Qt.AlignmentFlag.AlignLeft)
        self.doubt.setParent(picture)
        edge.addWidget(self.doubt, 1, Qt.AlignmentFlag.AlignTop)

    @Slot(int)
    def _choose_field(self, index: int) -> None:
        self._session.selection.field = self.field.itemData(index)

    @Slot(int)
    def _choose_preset(self, index: int) -> None:
        self._session.selection.look(index)

    @Slot()
    def _offer_cuts(self) -> None:
        chosen = self._session.selection
        menu = self.cut.menu()
        menu.clear()
        for name in ("", *chosen.cuts):
            action = menu.addAction(name or "Closed")
            action.setData(name)
            action.setCheckable(True)
            action.setChecked(name == chosen.cut)

    @Slot(QAction)
    def _choose_cut(self, action: QAction) -> None:
        self._session.selection.open(action.data())

    @Slot()
    def _offer_layers(self) -> None:
        menu = self.layers.menu()
        menu.clear()
        for name, label in self.display.layers if self.display else ():
            action = menu.addAction(label)
            action.setData(name)
            action.setCheckable(True)
            action.setChecked(name not in self._session.selection.hidden)

    @Slot(QAction)
    def _choose_layer(self, action: QAction) -> None:
        self._session.selection.toggle(action.data())

    @Slot(float)
    def _choose_depth(self, depth: float) -> None:
        chosen = self._session.selection
        chosen.move_cut(depth - chosen.cut_place[0])

    @Slot()
    def _reset_cut(self) -> None:
        self._session.selection.cut_place = (0.0, 0.0, 0.0)


def _menu_button(text: str, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setText(f"{text} ▾")
    button.setAccessibleName(text)
    button.setCheckable(text != "Layers")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(QMenu(button))
    return button
