"""The named parts of the heart and its cavities."""

from enum import IntEnum


class Cavity(IntEnum):
    """The four blood-filled chambers, in the order of every cavity array."""

    LV = 0
    RV = 1
    LA = 2
    RA = 3


class Valve(IntEnum):
    """The four valves of the heart."""

    MITRAL = 0
    AORTIC = 1
    TRICUSPID = 2
    PULMONARY = 3


class Border(IntEnum):
    """What lies on the other side of an outer face of the tissue."""

    OUTSIDE = 0
    LV_BLOOD = 1
    RV_BLOOD = 2
    LA_BLOOD = 3
    RA_BLOOD = 4
    VESSEL_BLOOD = 5
    CUT = 6
    """Nothing: here the mesh ends, at a vessel's mouth or at the edge of the image."""


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
    CORONARY_VEIN = 10
    VALVE_LEAFLET = 11
    PAPILLARY_MUSCLE = 12
    FAT = 13
    PERICARDIUM = 14


class Segment(IntEnum):
    """The 17 segments of the left ventricle (Cerqueira et al. 2002), and parts of the others."""

    NONE = 0
    BASAL_ANTERIOR = 1
    BASAL_ANTEROSEPTAL = 2
    BASAL_INFEROSEPTAL = 3
    BASAL_INFERIOR = 4
    BASAL_INFEROLATERAL = 5
    BASAL_ANTEROLATERAL = 6
    MID_ANTERIOR = 7
    MID_ANTEROSEPTAL = 8
    MID_INFEROSEPTAL = 9
    MID_INFERIOR = 10
    MID_INFEROLATERAL = 11
    MID_ANTEROLATERAL = 12
    APICAL_ANTERIOR = 13
    APICAL_SEPTAL = 14
    APICAL_INFERIOR = 15
    APICAL_LATERAL = 16
    APEX = 17
    RV_OUTFLOW = 18
    RV_BASAL = 19
    RV_MID = 20
    RV_APICAL = 21
    LEFT_ATRIUM = 22
    RIGHT_ATRIUM = 23
