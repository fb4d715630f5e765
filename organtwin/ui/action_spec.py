"""One row of the table of actions."""

from collections.abc import Callable
from dataclasses import dataclass

from organtwin.session.session import Session
from organtwin.ui.commands import Commands


def always(session: Session) -> bool:
    """Say that an action is there at any time."""
    return True


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """``checked`` makes the action a switch that shows a state of the session.

    A ``menu`` within another is written ``View > ECG speed``; the outer one comes first.
    """

    key: str
    menu: str
    text: str
    run: Callable[[Commands], None]
    shortcut: str = ""
    enabled: Callable[[Session], bool] = always
    checked: Callable[[Session], bool] | None = None
    label: Callable[[Session], str] | None = None
    """Replaces ``text`` where that depends on the state."""
    separator: bool = False
    """Draw a line above it in the menu."""
    also: str = ""
    """Another shortcut that does the same; menus and tooltips show the first."""
