"""A visit of a known patient: its prior from the visit before, its fit into the library."""

from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np

from organtwin.assimilation.observation import observation
from organtwin.patient.record import PatientRecord
from organtwin.store.carrying import ASSUMED_DRIFT, YEAR, Carried, Drift, carried, lever_base
from organtwin.store.digests import program_version, record_digest
from organtwin.store.entries import FitQuality, ParameterEntry, Posterior, Visit, VisitFacts
from organtwin.store.library import Library
from organtwin.twin.building import MEMBERS, FitStep, fitting
from organtwin.twin.twin import Twin


def stated_day(record: PatientRecord) -> date | None:
    """The latest day on which something in the record was measured, where it says so."""
    days = [m.taken for m in record.measurements if m.taken is not None]
    return max(days, default=None)


def prior_of_visit(
    library: Library, patient_id: str, record: PatientRecord, day: date,
    drift: Mapping[str, Drift] = ASSUMED_DRIFT,
) -> Carried | None:  # fmt: skip
    """What the patient's latest visit up to ``day`` says of this one; ``None`` at the first."""
    earlier = [visit for visit in library.visits(patient_id) if visit.day <= day]
    if not earlier:
        return None
    last = earlier[-1]
    years = (day - last.day).days / YEAR
    seen = observation(record)
    return carried(
        library.posterior(last), lever_base(seen), years, last.visit_id, drift=drift,
        levers=seen.levers,
    )  # fmt: skip


def fitting_visit(
    record: PatientRecord, known: Carried | None, members: int = MEMBERS
) -> Iterator[FitStep]:
    """Fit the record of a visit from what was known before; as ``twin.building.fitting``."""
    return fitting(record, members, prior=known.prior if known else None)


def visit_facts(
    patient_id: str, record: PatientRecord, day: date, known: Carried | None = None
) -> VisitFacts:
    """What of a visit is known before it is fitted."""
    case = record.case_file
    folder = str(case.resolve().parent) if case else ""
    prior_visit = known.visit_id if known else None
    return VisitFacts(
        patient_id, day, record_digest(record), folder, program_version(), prior_visit
    )


def enter_visit(
    library: Library, patient_id: str, twin: Twin, day: date, known: Carried | None = None
) -> Visit:
    """Keep a fitted twin as a visit.

    Raises
    ------
    RecordError
        The patient is unknown, has this case already, or was seen later.
    """
    parameters = [
        ParameterEntry(p.spec.name, p.value, p.sd, p.determined) for p in twin.fit.parameters
    ]
    facts = visit_facts(patient_id, twin.record, day, known)
    quality = FitQuality(len(twin.record.measurements), twin.fit.n_targets, twin.fit.within_two_sd)
    return library.add_visit(facts, parameters, posterior_of(twin), quality)


def posterior_of(twin: Twin) -> Posterior:
    """What the fit of a twin knows of the levers."""
    members = np.array([member.values for member in twin.ensemble])
    names = tuple(lever.name for lever in twin.observation.levers)
    return Posterior(
        names, lever_base(twin.observation), twin.fit.levers, twin.fit.covariance,
        members.reshape(-1, len(names)),
    )  # fmt: skip
