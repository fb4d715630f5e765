"""Whose trunk the leads of a record are computed in, and how large the heart in it is meant.

The trunk follows sex, height and weight. What a record does not state is that of the average body
of the sex: the height as it is, the weight at the same body mass index; without sex, of men. All
are rounded, so that patients share solved lead fields: half a step of height changes the leads by
1.5 %, of weight by 2.5 %, of the heart by 6 %, mostly because the QRS then ends 1 ms later; chest
electrodes 15 mm higher change them by 10 % (root mean square over QRS and T on the average man).

A patient's own heart has its size. The template's is scaled in all directions alike to the volume
of the patient's LV, cavity and muscle, where the cavity was measured,

    size = ((EDV + M / rho) / (EDV_t + M_t / rho))^(1/3),

M the mass [kg] of its muscle and _t the template; without a mass the muscle is that of the body's
usual heart. Without an EDV, the heart is the usual one of the body: the template of its sex
(``template_sizes.SCALE``) times the cube root of its body surface over that of the template.
Tests: tests/twin/test_physique.py.
"""

from dataclasses import dataclass

import numpy as np

from organtwin.anatomy.template_sizes import BODY_SURFACE, MUSCLE_DENSITY, SCALE
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.physiology.electrophysiology.torso.body import AVERAGE, Physique, Sex
from organtwin.physiology.mechanics.wall_thickness import NORMAL_CAVITY, NORMAL_MUSCLE

HEIGHT_STEP, WEIGHT_STEP, SIZE_STEP = 0.05, 5.0, 0.025
"""[m], [kg], and of the heart's length."""
SIZES = (0.85, 1.2)
"""Of the heart's length; what lies beyond is told. The largest was solved in the average man."""
_SEXES = {"female": (Sex.FEMALE, "woman"), "male": (Sex.MALE, "man"), None: (Sex.MALE, "man")}


@dataclass(frozen=True, slots=True)
class Body:
    """``size``: length of the heart over that of its meshes. ``told``: one sentence for people."""

    physique: Physique
    size: float
    told: str


def body_of(record: PatientRecord, *, own_heart: bool = False) -> Body:
    """The trunk of a record's patient and the heart in it; ``own_heart``: from images."""
    who = record.demographics
    physique, trunk = _physique(who)
    size, heart = (1.0, "the heart is the patient's own") if own_heart else _size(record)
    return Body(physique, size, f"{trunk}; {heart}")


def _physique(who: Demographics) -> tuple[Physique, str]:
    sex, noun = _SEXES[who.sex]
    average = Physique(sex, *AVERAGE[sex])
    missing = [name for name in ("sex", "height", "weight") if getattr(who, name) is None]
    height = average.height if who.height is None else _rounded(who.height, HEIGHT_STEP)
    usual = average.weight * (height / average.height) ** 2
    weight = usual if who.weight is None else who.weight
    whole = who.height is None and who.weight is None
    try:
        found = average if whole else Physique(sex, height, _rounded(weight, WEIGHT_STEP))
    except ValueError:
        return average, f"{_trunk(noun, average)}: the patient's own is beyond the model's range"
    told = _trunk(noun, found)
    return found, f"{told} ({' and '.join(missing)} unknown: average)" if missing else told


def _trunk(noun: str, physique: Physique) -> str:
    return f"trunk of a {noun} of {physique.height:.2f} m and {physique.weight:.0f} kg"


def _size(record: PatientRecord) -> tuple[float, str]:
    who = record.demographics
    sex = who.sex or "male"
    area = who.body_surface_area
    usual = SCALE[sex] * (1.0 if area is None else float(np.cbrt(area / BODY_SURFACE[sex])))
    wanted, why = usual, f"usual for {'the sex' if area is None else 'the body'}"
    if area is None and who.sex is None:
        why = "sex unknown"
    if "lv_edv" in record:
        muscle = NORMAL_MUSCLE * usual**3
        if "lv_mass" in record:
            muscle = record["lv_mass"].value / MUSCLE_DENSITY
        volume = (record["lv_edv"].value + muscle) / (NORMAL_CAVITY + NORMAL_MUSCLE)
        wanted, why = float(np.cbrt(volume)), "by the volume of the LV"
    size = float(np.clip(_rounded(wanted, SIZE_STEP), *SIZES))
    if abs(size - wanted) > SIZE_STEP:
        why += f", which asks for {wanted:.2f}: beyond the model's range"
    return size, f"heart of {size:.3g} of the template's length ({why})"


def _rounded(value: float, step: float) -> float:
    return round(round(value / step) * step, 6)
