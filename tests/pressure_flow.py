"""Pressure-flow control: the resting circulation that defends its pressure and its flow.

After every beat, with the beat means p of aortic pressure and q of systemic flow,

    R_systemic  <-  R_systemic (p_target/p)^0.4
    V_blood     <-  V_blood + gain T (q_target - q)

T cycle length. The published set of the heart is its steady state, and the published cases of
failing hearts were brought to rest by it; the program fits patients and has a baroreflex instead.
Reference: Arts et al. 2005 Am J Physiol Heart Circ Physiol 288:H1943 (adaptation in CircAdapt).
Verified in tests/verification/test_resting_state.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from organtwin.physiology.heart import HeartState
from organtwin.simulation.beat import Beat
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.simulator import beats

RESISTANCE_EXPONENT = 0.4
VOLUME_GAIN = 0.3
"""Share of the missing beat volume that is given back per beat; above 0.5 the flow overshoots."""


@dataclass(frozen=True, slots=True)
class RestingTarget:
    """What is defended: mean aortic pressure [Pa] and flow [m3/s]; defaults of VanOsta2024."""

    pressure: float = 12_200.0
    flow: float = 85e-6


def regulated_beats(
    conditions: Conditions, target: RestingTarget | None = None, start: HeartState | None = None
) -> Iterator[tuple[Beat, Conditions]]:
    """Beats under control, each with the conditions that the control has set after it.

    Raises
    ------
    SimulationStopped
        The heart failed.
    ParameterError
        The control was led out of the range of the model: the target cannot be reached.
    """
    target = target or RestingTarget()
    while True:
        beat = next(beats(conditions, start))
        start = beat.end_state
        pressure = float(beat.traces["aortic_pressure"].mean())
        flow = float(beat.traces["systemic_bed_flow"].mean())
        p = conditions.parameters
        conditions = conditions.with_parameters(
            systemic_resistance=p["systemic_resistance"]
            * (target.pressure / pressure) ** RESISTANCE_EXPONENT,
            blood_volume=p["blood_volume"] + VOLUME_GAIN * beat.duration * (target.flow - flow),
        )
        yield beat, conditions
