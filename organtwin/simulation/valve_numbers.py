"""What echo and catheter would tell of the four valves of a simulated beat.

    Doppler gradient = 1/2 rho v^2,  v = forward flow/open area
    net (catheter) gradient = Doppler (1 - A/A_ao)^2         (pressure recovered in the aorta)
    energy loss area = A A_ao/(A_ao - A)
    regurgitant fraction = backward volume/forward volume of the same valve

A open (effective) area, A_ao area of the aorta: the reference area of the systemic artery. Recovery
after Garcia et al. 2000. It is worked out from the flow: the model's own ventricle still pays the
whole Doppler gradient, because its aorta recovers nothing.

Severity by guideline cut-offs: aortic stenosis at 1.0 cm2, 4 m/s and 40 mmHg (from memory, and
marked so); aortic regurgitation from 0.30 cm2, 60 mL and 50 %, mitral from 0.40 cm2, 60 mL and 50 %
(guideline text). For the other lesions no cut-off with a source is at hand: they are not graded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.parameters.sets import ParameterSet
from organtwin.physiology.circulation.outflow_tract import TRACT_VOLUME
from organtwin.quantities import quantity
from organtwin.simulation.beat import Beat

VALVES = ("aortic", "mitral", "tricuspid", "pulmonary")
EJECTING = 0.05
"""Share of the peak velocity above which blood counts as flowing forward."""


def valve_numbers(beat: Beat, parameters: ParameterSet) -> dict[str, float]:
    """Areas, gradients and regurgitation of every valve, by the names of ``quantities``, SI."""
    found: dict[str, float] = {}
    step = beat.duration / len(beat.times)
    for valve in VALVES:
        flow, area = beat.traces[f"{valve}_flow"], parameters[f"{valve}_open_area"]
        velocity = flow / area
        forward = float(np.maximum(flow, 0.0).sum()) * step
        backward = float(-np.minimum(flow, 0.0).sum()) * step
        density = parameters["blood_density"]
        found |= {
            f"{valve}_valve_area": area,
            f"{valve}_leak_area": parameters[f"{valve}_leak_area"],
            f"{valve}_mean_gradient": doppler_mean_gradient(velocity, density),
            f"{valve}_peak_gradient": 0.5 * density * max(float(velocity.max()), 0.0) ** 2,
            f"{valve}_regurgitant_volume": backward,
            f"{valve}_regurgitant_fraction": backward / forward if forward > 0.0 else 0.0,
        }
    aorta = parameters["systemic_artery_reference_area"]
    share = 1.0 - min(found["aortic_valve_area"] / aorta, 1.0)
    found["aortic_net_gradient"] = found["aortic_mean_gradient"] * share**2
    found["aortic_peak_velocity"] = (
        float(beat.traces["aortic_flow"].max()) / (parameters["aortic_open_area"])
    )
    return found | _outflow_tract(beat, parameters)


def _outflow_tract(beat: Beat, parameters: ParameterSet) -> dict[str, float]:
    """Peak Doppler gradient [Pa] of a narrowed outflow tract, and its area [m2] if there is one."""
    narrowed = parameters["outflow_tract_area"]
    if narrowed == 0.0:
        return {"lvot_gradient": 0.0}
    share = beat.traces["lv_volume"] / TRACT_VOLUME
    area = narrowed * share ** parameters["outflow_tract_exponent"]
    velocity = np.maximum(beat.traces["aortic_flow"], 0.0) / area
    gradient = 0.5 * parameters["blood_density"] * float(velocity.max()) ** 2
    return {"lvot_gradient": gradient, "lvot_area": narrowed}


def doppler_mean_gradient(velocity: FloatArray, density: float) -> float:
    """Mean [Pa] of 1/2 rho v^2 while blood flows forward; 0 for a valve that never opens."""
    if velocity.max() <= 0.0:  # a ventricle too weak to open the valve
        return 0.0
    ejecting = velocity > EJECTING * velocity.max()
    return float((0.5 * density * velocity[ejecting] ** 2).mean())


def energy_loss_area(open_area: float, aortic_area: float) -> float:
    """Area [m2] at which a valve without recovery would lose as much; infinite in a wide valve."""
    if open_area >= aortic_area:
        return float("inf")
    return open_area * aortic_area / (aortic_area - open_area)


@dataclass(frozen=True, slots=True)
class Severity:
    """A lesion called severe: by which of its criteria, and how well the cut-offs are sourced."""

    lesion: str
    met: tuple[str, ...]
    asked: int
    evidence: str

    def __str__(self) -> str:
        return (
            f"severe {self.lesion} by {len(self.met)} of {self.asked} criteria: "
            f"{', '.join(self.met)} (cut-offs: {self.evidence})"
        )


_CRITERIA: Mapping[str, tuple[str, tuple[tuple[str, str, float], ...]]] = {
    "aortic stenosis": ("from memory", (
        ("aortic_valve_area", "below", 1.0), ("aortic_peak_velocity", "from", 4.0),
        ("aortic_mean_gradient", "from", 40.0),
    )),
    "aortic regurgitation": ("guideline text", (
        ("aortic_leak_area", "from", 0.30), ("aortic_regurgitant_volume", "from", 60.0),
        ("aortic_regurgitant_fraction", "from", 50.0),
    )),
    "mitral regurgitation": ("guideline text", (
        ("mitral_leak_area", "from", 0.40), ("mitral_regurgitant_volume", "from", 60.0),
        ("mitral_regurgitant_fraction", "from", 50.0),
    )),
}  # fmt: skip
"""Cut-offs in the clinical units of ``quantities``."""


def severe_lesions(numbers: Mapping[str, float]) -> Iterator[Severity]:
    """Lesions that meet at least one criterion of severity; ``numbers`` as of ``biomarkers``.

    Criteria whose number is not there are not met.
    """
    for lesion, (evidence, criteria) in _CRITERIA.items():
        met = []
        known = [criterion for criterion in criteria if criterion[0] in numbers]
        for name, side, cut in known:
            q = quantity(name)
            value = round(q.from_si(numbers[name]), 9)  # 0.3 cm2 is 0.30000000000000004 in SI
            if value < cut if side == "below" else value >= cut:
                met.append(f"{q.label} {q.text(numbers[name])}, {side} {cut:g}")
        if met:
            yield Severity(lesion, tuple(met), len(known), evidence)
