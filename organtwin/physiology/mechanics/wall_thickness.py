"""Thickness, muscle and cavity of the left ventricle, related to those of the normal heart.

A wall of thickness t around a cavity of volume V has the muscle W = t A, with A the mid-wall
area, that of the surface which encloses the cavity and half of all muscle M. Hearts of one shape
have A proportional to (V + M/2)^(2/3), so

    W / W0 = t / t0 ((V + M/2) / (V0 + M0/2))^(2/3)

with the normal values of the template heart (``template_sizes.measured``; the test compares them).
The ratio W / W0 is that of a wall of the model, whose own muscle is smaller than the drawn one:
its normal wall stands for the template's.
"""

from collections.abc import Mapping

from organtwin.physiology.interface import Wall

NORMAL_THICKNESS = 9.53e-3
"""[m]: septum and lateral wall of the template at end-diastole, 9.53 and 9.54 mm."""
NORMAL_CAVITY, NORMAL_MUSCLE = 117.5e-6, 160.0e-6
"""[m3]: of the template's left ventricle, septum included in its muscle."""
SEPTAL_SHARE = 0.204
"""Of the left ventricular muscle, as in the model's parameters."""
_ROUNDS = 60
"""Each closes more than a third of what is left to the fixed point."""


def muscle_ratios(thickness: Mapping[Wall, float], cavity: float) -> dict[Wall, float]:
    """Muscle of free wall and septum over the normal one.

    ``thickness`` [m] of ``Wall.LV``, ``Wall.SEPTUM`` or both at end-diastole; one alone counts for
    both. ``cavity`` [m3] is the end-diastolic volume.
    """
    either = next(iter(thickness.values()))
    relative = {
        wall: thickness.get(wall, either) / NORMAL_THICKNESS for wall in (Wall.LV, Wall.SEPTUM)
    }
    mean = (1.0 - SEPTAL_SHARE) * relative[Wall.LV] + SEPTAL_SHARE * relative[Wall.SEPTUM]
    muscle = 1.0
    for _ in range(_ROUNDS):
        muscle = mean * area_ratio(muscle, cavity)
    return {wall: ratio * area_ratio(muscle, cavity) for wall, ratio in relative.items()}


def area_ratio(muscle: float, cavity: float) -> float:
    """Mid-wall area over the normal one; ``muscle`` over the normal, ``cavity`` [m3]."""
    normal = NORMAL_CAVITY + 0.5 * NORMAL_MUSCLE
    return float(((cavity + 0.5 * muscle * NORMAL_MUSCLE) / normal) ** (2.0 / 3.0))
