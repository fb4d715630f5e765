"""Rows of the table of actions for the report and the bundle."""

from organtwin.session.session import Session
from organtwin.ui.action_spec import ActionSpec


def _ready(session: Session) -> bool:
    return session.twin is not None and not session.fitting and not session.predicting


REPORT: tuple[ActionSpec, ...] = (
    ActionSpec(
        "report", "File", "Report (PDF)…", lambda c: c.reports.ask_report(), "Ctrl+Shift+R",
        _ready,
    ),
    ActionSpec(
        "bundle", "File", "Bundle (ZIP)…", lambda c: c.reports.ask_bundle(), "Ctrl+Shift+B",
        _ready,
    ),
)  # fmt: skip
