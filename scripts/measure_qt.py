"""QTc under four drugs beside the clinic: ECGRDVQ, 22 adults, largest mean placebo-corrected QTcF.

Usage: measure_qt.py. The default case at 60 beats a minute, whole heart and leads.
"""

from organtwin.patient.case_file import load_case
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.therapy.catalogue import parse_therapy
from organtwin.twin.electrics import electric_answers
from organtwin.twin.planned_electrics import planning_under_drugs
from organtwin.units import MS

CLINIC = {
    "dofetilide 2.14 nmol/L": 79.1,
    "quinidine 800 nmol/L": 78.4,
    "ranolazine 1458 nmol/L": 12.6,
    "verapamil 27.3 nmol/L": 5.0,
}
"""Change of QTcF [ms] at the free concentration of its peak."""


def main() -> None:
    own = [s.answer for s in electric_answers(load_case("default")) if s.answer][-1]
    print(f"{'drug':28}{'clinic':>8}{'model':>8}   ms")
    for text, clinic in CLINIC.items():
        steps = planning_under_drugs(own, ElectricPlan(), [parse_therapy(text)], own.cycle)
        *_, last = steps
        if last.answer is None:
            continue
        _, before, after = last.answer.comparison.intervals["QTc"]
        if before is not None and after is not None:
            print(f"{text:28}{clinic:8.1f}{(after - before) / MS:8.1f}")


if __name__ == "__main__":
    main()
