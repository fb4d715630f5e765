"""Where a pressure is taken, and what can be a pressure there."""

from dataclasses import dataclass
from enum import Enum

from organtwin.units import MMHG


@dataclass(frozen=True, slots=True)
class SiteLimits:
    """Pressures [Pa] that tell a line's disturbances from the patient."""

    flush: float
    """No patient's pressure is higher; the bag of the flush is at 300 mmHg."""
    zero: float
    """Nearer to nought than this is an open stopcock, where the usual mean is ``zero_mean``."""
    zero_mean: float
    still: float
    """Change within ``still_time`` [s] below which a line is flat."""
    still_time: float


class PressureSite(Enum):
    """The vessels whose pressure is recorded continuously."""

    ARTERIAL = SiteLimits(250 * MMHG, 8 * MMHG, 30 * MMHG, 1.0 * MMHG, 1.0)
    PULMONARY = SiteLimits(130 * MMHG, 2 * MMHG, 8 * MMHG, 0.5 * MMHG, 1.0)
    VENOUS = SiteLimits(60 * MMHG, 0.5 * MMHG, 2 * MMHG, 0.2 * MMHG, 2.0)


SITES = {
    "ABP": PressureSite.ARTERIAL, "ART": PressureSite.ARTERIAL, "AOP": PressureSite.ARTERIAL,
    "PAP": PressureSite.PULMONARY,
    "CVP": PressureSite.VENOUS, "RAP": PressureSite.VENOUS,
}  # fmt: skip
"""By the channel names of ``patient.pressure_beats``."""
