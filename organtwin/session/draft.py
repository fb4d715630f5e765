"""The plan on the table: every therapy laid out, with those switched off keeping their dose."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.simulation.pacing import Mode
from organtwin.therapy.times import ALL_ALONG, Times
from organtwin.units import MS

if TYPE_CHECKING:
    from organtwin.therapy.kind import Therapy
    from organtwin.therapy.plan import TherapyPlan
    from organtwin.twin.time_course import Scheduled

PACED_MODES = {
    "rv_paced": Mode.RV, "lv_paced": Mode.LV, "biventricular": Mode.BIVENTRICULAR,
    "left_bundle_paced": Mode.LEFT_BUNDLE,
}  # fmt: skip
"""How a pacemaker is set to do what a therapy of a named conduction does."""


@dataclass(frozen=True)
class Draft:
    """Therapies in the order they were added; ``off`` names those that are not applied.

    ``electrics``: what is done to conduction, besides. ``times`` names when a therapy is given, in
    the order of the names; those not named are given all along.
    """

    therapies: "tuple[Therapy, ...]" = ()
    off: frozenset[str] = frozenset()
    electrics: ElectricPlan = field(default_factory=ElectricPlan)
    insist: bool = False
    """Show a prediction outside the checked range, as extrapolation."""
    times: tuple[tuple[str, Times], ...] = ()

    @property
    def plan(self) -> "TherapyPlan":
        """What is simulated."""
        from organtwin.therapy.plan import TherapyPlan

        return TherapyPlan(self.applied)

    @property
    def applied(self) -> "tuple[Therapy, ...]":
        return tuple(t for t in self.therapies if t.kind.name not in self.off)

    @property
    def electric_plan(self) -> ElectricPlan:
        """What is done to conduction, by hand or by a therapy that paces the ventricles.

        Such a therapy is the pacemaker at its delay; one that is set takes its place.
        """
        pacing = [t for t in self.applied if t.kind.conduction]
        pacemaker = self.electrics.pacemaker
        if not pacing or pacemaker:
            return self.electrics
        mode, delay = PACED_MODES[pacing[0].kind.conduction], pacing[0].dose * MS
        return self.electrics.paced_by(replace(pacemaker, mode=mode, sensed_av=delay))

    @property
    def electric_drugs(self) -> "tuple[Therapy, ...]":
        """Drugs that change activation or ECG."""
        return tuple(
            t for t in self.applied if t.kind.drug is not None and t.kind.drug.changes_electrics
        )

    @property
    def electric_part(self) -> "tuple[ElectricPlan, tuple[Therapy, ...]]":
        """All that the electrics depend on."""
        return self.electric_plan, self.electric_drugs

    @property
    def course(self) -> "tuple[Scheduled, ...]":
        """What is applied, with its times."""
        from organtwin.twin.time_course import Scheduled

        times = [(t, self.times_of(t.kind.name)) for t in self.applied]
        return tuple(Scheduled(t, when.start, when.stop) for t, when in times)

    def times_of(self, name: str) -> Times:
        """When the therapy is given."""
        return dict(self.times).get(name, ALL_ALONG)

    def timed(self, name: str, times: Times) -> "Draft":
        """The therapy given at other times."""
        kept = {**dict(self.times), name: times}
        known = [n for n, when in kept.items() if when != ALL_ALONG and n in self]
        return replace(self, times=tuple((n, kept[n]) for n in sorted(known)))

    def moved(self, name: str, place: int) -> "Draft":
        """The therapy at another place of the order; beyond the ends, at the end."""
        moving = [t for t in self.therapies if t.kind.name == name]
        others = [t for t in self.therapies if t.kind.name != name]
        place = min(max(place, 0), len(others))
        return replace(self, therapies=(*others[:place], *moving, *others[place:]))

    def with_(self, therapy: "Therapy") -> "Draft":
        """Add the therapy, or give the one of its kind a new dose in its place."""
        name = therapy.kind.name
        if name not in self:
            return replace(self, therapies=(*self.therapies, therapy))
        return replace(
            self,
            therapies=tuple(therapy if t.kind.name == name else t for t in self.therapies),
        )

    def without(self, name: str) -> "Draft":
        kept = tuple(t for t in self.therapies if t.kind.name != name)
        times = tuple(item for item in self.times if item[0] != name)
        return replace(self, therapies=kept, off=self.off - {name}, times=times)

    def with_electrics(self, plan: ElectricPlan) -> "Draft":
        """The same therapies with another electric plan."""
        return replace(self, electrics=plan)

    def switched(self, name: str, on: bool) -> "Draft":
        return replace(self, off=self.off - {name} if on else self.off | {name})

    def __contains__(self, name: object) -> bool:
        return any(t.kind.name == name for t in self.therapies)
