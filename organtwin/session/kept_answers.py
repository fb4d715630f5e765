"""Answers that were given to plans, to be found again while twin, heart and plan are the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from organtwin.session.answers import Foreseen
from organtwin.session.draft import Draft
from organtwin.session.notice import Notice
from organtwin.session.plans import LETTERS

if TYPE_CHECKING:
    from organtwin.simulation.electric_plan import ElectricPlan
    from organtwin.therapy.kind import Therapy
    from organtwin.therapy.plan import TherapyPlan
    from organtwin.twin.electrics import ElectricAnswer
    from organtwin.twin.own_heart import OwnHeart
    from organtwin.twin.twin import Twin

    ElectricPart = tuple[ElectricPlan, tuple[Therapy, ...]]

REMEMBERED = 6
"""How many answers to plans that are no longer there are kept for undo."""


@dataclass(frozen=True, eq=False)
class Kept:
    """A prediction; ``complete`` once all its members have run."""

    twin: "Twin"
    plan: "TherapyPlan"
    foreseen: Foreseen
    complete: bool


@dataclass(frozen=True, eq=False)
class _KeptElectric:
    own: "ElectricAnswer"
    part: "ElectricPart"
    answer: "ElectricAnswer"


@dataclass(frozen=True, eq=False)
class _Failed:
    twin: "Twin"
    own: "ElectricAnswer | None"
    draft: Draft
    why: Notice


class KeptAnswers:
    """Compares plans by what they hold; twins, hearts and electrics by being the same object."""

    def __init__(self) -> None:
        self._predictions: list[Kept] = []
        self._electrics: list[_KeptElectric] = []
        self._failed: list[_Failed] = []

    def prediction(
        self, twin: "Twin | None", heart: "OwnHeart | None", plan: "TherapyPlan"
    ) -> Kept | None:
        """The latest answer to a plan, drawn in this heart."""
        for kept in reversed(self._predictions):
            shown = kept.foreseen.heartbeat
            if kept.twin is twin and kept.plan == plan and (shown is None or shown.heart is heart):
                return kept
        return None

    def electric(
        self, own: "ElectricAnswer | None", part: "ElectricPart"
    ) -> "ElectricAnswer | None":
        """The electrics under what a plan does to them, made of the patient's own."""
        for kept in self._electrics:
            if kept.own is own and kept.part == part:
                return kept.answer
        return None

    def refusal(self, twin: "Twin | None", draft: Draft) -> Notice | None:
        """Why a draft has no answer."""
        for failed in self._failed:
            if failed.twin is twin and failed.draft == draft:
                return failed.why
        return None

    def keep(self, new: Kept, heart: "OwnHeart | None", wanted: "Sequence[TherapyPlan]") -> None:
        """Keep a prediction, those that are ``wanted``, and the latest of the others."""
        known = self.prediction(new.twin, heart, new.plan)
        if known is not None and known.complete:
            return
        kept = [*(old for old in self._predictions if old is not known), new]
        spare = [old for old in kept if old.plan not in wanted][:-REMEMBERED]
        self._predictions = [old for old in kept if old not in spare]

    def keep_electric(
        self, own: "ElectricAnswer", part: "ElectricPart", answer: "ElectricAnswer"
    ) -> None:
        """Keep the latest: in another rhythm, or with its doubt."""
        if any(part) and self.electric(own, part) is not answer:
            self._electrics = [old for old in self._electrics if old.part != part]
            self._electrics.append(_KeptElectric(own, part, answer))
            del self._electrics[: -(len(LETTERS) + REMEMBERED)]

    def refuse(self, twin: "Twin", own: "ElectricAnswer | None", draft: Draft, why: Notice) -> None:
        """Note that a draft has no answer, so that it is not asked again without end."""
        others = [known for known in self._failed if known.draft != draft]
        self._failed = [*others[-(len(LETTERS) + REMEMBERED) :], _Failed(twin, own, draft, why)]

    def only_of_twin(self, twin: "Twin | None") -> None:
        """Forget what was answered about another twin."""
        self._predictions = [kept for kept in self._predictions if kept.twin is twin]
        self._failed = [failed for failed in self._failed if failed.twin is twin]

    def only_of_electrics(self, own: "ElectricAnswer | None") -> None:
        """Forget what was answered from other electrics of the patient."""
        self._electrics = [kept for kept in self._electrics if kept.own is own]
        self._failed = [failed for failed in self._failed if failed.own is own]
