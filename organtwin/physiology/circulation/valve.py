"""Valve or inlet: an orifice with inertia and Bernoulli loss.

    L q' = dp - R q,   R = 1/2 rho |q| |1/A^2 - 1/A_up^2|
    L = rho (1.5 l/A + 0.75 (1/sqrt(A_prox) + 1/sqrt(A_dist)))

q flow [m3/s], dp pressure difference [Pa]. A is the leak area when flow and pressure difference
both point backwards, else the open area: stenosis is a smaller open area, regurgitation a larger
leak area. A_prox and A_dist are the areas either side, A_up the upstream one. The loss is taken
at the old flow, so one step is linear and unconditionally stable in R.
Reference: Arts et al. 2005; Walmsley et al. 2015.
"""

import math

from organtwin.compilation import kernel


@kernel
def orifice_area(
    flow: float, pressure_difference: float, open_area: float, leak_area: float
) -> float:
    """The area [m2] the blood finds in its present direction."""
    if flow < 0.0 and pressure_difference < 0.0:
        return leak_area
    return open_area


@kernel
def valve_step(
    flow: float,
    pressure_difference: float,
    area: float,
    length: float,
    proximal_area: float,
    distal_area: float,
    density: float,
    dt: float,
    further: float,
) -> float:
    """Flow [m3/s] after ``dt``; ``further`` [Pa s/m3]: resistance in series at the old flow."""
    upstream = proximal_area if flow >= 0.0 else distal_area
    resistance = 0.5 * density * abs(flow) * abs(1.0 / (area * area) - 1.0 / (upstream * upstream))
    resistance += further
    inertance = density * (
        1.5 * length / area + 0.75 * (1.0 / math.sqrt(proximal_area) + 1.0 / math.sqrt(distal_area))
    )
    return (flow + dt * pressure_difference / inertance) / (1.0 + dt * resistance / inertance)
