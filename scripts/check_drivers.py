"""The ranking "what drives this" against a full Sobol analysis, on five bundled patients.

    PYTHONPATH=. .venv/bin/python scripts/check_drivers.py --size 64

Per patient and quantity: the top three by ``twin.driving`` from the hundred members that the
program has anyway, and by the total index of a Sobol analysis (SALib, Saltelli's design with
``size`` base samples, hence size x (inputs + 2) pairs of steady states). Sobol's indices are
defined for inputs that are independent: here normal z within two standard deviations, one for
each lever, whose values are mean + sd R^(1/2) z with R the correlation of the members' levers, and
one for each feature of a response, as members draw theirs. A point at which no heart lives takes
the value of a plane through the others, and is counted. Sobol's own indices are uncertain: a
ranking is the same within its doubt when each of our three may be among the first three by the
95 % intervals of its bootstrap.
"""

import argparse
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from SALib.analyze import sobol
from SALib.sample import sobol as design

from organtwin.arrays import FloatArray
from organtwin.assimilation.calibration import evaluate
from organtwin.assimilation.levers import LEVERS
from organtwin.assimilation.simulating import side_by_side
from organtwin.errors import ParameterError
from organtwin.patient.case_file import load_case
from organtwin.quantities import quantity
from organtwin.simulation.beat import Outcome
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.settling import steady_under
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.building import fitting
from organtwin.twin.driving import Drivers, correlation_root, inputs_of
from organtwin.twin.prediction import RULE, predict
from organtwin.twin.twin import Twin

CASES = (
    ("default", ("dobutamine 5 ug/kg/min",)),
    ("hfref_decompensated", ("nitroprusside 1 ug/kg/min", "furosemide 1.3 mg/kg")),
    ("aortic_stenosis", ("tavi 1.6 cm2", "fluid 500 mL")),
    ("hfpef", ("nitroglycerin 100 ug/min",)),
    ("pulmonary_hypertension", ("milrinone 0.5 ug/kg/min",)),
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


def samples(lever_table: FloatArray, n_scores: int, size: int) -> tuple[dict, FloatArray]:
    """SALib's problem in shares of each input's own distribution, and the points themselves."""
    low, high = (NormalDist().cdf(side * REACH) for side in (-1.0, 1.0))
    n = lever_table.shape[1] + n_scores
    problem = {"num_vars": n, "names": [str(i) for i in range(n)], "bounds": [[low, high]] * n}
    shares = design.sample(problem, size, calc_second_order=False, seed=7)
    scores = np.vectorize(NormalDist().inv_cdf)(shares)
    own = scores[:, : lever_table.shape[1]] @ correlation_root(lever_table)
    scores[:, : lever_table.shape[1]] = lever_table.mean(axis=0) + lever_table.std(axis=0) * own
    return problem, scores


def response(twin: Twin, plan: TherapyPlan, point: FloatArray) -> list[float] | None:
    """Changes of ``QUANTITIES`` of one heart with one response; ``None`` where it cannot live."""
    heart = evaluate(twin.observation, LEVERS, point[: len(LEVERS)], twin.ensemble[0], rule=RULE)
    if heart is None:
        return None
    scores = iter(point[len(LEVERS) :])
    responses = {
        therapy.name: {v.feature: v.factor(float(next(scores))) for v in therapy.kind.variations}
        for therapy in plan.therapies
    }
    try:
        treated = plan.apply(heart.conditions, responses=responses)
        found, treated = steady_under(treated, heart.solution.beat, RULE)
    except ParameterError:
        return None
    if found is None or found.outcome is not Outcome.STEADY:
        return None
    before, after = (
        biomarkers(heart.solution.beat, heart.conditions),
        biomarkers(found.beat, treated),
    )
    return [after[name] - before[name] for name in QUANTITIES]


def completed(points: FloatArray, answers: Sequence[list[float] | None]) -> FloatArray:
    """Answers with those that are missing taken from a plane through the others."""
    known = np.array([answer is not None for answer in answers])
    found = np.full((len(points), len(QUANTITIES)), np.nan)
    found[known] = [answer for answer in answers if answer is not None]
    terms = np.hstack([np.ones((len(points), 1)), points])
    plane = np.linalg.lstsq(terms[known], found[known], rcond=None)[0]
    found[~known] = terms[~known] @ plane
    return found


def compare(case: str, texts: Sequence[str], size: int) -> list[tuple[bool, bool]]:
    twin, plan = fitted(case), TherapyPlan(tuple(parse_therapy(text) for text in texts))
    inputs = inputs_of(plan, twin.ensemble)
    quick = predict(twin, plan).drivers
    levers = np.array([member.values for member in twin.ensemble])
    problem, points = samples(levers, len(inputs.labels) - len(LEVERS), size)
    answers: list[list[float] | None] = [None] * len(points)
    for place, answer in side_by_side(lambda point: response(twin, plan, point), list(points)):
        answers[place] = answer
    lost = sum(answer is None for answer in answers)
    print(f"\n{case}: {plan}; {len(points)} hearts, {lost} do not live", flush=True)
    return [
        ranked_alike(name, column, inputs.labels, problem, quick[name])
        for name, column in zip(QUANTITIES, completed(points, answers).T, strict=True)
    ]


def ranked_alike(
    name: str, values: FloatArray, labels: Sequence[str], problem: dict, quick: Drivers
) -> tuple[bool, bool]:
    """Whether the top three are the same, and whether they may be by Sobol's own doubt."""
    found = sobol.analyze(problem, values / values.std(), calc_second_order=False, seed=7)
    first, total, doubt = found["S1"], found["ST"], found["ST_conf"]
    order = np.argsort(-total)[:4]
    ours = [(row.label, row.share) for row in quick.ranked[:4]]
    same = {labels[i] for i in order[:3]} == {label for label, _ in ours[:3]}
    upper = dict(zip(labels, total + doubt, strict=True))
    within = all(upper[label] >= total[order[2]] - doubt[order[2]] for label, _ in ours[:3])
    verdict = "same" if same else "same within its doubt" if within else "NOT the same"
    print(
        f"  {quantity(name).label}: {verdict} top three; band: patient {quick.patient:.0%}, "
        f"therapy {quick.therapy:.0%}"
    )
    for i, (own, share) in zip(order, ours, strict=True):
        index = f"S1 {first[i]:5.2f} ST {total[i]:5.2f} +- {doubt[i]:4.2f}"
        print(f"    {labels[i]:48s} {index} | {own:48s} {share:5.2f}")
    return same, within


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=64, help="base samples, a power of 2")
    parser.add_argument("--cases", nargs="*", default=[case for case, _ in CASES])
    options = parser.parse_args()
    agree = []
    for case, texts in CASES:
        if case in options.cases:
            agree += compare(case, texts, options.size)
    strict, within = (sum(one) for one in zip(*agree, strict=True))
    print(f"\nsame top three: {strict} of {len(agree)}, within Sobol's own doubt {within}")


if __name__ == "__main__":
    main()
