"""What a model parameter is: a name with unit, range, default, meaning and source."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """One parameter of the model; its bounds and default are SI, ``unit`` is for display."""

    name: str
    unit: str
    lower: float
    upper: float
    default: float
    meaning: str
    source: str
