"""Rows of the table of actions for how the ECG and the trends are drawn."""

from functools import partial

from organtwin.session.session import Session
from organtwin.ui.action_spec import ActionSpec
from organtwin.ui.commands import Commands


def _choose_ecg(name: str, value: float | str, commands: Commands) -> None:
    setattr(commands.session.selection, name, value)


def _ecg_is(name: str, value: float | str, session: Session) -> bool:
    return bool(getattr(session.selection, name) == value)


ECG_CHOICES = (
    ("ECG speed", "ecg_speed_mm_s", 25.0, "25 mm/s"),
    ("ECG speed", "ecg_speed_mm_s", 50.0, "50 mm/s"),
    ("ECG gain", "ecg_gain_mm_mv", 5.0, "5 mm/mV"),
    ("ECG gain", "ecg_gain_mm_mv", 10.0, "10 mm/mV"),
    ("ECG gain", "ecg_gain_mm_mv", 20.0, "20 mm/mV"),
    ("ECG layout", "ecg_layout", "", "Whichever is largest"),
    ("ECG layout", "ecg_layout", "3x4", "3 × 4 and rhythm"),
    ("ECG layout", "ecg_layout", "6x2", "6 × 2"),
    ("ECG layout", "ecg_layout", "12x1", "12 × 1"),
    ("Trends", "span_s", 300.0, "Last 5 minutes"),
    ("Trends", "span_s", 1800.0, "Last 30 minutes"),
    ("Trends", "span_s", 0.0, "From the beginning"),
)
"""Submenu, what it chooses of ``Selection``, the choice, and its words."""
ECG: tuple[ActionSpec, ...] = (
    *(
        ActionSpec(
            f"{name} {value}", f"View > {menu}", label, partial(_choose_ecg, name, value),
            checked=partial(_ecg_is, name, value),
        )
        for menu, name, value, label in ECG_CHOICES
    ),
    ActionSpec(
        "ecg speed", "View > ECG speed", "Next speed",
        lambda c: c.session.selection.next_ecg_speed(), "S", separator=True,
    ),
    ActionSpec(
        "ecg taller", "View > ECG gain", "Taller", lambda c: c.session.selection.step_ecg_gain(1),
        "A", separator=True,
    ),
    ActionSpec(
        "ecg lower", "View > ECG gain", "Less tall",
        lambda c: c.session.selection.step_ecg_gain(-1), "Shift+A",
    ),
    ActionSpec(
        "ecg layout", "View > ECG layout", "Next layout",
        lambda c: c.session.selection.next_ecg_layout(), "Y", separator=True,
    ),
    ActionSpec(
        "ecg fills", "View > ECG layout", "Enlarge to fill the view",
        Commands.toggle_ecg_size, "X", checked=lambda s: s.selection.ecg_fills,
    ),
    ActionSpec(
        "ecg page", "View > ECG layout", "Turn to beat or recording", Commands.turn_ecg_page, "T",
    ),
)  # fmt: skip
