"""The twin of one patient: the record, the fitted heart, and how well it fits."""

from collections.abc import Mapping
from dataclasses import dataclass

from organtwin.arrays import FloatArray
from organtwin.assimilation.calibration import Evaluation
from organtwin.assimilation.observation import Observation
from organtwin.parameters.spec import ParameterSpec
from organtwin.patient.measurement import Measurement
from organtwin.patient.record import PatientRecord
from organtwin.simulation.beat import Solution
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.twin.identifiability import NOTHING_TOLD, Identifiability
from organtwin.units import CM2, from_si

CLOSED = 0.005 * CM2
"""Leaks below are none: orifices are reported to 0.01 cm2 (``quantities``)."""


@dataclass(frozen=True, slots=True)
class FitRow:
    """One measurement beside the twin's own value (SI); ``z`` is their difference in sd.

    ``direct`` rows were put into the model and not fitted.
    """

    measurement: Measurement
    model: float
    z: float
    direct: bool = False


@dataclass(frozen=True, slots=True)
class FittedParameter:
    """A fitted lever, shown by its leading parameter; ``value``, ``prior``, ``sd`` in SI.

    ``determined`` is false when the data hardly narrowed the prior: then the value says little
    about this patient. ``narrowing`` is posterior width over that of a normal adult's prior, also
    where an earlier visit was the prior.
    """

    label: str
    spec: ParameterSpec
    value: float
    prior: float
    sd: float
    narrowing: float
    determined: bool

    def read(self, value: float) -> float:
        """A value [SI] of it in its unit, as people read it: a valve that hardly leaks is closed.

        The model needs an area above 0; one that rounds to 0.00 cm2 is below what is reported.
        """
        read = from_si(value, self.spec.unit)
        return 0.0 if self.spec.name.endswith("_leak_area") and value < CLOSED else read


@dataclass(frozen=True, eq=False)
class Fit:
    """How the twin was fitted.

    ``levers`` ``(n,)`` and ``covariance`` ``(n, n)`` describe the posterior of the levers, in the
    order of those of the observation. ``findings`` are sentences for the user, ``told`` what
    the data tell of each lever.
    """

    rows: tuple[FitRow, ...]
    parameters: tuple[FittedParameter, ...]
    findings: tuple[str, ...]
    levers: FloatArray
    covariance: FloatArray
    told: Identifiability = NOTHING_TOLD

    @property
    def within_two_sd(self) -> int:
        """How many fitted measurements the twin meets within two standard deviations."""
        return sum(abs(row.z) <= 2.0 for row in self.rows if not row.direct)

    @property
    def n_targets(self) -> int:
        return sum(not row.direct for row in self.rows)


@dataclass(frozen=True, eq=False)
class Twin:
    """A record with the heart fitted to it and its untreated steady beat.

    ``ensemble`` holds hearts that explain the record about as well; predictions are made with all
    of them, and their spread is the doubt.
    """

    record: PatientRecord
    observation: Observation
    conditions: Conditions
    baseline: Solution
    fit: Fit
    ensemble: tuple[Evaluation, ...] = ()

    @property
    def numbers(self) -> Mapping[str, float]:
        """Clinical quantities of the untreated beat, SI."""
        return biomarkers(self.baseline.beat, self.conditions)
