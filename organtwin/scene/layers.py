"""The parts of the picture that can be taken away one by one.

What a heart does not have is not offered: a layer belongs to a heart whose surface has points of
its regions; blood, to one with cavities; fibres, to one with an architecture; the sac, to one that
has it; conduction system and torso, to one whose electrical model is computed; devices and
effusion, to a plan or a patient that has them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Region


@dataclass(frozen=True, slots=True)
class Layer:
    """Shown as ``label``; ``regions`` of the surface belong to it."""

    name: str
    label: str
    regions: frozenset[Region]
    at_first: bool = True
    """Whether it is shown before anybody chooses."""


_NOTHING: Mapping[str, str] = MappingProxyType({})
BLOOD, FIBERS, PERICARDIUM = "blood", "fibers", "pericardium"
CONDUCTION, TORSO = "conduction", "torso"
DEVICES, FLUID = "devices", "effusion"
LAYERS: tuple[Layer, ...] = (
    Layer(
        "walls", "Chamber walls",
        frozenset({Region.LV, Region.SEPTUM, Region.RV, Region.LA, Region.RA}),
    ),
    Layer(
        "vessels", "Great vessels",
        frozenset({
            Region.AORTA, Region.PULMONARY_ARTERY, Region.SYSTEMIC_VEIN, Region.PULMONARY_VEIN
        }),
    ),
    Layer(
        "coronaries", "Coronary vessels",
        frozenset({Region.CORONARY_ARTERY, Region.CORONARY_VEIN}),
    ),
    Layer("leaflets", "Valve leaflets", frozenset({Region.VALVE_LEAFLET})),
    Layer("papillary", "Papillary muscles", frozenset({Region.PAPILLARY_MUSCLE})),
    Layer("fat", "Fat", frozenset({Region.FAT})),
    Layer(PERICARDIUM, "Pericardium", frozenset({Region.PERICARDIUM}), at_first=False),
    Layer(BLOOD, "Blood in the chambers", frozenset(), at_first=False),
    Layer(FIBERS, "Muscle fibres, instead of the walls", frozenset(), at_first=False),
    Layer(CONDUCTION, "Conduction system", frozenset(), at_first=False),
    Layer(TORSO, "Torso and electrodes", frozenset(), at_first=False),
    Layer(DEVICES, "Devices", frozenset()),
    Layer(FLUID, "Pericardial effusion", frozenset()),
)  # fmt: skip
INSTEAD_OF_WALLS = frozenset({"walls", "coronaries", "fat"})
"""What makes place for the fibres."""
HIDDEN_AT_FIRST = frozenset(layer.name for layer in LAYERS if not layer.at_first)


def offered(
    anatomy: Anatomy, *, electric: bool = False, planned: Mapping[str, str] = _NOTHING
) -> tuple[Layer, ...]:
    """The layers that this heart has; ``electric`` with an electrical model behind it.

    ``planned``: names of what a plan adds, each with what of it could not be placed.
    """
    present = set(np.unique(anatomy.surface.regions).tolist())
    return tuple(
        _told(layer, planned.get(layer.name, ""))
        for layer in LAYERS
        if present & {int(region) for region in layer.regions}
        or (layer.name == BLOOD and anatomy.cavities)
        or (layer.name == FIBERS and anatomy.architecture is not None)
        or (layer.name == PERICARDIUM and anatomy.pericardium is not None)
        or (layer.name in (CONDUCTION, TORSO) and electric)
        or layer.name in planned
    )


def _told(layer: Layer, note: str) -> Layer:
    return replace(layer, label=f"{layer.label} ({note})") if note else layer


def hidden_regions(hidden: frozenset[str]) -> frozenset[Region]:
    """The regions of all layers named in ``hidden``."""
    return frozenset().union(*(layer.regions for layer in LAYERS if layer.name in hidden))
