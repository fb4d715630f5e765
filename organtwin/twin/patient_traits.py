"""What a patient is, as checked ranges ask for it: by numbers where there are any, else by words.

Diseases that the plan itself adds count (a valve made stenotic, an infarct, an effusion), and for
drugs and machines a lesion that the plan mends no longer does.
"""

import re
from collections.abc import Iterator, Mapping

from organtwin.errors import ParameterError
from organtwin.therapy.infarct import INFARCTS
from organtwin.therapy.plan import TherapyPlan
from organtwin.therapy.valve import LESIONS, VALVE_THERAPIES
from organtwin.therapy.volume import DRAINAGE, EFFUSION
from organtwin.twin.twin import Twin
from organtwin.units import CM2, L_PER_MIN, ML, MMHG, MS

FAILING = 0.45
"""Ejection fraction below which the groups of the inotrope and vasodilator studies lie (20 to 33 %,
and their spread)."""
DYN_S_CM5 = 1e5
"""[Pa s/m3]"""
EFFUSED = 50.0 * ML
"""More than the fluid of a healthy sac (15 to 50 mL)."""
_DISEASES = frozenset(kind.name for kind in (*LESIONS, *INFARCTS, EFFUSION))
_REPAIRS = frozenset(kind.name for kind in (*VALVE_THERAPIES, DRAINAGE))
_NEGATED = r"(?<!no )(?<!no known )(?<!without )(?<!not )"
IRREGULAR: Mapping[str, str] = {
    r"fibrillation|flutter|\bafib\b": "atrial fibrillation or flutter",
    r"ventricular tachycardia|\bvt\b|torsade": "ventricular tachycardia",
    r"junctional|third.degree|complete (av|heart) block|total av block": "atria and "
    "ventricles beat apart",
    r"asystole|arrest": "no rhythm",
    r"bigemin|trigemin|irregular": "an irregular rhythm",
}
"""Words of a rhythm that is no beat that repeats with its atrial kick."""
OTHER_HEARTS: Mapping[str, str] = {
    r"single.ventricle|fontan|hypoplastic": "a heart with one ventricle",
    r"septal defect|\basd\b|\bvsd\b|foramen ovale|ductus": "a shunt between the sides",
    r"tetralogy|fallot|transposition|congenital|ebstein|coarctation": "a congenital malformation",
    r"pregnan": "pregnancy",
    r"constrictive|constriction": "a pericardium that constricts",
    r"amyloid|restrictive": "an infiltrated or restrictive muscle",
    r"ventricular assist|\blvad\b|on ecmo": "a patient who already has a pump",
}
"""Words of a diagnosis that this circulation does not have."""


def words_found(text: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """What of ``known`` a text names, unless a word before it denies it."""
    low = text.lower()
    return tuple(
        meaning for pattern, meaning in known.items() if re.search(f"{_NEGATED}({pattern})", low)
    )


def traits_of(twin: Twin, plan: TherapyPlan, *, repaired: bool = False) -> frozenset[str]:
    """Names of ``therapy.traits.TRAITS`` that hold; ``repaired``: after the plan's repairs."""
    numbers = twin.numbers
    found = set(_valves(_areas(twin, plan, repaired=repaired)))
    if numbers["lv_ef"] < FAILING or twin.conditions.chronic_heart_failure:
        found.add("heart failure")
    elif words_found(twin.record.diagnosis, {r"heart failure|hfpef": "failing"}):
        found.add("preserved heart failure")
    if (
        numbers["pa_mean"] > 25.0 * MMHG
        and numbers["pulmonary_vascular_resistance"] > 240.0 * DYN_S_CM5
        and numbers["pcwp"] <= 15.0 * MMHG
    ):
        found.add("pulmonary arterial hypertension")
    if numbers["pcwp"] > 12.0 * MMHG or numbers["ra_pressure"] > 8.0 * MMHG:
        found.add("congestion")
    if numbers["cardiac_output"] < 3.5 * L_PER_MIN or numbers["systolic_pressure"] < 90.0 * MMHG:
        found.add("shock")
    if twin.conditions.transplanted:
        found.add("denervated")
    found.update(_by_record(twin, plan))
    return frozenset(found)


def _by_record(twin: Twin, plan: TherapyPlan) -> Iterator[str]:
    record = twin.record
    known = {
        r"hypertrophic|\bhcm\b|\bhocm\b": "hypertrophic cardiomyopathy",
        r"infarct|coronary|ischa?emi|\bstemi\b|\bnstemi\b": "coronary disease",
        r"transplant": "denervated",
    }
    yield from words_found(f"{record.diagnosis} {record.title}", known)
    if any(therapy.kind in INFARCTS for therapy in plan.therapies):
        yield "coronary disease"
    wide = "qrs_duration" in record and record["qrs_duration"].value >= 120.0 * MS
    if wide or record.conduction == "lbbb":
        yield "wide QRS"


def _areas(twin: Twin, plan: TherapyPlan, *, repaired: bool) -> Mapping[str, float]:
    """Valve areas and effusion [SI] with the diseases of the plan, and perhaps its repairs."""
    wanted = _DISEASES | _REPAIRS if repaired else _DISEASES
    changes = TherapyPlan(tuple(t for t in plan.therapies if t.name in wanted))
    try:
        return changes.apply(twin.conditions).parameters
    except ParameterError:  # the prediction itself tells why
        return twin.conditions.parameters


def _valves(areas: Mapping[str, float]) -> Iterator[str]:
    opened = {
        v: areas[f"{v}_open_area"] / CM2 for v in ("aortic", "mitral", "tricuspid", "pulmonary")
    }
    leaking = {v: areas[f"{v}_leak_area"] / CM2 + 1e-9 for v in opened}
    tests = {
        "severe aortic stenosis": opened["aortic"] < 1.0 - 1e-9,
        "severe aortic regurgitation": leaking["aortic"] >= 0.30,
        "mitral stenosis": opened["mitral"] < 1.5,
        "severe mitral regurgitation": leaking["mitral"] >= 0.40,
        "mitral valve disease": opened["mitral"] < 2.5 or leaking["mitral"] >= 0.20,
        "tricuspid valve disease": opened["tricuspid"] < 2.5 or leaking["tricuspid"] >= 0.20,
        "pulmonary valve disease": opened["pulmonary"] < 2.0 or leaking["pulmonary"] >= 0.10,
        "effusion": areas["pericardial_effusion"] >= EFFUSED,
    }
    yield from (name for name, holds in tests.items() if holds)
