"""A narrowed left ventricular outflow tract, which closes in as the ventricle empties.

    A(V) = A_50 (V/50 mL)^n,   R = 1/2 rho |q|/A^2   in series with the aortic valve

V volume of the left ventricle, q flow through the valve. A_50 = 0 means no narrowing and costs
nothing. The tract is bounded by septum and mitral leaflet, which come nearer as the cavity gets
smaller; so the gradient rises late in ejection, with less filling and with more contractility.

The law is assumed: no published lumped model of a moving obstruction was at hand. n = 1.5 lies
between an outlet that shrinks with the cavity as a whole (2/3) and one that leaflets close from
both sides. With it, the area seen by echo at the onset of systole before myectomy, 2.2 cm2 (28
patients, Circulation 1984), gives a thick-walled heart 80 mmHg, as surgical patients have.
Left out: that the jet drags the leaflet along, the mitral leak that comes with it, pressure that is
recovered behind the narrowing, and the inertia of the blood in it.
"""

from organtwin.compilation import kernel

TRACT_VOLUME = 50e-6
"""[m3] at which the area is given: about the end-systolic volume of a healthy adult, 45 mL."""


@kernel
def tract_area(volume: float, area: float, exponent: float) -> float:
    """Effective area [m2] at a volume of the ventricle [m3]; 0 where nothing is narrowed."""
    if area == 0.0:
        return 0.0
    return float(area * (volume / TRACT_VOLUME) ** exponent)


@kernel
def tract_resistance(flow: float, area: float, density: float) -> float:
    """Loss of the narrowing [Pa s/m3] at a flow [m3/s]; 0 where ``area`` is 0."""
    if area == 0.0:
        return 0.0
    return float(0.5 * density * abs(flow) / (area * area))
