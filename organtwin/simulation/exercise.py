"""Dynamic exercise as a change of conditions, from rest (load 0) to a healthy person's peak (1).

    rate            x 1 + load (167/73 - 1)         contractility   x 1 + load (1.79 - 1)
    resistance      x 0.307^load                    blood volume    x 1 + load (1.74 - 1)

The rate is that of upright exercise to the peak in healthy men (Higginbotham 1986). The other three
were set so that the default heart at load 1 has their stroke volume (index 41 to 58 mL/m2), the
larger end-diastolic volume of supine exercise (107 to 135 mL, Poliner 1980) and a mean pressure
20 % higher, which is assumed. The reflex is reset in exercise, so it is off: these are its ends.

Limit: filling pressures rise too far at the peak (default heart: wedge 29 mmHg), since neither the
faster relaxation nor the pump of the limbs' muscles is modelled, only more blood in the vessels.
Verified in tests/simulation/test_exercise.py.
"""

from dataclasses import replace

from organtwin.errors import InputError
from organtwin.simulation.conditions import Conditions

PEAK_RATE = 167.0 / 73.0
PEAK_CONTRACTILITY = 1.79
PEAK_RESISTANCE = 0.307
PEAK_VOLUME = 1.736
_WALLS = tuple(f"{wall}_active_stress" for wall in ("la", "ra", "lv", "septum", "rv"))


def exercising(conditions: Conditions, load: float) -> Conditions:
    """The same heart in exercise.

    Parameters
    ----------
    load
        0 at rest to 1 at the peak of a healthy person.

    Raises
    ------
    InputError
        The load is not within 0 to 1.
    ParameterError
        This heart cannot be led there within the range of the model.
    """
    if not 0.0 <= load <= 1.0:
        raise InputError(
            "exercise", "load", expected="0 (rest) to 1 (peak)", got=f"{load:g}",
            remedy="Give the share of a healthy person's peak.",
        )  # fmt: skip
    rate = 1.0 if conditions.paced else 1.0 + load * (PEAK_RATE - 1.0)
    changed = conditions.scaled(
        heart_rate=rate,
        systemic_resistance=PEAK_RESISTANCE**load,
        blood_volume=1.0 + load * (PEAK_VOLUME - 1.0),
        **dict.fromkeys(_WALLS, 1.0 + load * (PEAK_CONTRACTILITY - 1.0)),
    )
    return replace(changed, reflex=False)
