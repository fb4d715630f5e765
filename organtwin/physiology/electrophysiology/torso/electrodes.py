"""Where electrodes sit on the skin: two coordinates each, moved as easily as they are misplaced.

V1 and V2 lie in the fourth intercostal space right and left of the breastbone, V4 in the fifth on
the midclavicular line, V3 halfway between V2 and V4, V5 and V6 at the height of V4 on the anterior
and the middle axillary line (AHA/ACC/HRS recommendations, P. Kligfield et al., Circulation
115:1306, 2007); V7 to V9 further back at the same height, V3R to V6R mirrored. Limb electrodes
sit where the arms and legs leave the trunk, because limbs carry no current.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import UnknownNameError
from organtwin.physiology.electrophysiology.torso.body import TrunkSizes, angle_at, on_skin

STANDARD = ("V1", "V2", "V3", "V4", "V5", "V6", "RA", "LA", "LL", "RL")
"""The ten electrodes of the twelve leads."""

REFERENCE = "RL"
"""Where the current of every lead field leaves."""

BORDER = 0.022
"""Half the breastbone and what beside it V1 and V2 need [m]."""

INTERSPACE = 0.030
"""From one intercostal space to the next [m], body of 1.76 m (length 0.33 m)."""

_MIDCLAVICULAR = 0.55
"""Place of the midclavicular line over half the width of the chest."""

_AXILLARY = {"V5": 62.0, "V6": 90.0, "V7": 118.0, "V8": 140.0, "V9": 160.0}
"""Angles [degrees] of axillary lines, shoulder blade and edge of the spine."""

_LIMBS = {"RA": (-80.0, 0.42), "LA": (80.0, 0.42), "LL": (55.0, -0.85), "RL": (-55.0, -0.85)}
"""Angle [degrees] and height over the trunk's length."""


@dataclass(frozen=True, slots=True)
class Electrode:
    """A place on the skin: ``angle`` [rad] from the front to the left, ``height`` [m]."""

    angle: float
    height: float

    def moved(self, *, left: float = 0.0, up: float = 0.0, radius: float = 0.14) -> "Electrode":
        """The electrode shifted along the skin [m]; ``radius`` [m] of the trunk turns to angle."""
        return replace(self, angle=self.angle + left / radius, height=self.height + up)


def standard_electrode(name: str, sizes: TrunkSizes) -> Electrode:
    """Where an electrode belongs: the ten standard ones, V7 to V9, V3R to V6R.

    Raises
    ------
    UnknownNameError
        There is no rule for this name.
    """
    if name.endswith("R") and name[:-1] in {"V3", "V4", "V5", "V6"}:
        mirrored = standard_electrode(name[:-1], sizes)
        return replace(mirrored, angle=-mirrored.angle)
    fifth = -INTERSPACE * sizes.length / 0.33
    clavicle = _MIDCLAVICULAR * 0.5 * sizes.width
    if name in _LIMBS:
        degrees, height = _LIMBS[name]
        return Electrode(np.radians(degrees), height * sizes.length)
    if name in _AXILLARY:
        return Electrode(np.radians(_AXILLARY[name]), fifth)
    front = {
        "V1": (-BORDER, 0.0),
        "V2": (BORDER, 0.0),
        "V3": (0.5 * (BORDER + clavicle), 0.5 * fifth),
        "V4": (clavicle, fifth),
    }
    if name not in front:
        known = [*STANDARD, *_AXILLARY, "V3R", "V4R", "V5R", "V6R"]
        raise UnknownNameError("electrode", name, known)
    x, height = front[name]
    return Electrode(angle_at(sizes, x, height), height)


def standard_electrodes(sizes: TrunkSizes) -> dict[str, Electrode]:
    """The ten electrodes of the twelve leads where they belong."""
    return {name: standard_electrode(name, sizes) for name in STANDARD}


def electrode_places(electrodes: Mapping[str, Electrode], sizes: TrunkSizes) -> FloatArray:
    """Places ``(n, 3)`` [m] in the trunk's frame, in the order of the mapping."""
    return on_skin(
        sizes,
        np.array([e.angle for e in electrodes.values()]),
        np.array([e.height for e in electrodes.values()]),
    )
