"""One reason to decline a prediction, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from organtwin.errors import DeclinedError


@dataclass(frozen=True, slots=True)
class Beyond:
    """``subject`` shows ``got`` and was checked in ``checked``; why, and what to do about it."""

    subject: str
    got: str
    checked: str
    reason: str
    remedy: str

    @property
    def brief(self) -> str:
        """Without the reason."""
        return f"{self.subject}: {self.got}, checked: {self.checked}. {self.remedy}"

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        return f"{self.subject}: {self.got}, checked: {self.checked}{reason}. {self.remedy}"


def declined(reasons: Sequence[Beyond]) -> DeclinedError:
    """The error to raise where nobody insists."""
    return DeclinedError(tuple(map(str, reasons)), tuple(reason.brief for reason in reasons))
