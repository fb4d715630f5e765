"""What the library holds of a patient, as frozen values."""

from dataclasses import dataclass
from datetime import date, datetime

from organtwin.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient under the name that the user chose; ``added`` is UTC."""

    patient_id: str
    label: str
    added: datetime


@dataclass(frozen=True, slots=True)
class ParameterEntry:
    """A fitted parameter of one visit; ``value`` and ``sd`` are SI.

    ``determined`` is false where the data hardly narrowed the prior.
    """

    name: str
    value: float
    sd: float
    determined: bool


@dataclass(frozen=True, slots=True)
class FitQuality:
    """How much was measured at a visit, how much of it was fitted, and how much is met.

    ``n_within`` of the fitted measurements lie within two standard deviations of the twin.
    """

    n_measurements: int
    n_fitted: int
    n_within: int


@dataclass(frozen=True, eq=False)
class Posterior:
    """What a fit knows of the levers (logarithms of factors, without unit).

    ``base`` ``(n,)`` is the logarithm of the value (SI) that each lever's leading parameter has at
    lever 0: it differs between visits where a mass was measured at one of them. ``mean`` ``(n,)``
    and ``covariance`` ``(n, n)`` are in the order of ``levers``, ``members`` ``(m, n)`` the
    ensemble.
    """

    levers: tuple[str, ...]
    base: FloatArray
    mean: FloatArray
    covariance: FloatArray
    members: FloatArray


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """One visit as it is to be kept.

    ``case_digest`` and ``program`` say what was fitted by what, ``case_folder`` where the case
    lay. ``prior_visit`` is the visit whose posterior was the prior of this fit.
    """

    patient_id: str
    day: date
    case_digest: str
    case_folder: str
    program: str
    prior_visit: int | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit as it lies in the library; ``added`` is UTC."""

    visit_id: int
    facts: VisitFacts
    added: datetime

    @property
    def day(self) -> date:
        return self.facts.day
