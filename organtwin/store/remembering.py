"""What a library knows of the patient whose record is open, as one frozen value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from organtwin.assimilation.lesions import LESIONS
from organtwin.assimilation.levers import LEVERS
from organtwin.errors import RecordError
from organtwin.patient.measurement import Measurement
from organtwin.patient.record import PatientRecord
from organtwin.physiology.heart import default_parameters
from organtwin.store.digests import record_digest
from organtwin.store.entries import FitQuality, Patient, Visit, VisitFacts
from organtwin.store.history import Series, histories
from organtwin.store.ledger import Forecast, Score, check_followed, forecasts, scores
from organtwin.store.library import Library
from organtwin.store.reliability import Reliability, coverage, reliability
from organtwin.store.visits import stated_day, visit_facts


@dataclass(frozen=True, slots=True)
class Due:
    """A forecast and what was measured of it since.

    It is scored once somebody says that its plan was followed.
    """

    forecast: Forecast
    measured: tuple[Measurement, ...]


@dataclass(frozen=True, slots=True)
class VisitLine:
    """A visit with how well its twin met it; ``here`` is the record that is open."""

    visit: Visit
    quality: FitQuality | None
    here: bool


@dataclass(frozen=True, slots=True)
class Title:
    """How a fitted parameter is called on screen, and its unit; ``SI`` where it is unknown."""

    label: str
    unit: str


@dataclass(frozen=True)
class Remembered:
    """Everything that is shown of the library beside one record.

    ``patient_id`` is empty where it is unclear whose record is open; then only ``patients`` says
    anything.
    """

    patients: tuple[Patient, ...] = ()
    patient_id: str = ""
    visits: tuple[VisitLine, ...] = ()
    series: tuple[Series, ...] = ()
    titles: Mapping[str, Title] = field(default_factory=dict)
    """By name of parameter, of all in ``series``."""
    forecasts: tuple[Forecast, ...] = ()
    scores: tuple[Score, ...] = ()
    due: tuple[Due, ...] = ()
    reliability: Reliability | None = None
    coverage: tuple[tuple[float, float], ...] = ()
    """Nominal and observed share inside central bands."""

    @property
    def earlier(self) -> tuple[Visit, ...]:
        """Visits other than the one that is open, the last one last."""
        return tuple(line.visit for line in self.visits if not line.here)


def remembered(
    library: Library, record: PatientRecord, fresh: Sequence[Measurement], patient_id: str = ""
) -> Remembered:
    """What the library knows; ``fresh`` is what was measured since the record before.

    ``patient_id`` is whose record it is, where somebody said so.
    """
    patients = library.patients()
    digest = record_digest(record)
    whose = patient_id or clear_patient(library, record, digest)
    if whose not in {patient.patient_id for patient in patients}:
        return Remembered(patients, whose)
    lines = tuple(
        VisitLine(visit, library.quality(visit), visit.facts.case_digest == digest)
        for visit in library.visits(whose)
    )
    made = forecasts(library, whose)
    numbers = {forecast.forecast_id for forecast in made}
    found = tuple(score for score in scores(library) if score.forecast_id in numbers)
    facts = visit_facts(whose, record, stated_day(record) or date.today())
    series = histories(library, whose)
    return Remembered(
        patients, whose, lines, series, titles(one.name for one in series), made, found,
        due_forecasts(library, facts, made, found, fresh), reliability(found, made),
        coverage(found),
    )  # fmt: skip


def titles(names: Iterable[str]) -> dict[str, Title]:
    """Labels and units of fitted parameters; those of an older program keep their bare name."""
    specs = default_parameters().specs
    known = (*LEVERS, *(lesion.lever for lesion in LESIONS))
    labels = {name: lever.label for lever in reversed(known) for name in lever.exponents}
    return {
        name: Title(labels.get(name, name), specs[name].unit if name in specs else "SI")
        for name in names
    }


def clear_patient(library: Library, record: PatientRecord, digest: str) -> str:
    """Whose record it must be: the patient of its id, or of the visit it is; empty if unclear.

    In a library without patients it is that of a new one.
    """
    known = {patient.patient_id for patient in library.patients()}
    if not known or record.case_id in known:
        return record.case_id
    rows = library.rows("SELECT DISTINCT patient FROM visits WHERE case_digest = ?", (digest,))
    return str(rows[0][0]) if len(rows) == 1 else ""


def due_forecasts(
    library: Library, facts: VisitFacts, made: Sequence[Forecast], scored: Sequence[Score],
    fresh: Sequence[Measurement],
) -> tuple[Due, ...]:  # fmt: skip
    """Forecasts of which something was measured that has no score yet.

    Those that were made from this record, or from a later one, had seen it and are left out.
    """
    done = {(score.forecast_id, score.quantity) for score in scored}
    found = []
    for forecast in made:
        measured = tuple(
            m for m in fresh
            if m.name in forecast.foretold and (forecast.forecast_id, m.name) not in done
        )  # fmt: skip
        if measured and _had_not_seen(library, facts, forecast):
            found.append(Due(forecast, measured))
    return tuple(found)


def _had_not_seen(library: Library, facts: VisitFacts, forecast: Forecast) -> bool:
    try:
        check_followed(library, facts, (forecast.forecast_id,))
    except RecordError:
        return False
    return True
