"""What is wrong with a valve or the outflow tract, as levers of the fit.

A valve of which anything was measured (area, gradient, velocity, volume or fraction that runs back)
has its area as one lever more, and the measurements are targets like any other. The lever starts
where the measurement puts it without a model:

    open area = stroke volume/(v_mean t_open),      v_mean = sqrt(2 dp_mean/rho)
    leak area = volume that runs back/(its velocity integral)

Velocity integrals of mitral and aortic leaks are those that join the guideline's own cut-offs for
severe regurgitation (60 mL and 0.40 cm2, 60 mL and 0.30 cm2). The others are rough: the fit starts
there and does not stay. A valve of which zero was measured is put in as closed or tight.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from organtwin.assimilation.levers import Lever, lever_on
from organtwin.patient.measurement import Measurement
from organtwin.physiology.circulation.outflow_tract import TRACT_VOLUME
from organtwin.simulation.conditions import Conditions
from organtwin.units import CM2, ML

BLOOD_DENSITY = 1050.0
WIDTH = 0.7
"""Standard deviation of the logarithm of an area: a factor of two about the first estimate."""
NORMAL_LV = 120e-6
"""End-diastolic volume [m3] of the default heart."""
NORMAL_EF = 0.60
_MEAN_OF_PEAK = 0.6
"""Mean over peak gradient; only the start of the fit rests on it."""
_MOST = 0.9
"""Share that runs back at most where a fit starts: with all of it nothing would go forward."""
_OPEN_TIME = {"aortic": 0.30, "pulmonary": 0.30, "mitral": 0.45, "tricuspid": 0.45}
"""[s] in which a valve is open, about; only the start of the fit rests on it."""
_INTEGRAL = {"mitral": 60 * ML / (0.40 * CM2), "aortic": 60 * ML / (0.30 * CM2),
             "tricuspid": 1.1, "pulmonary": 0.9}  # fmt: skip
"""[m] that blood of a leak travels in a beat."""
_LATE_FLOW = 1.5
"""[1/s]: see ``_tract_area``; measured on the default heart with 1.6 times the muscle."""


@dataclass(frozen=True, slots=True)
class Lesion:
    """An area of the heart model, and the quantities that tell it, the most direct first."""

    label: str
    parameter: str
    told_by: tuple[str, ...]
    estimate: Callable[[Mapping[str, float]], float | None]

    @property
    def leaks(self) -> bool:
        return self.parameter.endswith("_leak_area")

    @property
    def lever(self) -> Lever:
        return lever_on(self.parameter, self.label, WIDTH, **{self.parameter: 1.0})


def _opening(valve: str, area: str) -> Lesion:
    gradients: tuple[str, ...] = (f"{valve}_mean_gradient", f"{valve}_peak_gradient")
    if valve == "aortic":
        gradients = (*gradients, "aortic_peak_velocity", "aortic_net_gradient")

    def estimate(known: Mapping[str, float]) -> float | None:
        if area in known:
            return known[area]
        drop = _mean_drop(valve, known)
        if not drop:
            return None
        speed = float(np.sqrt(2.0 * drop / BLOOD_DENSITY))
        back = min(known.get(f"{valve}_regurgitant_fraction", 0.0), _MOST)
        through = _forward(known) / (1.0 - back)
        return through / (speed * _OPEN_TIME[valve])

    return Lesion(f"{valve.capitalize()} valve area", f"{valve}_open_area", (area, *gradients),
                  estimate)  # fmt: skip


def _mean_drop(valve: str, known: Mapping[str, float]) -> float | None:
    """Mean Doppler gradient [Pa], as far as it is told."""
    for name in (f"{valve}_mean_gradient", f"{valve}_net_gradient"):
        if name in known:
            return known[name]
    if f"{valve}_peak_gradient" in known:
        return _MEAN_OF_PEAK * known[f"{valve}_peak_gradient"]
    if f"{valve}_peak_velocity" in known:
        return _MEAN_OF_PEAK * 0.5 * BLOOD_DENSITY * known[f"{valve}_peak_velocity"] ** 2
    return None


def _leak(valve: str) -> Lesion:
    area, volume, fraction = (
        f"{valve}_{what}" for what in ("leak_area", "regurgitant_volume", "regurgitant_fraction")
    )

    def estimate(known: Mapping[str, float]) -> float | None:
        if area in known:
            return known[area]
        if volume in known:
            return known[volume] / _INTEGRAL[valve]
        if fraction in known:
            share = min(known[fraction], _MOST)
            return share / (1.0 - share) * _forward(known) / _INTEGRAL[valve]
        return None

    return Lesion(f"{valve.capitalize()} leak", f"{valve}_leak_area", (area, volume, fraction),
                  estimate)  # fmt: skip


def _forward(known: Mapping[str, float]) -> float:
    """Stroke volume [m3] that goes forward, without a model."""
    if "stroke_volume" in known:
        return known["stroke_volume"]
    if "cardiac_output" in known and "heart_rate" in known:
        return known["cardiac_output"] / known["heart_rate"]
    ventricle, left = _volumes(known)
    kept = 1.0
    for valve in ("mitral", "aortic"):
        kept *= 1.0 - min(known.get(f"{valve}_regurgitant_fraction", 0.0), _MOST)
    return kept * (ventricle - left)


def _volumes(known: Mapping[str, float]) -> tuple[float, float]:
    """End-diastolic and end-systolic volume [m3] of the left ventricle, measured or usual."""
    ejected = known.get("lv_ef", NORMAL_EF)
    if "lv_esv" in known:
        left = known["lv_esv"]
        return known.get("lv_edv", left / (1.0 - ejected)), left
    ventricle = known.get("lv_edv", NORMAL_LV)
    return ventricle, ventricle * (1.0 - ejected)


def _tract_area(known: Mapping[str, float]) -> float | None:
    """A narrowed outflow tract by its gradient.

    Where the gradient is largest, late in ejection, v A = 1.5/s of the stroke volume flows, and the
    ventricle is as small as at end-systole: so within 6 % in hearts with 45 to 118 mmHg.
    """
    if "lvot_area" in known:
        return known["lvot_area"]
    fastest = float(np.sqrt(2.0 * known["lvot_gradient"] / BLOOD_DENSITY))
    if fastest == 0.0:
        return None
    ventricle, left = _volumes(known)
    stroke = known.get("stroke_volume", ventricle - left)
    exponent = Conditions().parameters["outflow_tract_exponent"]
    area: float = _LATE_FLOW * stroke / fastest / (left / TRACT_VOLUME) ** exponent
    return area


LESIONS: tuple[Lesion, ...] = (
    *(_opening(valve, f"{valve}_valve_area")
      for valve in ("aortic", "mitral", "tricuspid", "pulmonary")),
    *(_leak(valve) for valve in ("aortic", "mitral", "tricuspid", "pulmonary")),
    Lesion("Outflow tract area", "outflow_tract_area", ("lvot_area", "lvot_gradient"),
           _tract_area),
)  # fmt: skip
LESION_TARGETS = frozenset(name for lesion in LESIONS for name in lesion.told_by)


def lesions_told(
    measured: Mapping[str, Measurement],
) -> Iterator[tuple[Lesion, Measurement, float | None]]:
    """Lesions of which something was measured: by what most directly, and the area [m2] by it.

    ``None`` where what was measured is no lesion: no gradient, nothing that runs back.
    """
    known = {name: m.value for name, m in measured.items()}
    for lesion in LESIONS:
        said = next((measured[name] for name in lesion.told_by if name in measured), None)
        if said is not None:
            yield lesion, said, lesion.estimate(known) or None
