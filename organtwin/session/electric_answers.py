"""The work that answers what the electrics are, run in the lanes off the GUI thread."""

from typing import TYPE_CHECKING

from organtwin.session.answers import Fitted, Foreseen, HeartNow, believable, shown
from organtwin.session.jobs import last_answer
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.tasks.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from organtwin.patient.record import PatientRecord
    from organtwin.session.science import Science
    from organtwin.simulation.conditions import Excitation
    from organtwin.therapy.kind import Therapy
    from organtwin.twin.ecg_fitting import FittedElectrics
    from organtwin.twin.electrics import ElectricAnswer
    from organtwin.twin.own_heart import OwnHeart
    from organtwin.twin.twin import Twin

LONG_QTC = 0.5
"""[s] Above this QTc is told as long: the limit that guidelines stop drugs at."""


def predicted_cycle(foreseen: Foreseen | None) -> float | None:
    """The cycle [s] of the heart under the plan, once it was predicted."""
    prediction = foreseen.prediction if foreseen is not None else None
    if prediction is None or not believable(prediction.solution.outcome):
        return None
    rate = prediction.after.get("heart_rate")
    return 1.0 / rate if rate else None


def told(answer: "ElectricAnswer | None") -> tuple[str, ...]:
    """What the verdict says of the electrics under a plan with drugs."""
    if answer is None or answer.effect.cycle is None:
        return ()
    remarks = list(answer.effect.remarks)
    corrected = answer.comparison.intervals.get("QTc", (None, None, None))[2]
    if corrected is not None and corrected > LONG_QTC:
        remarks.append(f"QTc {1e3 * corrected:.0f} ms, longer than {1e3 * LONG_QTC:.0f} ms.")
    return tuple(remarks)


def replanned(
    science: "Science", own: "ElectricAnswer", plan: ElectricPlan, drugs: "Sequence[Therapy]",
    cycle: float | None, fitted: "FittedElectrics | None", progress: Progress,
) -> "ElectricAnswer":  # fmt: skip
    """The electrics under a plan, with progress where cells must be paced.

    After a fit to the ECG the answer is published first, and comes again with its doubt.
    """
    otherwise = "the electrics under the plan ended without an answer"
    if drugs:
        steps = science.replan_under_drugs(own, plan, drugs, cycle)
        answer = last_answer(steps, progress, lambda step: step.answer, otherwise)
    else:
        answer = science.replan(own, plan)
    if fitted is None:
        return answer
    progress.publish(answer)
    doubt = science.plan_doubt(fitted, answer)
    return last_answer(doubt, progress, lambda step: step.answer, otherwise)


def excited(
    science: "Science", twin: "Twin", pump: "Excitation", heart: HeartNow, progress: Progress
) -> Fitted:
    """The twin beating with its own activation, with progress."""
    steps = science.own_activation(twin, pump)
    otherwise = f"{twin.record.title}: the pump was excited without an answer"
    return shown(science, last_answer(steps, progress, lambda s: s.twin, otherwise), heart())


def fitted(
    science: "Science", record: "PatientRecord", heart: "OwnHeart | None", progress: Progress
) -> "FittedElectrics":
    """The electrics fitted to the ECG, with progress."""
    steps = science.fit_electrics(record, heart)
    otherwise = f"{record.title}: the fit of the electrics ended without an answer"
    return last_answer(steps, progress, lambda step: step.fitted, otherwise)


def computed(
    science: "Science", record: "PatientRecord", heart: "OwnHeart | None", progress: Progress
) -> "ElectricAnswer":
    """The electrics, with progress."""
    steps = science.electrics(record, heart)
    otherwise = f"{record.title}: the electrics ended without an answer"
    return last_answer(steps, progress, lambda step: step.answer, otherwise)
