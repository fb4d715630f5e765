"""The untreated pump beating with the patient's own activation, after a fit to the ECG.

The parameters of the pump were fitted while the template's activation excited it. They are kept;
baseline and members settle anew with the activation that the ECG was explained with, and all
numbers are read anew. How well measurements are still met is told, so that one sees whether the
pump should be fitted again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from organtwin.assimilation.calibration import Evaluation
from organtwin.assimilation.simulating import side_by_side
from organtwin.errors import OrganTwinError, ParameterError
from organtwin.simulation.beat import Outcome
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions, Excitation
from organtwin.simulation.reflex import steady_under
from organtwin.twin.prediction import RULE
from organtwin.twin.twin import Fit, Twin

REMARK = "beats with the activation fitted to the ECG"
"""In the finding that tells of it."""


@dataclass(frozen=True, slots=True)
class OwnActivationStep:
    """Progress; the last step carries the twin."""

    fraction: float
    message: str
    twin: Twin | None = None


def beating_with(twin: Twin, excitation: Excitation) -> Iterator[OwnActivationStep]:
    """The twin excited by what was computed for it; yields after every member.

    Raises
    ------
    ParameterError
        The PR interval leaves the range of the model.
    OrganTwinError
        The heart does not settle under this activation.
    """
    yield OwnActivationStep(0.0, "Exciting the pump by the fitted activation")
    best = _settled(Evaluation(twin.fit.levers, twin.conditions, twin.baseline, twin.fit.levers),
                    excitation)  # fmt: skip
    if best is None:
        raise OrganTwinError(
            f"{twin.record.title}: the pump does not settle under the activation fitted to "
            "the ECG. It keeps the template's activation; check the ECG."
        )
    members: list[Evaluation | None] = [None] * len(twin.ensemble)
    asked = side_by_side(lambda member: _settled(member, excitation), twin.ensemble)
    for done, (index, member) in enumerate(asked, 1):
        members[index] = member
        yield OwnActivationStep(done / len(members), "Exciting the pump by the fitted activation")
    lived = tuple(member for member in members if member is not None)
    conditions, solution = best.conditions, best.solution
    fit = _read_again(twin, biomarkers(solution.beat, conditions), len(twin.ensemble) - len(lived))
    changed = replace(twin, conditions=conditions, baseline=solution, fit=fit, ensemble=lived)
    yield OwnActivationStep(1.0, "The pump beats with the fitted activation", changed)


def _settled(member: Evaluation, excitation: Excitation) -> Evaluation | None:
    try:
        excited = _excited(member.conditions, excitation)
        solution, excited = steady_under(excited, member.solution.beat, RULE)
    except ParameterError:
        return None
    if solution is None or solution.outcome is not Outcome.STEADY:
        return None
    return replace(member, conditions=excited, solution=solution)


def _excited(conditions: Conditions, excitation: Excitation) -> Conditions:
    return conditions.excited(excitation.activation, excitation.pr_interval)


def _read_again(twin: Twin, model: Mapping[str, float], lost: int) -> Fit:
    """The table of the fit with the new numbers, and what changed in a sentence."""
    before = twin.fit
    rows = tuple(
        row if row.direct else replace(
            row, model=model[row.measurement.name],
            z=(model[row.measurement.name] - row.measurement.value) / row.measurement.sd,
        )
        for row in before.rows
    )  # fmt: skip
    told = (
        f"the pump {REMARK}; its parameters were fitted under the template's activation and are "
        "kept"
    )
    fit = replace(before, rows=rows)
    met = f": {fit.within_two_sd} of {fit.n_targets} measurements within 2 sd, before " \
          f"{before.within_two_sd}"  # fmt: skip
    fewer = f"; {lost} hearts of the ensemble do not settle so and are left out" if lost else ""
    kept = tuple(finding for finding in before.findings if REMARK not in finding)
    return replace(fit, findings=(told + (met if fit.n_targets else "") + fewer, *kept))
