"""What is done to the electrics of a heart: a rhythm or block chosen, sites paced, muscle ablated.

A value without computation, so that it can be edited, compared, undone and saved.
"""

from dataclasses import dataclass, replace

from organtwin.anatomy.anchor import Anchor
from organtwin.units import MM, MS

PACING_DELAY = 0.1
"""[s] After the sinus impulse: before a healthy AV node lets it through, as pacemakers are set."""
LESION_RADIUS = 4e-3
"""[m] Assumed: half the width of a common radiofrequency lesion."""


@dataclass(frozen=True, slots=True)
class PacedSite:
    """An electrode: ``where`` it was set on the heart, or the name of a usual ``Site``.

    It fires ``time`` [s] after the sinus impulse.
    """

    name: str
    where: Anchor | str
    time: float = PACING_DELAY


@dataclass(frozen=True, slots=True)
class Ablation:
    """Muscle made to conduct no more within ``radius`` [m] of a place."""

    name: str
    where: Anchor
    radius: float = LESION_RADIUS


Step = PacedSite | Ablation


@dataclass(frozen=True, slots=True)
class ElectricPlan:
    """``conduction`` is a named pattern in place of the patient's own, empty to keep that.

    Where it is one of pacing, that comes ``delay`` [s] after the sinus impulse.
    ``blocked`` are names of branches that are blocked besides; ``steps`` in the order in which they
    were added.
    """

    conduction: str = ""
    delay: float = PACING_DELAY
    blocked: frozenset[str] = frozenset()
    steps: tuple[Step, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.conduction or self.blocked or self.steps)

    @property
    def paced(self) -> tuple[PacedSite, ...]:
        return tuple(step for step in self.steps if isinstance(step, PacedSite))

    @property
    def ablated(self) -> tuple[Ablation, ...]:
        return tuple(step for step in self.steps if isinstance(step, Ablation))

    @property
    def told(self) -> tuple[str, ...]:
        """The plan in words, one for each thing that is done."""
        first = (f"{self.conduction} instead of the patient's own",) if self.conduction else ()
        blocked = [f"{b.lower().replace('_', ' ')} blocked" for b in sorted(self.blocked)]
        steps = [
            f"{s.name}, radius {s.radius / MM:g} mm" if isinstance(s, Ablation)
            else f"{s.name}, paced {s.time / MS:g} ms after the sinus impulse"
            for s in self.steps
        ]  # fmt: skip
        return (*first, *blocked, *steps)

    def pacing(self, where: Anchor | str, time: float = PACING_DELAY) -> "ElectricPlan":
        """The plan with one more electrode."""
        name = where if isinstance(where, str) else self._free("Pacing site")
        return replace(self, steps=(*self.steps, PacedSite(name, where, time)))

    def ablating(self, where: Anchor, radius: float = LESION_RADIUS) -> "ElectricPlan":
        """The plan with one more lesion."""
        return replace(self, steps=(*self.steps, Ablation(self._free("Lesion"), where, radius)))

    def changed(self, number: int, step: Step) -> "ElectricPlan":
        """The plan with another step in the place of one."""
        return replace(self, steps=(*self.steps[:number], step, *self.steps[number + 1 :]))

    def without(self, number: int) -> "ElectricPlan":
        """The plan without one step."""
        return replace(self, steps=(*self.steps[:number], *self.steps[number + 1 :]))

    def blocking(self, branch: str, blocked: bool) -> "ElectricPlan":
        """The plan with a branch blocked or free."""
        rest = self.blocked - {branch}
        return replace(self, blocked=rest | {branch} if blocked else rest)

    def _free(self, kind: str) -> str:
        taken = {step.name for step in self.steps}
        return next(name for n in range(1, len(taken) + 2) if (name := f"{kind} {n}") not in taken)
