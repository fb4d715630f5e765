"""Do published spreads of a response fit inside the bands, on a cohort of different patients?

    PYTHONPATH=. .venv/bin/python scripts/check_variability.py

The cohort is planted: healthy or diseased adults of known heart about a bundled patient, each lever
with half of its prior width. Each answers the therapy with its own response. Beside the published
mean and standard deviation between patients stand those of the cohort, with and without the
therapy's variability, and how much of the published distribution (as a normal one) lies in the
cohort's 90 % band. A row from memory is shown and never counted.
"""

import argparse
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from organtwin.assimilation.calibration import evaluate
from organtwin.assimilation.observation import observation
from organtwin.errors import ParameterError
from organtwin.patient.case_file import load_case
from organtwin.simulation.beat import Outcome
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.settling import steady_under
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.building import fitting
from organtwin.twin.prediction import RULE


@dataclass(frozen=True)
class Published:
    """Mean and sd of the change: of a fraction in per cent points, else in per cent of before."""

    case: str
    therapy: str
    quantity: str
    mean: float
    sd: float
    grade: str
    source: str


ROWS = (
    Published("hfref_lbbb", "biventricular_pacing 100 ms", "dp_dt_max", 15.6, 17.5, "derived",
              "SYNSEQ 2022, 25 patients, 95 % interval of the mean 8.8 to 22.5; three points"),
    Published("hfref_lbbb", "lv_pacing 100 ms", "dp_dt_max", 23.7, 19.0, "memory", "Kass 1999"),
    Published("hfref_lbbb", "biventricular_pacing 100 ms", "dp_dt_max", 12.8, 9.3, "memory",
              "Kass 1999"),
    Published("default", "dobutamine 20 ug/kg/min", "lv_ef", 14.1, 9.3, "abstract",
              "136 women, stress echocardiography to 40 ug/kg/min (2002), no beta blocker"),
)  # fmt: skip


def cohort(case: str, count: int) -> list:
    """Hearts about the bundled patient's point fit."""
    record, twin = load_case(case), None
    for step in fitting(record, 0):
        twin = step.twin or twin
    assert twin is not None, case
    seen, rng = observation(record), np.random.default_rng(5)
    widths = 0.5 * np.array([lever.prior_sd for lever in seen.levers])
    found = []
    while len(found) < count:
        values = twin.fit.levers + widths * rng.standard_normal(len(widths))
        heart = evaluate(seen, values, None, rule=RULE)
        if heart is not None:
            found.append(heart)
    return found


def changes(row: Published, hearts: list, *, varied: bool) -> list[float]:
    plan = TherapyPlan((parse_therapy(row.therapy),))
    found = []
    for place, heart in enumerate(hearts):
        try:
            treated = plan.apply(heart.conditions, responses=plan.drawn(place) if varied else None)
            after, treated = steady_under(treated, heart.solution.beat, RULE)
        except ParameterError:
            continue
        if after is None or after.outcome is not Outcome.STEADY:
            continue
        old = biomarkers(heart.solution.beat, heart.conditions)[row.quantity]
        new = biomarkers(after.beat, treated)[row.quantity]
        found.append(100.0 * (new - old) / (1.0 if row.quantity == "lv_ef" else old))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=60)
    options = parser.parse_args()
    cohorts = {case: cohort(case, options.patients) for case in {row.case for row in ROWS}}
    for row in ROWS:
        own, without = (changes(row, cohorts[row.case], varied=v) for v in (True, False))
        low, high = np.quantile(own, (0.05, 0.95), method="weibull")
        told = NormalDist(row.mean, row.sd)
        print(
            f"{row.therapy}, {row.quantity} ({row.grade}: {row.source})\n"
            f"  published {row.mean:.1f}, sd {row.sd:.1f}; {len(own)} hearts here "
            f"{np.mean(own):.1f}, sd {np.std(own):.1f} (without its variability "
            f"{np.std(without):.1f}); 90 % band {low:.1f} to {high:.1f} holds "
            f"{told.cdf(high) - told.cdf(low):.0%}",
            flush=True,
        )


if __name__ == "__main__":
    main()
