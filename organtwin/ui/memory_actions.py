"""Rows of the table of actions for the library, forecasts and cases as one file."""

from organtwin.ui.action_spec import ActionSpec

EXPORT_ARCHIVE = ActionSpec(
    "archive", "File", "Export case as one file…", lambda c: c.memory.export_archive(),
    "Ctrl+Shift+X", lambda s: s.record is not None,
)  # fmt: skip
LIBRARY: tuple[ActionSpec, ...] = (
    ActionSpec(
        "add visit", "File", "Add visit to the library", lambda c: c.memory.add_visit(),
        "Ctrl+Shift+V", lambda s: s.library.can_add, separator=True,
    ),
    ActionSpec(
        "fit from last", "File", "Fit from the last visit", lambda c: c.memory.fit_from_last(),
        "Ctrl+Shift+F", lambda s: s.library.can_fit_from_last,
    ),
    ActionSpec(
        "keep forecast", "File", "Keep this forecast", lambda c: c.memory.keep_forecast(),
        "Ctrl+K", lambda s: s.library.can_keep,
    ),
    ActionSpec(
        "history", "File", "History and forecasts…", lambda c: c.memory.show_history(),
        "Ctrl+Shift+H",
    ),
)  # fmt: skip
