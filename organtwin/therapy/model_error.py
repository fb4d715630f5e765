"""How far the model itself is wrong about a response: what neither fit nor patients explain.

The bands of an ensemble hold what is not known of the patient and what patients differ in their
response. Published mean responses lie further from predicted ones than that, as dose-response
curves differ between studies, mechanisms are missing, and the state of a group is known in part.
That rest is measured: for each group of outputs, the standard deviation of published against
predicted means on the rows that may be tuned on and were not, by ``scripts/build_model_error.py``,
which writes ``assets/therapies/model_error.toml`` and tells the method. Three scales:

    ratio   ln y                 pressures in arteries, flows, volumes, resistances, gradients
    share   ln y/(1 - y)         ejection fractions
    shift   y                    filling pressures, which may be near 0

The size hardly depends on how large the response is (tried: in proportion to it, and to how much
the plan moves the heart; both foretold rows that were left out worse), so it counts whole from the
dose on that was studied, and in proportion to the dose below. Errors of several therapies are taken
as independent: their squares add. Verified in tests/therapy/test_model_error.py.
"""

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

from organtwin.resources import asset
from organtwin.therapy.kind import Therapy
from organtwin.therapy.pacing import PACING
from organtwin.therapy.plan import TherapyPlan
from organtwin.units import MMHG

FILE = "therapies/model_error.toml"
REACH_90, REACH_50 = NormalDist().inv_cdf(0.95), NormalDist().inv_cdf(0.75)
"""Half widths of the central 90 % and 50 % of a normal distribution, in standard deviations."""


@dataclass(frozen=True, slots=True)
class OutputError:
    """The error of a group of outputs.

    ``sd`` on the scale of ``form``, SI; of a normal distribution whose central 90 % are those of
    Student's t, as ``studies`` are few.
    """

    label: str
    form: str
    sd: float
    studies: int

    def scaled(self, value: float) -> float:
        """A value [SI] on the scale of the error; NaN where it has no place there."""
        if self.form == "shift":
            return value
        if self.form == "share":
            return math.log(value / (1.0 - value)) if 0.0 < value < 1.0 else math.nan
        return math.log(value) if value > 0.0 else math.nan

    def unscaled(self, place: float) -> float:
        """The value [SI] at a place on that scale."""
        if self.form == "shift":
            return place
        if self.form == "share":
            return 1.0 / (1.0 + math.exp(-place))
        return math.exp(place)

    def moved(self, value: float, distance: float) -> float:
        """A value [SI] moved by so many standard deviations; itself where it has no place."""
        place = self.scaled(value)
        return value if math.isnan(place) else self.unscaled(place + distance * self.sd)

    def __str__(self) -> str:
        if self.form == "shift":
            size = f"{self.sd / MMHG:.1f} mmHg"
        elif self.form == "share":
            size = f"{100.0 * (self.moved(0.5, 1.0) - 0.5):.0f} points at 50 %"
        else:
            size = f"{100.0 * math.expm1(self.sd):.0f} %"
        return f"{self.label} {size}" + ("" if self.studies else " (from the other outputs)")


@dataclass(frozen=True, slots=True)
class ModelError:
    """The errors by name of quantity, and of how many published studies and rows."""

    outputs: Mapping[str, OutputError]
    studies: int
    rows: int

    @property
    def told(self) -> str:
        """Where it comes from, in a few words."""
        return f"model error from {self.studies} published studies"

    @property
    def summary(self) -> str:
        """How large it is, in one sentence for people."""
        sizes = ", ".join(map(str, dict.fromkeys(self.outputs.values())))
        return (
            f"Every band of the circulation holds the {self.told} ({self.rows} mean responses): "
            f"two of three lie within {sizes} of what is predicted."
        )


@cache
def model_error() -> ModelError:
    """As measured and bundled."""
    document = tomllib.loads(asset(FILE).read_text(encoding="utf-8"))
    outputs: dict[str, OutputError] = {}
    for row in document["output"]:
        sd = row["sd_mmhg"] * MMHG if row["form"] == "shift" else row["sd"]
        error = OutputError(row["label"], row["form"], sd, row["studies"])
        outputs |= dict.fromkeys(row["quantities"], error)
    return ModelError(outputs, document["studies"], document["rows"])


def studied_share(therapy: Therapy, exposure: float | None = None) -> float:
    """How much of the error a therapy brings: 1 from the dose on that was studied.

    Below, in proportion to it: of a drug to the exposure from which on its response was measured,
    else to the usual dose where the dose can be nothing. ``exposure`` where it is not the steady
    one.
    """
    kind, drug = therapy.kind, therapy.kind.drug
    if drug is not None:
        reached = drug.exposure(therapy.dose) if exposure is None else exposure
        studied = drug.measured_from or drug.exposure(kind.default)
        return min(1.0, reached / studied) if studied > 0.0 else float(reached > 0.0)
    if kind.lower <= 0.0 <= kind.upper and kind.default != 0.0:
        return min(1.0, abs(therapy.dose / kind.default))
    return 1.0


def certain(therapies: Iterable[Therapy]) -> frozenset[str]:
    """Outputs that therapies set themselves, so that the model cannot be wrong about them."""
    return frozenset(("heart_rate",) if any(t.kind is PACING for t in therapies) else ())


def together(shares: Iterable[float]) -> float:
    """Independent errors at once, in units of one."""
    return math.hypot(*shares)


def error_share(plan: TherapyPlan) -> float:
    """The error of a plan, in units of that of one therapy at a studied dose."""
    shares = [studied_share(therapy) for therapy in plan.therapies]
    return together([*shares, *([1.0] if plan.excitation is not None else [])])
