"""Machines that pump: each is one parameter of the heart's kernel, its dose.

The physics are in ``physiology.devices`` and ``physiology.circulation.assist``: flow and volumes
come from the beat, nothing is prescribed here. One pump of the left ventricle and one of the right
heart at a time; extracorporeal circulation and a balloon go with either.
"""

from collections.abc import Callable
from functools import partial

from organtwin.simulation.conditions import Conditions
from organtwin.therapy.kind import TherapyKind
from organtwin.therapy.variability import Variation
from organtwin.units import L_PER_MIN, ML, PER_MIN

RPM = "rpm"
_ROTARY = "L q' = p_in - p_out + H(q, speed) - (R + R_suction) q - K |q| q"
_HEARTMATE = (
    f"{_ROTARY}; H = 3.608 N^2 - 0.994 N Q + 1.217 Q^2 - 1.845 Q^3/N, N in 1000/min, Q in L/min, "
    "H in mmHg"
)
_CHART = (
    "Maker's chart of head by flow, 3000 to 9000 rpm, digitised; fitted within 6.5 mmHg (root mean "
    "square 2.9). Cannulas of a HeartMate II circuit; suction after Choi"
)
_STEADY = (
    "Steady speed: no artificial pulse, no controller. No blood damage, clotting or bleeding. "
    "The body's answer over weeks (reverse remodelling, valve fusion) is not modelled."
)


def _head(label: str, *, nominal: bool) -> Variation:
    """Speed at which the pump has the head of its curve, over that of the curve."""
    sd, evidence, source = (
        (0.05, "assumed", "2.1 to 2.4 L/min at one level (manual): a tenth of head")
        if nominal
        else (0.024, "derived", "scatter of the fit, 2.9 mmHg of some 60 at 5400 rpm, by speed^2")
    )
    return Variation("head", f"{label}: head of the pump", sd, evidence, source)


def _set(parameter: str, unit: float, conditions: Conditions, dose: float) -> Conditions:
    return conditions.with_parameters(**{parameter: dose * unit})


def _change(parameter: str, unit: float) -> Callable[[Conditions, float], Conditions]:
    return partial(_set, parameter, unit)


LVAD = TherapyKind(
    name="lvad",
    label="LVAD (HeartMate 3)",
    family="machine",
    unit=RPM,
    lower=3000.0,
    upper=9000.0,
    default=5400.0,
    step=100.0,
    decimals=0,
    equation=_HEARTMATE,
    source=_CHART,
    evidence="table",
    population="left ventricular failure; speeds in use are some 4600 to 6200 rpm",
    limits=_STEADY,
    change=_change("lvad_speed", PER_MIN),
    acute=True,
    group="left ventricular pump",
    variation=_head("LVAD", nominal=False),
)


def _right(name: str, label: str, parameter: str, inlet: str) -> TherapyKind:
    return TherapyKind(
        name=name,
        label=label,
        family="machine",
        unit=RPM,
        lower=3000.0,
        upper=6000.0,
        default=3500.0,
        step=100.0,
        decimals=0,
        equation=f"{_HEARTMATE}; from the {inlet} to the pulmonary artery",
        source=f"{_CHART}; that it serves the right heart, with the same cannulas, is assumed",
        evidence="assumed",
        population="right ventricular failure; a HeartMate 3 at the right heart is off its label",
        limits=_STEADY,
        change=_change(parameter, PER_MIN),
        acute=True,
        group="right heart pump",
        variation=_head(label, nominal=False),
    )


def _impella(size: str, name: str, lower: float, upper: float, default: float) -> TherapyKind:
    basis = {
        "2.5": "flows that the controller's manual shows per level, met within 0.06 L/min",
        "CP": "4.3 L/min at the highest speed (vendor), at 60 mmHg with the same head (assumed)",
    }[size]
    return TherapyKind(
        name=name,
        label=f"Impella {size} (nominal)",
        family="machine",
        unit=RPM,
        lower=lower,
        upper=upper,
        default=default,
        step=1000.0,
        decimals=0,
        equation=f"{_ROTARY}; H = 203.5 mmHg (N/N_max)^2, K {'27.5' if size == '2.5' else '7.8'} "
        "mmHg/(L/min)^2",
        source=f"Nominal curve, none is published: {basis}",
        evidence="assumed",
        population="cardiogenic shock and protected intervention",
        limits="Nominal curve. The cannula neither narrows the aortic valve nor makes it leak. "
        + _STEADY,
        change=_change(f"{name}_speed", PER_MIN),
        acute=True,
        group="left ventricular pump",
        variation=_head(f"Impella {size}", nominal=True),
    )


ECMO = TherapyKind(
    name="ecmo",
    label="VA-ECMO",
    family="machine",
    unit="L/min",
    lower=0.0,
    upper=6.0,
    default=3.0,
    step=0.5,
    decimals=1,
    equation="flow from the right atrium to the aorta held at the set value (1000 mmHg per L/min "
    "missing, up to 400 mmHg); falls by suction when the atrium empties",
    source="Flow source as in Ostadal 2015; gain and limit of the console are assumed",
    evidence="assumed",
    population="cardiogenic shock; checked against pigs, 1 to 5 L/min",
    limits="Blood enters at the aortic root, not at the groin: no watershed. No gas exchange, no "
    "vent of the left ventricle. Muscle that recovers once its coronaries are perfused again is "
    "not modelled: in pigs in shock the heart's own output fell by a third from 1 to 5 L/min, here "
    "by more than half. Write into the diagnosis where the patient is under general anaesthesia: "
    "it halves the reflex, which otherwise takes back most of the rise of pressure.",
    change=_change("ecmo_flow", L_PER_MIN),
    acute=True,
    variation=Variation(
        "flow", "ECMO: flow that is set", 0.05, "assumed", "Flow meter and console: a twentieth"
    ),
)


def _balloon(name: str, every: int) -> TherapyKind:
    """A balloon that is blown up in every beat, or in every second or third."""
    rarer = (
        ""
        if every == 1
        else f"; in every beat with volume/{every}: the mean of {every} beats, one of them helped"
    )
    single = (
        "Every beat (1:1). "
        if every == 1
        else "The beat shown is a mean: in a helped one the peak is some 5 % higher, in the others "
        f"lower. Means over {every} beats that really alternate differ by less than 1 % (output, "
        "mean and wedge pressure). "
    )
    return TherapyKind(
        name=name,
        label=f"Intra-aortic balloon, 1:{every}",
        family="machine",
        unit="mL",
        lower=0.0,
        upper=50.0,
        default=40.0,
        step=5.0,
        decimals=0,
        equation="the balloon takes room in the arteries: filled from the closure of the aortic "
        f"valve to 40 ms before the ventricles are excited, 100 ms each way{rarer}",
        source="Volume and effect: mock loop, 40 mL, about +10 % output (Schampaert 2011); the "
        "times of filling are assumed",
        evidence="assumed",
        population="cardiogenic shock, mock loop",
        limits=f"{single}Coronary flow is not modelled. The arteries are one tube: no wave runs, "
        "so the peak stands for the whole aorta.",
        change=_change("balloon_volume", ML / every),
        acute=True,
        group="balloon",
        variation=Variation(
            "volume",
            "Balloon: blood it moves",
            0.1,
            "assumed",
            "Fit of the balloon to the aorta and of its timing: a tenth",
        ),
    )


DEVICES = (
    LVAD,
    _impella("2.5", "impella_2_5", 25_000.0, 51_000.0, 44_000.0),
    _impella("CP", "impella_cp", 23_000.0, 46_000.0, 40_000.0),
    _right("rvad", "RVAD from right atrium", "rvad_speed", "right atrium"),
    _right(
        "rvad_ventricular", "RVAD from right ventricle", "rvad_ventricular_speed",
        "right ventricle",
    ),
    ECMO,
    _balloon("iabp", 1),
    _balloon("iabp_1_2", 2),
    _balloon("iabp_1_3", 3),
)  # fmt: skip
"""In the order of the menu."""
