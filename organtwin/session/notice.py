"""What went wrong, in words for the person in front of the window."""

from dataclasses import dataclass

from organtwin.errors import DeclinedError, InputError, OrganTwinError


@dataclass(frozen=True, slots=True)
class Notice:
    """``title`` says what failed, ``text`` why, ``remedy`` what to do."""

    title: str
    text: str
    remedy: str = ""
    declined: bool = False
    """Nothing failed: the program will not answer, because nobody could know."""
    brief: str = ""
    """The first of several reasons, where there is little room."""
    blamed: tuple[tuple[str, str], ...] = ()
    """Therapies without which there would be an answer, each with its reason."""


def notice_of(error: BaseException, doing: str) -> Notice:
    """Put into words an error met while ``doing``, e.g. ``Opening case7.json``."""
    if isinstance(error, InputError):
        return Notice(
            f"{doing} failed",
            f"{error.source}: {error.field}: expected {error.expected}, got {error.got}.",
            error.remedy,
        )
    if isinstance(error, DeclinedError):
        brief, text = error.brief[0], "\n".join(error.reasons)
        blamed = tuple(error.blamed.items())
        return Notice("Prediction declined", text, declined=True, brief=brief, blamed=blamed)
    if isinstance(error, OrganTwinError | OSError):
        return Notice(f"{doing} failed", str(error))
    return Notice(
        f"{doing} failed unexpectedly",
        f"{type(error).__name__}: {error}",
        "This is a fault of the program; please report it with the text on the terminal.",
    )
