"""One-fibre walls: from the stress of a fibre to the tension of a curved wall, and back.

    E_f = 1/2 ln(A_m/A_ref),   T = S V_w/(2 A_m),   transmural pressure = 2 C_m T

A_m mid-wall area [m2], V_w wall volume [m3], T mid-wall tension [N/m], C_m mean curvature [1/m].
Within a time step each patch is linear in its area, expanded where the series element is slack
(L_s = L_si, lambda = L_si/2.0):

    A = lambda^2 A_ref,   a = 2 S/S',   q = S' (1 - a/sqrt(1 + a^2))
    dA/dT = 4 A^2/(q V_w),   A_0 = A - 2 A S/q,   T = max(0, (A_m - A_0)/(dA/dT))

Patches of one wall share T, so their A_0 and dA/dT add. Zero is the floor because a wall buckles.
References: Arts et al. 1991 J Biomech 24:849 (one-fibre); Walmsley et al. 2015 (patches).
Verified by patch additivity in tests/verification/test_circadapt.py.
"""

import math

from organtwin.compilation import kernel
from organtwin.physiology.mechanics.sarcomere import (
    REFERENCE_LENGTH,
    SERIES_LENGTH,
    isometric_stress,
    passive_terms,
)


@kernel
def linear_patch(
    contractile_length: float,
    contractility: float,
    reference_area: float,
    wall_volume: float,
    active_stress: float,
    passive_stress: float,
) -> tuple[float, float]:
    """Slack area A_0 [m2] and compliance dA/dT [m2 per N/m] of one patch."""
    ratio = contractile_length / REFERENCE_LENGTH
    area = ratio * ratio * reference_area
    stress, slope = passive_terms(contractile_length, active_stress, passive_stress)
    active = isometric_stress(contractile_length, contractility, active_stress)
    slope += active * contractile_length / SERIES_LENGTH
    a = 2.0 * stress / slope
    q = slope * (1.0 - a / math.sqrt(1.0 + a * a))
    scale = 2.0 * area / q
    return area - scale * stress, 2.0 * area * scale / wall_volume
