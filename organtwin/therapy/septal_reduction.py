"""Septal reduction: what widens the outflow tract of an obstructive hypertrophic heart.

Myectomy takes muscle from the base of the septum; ablation makes a scar of it by alcohol. Both act
by their muscle and, above all, by a wider tract: its area is multiplied. In a heart without a
narrowing nothing is widened; there only the muscle is lost.
"""

from collections.abc import Mapping
from types import MappingProxyType

from organtwin.simulation.conditions import Conditions
from organtwin.therapy.infarct import infarcted
from organtwin.therapy.kind import TherapyKind
from organtwin.therapy.variability import Variation
from organtwin.units import MM

WIDER_PER_MM = 0.15
"""Of the tract's area per mm of septum resected: 2.2 to 5.5 cm2 where 23 became 13 mm (those
without residual gradient; with one 3.0 cm2). 28 patients, Circulation 1984."""
RESECTED = 7e-4
"""[m2]: face of the trough, assumed; 10 mm of it weigh 7 g."""
BASAL_SEPTUM: Mapping[int, float] = MappingProxyType({2: 1.0, 3: 0.5})
"""What a septal branch feeds: the front of the basal septum, assumed."""
ABLATED_WIDER = 0.6
"""Of the area when all of it is scar. Between resting gradients of 80 to 40 mmHg after 3 months (32
patients, Szucsborus 2019) and of 100 to 24 mmHg (74 patients, Cooper 2015), by area^-2."""


def _widened(conditions: Conditions, factor: float) -> Conditions:
    return conditions.scaled(outflow_tract_area=factor)


def _myectomy(conditions: Conditions, depth_mm: float, relief: float = 1.0) -> Conditions:
    held = conditions.parameters["septum_wall_volume"]
    thinner = conditions.with_parameters(septum_wall_volume=held - RESECTED * depth_mm * MM)
    return _widened(thinner, 1.0 + relief * WIDER_PER_MM * depth_mm)


def _ablation(conditions: Conditions, scar_percent: float, relief: float = 1.0) -> Conditions:
    if scar_percent == 0.0:
        return conditions
    loss = 0.01 * scar_percent
    scarred = infarcted(conditions, {segment: loss * x for segment, x in BASAL_SEPTUM.items()})
    return _widened(scarred, 1.0 + relief * ABLATED_WIDER * loss)


def _relief(what: str, sd: float, source: str) -> Variation:
    return Variation("relief", f"{what}: how much wider the tract gets", sd, "derived", source)


_COMMON = (
    "The mitral valve is left as it is, and so is its leak. Conduction is not changed: "
    "bundle branch blocks that often follow are set apart. The other walls do not regress."
)

MYECTOMY = TherapyKind(
    name="septal_myectomy",
    label="Septal myectomy",
    family="septal reduction",
    unit="mm",
    lower=0.0,
    upper=15.0,
    default=10.0,
    step=1.0,
    decimals=0,
    equation=f"outflow tract area x (1 + {WIDER_PER_MM:g} depth/mm); septal muscle - depth x 7 cm2",
    source="Echo before and after in 28 patients (Circulation, December 1984): septum 23 to 13 mm, "
    "tract at onset of systole 2.2 to 5.5 cm2; face of the trough assumed",
    evidence="derived",
    population="obstructive hypertrophic cardiomyopathy, 28 patients",
    limits=_COMMON,
    change=_myectomy,
    group="septal reduction",
    variation=_relief(
        "Myectomy", 0.5, "area after 5.5, sd 3.0 cm2, or 3.0 cm2 with a residual gradient: a half"
    ),
    varied=_myectomy,
)
ABLATION = TherapyKind(
    name="septal_ablation",
    label="Alcohol septal ablation",
    family="septal reduction",
    unit="%",
    whole="a scar of all that the branch feeds",
    lower=0.0,
    upper=100.0,
    default=100.0,
    step=10.0,
    decimals=0,
    equation="basal septum (segment 2, half of 3) scarred as by an infarct; outflow tract area x "
    f"(1 + {ABLATED_WIDER:g} scar)",
    source="Tuned between resting gradients 80 to 40 mmHg (Szucsborus 2019, 3 months) and 100 to "
    "24 mmHg (Cooper 2015); extent of the scar assumed",
    evidence="derived",
    population="obstructive hypertrophic cardiomyopathy, 32 and 74 patients, after months",
    limits=f"{_COMMON} 100 % is a scar of all that the branch feeds; how much alcohol makes it is "
    "not known here.",
    change=_ablation,
    group="septal reduction",
    variation=_relief(
        "Ablation", 0.5, "between 50 and 76 % less gradient in two series, sd of each some 40 mmHg"
    ),
    varied=_ablation,
)
SEPTAL_REDUCTIONS = (MYECTOMY, ABLATION)
