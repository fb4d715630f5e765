"""Valves: replaced, opened, clipped, or made worse for teaching. The orifice is the dose.

Stenosis is a smaller open area, regurgitation a leak area; what follows from them is hydraulics of
the beat. The model's areas are effective ones, as echo reports them.
"""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from organtwin.simulation.conditions import Conditions
from organtwin.therapy.kind import TherapyKind
from organtwin.therapy.variability import Variation
from organtwin.units import CM2

COMPETENT_LEAK = 1e-9
"""Leak area [m2] of a closed healthy valve in the heart model."""
CLIPPED_SHARE = 0.5
"""Of the mitral open area that two orifices leave. Assumed: no number with a source was at hand."""
_ACUTE = "Acute effect: the walls have not remodelled yet; no paravalvular leak."


def _reached(what: str) -> Variation:
    return Variation(
        "area", f"{what}: area reached", 0.15, "assumed",
        "Size, expansion and seating differ: no spread of orifice areas was at hand",
    )  # fmt: skip


def _replace(valve: str, conditions: Conditions, area_cm2: float) -> Conditions:
    return conditions.with_parameters(
        **{f"{valve}_open_area": area_cm2 * CM2, f"{valve}_leak_area": COMPETENT_LEAK}
    )


def _replacement(
    valve: str, name: str, label: str, upper: float, default: float, *, source: str,
    evidence: str, population: str,
) -> TherapyKind:  # fmt: skip
    return TherapyKind(
        name=name,
        label=label,
        family="valve",
        unit="cm2",
        lower=0.8,
        upper=upper,
        default=default,
        step=0.1,
        decimals=1,
        equation=f"{valve} open area = effective orifice area of the prosthesis; no leak",
        source=source,
        evidence=evidence,
        population=population,
        limits=_ACUTE,
        change=partial(_replace, valve),
        group=f"{valve} prosthesis",
        variation=_reached(label),
    )


_HYDRAULIC = "Hydraulics of an orifice; no table of orifice areas by valve size was at hand"
AORTIC_VALVE = _replacement(
    "aortic", "aortic_valve", "Aortic valve replacement", 3.5, 1.6,
    source="PARTNER cohort B, 1 year after replacement: 1.6 cm2, mean gradient 12.5 mmHg",
    evidence="table", population="severe aortic stenosis",
)  # fmt: skip
TAVI = _replacement(
    "aortic", "tavi", "TAVI, by orifice area", 2.5, 1.6,
    source="PARTNER: 1.5 cm2 and 11.1 mmHg (cohort B, 30 days), 1.6 cm2 and 12.5 mmHg (1 year), "
    "1.7 cm2 and 9.9 mmHg (cohort A, 30 days)",
    evidence="table", population="severe aortic stenosis",
)  # fmt: skip
_REPLACED: Mapping[str, str] = MappingProxyType({
    "aortic_valve": "aortic", "tavi": "aortic", "tavi_balloon": "aortic", "tavi_self": "aortic",
    "mitral_valve": "mitral",
    "tricuspid_valve": "tricuspid", "pulmonary_valve": "pulmonary",
})  # fmt: skip
"""Which valve each replacement takes the place of."""


def narrower_than_before(name: str, before: Conditions, after: Conditions) -> str:
    """The valve that a replacement made narrower than the patient's own, or nothing."""
    valve = _REPLACED.get(name, "")
    parameter = f"{valve}_open_area"
    if valve and after.parameters[parameter] < before.parameters[parameter]:
        return valve
    return ""


def _clip(conditions: Conditions, reduction_percent: float) -> Conditions:
    if reduction_percent == 0.0:
        return conditions
    leak = conditions.parameters["mitral_leak_area"] * (1.0 - 0.01 * reduction_percent)
    return conditions.with_parameters(
        mitral_leak_area=max(leak, COMPETENT_LEAK),
        mitral_open_area=conditions.parameters["mitral_open_area"] * CLIPPED_SHARE,
    )


def _clip_varied(conditions: Conditions, reduction_percent: float, factor: float) -> Conditions:
    """The leak that is left, as a share, to the power of the factor: it stays in 0 to 1."""
    left = (1.0 - 0.01 * reduction_percent) ** factor
    return _clip(conditions, 100.0 * (1.0 - left))


CLIP = TherapyKind(
    name="mitral_clip",
    label="Mitral edge-to-edge repair",
    family="valve",
    unit="%",
    whole="no leak is left",
    lower=0.0,
    upper=95.0,
    default=75.0,
    step=5.0,
    decimals=0,
    equation="mitral leak area x (1 - reduction); open area x 0.5, two equal orifices in parallel "
    "having the gradient of one as large as both",
    source="Effect on output and pressures: Siegel 2011, Biner 2012. By how much leak and opening "
    "shrink is assumed",
    evidence="assumed",
    population="severe mitral regurgitation, also with low output",
    limits="Acute effect. The share of the leak that is left is the operator's result, not "
    "predicted; the reflex answers the rise of pressure, anaesthesia may blunt it.",
    change=_clip,
    acute=True,
    group="mitral repair",
    variation=Variation(
        "leak",
        "Edge-to-edge repair: leak that is closed",
        0.3,
        "assumed",
        "The operator's result: no spread of it was at hand",
    ),
    varied=_clip_varied,
)


def _split(conditions: Conditions, area_cm2: float) -> Conditions:
    present = conditions.parameters["mitral_open_area"]
    return conditions.with_parameters(mitral_open_area=max(present, area_cm2 * CM2))


COMMISSUROTOMY = TherapyKind(
    name="mitral_commissurotomy",
    label="Mitral commissurotomy",
    family="valve",
    unit="cm2",
    lower=1.0,
    upper=3.0,
    default=2.0,
    step=0.1,
    decimals=1,
    equation="mitral open area = area after the procedure, never less than before",
    source=f"{_HYDRAULIC}. Output rises by 14 to 18 % and the wedge pressure falls from 27 to 15 "
    "mmHg in severe stenosis (21, 22 and 29 patients), as here with the reflex",
    evidence="physical",
    population="mitral stenosis",
    limits="Acute effect. The area reached is the operator's result, not predicted; no new leak. "
    "Pulmonary vessels that relax once the atrium is empty are not modelled: where pulmonary "
    "hypertension is severe, its pressure falls less here than in patients (published by 15 to 20 "
    "mmHg within minutes, and further for months).",
    change=_split,
    acute=True,
    group="mitral repair",
    variation=_reached("Commissurotomy"),
)


def _narrow(valve: str, conditions: Conditions, area_cm2: float) -> Conditions:
    parameter = f"{valve}_open_area"
    present = conditions.parameters[parameter]
    return conditions.with_parameters(**{parameter: min(present, area_cm2 * CM2)})


def _leak(valve: str, conditions: Conditions, area_cm2: float) -> Conditions:
    parameter = f"{valve}_leak_area"
    present = conditions.parameters[parameter]
    return conditions.with_parameters(**{parameter: present + area_cm2 * CM2})


def _worse(valve: str, lesion: str, *, lower: float, upper: float, default: float) -> TherapyKind:
    narrowing = lesion == "stenosis"
    return TherapyKind(
        name=f"{valve}_{lesion}",
        label=f"{valve.capitalize()} {lesion}",
        family="to teach",
        unit="cm2",
        lower=lower,
        upper=upper,
        default=default,
        step=0.1 if narrowing else 0.05,
        decimals=1 if narrowing else 2,
        equation=f"{valve} open area = the smaller of its own and this one"
        if narrowing
        else f"{valve} leak area + this one",
        source="Hydraulics of an orifice (CircAdapt; tests/verification/test_circadapt.py)",
        evidence="physical",
        population="any heart; a disease, not a treatment",
        limits="Acute: no hypertrophy, no dilation, no reflex, so a sudden severe lesion is borne "
        "worse than one that grew over years.",
        change=partial(_narrow if narrowing else _leak, valve),
    )


VALVE_THERAPIES = (
    AORTIC_VALVE,
    TAVI,
    *(
        _replacement(
            valve, f"{valve}_valve", f"{valve.capitalize()} valve replacement", upper, default,
            source=_HYDRAULIC, evidence="physical", population=f"{valve} valve disease",
        )
        for valve, upper, default in (("mitral", 4.0, 2.0), ("tricuspid", 4.0, 2.5),
                                      ("pulmonary", 3.5, 2.0))
    ),
    CLIP,
    COMMISSUROTOMY,
)  # fmt: skip
LESIONS = (
    _worse("aortic", "stenosis", lower=0.4, upper=4.0, default=0.8),
    _worse("mitral", "stenosis", lower=0.6, upper=4.0, default=1.0),
    _worse("tricuspid", "stenosis", lower=0.6, upper=4.0, default=1.0),
    _worse("pulmonary", "stenosis", lower=0.4, upper=4.0, default=0.8),
    _worse("aortic", "regurgitation", lower=0.0, upper=0.6, default=0.3),
    _worse("mitral", "regurgitation", lower=0.0, upper=0.8, default=0.4),
    _worse("tricuspid", "regurgitation", lower=0.0, upper=0.8, default=0.4),
    _worse("pulmonary", "regurgitation", lower=0.0, upper=0.6, default=0.3),
)
