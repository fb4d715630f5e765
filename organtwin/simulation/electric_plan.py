"""What is done to the electrics of a heart: a rhythm or block chosen, sites paced, muscle ablated.

A value without computation, so that it can be edited, compared, undone and saved.
"""

from dataclasses import dataclass, field, replace

from organtwin.anatomy.anchor import Anchor
from organtwin.simulation.pacing import Pacemaker
from organtwin.units import MM, MS

PACING_DELAY = 0.1
"""[s] After the sinus impulse: before a healthy AV node lets it through, as pacemakers are set."""
LESION_RADIUS = 4e-3
"""[m] Assumed: half the width of a common radiofrequency lesion."""
LINE_DEPTH = 5e-3
"""[m] Assumed: how deep a common radiofrequency lesion reaches into a ventricle."""
LEAST_STOPS = 2
ABBREVIATED = frozenset({"lbbb", "rbbb", "lafb", "lpfb", "av", "wpw", "lv", "rv"})


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


@dataclass(frozen=True, slots=True)
class AblationLine:
    """Muscle made to conduct no more along a line over the surface through some ``stops``.

    ``radius`` [m] is half its width. It goes through the whole wall of an atrium, and ``depth`` [m]
    into a ventricle. A ``closed`` line leads back to its first stop.
    """

    name: str
    stops: tuple[Anchor, ...]
    radius: float = LESION_RADIUS
    depth: float = LINE_DEPTH
    closed: bool = False


Step = PacedSite | Ablation | AblationLine


@dataclass(frozen=True, slots=True)
class ElectricPlan:
    """``conduction`` is a named pattern in place of the patient's own, empty to keep that.

    Where it is one of pacing, that comes ``delay`` [s] after the sinus impulse.
    ``blocked`` are names of branches that are blocked besides; ``steps`` in the order in which they
    were added. ``pacemaker`` paces besides, through leads of its own.
    """

    conduction: str = ""
    delay: float = PACING_DELAY
    blocked: frozenset[str] = frozenset()
    steps: tuple[Step, ...] = ()
    pacemaker: Pacemaker = field(default_factory=Pacemaker)

    def __bool__(self) -> bool:
        return bool(self.conduction or self.blocked or self.steps or self.pacemaker)

    @property
    def paced(self) -> tuple[PacedSite, ...]:
        return tuple(step for step in self.steps if isinstance(step, PacedSite))

    @property
    def ablated(self) -> tuple[Ablation, ...]:
        return tuple(step for step in self.steps if isinstance(step, Ablation))

    @property
    def lines(self) -> tuple[AblationLine, ...]:
        return tuple(step for step in self.steps if isinstance(step, AblationLine))

    @property
    def told(self) -> tuple[str, ...]:
        """The plan in words, one for each thing that is done."""
        pattern = _spelled(self.conduction)
        first = (f"{pattern} instead of the patient's own",) if pattern else ()
        blocked = [f"{b.lower().replace('_', ' ')} blocked" for b in sorted(self.blocked)]
        pacing = (self.pacemaker.told,) if self.pacemaker else ()
        return (*first, *blocked, *map(_told, self.steps), *pacing)

    def pacing(self, where: Anchor | str, time: float = PACING_DELAY) -> "ElectricPlan":
        """The plan with one more electrode."""
        name = where if isinstance(where, str) else self._free("Pacing site")
        return replace(self, steps=(*self.steps, PacedSite(name, where, time)))

    def ablating(self, where: Anchor, radius: float = LESION_RADIUS) -> "ElectricPlan":
        """The plan with one more lesion."""
        return replace(self, steps=(*self.steps, Ablation(self._free("Lesion"), where, radius)))

    def ablating_line(self, stops: tuple[Anchor, ...], *, closed: bool = False) -> "ElectricPlan":
        """The plan with one more line of lesions."""
        line = AblationLine(self._free("Line"), stops, closed=closed)
        return replace(self, steps=(*self.steps, line))

    def paced_by(self, pacemaker: Pacemaker) -> "ElectricPlan":
        """The plan with another setting of the pacemaker."""
        return replace(self, pacemaker=pacemaker)

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


def _spelled(pattern: str) -> str:
    """A pattern of conduction as a reader writes it: ``incomplete_lbbb`` as incomplete LBBB."""
    words = pattern.split("_")
    return " ".join(word.upper() if word in ABBREVIATED else word for word in words)


def _told(step: Step) -> str:
    if isinstance(step, PacedSite):
        return f"{step.name}, paced {step.time / MS:g} ms after the sinus impulse"
    if isinstance(step, Ablation):
        return f"{step.name}, radius {step.radius / MM:g} mm"
    kind = "closed line" if step.closed else "line"
    size = f"{2 * step.radius / MM:g} mm wide, {step.depth / MM:g} mm deep in a ventricle"
    return f"{step.name}, {kind} of {len(step.stops)} points, {size}"
