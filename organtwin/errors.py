"""The exception family.

Every message says what is wrong, what was expected, what was got, and what to do about it. Each
class is also the builtin it resembles, so plain ``except`` works.

A simulation that fails does not raise: it returns an ``Outcome`` with a remedy.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

MOST_NAMES = 12
"""Known names that a message lists before it counts the rest."""


LONGEST = 400
"""Characters of a field or a value that a message quotes."""


class OrganTwinError(Exception):
    """Root of every error this program raises on purpose."""


class InputError(OrganTwinError, ValueError):
    """Something a user supplied cannot be accepted.

    Parameters
    ----------
    source
        File, option or place the input came from.
    field
        The part of it that is wrong, e.g. ``measurement[3].unit`` or ``lead V2``.
    expected, got
        What would have been right, and what was there.
    remedy
        What the user can do.
    places
        Where in the body it is wrong, ``(x, y, z)`` [m] in patient axes, where that can be said.
    """

    def __init__(
        self, source: str, field: str, *, expected: str, got: str, remedy: str,
        places: Sequence[Sequence[float]] = (),
    ) -> None:  # fmt: skip
        self.source, self.field = source, _short(field)
        self.expected, self.got, self.remedy = expected, _short(got), remedy
        self.places = places
        stop = "" if self.got.endswith(("?", ".")) else "."
        super().__init__(
            f"{source}: {self.field}: expected {expected}, got {self.got}{stop} {remedy}"
        )


def _short(text: str) -> str:
    """What stands in a file, cut where no line of a message could hold it."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text)} characters)"


class UsageError(InputError):
    """An option of the command line is missing or wrong: status 2, before any work."""


class RecordError(InputError):
    """A patient record, case file or recording cannot be read completely."""


class DrugError(InputError):
    """A drug file cannot be read completely, or contradicts itself."""


class UnitError(InputError):
    """A unit string is unknown or measures something else."""


class UnknownNameError(OrganTwinError, KeyError):
    """A name is not in the vocabulary; the message offers the nearest one.

    ``labels`` are further words for known names (as shown on screen) that count as near to them.
    """

    def __init__(
        self,
        what: str,
        name: str,
        known: "list[str] | tuple[str, ...]",
        labels: "Mapping[str, str] | None" = None,
    ) -> None:
        self.what, self.name = what, name
        words = {word.lower(): word for word in known}
        words |= {label.lower(): word for label, word in (labels or {}).items()}
        # Below 0.65 a word of eight letters may share only three with what was written.
        near = get_close_matches(name.lower(), words, n=3, cutoff=0.65)
        self.suggestions = list(dict.fromkeys(words[word] for word in near))
        self.known = tuple(known)
        super().__init__(name)

    def __str__(self) -> str:
        if self.suggestions:
            hint = f"did you mean {' or '.join(map(repr, self.suggestions))}?"
        else:
            further = len(self.known) - MOST_NAMES
            hint = f"known: {', '.join(sorted(self.known)[:MOST_NAMES])}"
            hint += f" and {further} more" if further > 0 else ""
        return f"unknown {self.what} {self.name!r}; {hint}"


class ParameterError(OrganTwinError, ValueError):
    """A parameter value lies outside the range in which the model means something."""


class DeclinedError(OrganTwinError):
    """A prediction is declined: twin or plan lies outside what was checked.

    ``reasons`` are sentences, ``brief`` the same where there is little room, ``blamed`` the reason
    by name of therapy; where the user insists, the numbers are shown as extrapolation.
    """

    def __init__(
        self,
        reasons: Sequence[str],
        brief: Sequence[str] = (),
        blamed: "Mapping[str, str] | None" = None,
    ) -> None:
        self.reasons, self.brief = tuple(reasons), tuple(brief) or tuple(reasons)
        self.blamed = dict(blamed or {})
        super().__init__("outside the checked range. " + " ".join(self.reasons))
