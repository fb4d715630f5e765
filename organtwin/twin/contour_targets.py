"""What each contour of a guide-point file pulls at when the template is brought to it."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from organtwin.anatomy.warping_parts import Part
from organtwin.anatomy.warping_targets import Target, Targets
from organtwin.patient.geometry.raw import ContourSet

PARTS: Mapping[str, Part] = MappingProxyType({
    "SAX_LV_ENDOCARDIAL": Part.LV_ENDOCARDIUM,
    "LAX_LV_ENDOCARDIAL": Part.LV_ENDOCARDIUM,
    "SAX_LV_EPICARDIAL": Part.LV_EPICARDIUM,
    "LAX_LV_EPICARDIAL": Part.LV_EPICARDIUM,
    "SAX_RV_FREEWALL": Part.RV_FREE_WALL,
    "LAX_RV_FREEWALL": Part.RV_FREE_WALL,
    "SAX_RV_SEPTUM": Part.RV_SEPTUM,
    "LAX_RV_SEPTUM": Part.RV_SEPTUM,
    "LAX_RV_ENDOCARDIAL": Part.RV_ENDOCARDIUM,
    "LAX_LA": Part.LA_ENDOCARDIUM,
    "LAX_RA": Part.RA_ENDOCARDIUM,
    "MITRAL_VALVE": Part.MITRAL_RING,
    "TRICUSPID_VALVE": Part.TRICUSPID_RING,
    "AORTA_VALVE": Part.AORTIC_RING,
    "PULMONARY_VALVE": Part.PULMONARY_RING,
    "APEX_POINT": Part.APEX,
})  # fmt: skip
"""Contour types that show a part of the template; extents, insertions and vein cuts do not."""


def contour_targets(contours: ContourSet) -> tuple[Targets, tuple[str, ...]]:
    """Targets of one time frame, and what of it is not used."""
    labels = np.array(contours.labels)
    parts = {}
    for part in dict.fromkeys(PARTS.values()):
        own = np.isin(labels, [name for name, shown in PARTS.items() if shown is part])
        if own.any():
            parts[part] = Target(contours.points[own], contours.slices[own])
    unused = [str(name) for name in np.unique(labels) if name not in PARTS]
    told = tuple(
        f"{name}: {contours.labels.count(name)} points not used; they show no part of the template."
        for name in unused
    )
    return Targets(parts, source=contours.source), told
