"""The ranking "what drives this" against a full Sobol analysis, on seven bundled patients.

    PYTHONPATH=. .venv/bin/python scripts/check_drivers.py --size 256 [--keep FOLDER]

Per patient and quantity: the top three by ``twin.driving`` from the hundred members that the
program has anyway, and by the total index of a Sobol analysis (``scipy.stats.sobol_indices``:
design of Saltelli 2010 with ``size`` base samples, hence size x (inputs + 2) pairs of steady
states, of quick beats). Sobol's indices are defined for inputs that are independent: here normal z
within two standard deviations, one for each lever, whose values are mean + sd R^(1/2) z with R the
correlation of the members' levers, and one for each feature of a response, as members draw theirs.
A point at which no heart lives takes the value of a plane through the others, and is counted.
Sobol's own indices are uncertain: a ranking is the same within its doubt when each of our three may
be among the first three by the 95 % intervals of its bootstrap. The ranking tells its own doubt, as
the places that each driver may have: it is honest when each of Sobol's first three may be among the
first three by these. ``--keep`` writes inputs and
answers, so that another ranking can be tried on them without their five minutes.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import process_time

import numpy as np
from scipy import stats

from organtwin.arrays import FloatArray
from organtwin.assimilation.calibration import Evaluation
from organtwin.assimilation.levers import with_levers
from organtwin.assimilation.simulating import side_by_side
from organtwin.errors import ParameterError
from organtwin.patient.case_file import load_case
from organtwin.quantities import quantity
from organtwin.simulation.beat import Outcome
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.quick_beats import TIME_STEP
from organtwin.simulation.settling import steady_under
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.building import fitting
from organtwin.twin.driving import Drivers, Inputs, correlation_root, inputs_of
from organtwin.twin.prediction import RULE, Prediction, predict
from organtwin.twin.twin import Twin

CASES = (
    ("default", ("dobutamine 5 ug/kg/min",)),
    ("hfref_lbbb", ("nitroprusside 1 ug/kg/min", "furosemide 1.3 mg/kg")),
    ("aortic_stenosis", ("tavi 1.6 cm2", "fluid 500 mL")),
    ("hfpef", ("nitroglycerin 100 ug/min",)),
    ("pulmonary_hypertension", ("milrinone 0.5 ug/kg/min",)),
    ("mitral_regurgitation", ("nitroprusside 1 ug/kg/min",)),
    ("cardiogenic_shock", ("norepinephrine 0.1 ug/kg/min", "dobutamine 5 ug/kg/min")),
)
QUANTITIES = ("cardiac_output", "mean_arterial_pressure", "pcwp")
REACH = 2.0
"""[sd] drawn to either side of the mean."""


def fitted(case: str) -> Twin:
    twin = None
    for step in fitting(load_case(case)):
        twin = step.twin or twin
    assert twin is not None, case
    return twin


class Hearts:
    """The two steady states of any point, without and with the plan."""

    def __init__(self, twin: Twin, plan: TherapyPlan) -> None:
        self.twin, self.plan = twin, plan
        self.levers = np.array([member.values for member in twin.ensemble])
        self.root = correlation_root(self.levers)
        self.lost = 0
        self.asked: list[tuple[FloatArray, FloatArray]] = []

    def __call__(self, points: FloatArray) -> FloatArray:
        """Changes of ``QUANTITIES``, ``(n_quantities, n)``, at independent z ``(n_inputs, n)``."""
        z = points.T
        own = z[:, : len(self.root)] @ self.root
        levers = self.levers.mean(axis=0) + self.levers.std(axis=0) * own
        values = np.hstack([levers, z[:, len(self.root) :]])
        answers: list[list[float] | None] = [None] * len(values)
        for place, answer in side_by_side(self.response, list(values)):
            answers[place] = answer
        self.lost += sum(answer is None for answer in answers)
        found = completed(z, answers)
        self.asked.append((z, found))
        return found.T

    def nearest(self, values: FloatArray) -> Evaluation:
        """The member from whose beat the way is shortest."""
        apart = (self.levers - values) / np.maximum(self.levers.std(axis=0), 1e-12)
        return self.twin.ensemble[int(np.argmin((apart**2).sum(axis=1)))]

    def response(self, values: FloatArray) -> list[float] | None:
        """Changes of one heart with one response; ``None`` where it cannot live."""
        seen, levers = self.twin.observation, values[: len(self.root)]
        try:
            known = with_levers(seen.conditions.parameters, seen.levers, levers, seen.fixed)
            untreated = replace(seen.conditions, parameters=known)
            first = self.nearest(levers).solution.beat
            before, _ = steady_under(untreated, first, RULE, time_step=TIME_STEP)
            if before is None or before.outcome is not Outcome.STEADY:
                return None
            treated = self.plan.apply(
                untreated, responses=self._responses(values[len(self.root) :])
            )
            after, treated = steady_under(treated, before.beat, RULE, time_step=TIME_STEP)
        except ParameterError:
            return None
        if after is None or after.outcome is not Outcome.STEADY:
            return None
        old, new = biomarkers(before.beat, untreated), biomarkers(after.beat, treated)
        return [new[name] - old[name] for name in QUANTITIES]

    def _responses(self, scores: FloatArray) -> dict[str, dict[str, float]]:
        left = iter(scores)
        return {
            therapy.name: {v.feature: v.factor(float(next(left))) for v in therapy.kind.variations}
            for therapy in self.plan.therapies
        }


def completed(points: FloatArray, answers: Sequence[list[float] | None]) -> FloatArray:
    """Answers with those that are missing taken from a plane through the others."""
    known = np.array([answer is not None for answer in answers])
    found = np.full((len(points), len(QUANTITIES)), np.nan)
    found[known] = [answer for answer in answers if answer is not None]
    terms = np.hstack([np.ones((len(points), 1)), points])
    plane = np.linalg.lstsq(terms[known], found[known], rcond=None)[0]
    found[~known] = terms[~known] @ plane
    return found


def compare(
    case: str, texts: Sequence[str], size: int, keep: Path | None
) -> list[tuple[bool, bool, bool]]:
    start = process_time()
    twin, plan = fitted(case), TherapyPlan(tuple(parse_therapy(text) for text in texts))
    inputs = inputs_of(plan, twin.ensemble, twin.observation.levers)
    prediction = predict(twin, plan)
    hearts, ready = Hearts(twin, plan), process_time()
    count = len(inputs.labels)
    found = stats.sobol_indices(
        func=hearts, n=size, dists=[stats.truncnorm(-REACH, REACH)] * count, rng=7
    )
    doubt = found.bootstrap(n_resamples=200)
    print(
        f"\n{case}: {plan}; {size * (count + 2)} hearts in {process_time() - ready:.0f} s of "
        f"processor, {ready - start:.0f} s before; {hearts.lost} do not live",
        flush=True,
    )
    if keep is not None:
        write(keep / f"{case}.npz", inputs, prediction, hearts, found.total_order)
    return [
        ranked_alike(
            name, inputs.labels, (found.first_order[i], found.total_order[i]),
            doubt.total_order.confidence_interval.low[i],
            doubt.total_order.confidence_interval.high[i], prediction.drivers[name],
        )
        for i, name in enumerate(QUANTITIES)
    ]  # fmt: skip


def write(
    file: Path, inputs: Inputs, prediction: Prediction, hearts: Hearts, total: FloatArray
) -> None:
    """What a ranking needs, and the indices that it should find."""
    rows = list(prediction.survivors)
    members = [hearts.twin.ensemble[row] for row in rows]
    untreated = [biomarkers(one.solution.beat, one.conditions) for one in members]
    before = {name: [own[name] for own in untreated] for name in QUANTITIES}
    changes = [np.subtract(prediction.members[name], before[name]) for name in QUANTITIES]
    z, answers = (np.concatenate(parts) for parts in zip(*hearts.asked, strict=True))
    np.savez(
        file, labels=inputs.labels, of_therapy=inputs.of_therapy, values=inputs.values[rows],
        changes=changes, total=total, z=z, answers=answers,
    )  # fmt: skip


def ranked_alike(
    name: str, labels: Sequence[str], indices: tuple[FloatArray, FloatArray],
    low: FloatArray, high: FloatArray, quick: Drivers,
) -> tuple[bool, bool, bool]:  # fmt: skip
    """Whether the top three are the same, may be by Sobol's doubt, and by that of the ranking."""
    first, total = indices
    order = np.argsort(-total)[:4]
    ours = [(row.label, row.share, row.place) for row in quick.ranked[:4]]
    same = {labels[i] for i in order[:3]} == {label for label, *_ in ours[:3]}
    upper = dict(zip(labels, high, strict=True))
    within = all(upper[label] >= low[order[2]] for label, *_ in ours[:3])
    first_place = {driver.label: driver.first for driver in quick.ranked}
    honest = all(first_place.get(labels[i], 99) <= 3 for i in order[:3])
    verdict = "same" if same else "same within its doubt" if within else "NOT the same"
    verdict += "" if same else ", places told as open" if honest else ", places told as SURE"
    print(
        f"  {quantity(name).label}: {verdict} top three; band: patient {quick.patient:.0%}, "
        f"therapy {quick.therapy:.0%}"
    )
    for i, (own, share, place) in zip(order, ours, strict=True):
        index = f"S1 {first[i]:5.2f} ST {total[i]:5.2f} ({low[i]:4.2f} to {high[i]:4.2f})"
        print(f"    {labels[i]:48s} {index} | {place:>4s} {own:48s} {share:5.2f}")
    return same, within, honest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=256, help="base samples, a power of 2")
    parser.add_argument("--keep", type=Path, help="folder for inputs and answers")
    parser.add_argument("--cases", nargs="*", default=[case for case, _ in CASES])
    options = parser.parse_args()
    agree = []
    for case, texts in CASES:
        if case in options.cases:
            agree += compare(case, texts, options.size, options.keep)
    strict, within, honest = (sum(one) for one in zip(*agree, strict=True))
    print(
        f"\nsame top three: {strict} of {len(agree)}, within Sobol's own doubt {within}, within "
        f"the places that the ranking tells {honest}"
    )


if __name__ == "__main__":
    main()
