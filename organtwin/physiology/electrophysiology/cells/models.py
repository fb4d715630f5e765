"""The cell models there are, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from organtwin.physiology.electrophysiology.cells.cell import CellModel
from organtwin.physiology.electrophysiology.cells.courtemanche import COURTEMANCHE
from organtwin.physiology.electrophysiology.cells.stewart import STEWART_PURKINJE
from organtwin.physiology.electrophysiology.cells.ten_tusscher import (
    TT2006_ENDO,
    TT2006_EPI,
    TT2006_MID,
)
from organtwin.physiology.electrophysiology.cells.torord import (
    TORORD_ENDO,
    TORORD_EPI,
    TORORD_MID,
)

_ALL = (
    TORORD_ENDO, TORORD_EPI, TORORD_MID, TT2006_ENDO, TT2006_EPI, TT2006_MID, COURTEMANCHE,
    STEWART_PURKINJE,
)  # fmt: skip
CELL_MODELS: Mapping[str, CellModel] = MappingProxyType({model.name: model for model in _ALL})
