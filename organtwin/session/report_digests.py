"""The digests by which a report can be compared with what it tells of."""

from collections.abc import Mapping
from dataclasses import dataclass

from organtwin.session.plans import LetteredPlan, kept_plan
from organtwin.session.report import Reported, ReportedPlan


@dataclass(frozen=True, slots=True)
class ReportDigests:
    """Hexadecimal digests (SHA-256); those of plans by letter."""

    program: str
    record: str
    twin: str
    plans: Mapping[str, str]


def report_digests(found: Reported) -> ReportDigests:
    """Digests of program, record, answer of the fit, and plans; reads the files of a heart."""
    from organtwin.store.digests import answer_digest, digest_of, program_version, record_digest

    twin = found.twin
    return ReportDigests(
        program_version(), record_digest(twin.record), answer_digest(twin),
        {plan.letter: digest_of(plan_entries_of(plan)) for plan in found.plans},
    )  # fmt: skip


def plan_entries_of(plan: ReportedPlan) -> dict[str, object]:
    """A plan as plain values: all that was chosen, doses with their units, times in s."""
    from organtwin.store.unsaved import plan_entries

    lettered = LetteredPlan(plan.letter, plan.draft, plan.shown.title.partition(" ")[2])
    entries = dict(plan_entries(kept_plan(lettered)))
    entries["therapies"] = [
        {"name": t.kind.name, "dose": t.dose, "unit": t.kind.unit} for t in plan.draft.therapies
    ]
    entries["time unit"] = "s"
    return entries
