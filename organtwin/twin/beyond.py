"""One reason to decline a prediction, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from organtwin.errors import DeclinedError


@dataclass(frozen=True, slots=True)
class Beyond:
    """``subject`` shows ``got`` and was checked in ``checked``; why, and what to do about it.

    ``therapies`` names those without which this reason would be gone; none where it lies in the
    patient.
    """

    subject: str
    got: str
    checked: str
    reason: str
    remedy: str
    therapies: tuple[str, ...] = ()

    @property
    def brief(self) -> str:
        """Without the reason."""
        return f"{self.subject}: {self.got}, checked: {self.checked}. {self.remedy}"

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        return f"{self.subject}: {self.got}, checked: {self.checked}{reason}. {self.remedy}"


def declined(reasons: Sequence[Beyond]) -> DeclinedError:
    """The error to raise where nobody insists."""
    return DeclinedError(
        tuple(map(str, reasons)), tuple(reason.brief for reason in reasons), blamed(reasons)
    )


def blamed(reasons: Sequence[Beyond]) -> dict[str, str]:
    """The first reason of each therapy that has one, by its name, for its card.

    Of two that do not go together the reason names both.
    """
    found: dict[str, str] = {}
    for reason in reasons:
        shown = reason.subject if reason.got == "both" else reason.got
        for name in reason.therapies:
            found.setdefault(name, f"{shown}; checked: {reason.checked}")
    return found
