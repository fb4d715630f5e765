"""A chamber as the circulation meets it: pressure of an atrium, lumen and impedance of any chamber.

Atrium: V_m = V + V_w/2, C_m = (4 pi/(3 V_m))^(1/3), A_m = 4 pi/C_m^2. Chamber length 2 V_m^(1/3),
lumen area (V + 0.1 V_w)/length (ventricles: V_m for V), impedance sqrt(f rho/(A dA/dT length)) with
f = 4 for atria and 1 for ventricles; V_w is the mean of the two walls of a ventricle.
Reference: Arts et al. 2005 Am J Physiol Heart Circ Physiol 288:H1943.
"""

import math

from organtwin.compilation import kernel


@kernel
def atrial_wall(
    volume: float, wall_volume: float, slack: float, compliance: float
) -> tuple[float, float, float]:
    """Tension [N/m], transmural pressure [Pa] and mid-wall volume [m3] of an atrium."""
    mid_volume = max(volume + 0.5 * wall_volume, 1e-9)
    curvature = (4.0 * math.pi / (3.0 * mid_volume)) ** (1.0 / 3.0)
    area = 4.0 * math.pi / (curvature * curvature)
    tension = max((area - slack) / compliance, 0.0)
    return tension, 2.0 * curvature * tension, mid_volume


@kernel
def chamber_node(
    volume: float,
    mid_volume: float,
    wall_volume: float,
    compliance: float,
    factor: float,
    density: float,
) -> tuple[float, float]:
    """Lumen area [m2] and impedance [Pa s/m3] of a chamber where valves meet it."""
    length = 2.0 * mid_volume ** (1.0 / 3.0)
    area = max(volume + 0.1 * wall_volume, 1e-9) / length
    return area, math.sqrt(factor * density / (area * compliance * length))
