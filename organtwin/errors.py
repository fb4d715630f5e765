"""The exception family.

Every message says what is wrong, what was expected, what was got, and what to do about it. Each
class is also the builtin it resembles, so plain ``except`` works.

A simulation that fails does not raise: it returns an ``Outcome`` with a remedy.
"""

from difflib import get_close_matches


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
    """

    def __init__(self, source: str, field: str, *, expected: str, got: str, remedy: str) -> None:
        self.source, self.field = source, field
        self.expected, self.got, self.remedy = expected, got, remedy
        super().__init__(f"{source}: {field}: expected {expected}, got {got}. {remedy}")


class RecordError(InputError):
    """A patient record, case file or recording cannot be read completely."""


class UnitError(InputError):
    """A unit string is unknown or measures something else."""


class UnknownNameError(OrganTwinError, KeyError):
    """A name is not in the vocabulary; the message offers the nearest one."""

    def __init__(self, what: str, name: str, known: "list[str] | tuple[str, ...]") -> None:
        self.what, self.name = what, name
        self.suggestions = get_close_matches(name, known, n=3, cutoff=0.5)
        self.known = tuple(known)
        super().__init__(name)

    def __str__(self) -> str:
        hint = (
            f"did you mean {' or '.join(map(repr, self.suggestions))}?"
            if self.suggestions
            else f"known: {', '.join(sorted(self.known)[:12])}"
        )
        return f"unknown {self.what} {self.name!r}; {hint}"


class ParameterError(OrganTwinError, ValueError):
    """A parameter value lies outside the range in which the model means something."""
