"""Up to four plans for one patient, to be compared; one of them is on the table."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from organtwin.session.draft import Draft

if TYPE_CHECKING:
    from organtwin.store.unsaved import KeptPlan

LETTERS = "ABCD"
"""More than four curves or hearts beside the untreated one can no longer be told apart."""


@dataclass(frozen=True)
class LetteredPlan:
    """A draft under a letter that it keeps; ``name`` may be empty."""

    letter: str
    draft: Draft = field(default_factory=Draft)
    name: str = ""

    @property
    def title(self) -> str:
        return f"{self.letter} {self.name}".rstrip()


def kept_plan(plan: LetteredPlan) -> "KeptPlan":
    """The plan as it is written down."""
    from organtwin.store.unsaved import KeptPlan

    draft = plan.draft
    return KeptPlan(
        plan.letter, plan.name, draft.therapies, draft.off, draft.electrics, draft.insist,
        draft.times,
    )  # fmt: skip


def taken_up(plan: "KeptPlan") -> LetteredPlan:
    """The plan that was written down."""
    draft = Draft(plan.therapies, plan.off, plan.electrics, plan.insist, plan.times)
    return LetteredPlan(plan.letter, draft, plan.name)


@dataclass(frozen=True)
class Plans:
    """At least one plan, in the order of the letters; ``active`` is the letter of the one shown."""

    items: tuple[LetteredPlan, ...] = (LetteredPlan(LETTERS[0]),)
    active: str = LETTERS[0]

    @property
    def letters(self) -> str:
        return "".join(plan.letter for plan in self.items)

    @property
    def free(self) -> str:
        """The letters that are not taken."""
        return "".join(letter for letter in LETTERS if letter not in self.letters)

    @property
    def draft(self) -> Draft:
        """What is on the table."""
        return self[self.active].draft

    def __getitem__(self, letter: str) -> LetteredPlan:
        for plan in self.items:
            if plan.letter == letter:
                return plan
        raise KeyError(letter)

    def with_draft(self, draft: Draft) -> "Plans":
        """The active plan with another content."""
        return self._with(replace(self[self.active], draft=draft))

    def adding(self, draft: Draft) -> "Plans":
        """One more plan under the first free letter, and shown; the same where none is free."""
        if not self.free:
            return self
        new = LetteredPlan(self.free[0], draft)
        items = sorted((*self.items, new), key=lambda plan: plan.letter)
        return Plans(tuple(items), new.letter)

    def named(self, letter: str, name: str) -> "Plans":
        """A plan under another name."""
        return self._with(replace(self[letter], name=" ".join(name.split())))

    def without(self, letter: str) -> "Plans":
        """One plan less; the last one is emptied instead. The one before takes the active place."""
        kept = tuple(plan for plan in self.items if plan.letter != letter)
        if not kept:
            return Plans((LetteredPlan(letter),), letter)
        if letter != self.active:
            return replace(self, items=kept)
        before = [plan.letter for plan in kept if plan.letter < letter]
        return Plans(kept, before[-1] if before else kept[0].letter)

    def choosing(self, letter: str) -> "Plans":
        """Another plan on the table; the same where there is no such letter."""
        return replace(self, active=letter) if letter in self.letters else self

    def _with(self, plan: LetteredPlan) -> "Plans":
        items = tuple(plan if plan.letter == old.letter else old for old in self.items)
        return replace(self, items=items)
