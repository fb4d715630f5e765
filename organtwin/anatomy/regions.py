"""The named parts of the heart and its cavities."""

from enum import IntEnum


class Cavity(IntEnum):
    """The four blood-filled chambers, in the order of every cavity array."""

    LV = 0
    RV = 1
    LA = 2
    RA = 3


class Region(IntEnum):
    """What a piece of tissue is."""

    LV = 0
    SEPTUM = 1
    RV = 2
    LA = 3
    RA = 4
    AORTA = 5
    PULMONARY_ARTERY = 6
    SYSTEMIC_VEIN = 7
    PULMONARY_VEIN = 8
    CORONARY_ARTERY = 9
