"""Pacing of the atria sets the heart rate, pacing of the ventricles how they are activated.

Atrial pacing leaves conduction and filling sequential. Ventricular pacing follows the sinus impulse
after an atrioventricular (AV) delay and replaces the heart's own activation by the one computed for
the electrodes on the template, as slow as this heart conducts.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from organtwin.physiology.electrophysiology.conduction import conduction_pattern
from organtwin.physiology.interface import Wall
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.pacing import Mode
from organtwin.therapy.kind import TherapyKind
from organtwin.therapy.variability import Variation
from organtwin.units import MS, PER_MIN


def _pace(conditions: Conditions, rate_per_min: float) -> Conditions:
    return replace(conditions.with_parameters(heart_rate=rate_per_min * PER_MIN), paced=True)


PACING = TherapyKind(
    name="heart_rate",
    label="Heart rate (atrial pacing)",
    family="pacing",
    unit="1/min",
    lower=40.0,
    upper=160.0,
    default=80.0,
    step=1.0,
    decimals=0,
    equation="cycle length = 60 s/rate; activation times follow the cycle as in the heart model",
    source="Definition; timing by cycle length from Walmsley et al. 2015",
    evidence="physical",
    population="any patient in sinus rhythm",
    limits="No force-frequency relation and no reflex. It replaces the rate a drug would cause.",
    change=_pace,
)


def _pace_ventricles(conduction: str, conditions: Conditions, av_delay_ms: float) -> Conditions:
    return _pace_varied(conduction, conditions, av_delay_ms, 1.0)


def _pace_varied(
    conduction: str, conditions: Conditions, av_delay_ms: float, factor: float
) -> Conditions:
    """The front of the electrodes spreads more slowly by the factor than the fit says.

    The atria are excited as before.
    """
    before = conditions.activation
    paced = conduction_pattern(conduction, before.layout, before.slowness * factor)
    delays, first = paced.delays.copy(), before.layout.slice(Wall.LV).start
    delays[:first] = before.delays[:first]
    return conditions.excited(replace(paced, delays=delays), av_delay_ms * MS)


def _ventricular(name: str, label: str, conduction: str, where: str) -> TherapyKind:
    return TherapyKind(
        name=name,
        label=label,
        family="pacing",
        unit="ms",
        lower=80.0,
        upper=120.0,
        default=100.0,
        step=10.0,
        decimals=0,
        equation=f"activation computed for electrodes {where}, AV delay as set; "
        "times stretched as before by the measured QRS",
        source="Eikonal activation of the template heart (scripts/build_pump_activation.py)",
        evidence="derived",
        population="any patient in sinus rhythm",
        limits="Usual sites; acute only. In the window the pacemaker on the patient's own "
        "conduction, with fusion. On the command line and in a plan in time the template heart: "
        "the AV delay moves all of the activation, without fusion. Without a measured PR interval "
        "the heart's own conduction comes as early as in health, and pacing gains too little: in "
        "the groups that were paced it is 200 ms. Of LV pacing the largest published gain (43 % "
        "of dP/dt max in 10 patients) is not reached: here 22 % at most.",
        change=partial(_pace_ventricles, conduction),
        variation=Variation(
            "spread",
            f"{label}: time to excite all muscle",
            0.2,
            "assumed",
            "Sites of the electrodes and how the muscle conducts there: a fifth",
        ),
        varied=partial(_pace_varied, conduction),
        group="ventricular pacing",
        conduction=conduction,
    )


VENTRICULAR = (
    _ventricular(
        "biventricular_pacing", "Biventricular pacing", "biventricular",
        "at the RV apex and the lateral LV",
    ),
    _ventricular("lv_pacing", "LV pacing", "lv_paced", "at the lateral LV"),
    _ventricular("rv_pacing", "RV pacing", "rv_paced", "at the RV apex"),
    _ventricular(
        "left_bundle_pacing", "Left bundle area pacing", "left_bundle_paced",
        "at the left side of the septum",
    ),
)  # fmt: skip
"""One for each set of electrodes."""
_BIVENTRICULAR, _LV, _RV, _LEFT_BUNDLE = VENTRICULAR
PACED_AS: Mapping[Mode, TherapyKind] = MappingProxyType({
    Mode.BIVENTRICULAR: _BIVENTRICULAR, Mode.MULTIPOINT_BIVENTRICULAR: _BIVENTRICULAR,
    Mode.LV: _LV, Mode.RV: _RV, Mode.LEFT_BUNDLE: _LEFT_BUNDLE,
})  # fmt: skip
"""The therapy that a pacemaker in a mode is: its evidence and checked range. Multipoint pacing of
both ventricles was compared in the same patients (SyncAV 2020: dP/dt max 842, biventricular 900,
multipoint 926 mmHg/s). Of other modes no response of the circulation was compared."""
