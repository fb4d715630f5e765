"""Capillary beds: flow as a power of the pressure drop.

    q = q_0 sign(dp) |dp/p_0|^k,   resistance at the reference flow = p_0/q_0

k = 1 systemic (a resistor), k = 2 pulmonary (recruitment). Reference: Arts et al. 2005.
"""

import math

from organtwin.compilation import kernel


@kernel
def bed_flow(drop: float, resistance: float, reference_flow: float, exponent: float) -> float:
    """Flow [m3/s] at a pressure drop [Pa]; ``resistance`` [Pa s/m3] holds at ``reference_flow``."""
    share = abs(drop) / (resistance * reference_flow)
    return math.copysign(reference_flow * share**exponent, drop)
