"""The patient's ECG beside the model's: one beat in every lead, and what was read off both."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from organtwin.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class LeadSignals:
    """One beat in some leads: averaged from a recording, or computed.

    ``leads`` are named as on the record: I, II, III, aVR, aVL, aVF, V1 to V6, or V3R, V7, ...
    ``times`` ``(n,)`` [s] count from the onset of the QRS and are negative before it; ``volts`` is
    ``(n_leads, n)`` [V].
    """

    leads: tuple[str, ...]
    times: FloatArray
    volts: FloatArray


@dataclass(frozen=True, eq=False)
class EcgComparison:
    """What the window draws; without ``measured`` nothing was recorded that could be compared."""

    model: LeadSignals
    measured: LeadSignals | None = None
    planned: LeadSignals | None = None
    """Under the plan (pacing, block, ablation, drug): drawn beside the baseline."""
    bands: FloatArray | None = None
    """``(n_leads of model, 2, n)`` [V]: 5 % and 95 % of the members of the fit."""
    planned_bands: FloatArray | None = None
    """``(n_leads of planned, 2, n)`` [V]: the same under the plan."""
    correlations: Mapping[str, float] = field(default_factory=dict)
    """By lead, measured against model, over QRS and T."""
    excluded: Mapping[str, str] = field(default_factory=dict)
    """Measured lead, and why it was not used (flat, clipped, noise, ...)."""
    amplitude: float = 1.0
    """The factor that was put on the model's volts so that they fit the measured ones: ``model``,
    ``planned`` and ``bands`` already hold it, and the screen says it."""
    shift: float = 0.0
    """By how much the model's leads were moved in time to agree with the measured ones [s]:
    ``model`` and ``planned`` already hold it, and the screen says it."""
    intervals: Mapping[str, tuple[float | None, float | None, float | None]] = field(
        default_factory=dict
    )
    """``PR``, ``QRS``, ``QT``, ``QTc``: measured, model, planned [s]."""
    body: str = ""
    """Whose trunk the leads are computed in, and the size of the heart in it, in words."""
    axis: tuple[float | None, float | None, float | None] = (None, None, None)
    """Frontal QRS axis [rad]: measured, model, planned."""
