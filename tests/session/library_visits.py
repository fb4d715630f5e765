"""Records of one patient at several visits, for a bench whose library lies in a test's folder."""

from dataclasses import replace
from datetime import date

from organtwin.patient.record import PatientRecord
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.units import ML
from tests.fake_values import fake_record

FIRST, SECOND = date(2025, 3, 1), date(2025, 9, 1)
PLAN = TherapyPlan((parse_therapy("fluid 4 mL"),))


def record_of(day: date | None = FIRST, edv: float = 150.0, case: str = "anna") -> PatientRecord:
    """A record whose measurements were taken on ``day``; ``edv`` in mL tells the visits apart."""
    plain = fake_record()
    measured = tuple(replace(m, taken=day) for m in plain.measurements)
    volume = replace(measured[1], value=edv * ML)
    return replace(
        plain, case_id=case, measurements=(measured[0], volume, measured[2]), waveforms={}
    )
