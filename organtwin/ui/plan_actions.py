"""Rows of the table of actions for several plans."""

from functools import partial

from organtwin.session.plans import LETTERS
from organtwin.session.session import Session
from organtwin.ui.action_spec import ActionSpec
from organtwin.ui.commands import Commands


def _has_twin(session: Session) -> bool:
    return session.twin is not None


def _has_room(session: Session) -> bool:
    return session.twin is not None and bool(session.plans.free)


def _can_remove(session: Session) -> bool:
    return len(session.plans.items) > 1 or bool(session.plans.draft.therapies)


def _choose(letter: str, commands: Commands) -> None:
    commands.plans.choose(letter)


def _is_active(letter: str, session: Session) -> bool:
    return session.plans.active == letter


def _is_there(letter: str, session: Session) -> bool:
    return letter in session.plans.letters


def _name(letter: str, session: Session) -> str:
    return f"Plan {session.plans[letter].title if _is_there(letter, session) else letter}"


PLANS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "copy plan", "Plan", "New plan, as a copy", lambda c: c.plans.copy(), "Ctrl+N", _has_room,
    ),
    ActionSpec(
        "empty plan", "Plan", "New plan, empty", lambda c: c.plans.empty(), "Ctrl+Shift+N",
        _has_room,
    ),
    ActionSpec(
        "rename plan", "Plan", "Rename the plan…", lambda c: c.plans.rename(), "Ctrl+R", _has_twin,
    ),
    ActionSpec(
        "remove plan", "Plan", "Delete the plan", lambda c: c.plans.remove(), "Ctrl+Shift+D",
        _can_remove,
    ),
    *(
        ActionSpec(
            f"plan {letter}", "Plan", f"Plan {letter}", partial(_choose, letter),
            f"Ctrl+{number}", partial(_is_there, letter), checked=partial(_is_active, letter),
            label=partial(_name, letter), separator=number == 1,
        )
        for number, letter in enumerate(LETTERS, 1)
    ),
    ActionSpec(
        "ramp", "Plan", "Ramp test of the pump…", lambda c: c.plans.ramp(), "Ctrl+Shift+M",
        lambda s: s.twin is not None and bool(s.ramps.devices), separator=True,
    ),
    ActionSpec(
        "compare", "Plan", "Compare plans…", lambda c: c.plans.compare(), "Ctrl+D", _has_twin,
    ),
)  # fmt: skip
