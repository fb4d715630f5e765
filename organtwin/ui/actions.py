"""Every action of the program as one table; menus, buttons and shortcuts are built from it."""

from functools import partial

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from organtwin.session.measuring import ABLATE, ABLATE_LINE, PACE
from organtwin.session.session import Session
from organtwin.ui.action_spec import ActionSpec
from organtwin.ui.commands import Commands
from organtwin.ui.ecg_actions import ECG
from organtwin.ui.memory_actions import EXPORT_ARCHIVE, LIBRARY
from organtwin.ui.panels.stage import FIELDS
from organtwin.ui.plan_actions import PLANS
from organtwin.ui.report_actions import REPORT


def _has_twin(session: Session) -> bool:
    return session.twin is not None


def _can_follow(session: Session) -> bool:
    return session.stream.possible


def _follows(session: Session) -> bool:
    return bool(session.stream.name)


def _has_heart(session: Session) -> bool:
    return session.shown is not None


def _choose_field(name: str, commands: Commands) -> None:
    commands.session.selection.field = name


def _choose_preset(number: int, commands: Commands) -> None:
    commands.session.selection.look(number)


def _field_is(name: str, session: Session) -> bool:
    return session.selection.field == name


def _preset_is(number: int, session: Session) -> bool:
    return session.selection.preset == number


def _has_preset(number: int, session: Session) -> bool:
    return number < len(session.selection.presets)


def _preset_name(number: int, session: Session) -> str:
    return session.selection.presets[number] if _has_preset(number, session) else "–"


def _has_cut(session: Session) -> bool:
    return bool(session.selection.cut)


def _toggle_layer(name: str, commands: Commands) -> None:
    commands.session.selection.toggle(name)


def _has_layer(name: str, session: Session) -> bool:
    return name in session.selection.layers


def _layer_is_shown(name: str, session: Session) -> bool:
    return name not in session.selection.hidden


def _take_tool(tool: str, commands: Commands) -> None:
    measuring = commands.session.measuring
    measuring.take("" if tool == measuring.tool else tool)


def _tool_is(tool: str, session: Session) -> bool:
    return session.measuring.tool == tool


def _is_measuring(session: Session) -> bool:
    return bool(session.measuring.tool)


def _list_keys(commands: Commands) -> None:
    from organtwin.ui.views.keys_dialog import KeysDialog, written

    rows = [
        (
            spec.menu,
            spec.label(commands.session) if spec.label else spec.text,
            " or ".join(written(key) for key in (spec.shortcut, spec.also) if key),
        )
        for spec in TABLE
        if spec.shortcut
    ]
    dialog = KeysDialog(rows, commands.window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


ELECTRIC_KEYS = (
    (PACE, "Pace where I click", "K"), (ABLATE, "Ablate where I click", "Shift+K"),
    (ABLATE_LINE, "Ablate along a line", "Ctrl+Shift+K"),
)  # fmt: skip
TOOL_KEYS = (
    ("probe", "Probe", "P"), ("landmark", "Landmark", "L"),
    ("distance", "Distance (2 points)", "D"),
    ("angle", "Angle (3 points)", "G"), ("area", "Area or orifice (outline)", "E"),
)  # fmt: skip
N_PRESETS = 10
LAYER_KEYS = (
    ("walls", "Chamber walls", "W"), ("vessels", "Great vessels", "V"),
    ("coronaries", "Coronary vessels", "O"), ("blood", "Blood in the chambers", "B"),
    ("pericardium", "Pericardium", "Shift+P"), ("fibers", "Muscle fibres", "F"),
    ("conduction", "Conduction system", "N"), ("torso", "Torso and electrodes", "U"),
    ("devices", "Devices", "Shift+D"), ("effusion", "Pericardial effusion", "Shift+E"),
)  # fmt: skip
"""Layers worth a key; the button on the stage offers all that the heart has."""
TABLE: tuple[ActionSpec, ...] = (
    ActionSpec("open", "File", "Open case…", Commands.open_case, "Ctrl+O"),
    ActionSpec("import", "File", "Import files…", Commands.import_files, "Ctrl+I"),
    ActionSpec(
        "heart", "File", "Open the patient's heart…", Commands.open_heart, "Ctrl+H",
        enabled=lambda s: s.record is not None,
    ),
    ActionSpec(
        "save", "File", "Save case", Commands.save_case, "Ctrl+S",
        enabled=lambda s: s.record is not None, separator=True,
    ),
    ActionSpec(
        "save as", "File", "Save case as…", Commands.save_case_as, "Ctrl+Shift+S",
        enabled=lambda s: s.record is not None,
    ),
    ActionSpec(
        "export", "File", "Export table…", Commands.export_table, "Ctrl+E",
        enabled=_has_twin, separator=True,
    ),
    ActionSpec(
        "model", "File", "Export 3D model…", Commands.export_model, "Ctrl+Shift+E", _has_heart
    ),
    EXPORT_ARCHIVE,
    *REPORT,
    ActionSpec("screenshot", "File", "Save picture…", Commands.save_screenshot, "Ctrl+P"),
    *LIBRARY,
    ActionSpec(
        "connect", "File", "Connect a live source…", Commands.connect_source, "Ctrl+L",
        _can_follow, separator=True,
    ),
    ActionSpec(
        "disconnect", "File", "Disconnect", Commands.disconnect_source, "Ctrl+Shift+L", _follows
    ),
    ActionSpec("quit", "File", "Quit", Commands.close_window, "Ctrl+Q", separator=True),
    ActionSpec(
        "undo", "Edit", "Undo", Commands.undo, "Ctrl+Z", enabled=lambda s: s.can_undo
    ),
    ActionSpec(
        "redo", "Edit", "Redo", Commands.redo, "Ctrl+Shift+Z", enabled=lambda s: s.can_redo,
        also="Ctrl+Y",
    ),
    ActionSpec(
        "play", "Playback", "Play", Commands.play_or_pause, "Space", enabled=_has_heart,
        checked=lambda s: s.playhead.playing,
        label=lambda s: "Pause" if s.playhead.playing else "Play",
    ),
    ActionSpec("forward", "Playback", "Step forward", Commands.step_forward, ".", _has_heart),
    ActionSpec("back", "Playback", "Step back", Commands.step_back, ",", _has_heart),
    ActionSpec("faster", "Playback", "Faster", Commands.faster, "+", separator=True),
    ActionSpec("slower", "Playback", "Slower", Commands.slower, "-"),
    *PLANS,
    *(
        ActionSpec(
            f"field {name}", "View", f"Colour by {label.lower()}", partial(_choose_field, name),
            f"F{number + 2}", checked=partial(_field_is, name),
        )
        for number, (name, label) in enumerate(FIELDS)
    ),
    *(
        ActionSpec(
            f"preset {number}", "Camera", f"Position {number + 1}",
            partial(_choose_preset, number), str((number + 1) % 10),
            checked=partial(_preset_is, number), enabled=partial(_has_preset, number),
            label=partial(_preset_name, number),
        )
        for number in range(N_PRESETS)
    ),
    ActionSpec(
        "angles", "Camera", "C-arm angles…", Commands.type_angles, "Ctrl+Shift+A", _has_heart,
        separator=True,
    ),
    ActionSpec(
        "cut", "View", "Cut the heart open", Commands.toggle_cut, "C",
        checked=_has_cut, separator=True,
    ),
    ActionSpec("deeper", "View", "Cut deeper", Commands.cut_deeper, "]", _has_cut),
    ActionSpec("less deep", "View", "Cut less deep", Commands.cut_less_deep, "[", _has_cut),
    *(
        ActionSpec(
            f"layer {name}", "View", label, partial(_toggle_layer, name), key,
            enabled=partial(_has_layer, name),
            checked=partial(_layer_is_shown, name), separator=name == LAYER_KEYS[0][0],
        )
        for name, label, key in LAYER_KEYS
    ),
    ActionSpec(
        "side", "View", "Right heart in the curves", Commands.toggle_side, "R",
        checked=lambda s: s.selection.side == "right",
    ),
    *ECG,
    ActionSpec(
        "theme", "View", "Light colours", Commands.toggle_theme, "Ctrl+T",
        checked=lambda s: s.selection.theme == "light", separator=True,
    ),
    *(
        ActionSpec(
            f"tool {tool}", "Measure", label, partial(_take_tool, tool), key, _has_heart,
            checked=partial(_tool_is, tool),
        )
        for tool, label, key in TOOL_KEYS
    ),
    ActionSpec(
        "close outline", "Measure", "Finish outline or line",
        lambda c: c.session.measuring.finish(),
        "Return", _is_measuring, separator=True,
    ),
    ActionSpec(
        "step back", "Measure", "Back one point, or lay the tool down",
        lambda c: c.session.measuring.step_back(), "Esc", _is_measuring,
    ),
    ActionSpec(
        "remove marking", "Measure", "Remove the last point or measurement",
        lambda c: c.session.measuring.remove_last(), "Del",
        lambda s: bool(s.markings or s.measuring.pending),
    ),
    ActionSpec("markings", "Measure", "List…", Commands.list_markings, "M", separator=True),
    *(
        ActionSpec(
            f"tool {tool}", "Electrics", label, partial(_take_tool, tool), key,
            lambda s: s.electrics.ready, checked=partial(_tool_is, tool),
        )
        for tool, label, key in ELECTRIC_KEYS
    ),
    ActionSpec(
        "pacing map", "Electrics", "Map of pacemaker settings…", Commands.map_pacing,
        "Ctrl+M", lambda s: s.pacing.ready, separator=True,
    ),
    ActionSpec(
        "fit ecg", "Electrics", "Fit to the recorded ECG", lambda c: c.session.electrics.fit(),
        "Ctrl+G", lambda s: s.electrics.fittable, separator=True,
    ),
    ActionSpec(
        "rivals", "Electrics", "Rival explanations…", Commands.show_rivals, "",
        lambda s: s.electrics.fitted is not None,
    ),
    ActionSpec(
        "as recorded", "Electrics", "Back to the patient's own", Commands.leave_electric_plan, "",
        lambda s: bool(s.electrics.plan), separator=True,
    ),
    ActionSpec("keys", "Help", "Keyboard…", _list_keys, "F1"),
    ActionSpec("about", "Help", "About OrganTwin", Commands.about),
)  # fmt: skip


class TableAction(QAction):
    """A row of the table brought to life."""

    def __init__(self, spec: ActionSpec, commands: Commands, parent: QObject) -> None:
        super().__init__(spec.text, parent)
        self.spec = spec
        self._commands = commands
        self.setCheckable(spec.checked is not None)
        if spec.shortcut:
            self.setShortcuts([QKeySequence(key) for key in (spec.shortcut, spec.also) if key])
            self.setToolTip(f"{spec.text} ({spec.shortcut})")
        self.triggered.connect(self._run)

    def refresh(self) -> None:
        """Show the state of the session."""
        session = self._commands.session
        self.setEnabled(self.spec.enabled(session))
        if self.spec.checked is not None:
            self.setChecked(self.spec.checked(session))
        if self.spec.label is not None:
            self.setText(self.spec.label(session))

    @Slot()
    def _run(self) -> None:
        self.spec.run(self._commands)
        # Qt has already flipped a switch; it must show the session, not the click.
        self.refresh()


class Actions(QObject):
    """All actions by key, kept in step with the session."""

    def __init__(self, commands: Commands, parent: QObject) -> None:
        super().__init__(parent)
        self._by_key = {spec.key: TableAction(spec, commands, parent) for spec in TABLE}
        session = commands.session
        for signal in (
            session.record_changed,
            session.twin_changed,
            session.draft_changed,
            session.plans_changed,
            session.markings_changed,
            session.ecg_changed,
            session.electrics_changed,
            session.library_changed,
            session.prediction_changed,
            session.jobs.changed,
            session.measuring.changed,
            session.playhead.playing_changed,
            session.selection.events,
        ):
            signal.connect(self._refresh)
        self._refresh()

    def __getitem__(self, key: str) -> TableAction:
        return self._by_key[key]

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Build the menus, in the order of the table; gives them by title."""
        menus: dict[str, QMenu] = {}
        for action in self._by_key.values():
            title = action.spec.menu
            if title not in menus:
                above, _, name = title.rpartition(" > ")
                menus[title] = (menus[above] if above else bar).addMenu(name)
            if action.spec.separator:
                menus[title].addSeparator()
            menus[title].addAction(action)
        return menus

    @Slot()
    def _refresh(self) -> None:
        for action in self._by_key.values():
            action.refresh()
