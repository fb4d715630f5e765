"""All plans beside the untreated heart, as values to be drawn, tabulated or written to a file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from organtwin.quantities import quantity
from organtwin.session.answers import Heartbeat
from organtwin.session.memory_tables import Cells

if TYPE_CHECKING:
    from organtwin.session.plans import LetteredPlan
    from organtwin.session.session import Session
    from organtwin.twin.ecg_comparison import LeadSignals
    from organtwin.twin.model_doubt import Band
    from organtwin.twin.prediction import Prediction

HEADER = (
    "plan", "name", "quantity", "meaning", "unit", "untreated", "value", "low 50", "high 50",
    "low 90", "high 90", "change", "change low 90", "change high 90", "extrapolation",
)  # fmt: skip
UNTREATED = "untreated"


@dataclass(frozen=True, eq=False)
class Beside:
    """One plan, or with an empty letter the untreated heart; numbers in SI by name of quantity.

    ``why`` says why there are no numbers, empty where there are some.
    """

    letter: str
    title: str
    heartbeat: Heartbeat | None = None
    numbers: "Mapping[str, float]" = field(default_factory=dict)
    bands: "Mapping[str, Band]" = field(default_factory=dict)
    change_bands: "Mapping[str, Band]" = field(default_factory=dict)
    leads: "LeadSignals | None" = None
    why: str = ""
    extrapolation: tuple[str, ...] = ()
    """Why nobody knows these numbers; they are shown because the user insists."""
    declined: bool = False
    """The program will not answer; what is shown of its leads is marked."""

    @property
    def doubted_leads(self) -> bool:
        """Its leads are those of a plan that was declined or is an extrapolation."""
        return self.leads is not None and (self.declined or bool(self.extrapolation))


def beside(session: "Session") -> tuple[Beside, ...]:
    """The untreated heart, then every plan by its letter; nothing before there is a twin."""
    baseline = session.fitted.baseline if session.fitted else None
    if baseline is None:
        return ()
    hearts = session.plan_desk.hearts("")
    own = session.electrics.own
    ecg = own.comparison if own is not None else None
    untreated = Beside(
        "", UNTREATED, baseline, baseline.numbers, hearts.bands if hearts else {},
        leads=ecg.model if ecg is not None else None,
    )  # fmt: skip
    return (untreated, *(_plan(session, plan, untreated) for plan in session.plans.items))


def _plan(session: "Session", plan: "LetteredPlan", untreated: Beside) -> Beside:
    answer = session.plan_desk.answer(plan)
    changed = any(plan.draft.electric_part)
    leads = None if changed else untreated.leads
    ecg = answer.electric.comparison if answer.electric is not None else None
    if ecg is not None and changed:
        leads = ecg.planned
    if answer.refusal is not None:
        why, declined = answer.refusal.text, answer.refusal.declined
        return Beside(plan.letter, plan.title, leads=leads, why=why, declined=declined)
    if answer.foreseen is None:
        if not answer.complete:
            return Beside(plan.letter, plan.title, leads=leads, why="Not predicted yet")
        return Beside(
            plan.letter, plan.title, untreated.heartbeat, untreated.numbers, untreated.bands,
            leads=leads,
        )  # fmt: skip
    prediction = answer.foreseen.prediction
    if answer.foreseen.heartbeat is None:
        return Beside(plan.letter, plan.title, leads=leads, why=_ending(prediction))
    return Beside(
        plan.letter, plan.title, answer.foreseen.heartbeat, prediction.after, prediction.bands,
        prediction.change_bands, leads, extrapolation=tuple(map(str, prediction.beyond)),
    )  # fmt: skip


def _ending(prediction: "Prediction") -> str:
    ending = prediction.solution
    return f"{ending.detail or ending.outcome.meaning}. {ending.outcome.remedy}"


def file_rows(shown: Sequence[Beside], names: Sequence[str]) -> Iterator[Cells]:
    """One row for each plan and quantity, in clinical units; what is not known is left empty."""
    before = shown[0].numbers if shown else {}
    for plan in shown:
        for name in names:
            if name in plan.numbers:
                yield _file_row(plan, name, before.get(name))


def _file_row(plan: Beside, name: str, before: float | None) -> Cells:
    q = quantity(name)
    value, band, change = plan.numbers[name], plan.bands.get(name), plan.change_bands.get(name)
    edges = (band.low50, band.high50, band.low90, band.high90) if band else (None,) * 4
    changed = (change.low90, change.high90) if change else (None, None)
    difference = value - before if plan.letter and before is not None else None
    told = (before, value, *edges, difference, *changed)
    letter, _, title = plan.title.partition(" ") if plan.letter else (plan.title, "", "")
    clinical = ("" if v is None else round(q.from_si(v), 6) for v in told)
    doubted = bool(plan.extrapolation) if plan.letter else ""
    return (letter, title, name, q.meaning, q.unit, *clinical, doubted)
