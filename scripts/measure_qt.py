"""QTc under five drugs beside the clinic; the default case at 60 beats a minute, heart and leads.

Usage: measure_qt.py

Four drugs as in ECGRDVQ: 22 adults, largest mean placebo-corrected QTcF, at the free concentration
of that moment. Flecainide as its label has it: QT 8 % longer, 60 to 90 % of that by the QRS, JT 4 %
longer; at the usual peak. JT is QT without QRS; a wider QRS makes QT longer without later recovery.
"""

from dataclasses import dataclass

from evidence_notes import note_qt

from organtwin.patient.case_file import load_case
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.therapy.catalogue import parse_therapy
from organtwin.twin.electrics import ElectricAnswer, electric_answers
from organtwin.twin.planned_electrics import planning_under_drugs
from organtwin.units import MS

CLINIC = {
    "dofetilide 2.14 nmol/L": 79.1,
    "quinidine 800 nmol/L": 78.4,
    "ranolazine 1458 nmol/L": 12.6,
    "verapamil 27.3 nmol/L": 5.0,
    "flecainide 753 nmol/L": 30.0,
}
"""Change of QTc [ms]; that of flecainide is 8 % of the model's own 375 ms."""


@dataclass(frozen=True)
class Longer:
    """Changes [ms] under a drug."""

    qtc: float
    qrs: float
    jt: float


def longer(own: ElectricAnswer, text: str) -> Longer | None:
    *_, last = planning_under_drugs(own, ElectricPlan(), [parse_therapy(text)], own.cycle)
    if last.answer is None:
        return None
    changes = []
    for name in ("QTc", "QRS", "QT"):
        _, before, after = last.answer.comparison.intervals[name]
        if before is None or after is None:
            return None
        changes.append((after - before) / MS)
    qtc, qrs, qt = changes
    return Longer(qtc, qrs, qt - qrs)


def main() -> None:
    own = [s.answer for s in electric_answers(load_case("default")) if s.answer][-1]
    print(f"{'drug':28}{'clinic':>8}{'QTc':>8}{'QRS':>8}{'JT':>8}   ms")
    for text, clinic in CLINIC.items():
        found = longer(own, text)
        if found is None:
            print(f"{text:28}{clinic:8.1f}  no interval")
            continue
        print(f"{text:28}{clinic:8.1f}{found.qtc:8.1f}{found.qrs:8.1f}{found.jt:8.1f}")
        note_qt(text.split()[0], found.qtc, clinic)


if __name__ == "__main__":
    main()
