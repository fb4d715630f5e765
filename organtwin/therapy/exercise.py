"""Bicycle exercise at a steady workload, on whatever else the plan holds.

A workload W asks for oxygen, and everything follows from what is asked for beyond rest,

    u = 0.245 L/min + 0.0108 L/min per watt,   x = (u / 1 L/min)^0.65

(``ASKED``; a person of 70 kg). Working muscle opens, the vagus lets go, the sympathetic nerves and
the pump of the limbs' muscles bring blood to a heart that is stronger, faster in contraction and in
relaxation, and the baroreflex is reset to a higher pressure, about which it goes on answering:

    conductance  + g x          rate  + h x              reset pressure  + p x
    force x (1 + f x)           speed of shortening x (1 + s x)
    decay of force x (1 - d x)  blood in the vessels x (1 + v x)

In heart failure there is less of h, f, s and d, muscle opens less, and more blood is moved from
full veins (``Reserve``). Drugs act on what exercise has made.
Verified in tests/therapy/test_exercise.py; compared with publications by
scripts/validate_therapies.py (studies EX1, EX2 and F-EX).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from organtwin.simulation.conditions import Conditions
from organtwin.therapy.kind import Therapy, TherapyKind
from organtwin.therapy.variability import Variation
from organtwin.units import L_PER_MIN, ML, MMHG, PER_MIN

RESTING_UPTAKE = 0.245 * L_PER_MIN
"""Of oxygen [m3/s]: 3.5 mL/min per kg in 70 kg, and as much again for turning empty pedals."""
UPTAKE_PER_WATT = 0.0108 * L_PER_MIN
"""Leg cycling (American College of Sports Medicine)."""
BEND = 0.65
"""Exponent from asked oxygen to answer: a rate 57/min above rest at 67 W (36 healthy of 56 years)
and 94/min at 190 W (24 healthy men, Higginbotham 1986)."""
GREATEST_EXTRACTION = 0.16
"""Oxygen that can be taken from blood (volume per volume): 0.141 at the peak of healthy men, 0.134
(sd 0.024) in others (Higginbotham 1986, Santos 2015); the mean and one sd."""


WEDGE_LIMIT = 25.0 * MMHG
"""Borlaug 2010, supine."""
SLOPE_LIMIT = 2.0 * MMHG / L_PER_MIN
"""Not exceeded by any of 36 healthy adults (Esfandiari 2017); Zeder 2022."""


@dataclass(frozen=True, slots=True)
class Drive:
    """What one unit of x does."""

    rate: float = 58.5 * PER_MIN
    """h [1/s]. As ``BEND``."""
    conductance: float = 0.948 * ML / MMHG
    """g [m3/(s Pa)]. From 4.8 L/min at 96 and 6 mmHg to 11.2 at 109 and 6 mmHg, at 67 W."""
    reset: float = 13.3 * MMHG
    """p [Pa]. From 96 to 109 mmHg at 67 W."""
    force: float = 0.6
    shortening: float = 0.5
    decay: float = 0.3
    """f, s and d, of the speed of which nothing was at hand in people: set together so that stroke
    volume rises by a fifth at 67 W and by two fifths at the peak."""
    volume: float = 0.25
    """v: a compromise, as more of it gives the published stroke volume and less the published
    filling pressures."""


@dataclass(frozen=True, slots=True)
class Reserve:
    """Shares of the answer of a healthy person.

    ``heart`` of force, shortening and decay in heart failure: assumed as the gain of the reflex
    (``simulation.reflex.FAILING_GAIN``); that it is blunted is published (Borlaug 2010). ``volume``
    in heart failure of either kind was set when the wedge pressures of six groups had been seen to
    rise too little, from 17 to 28 and not 36 mmHg in dilated hearts (Kirlin 1984); full veins and
    tense nerves would move more blood, how much is not known apart from these pressures.
    """

    rate: float = 1.0
    heart: float = 1.0
    muscle: float = 1.0
    volume: float = 1.0


DRIVE = Drive()
HEALTHY = Reserve()
REDUCED = Reserve(rate=0.4, heart=0.25, muscle=0.65, volume=1.6)
"""Rate: 23/min more at 70 W in 40 patients (PMC11884014). Muscle: 8.7 L/min at 116 mmHg, healthy
18.6 at 135 mmHg (Sullivan 1989), both from some 5 L/min at 90 mmHg."""
PRESERVED = Reserve(rate=0.75, heart=0.25, muscle=0.8, volume=1.6)
"""Rate and muscle: 75 to 123/min, 4.7 L/min at 99 mmHg to 10.6 at 119 mmHg, at 86 W in 184 patients
(PMC7970388)."""
_WALLS = ("la", "ra", "lv", "septum", "rv")


def reserve_of(conditions: Conditions) -> Reserve:
    """How much of the healthy answer there is; of a transplanted heart nothing was compared."""
    if conditions.chronic_heart_failure:
        return REDUCED
    return PRESERVED if conditions.preserved_heart_failure else HEALTHY


def asked_uptake(watts: float) -> float:
    """Oxygen that is asked for beyond rest [m3/s]."""
    return RESTING_UPTAKE + UPTAKE_PER_WATT * watts


def total_uptake(watts: float) -> float:
    """Oxygen uptake [m3/s] of 70 kg at a steady workload."""
    return RESTING_UPTAKE + asked_uptake(watts)


def exercised(conditions: Conditions, watts: float, demand: float = 1.0) -> Conditions:
    """The same heart at a steady workload.

    ``demand``: of the oxygen that the usual patient is asked for at that workload.

    Raises
    ------
    ParameterError
        This heart cannot be led there within the range of the model.
    """
    x = (demand * asked_uptake(watts) / L_PER_MIN) ** BEND
    p, reserve = conditions.parameters, reserve_of(conditions)
    rate = 0.0 if conditions.paced else DRIVE.rate * x * reserve.rate
    heart = x * reserve.heart
    opened = DRIVE.conductance * x * reserve.muscle
    factors = {"blood_volume": 1.0 + DRIVE.volume * x * reserve.volume}
    for wall in _WALLS:
        factors[f"{wall}_active_stress"] = 1.0 + DRIVE.force * heart
        factors[f"{wall}_shortening_velocity"] = 1.0 + DRIVE.shortening * heart
        factors[f"{wall}_decay_factor"] = 1.0 - DRIVE.decay * heart
    changed = conditions.scaled(**factors).with_parameters(
        heart_rate=p["heart_rate"] + rate,
        systemic_resistance=1.0 / (1.0 / p["systemic_resistance"] + opened),
    )
    return replace(changed, reflex_reset=DRIVE.reset * x)


EXERCISE = TherapyKind(
    name="exercise",
    label="Bicycle exercise",
    family="provocation",
    unit="W",
    lower=10.0,
    upper=200.0,
    default=20.0,
    step=10.0,
    decimals=0,
    equation="u = 0.245 + 0.0108 W L/min of oxygen beyond rest, x = u^0.65: rate + 58.5 x per "
    "minute, conductance of the body + 57 mL/min per mmHg, force x (1 + 0.6 x), faster contraction "
    "and relaxation, blood volume x (1 + 0.25 x), reflex reset by 13 x mmHg; in heart failure less "
    "of heart and muscle, more blood moved",
    source="Healthy: rest to 67 W, n = 36 (JAHA 2020;9:e016339), to the peak, n = 24 (Higginbotham "
    "1986). Heart failure: n = 40 (PMC11884014), n = 184 (PMC7970388), Sullivan 1989, Kirlin 1984",
    evidence="table",
    population="healthy adults of 20 to 60 years; heart failure",
    limits="Steady state after some minutes, in the posture of the record, 70 kg. No ischaemia, no "
    "breathing, no heat; valves open no wider. Whether lungs and muscles last is not asked.",
    change=exercised,
    acute=True,
    variation=Variation(
        "demand", "Bicycle exercise: oxygen asked for at a workload", 0.4, "table",
        "67 (sd 26) W at one and the same rate in 36 healthy adults (JAHA 2020;9:e016339)",
    ),
    varied=exercised,
)  # fmt: skip


def exercise_findings(
    therapies: tuple[Therapy, ...], before: Mapping[str, float], after: Mapping[str, float]
) -> Iterator[str]:
    """What a test of exercise would say, as texts; quantities in SI.

    ``before`` is the untreated patient at rest.
    """
    found = next((t for t in therapies if t.kind is EXERCISE), None)
    if found is None:
        return
    uptake = total_uptake(found.dose) / L_PER_MIN
    yield (
        f"{found.dose:.0f} W take {uptake:.2f} L/min of oxygen (70 kg), "
        f"{100.0 * extraction(therapies, after):.1f} mL from each dL of this output"
    )
    wedge = after["pcwp"]
    if wedge >= WEDGE_LIMIT:
        yield f"wedge pressure {wedge / MMHG:.0f} mmHg in exercise: 25 or more is abnormal"
    gained = after["cardiac_output"] - before["cardiac_output"]
    slope = (after["pcwp"] - before["pcwp"]) / gained if gained > 0.0 else 0.0
    if len(therapies) == 1 and slope > SLOPE_LIMIT:
        told = slope / MMHG * L_PER_MIN
        yield f"wedge pressure rises by {told:.1f} mmHg per L/min of output (more than 2: abnormal)"


def extraction(therapies: tuple[Therapy, ...], after: Mapping[str, float]) -> float:
    """Oxygen that exercise takes from blood, volume per volume; 0 where nobody exercises.

    Uptake of 70 kg over the output of a steady state (SI), by Fick.
    """
    watts = next((t.dose for t in therapies if t.kind is EXERCISE), None)
    if watts is None or after["cardiac_output"] <= 0.0:
        return 0.0
    return total_uptake(watts) / after["cardiac_output"]
