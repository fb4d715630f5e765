"""Whether activation and leads under a plan belong to one that was declined or is an extrapolation.

Both are computed from the plan alone, before the pump answers it. Without a mark they would look
like the checked answer that the plan does not have.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from organtwin.session.electric_work import ElectricDesk
    from organtwin.session.notice import Notice
    from organtwin.twin.prediction import Prediction

DECLINED, EXTRAPOLATED = "declined", "extrapolated"


class Shown(Protocol):
    """Where the plan and what is known of it lie: the session."""

    refusal: "Notice | None"

    @property
    def electrics(self) -> "ElectricDesk": ...
    @property
    def prediction(self) -> "Prediction | None": ...


@dataclass(frozen=True, slots=True)
class ElectricDoubt:
    """``word`` names what the plan is, ``brief`` the first reason, ``text`` all of them."""

    word: str
    brief: str
    text: str

    def __str__(self) -> str:
        return f"{self.word}: {self.brief}"


def electric_doubt(session: Shown) -> ElectricDoubt | None:
    """Why the shown electrics of the plan are to be marked; ``None`` where they are not."""
    if session.electrics.planned is None:
        return None
    if session.refusal is not None and session.refusal.declined:
        return ElectricDoubt(DECLINED, session.refusal.brief, session.refusal.text)
    beyond = session.prediction.beyond if session.prediction is not None else ()
    if not beyond:
        return None
    return ElectricDoubt(EXTRAPOLATED, beyond[0].brief, "\n".join(map(str, beyond)))
