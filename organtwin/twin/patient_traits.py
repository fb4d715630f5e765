"""What a patient is, as checked ranges ask for it: by numbers where there are any, else by words.

Diseases that the plan itself adds count (a valve made stenotic, an infarct, an effusion), and for
drugs and machines a lesion that the plan mends no longer does.
"""

import re
from collections.abc import Iterator, Mapping

from organtwin.assimilation.lesions import LESIONS as MEASURED_LESIONS
from organtwin.errors import ParameterError
from organtwin.patient.conditions import DENIED, vocabulary
from organtwin.therapy.infarct import INFARCTS
from organtwin.therapy.plan import TherapyPlan
from organtwin.therapy.prosthesis import PARAVALVULAR, TAVI_BALLOON, TAVI_SELF
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
_DISEASES = frozenset(kind.name for kind in (*LESIONS, *INFARCTS, EFFUSION, PARAVALVULAR))
_REPAIRS = frozenset(kind.name for kind in (*VALVE_THERAPIES, TAVI_BALLOON, TAVI_SELF, DRAINAGE))
REGULAR = re.compile(r"\bsinus\b|\batrial(ly)? pac|^regular\b")
"""A rhythm that is told, by a person or as ``DetectedRhythm`` does, must be one of these: what a
text may call any other cannot be listed. Of six irregular rhythms written after a list of words had
been made, the list missed three."""
IRREGULAR: Mapping[str, str] = {
    r"fibrillation|flutter|\baf\b": "atrial fibrillation or flutter",
    r"(third|second).degree|mobitz|wenckebach|dissociation|complete (av|heart) block": "AV block",
    r"bigemin|trigemin|irregular|pauses|arrest": "an irregular rhythm",
}
"""Words beside them, or in a diagnosis, of a rhythm that is no beat that repeats."""
_ONE_VENTRICLE = r"(single|univentricular|one).?(ventric|heart)|fontan|hypoplastic|atresia"
_SHUNT = (
    r"septal defect|\basd\b|\bvsd\b|\bpda\b|foramen ovale|arterial duct|ductus|eisenmenger|shunt"
)
_MALFORMED = (
    r"tetralogy|fallot|transposition|\b[dl]-?tga\b|\btga\b|congenital|ebstein|coarctation|truncus"
    r"|double.(inlet|outlet)|anomalous|fistula|triatriatum|mustard|senning|rastelli|isomerism"
)
OTHER_HEARTS: Mapping[str, str] = {
    _ONE_VENTRICLE: "a heart with one ventricle",
    _SHUNT: "a shunt between the sides",
    _MALFORMED: "a malformation",
    r"pregnan|gestation|postpartum": "pregnancy",
    r"constrictive": "a pericardium that constricts",
    r"amyloid|restrictive|sarcoid|fabry|non.?compaction": "an infiltrated or restrictive muscle",
    r"ventricular assist|\blvad\b|ecmo\b|impella|balloon pump": "a patient who already has a pump",
}
"""Words of a diagnosis that this circulation does not have. A list can never be complete."""
_FAILING_LEFT = r"(?<!right.)heart failure|hfpef"
"""Failure of the right heart alone is another disease."""
_KNOWN: Mapping[str, str] = {
    r"hypertrophic|\bhcm\b|\bhocm\b|outflow (tract )?obstruction": "hypertrophic cardiomyopathy",
    r"infarct|coronary|ischa?emi|\bn?stemi\b": "coronary disease",
    r"(kidney|renal) (failure|disease)|ha?emodialysis|\bdialysis": "kidney failure",
    r"transplant(?!ation (list|candidate)| (list|candidate))": "transplanted heart",
}

BY_DIAGNOSIS = frozenset((*_KNOWN.values(), "preserved heart failure", "wide QRS"))
"""Traits that a stated condition gives by itself. Others, of valves and pressures, are those of the
fitted heart: a valve that only a word calls narrow is not narrow in the model."""


def words_found(text: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """What of ``known`` a text names, unless its clause denies it before."""
    low = text.lower()
    return tuple(
        meaning
        for pattern, meaning in known.items()
        if any(not DENIED.search(low[: at.start()]) for at in re.finditer(pattern, low))
    )


def rhythm_doubt(rhythm: str) -> str:
    """What a told rhythm is that the model does not have; nothing where it is regular or untold."""
    if not rhythm.strip():
        return ""
    if found := words_found(rhythm, IRREGULAR):
        return found[0]
    low = rhythm.lower()
    sure = any(not DENIED.search(low[: at.start()]) for at in REGULAR.finditer(low))
    return "" if sure else f"rhythm {rhythm!r}"


def traits_of(twin: Twin, plan: TherapyPlan, *, repaired: bool = False) -> frozenset[str]:
    """Names of ``therapy.traits.TRAITS`` that hold; ``repaired``: after the plan's repairs."""
    numbers = twin.numbers
    found = set(_valves(_areas(twin, plan, repaired=repaired)))
    if numbers["lv_ef"] < FAILING or twin.conditions.chronic_heart_failure:
        found.add("heart failure")
    elif words_found(twin.record.diagnosis, {_FAILING_LEFT: "failing"}):
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
        found.add("transplanted heart")
    found.update(_by_record(twin, plan))
    return frozenset(found)


def _by_record(twin: Twin, plan: TherapyPlan) -> Iterator[str]:
    record = twin.record
    yield from words_found(record.diagnosis, _KNOWN)
    told = {trait for name in record.conditions for trait in vocabulary()[name].traits}
    yield from told & BY_DIAGNOSIS
    if any(therapy.kind in INFARCTS for therapy in plan.therapies):
        yield "coronary disease"
    wide = "qrs_duration" in record and record["qrs_duration"].value >= 120.0 * MS
    if wide or record.conduction == "lbbb":
        yield "wide QRS"


def _areas(twin: Twin, plan: TherapyPlan, *, repaired: bool) -> Mapping[str, float]:
    """Valve areas and effusion [SI] with the diseases of the plan, and perhaps its repairs.

    A lesion that the plan leaves alone is as bad as the worse of what was measured and what was
    fitted: the fit moves an area within the doubt of its reading.
    """
    wanted = _DISEASES | _REPAIRS if repaired else _DISEASES
    changes = TherapyPlan(tuple(t for t in plan.therapies if t.name in wanted))
    fitted = twin.conditions.parameters
    try:
        changed = changes.apply(twin.conditions).parameters
    except ParameterError:  # the prediction itself tells why
        changed = fitted
    worse = {}
    for lesion in MEASURED_LESIONS:
        name, area = lesion.parameter, lesion.told_by[0]
        if area in twin.record and changed[name] == fitted[name]:
            measured = twin.record[area].value
            worse[name] = (max if lesion.leaks else min)(fitted[name], measured)
    return {**changed, **worse}


def _valves(areas: Mapping[str, float]) -> Iterator[str]:
    opened = {
        v: areas[f"{v}_open_area"] / CM2 for v in ("aortic", "mitral", "tricuspid", "pulmonary")
    }
    leaking = {v: areas[f"{v}_leak_area"] / CM2 + 1e-9 for v in opened}
    tests = {
        "severe aortic stenosis": opened["aortic"] < 1.0 - 1e-9,
        "aortic stenosis": opened["aortic"] < 1.5 - 1e-9,
        "severe aortic regurgitation": leaking["aortic"] >= 0.30,
        "mitral stenosis": opened["mitral"] < 1.5,
        "severe mitral regurgitation": leaking["mitral"] >= 0.40,
        "mitral valve disease": opened["mitral"] < 2.5 or leaking["mitral"] >= 0.20,
        "tricuspid valve disease": opened["tricuspid"] < 2.5 or leaking["tricuspid"] >= 0.20,
        "pulmonary valve disease": opened["pulmonary"] < 2.0 or leaking["pulmonary"] >= 0.10,
        "effusion": areas["pericardial_effusion"] >= EFFUSED,
    }
    yield from (name for name, holds in tests.items() if holds)
