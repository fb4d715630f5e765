"""Large vessel: a thick-walled elastic tube with a characteristic impedance.

    A = V/l,   p = p_0 ((A_w + 2 A)/(A_w + 2 A_0))^k,   c^2 = (A/rho) dp/dA,   Z = rho c/A

A lumen area [m2], l length [m], A_w wall area [m2], p pressure [Pa], Z impedance [Pa s/m3].
Reference: Arts et al. 2005 Am J Physiol Heart Circ Physiol 288:H1943. No wave travel inside a tube.
"""

import math

from organtwin.compilation import kernel


@kernel
def tube_state(
    volume: float,
    length: float,
    wall_area: float,
    exponent: float,
    reference_pressure: float,
    reference_area: float,
    density: float,
) -> tuple[float, float, float]:
    """Lumen area [m2], pressure [Pa] and impedance [Pa s/m3]."""
    area = volume / length
    pressure = (
        reference_pressure
        * ((wall_area + 2.0 * area) / (wall_area + 2.0 * reference_area)) ** exponent
    )
    stiffness = pressure * exponent * 2.0 / (wall_area + 2.0 * area)
    wave_speed = math.sqrt(area * stiffness / density)
    return area, pressure, density * wave_speed / area
