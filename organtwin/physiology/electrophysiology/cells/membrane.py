"""What every ionic cell model shares: gates, electrodiffusion and the step in time.

    x' = (x_inf - x) / tau,    x(t + dt) = x + x' (1 - exp(-dt/tau)) tau            (Rush-Larsen)
    x(t + dt) from x(t) with x_inf and tau at the middle, t + dt/2                  (midpoint)
    I = P z F u (c_i e^u - c_o) / (e^u - 1),    u = z F V / (R T)                   (Goldman)

V membrane potential [mV], t [ms], c concentration [mM], P permeability. The first line solves a
gate exactly while V holds. For any other state it is the exponential Euler rule with the rate
1/tau as an estimate of its own damping, and with rate 0 the explicit Euler rule.

References: Rush and Larsen, IEEE Trans Biomed Eng 25:389 (1978); Goldman, J Gen Physiol 27:37
(1943). The step follows the slope of V: `VOLTAGE_PER_STEP`, between `SHORTEST` and `LONGEST`.
Verified by tests/physiology/electrophysiology/test_cell_biomarkers.py against an implicit solver.
"""

import math

from organtwin.arrays import FloatArray
from organtwin.compilation import kernel

SHORTEST, LONGEST = 0.005, 0.05
"""Bounds of one step [ms]; APD90 moves by less than 0.3 ms when both are halved."""
VOLTAGE_PER_STEP = 0.3
"""Change of the membrane potential that one step aims at [mV]."""
INSTANT = 1e-9
"""Two times nearer than this are one [ms]."""


@kernel
def relax(
    index: int,
    target: float,
    time_constant: float,
    state: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
) -> None:
    """Let state ``index`` follow its target: slope [1/ms] and rate of decay [1/ms]."""
    rates[index] = 1.0 / time_constant
    slopes[index] = (target - state[index]) / time_constant


@kernel
def sigmoid(distance: float) -> float:
    """1 / (1 + e^-distance): from 0 far below to 1 far above."""
    return 1.0 / (1.0 + math.exp(-distance))


@kernel
def goldman(reduced_voltage: float, inside: float, outside: float) -> float:
    """Driving u (c_i e^u - c_o) / (e^u - 1) [mM], with its limit at 0; u is ``zFV/RT``."""
    if abs(reduced_voltage) < 1e-6:
        return inside - outside + 0.5 * reduced_voltage * (inside + outside)
    growth = math.exp(reduced_voltage)
    return reduced_voltage * (inside * growth - outside) / math.expm1(reduced_voltage)


@kernel
def step_length(voltage_slope: float, left: float) -> float:
    """Next step [ms] for a slope of the membrane potential [mV/ms], at most ``left`` [ms]."""
    wanted = VOLTAGE_PER_STEP / max(abs(voltage_slope), 1e-9)
    return min(max(min(wanted, LONGEST), SHORTEST), left)


@kernel
def step(
    state: FloatArray, slopes: FloatArray, rates: FloatArray, duration: float, end: FloatArray
) -> None:
    """Let ``end`` be ``state`` after ``duration`` [ms] of these slopes and rates."""
    for index in range(state.size):
        reduced = rates[index] * duration
        if reduced > 1e-9:
            end[index] = state[index] - slopes[index] * math.expm1(-reduced) / rates[index]
        else:
            end[index] = state[index] + slopes[index] * duration


@kernel
def refer_to_start(
    state: FloatArray, middle: FloatArray, slopes: FloatArray, rates: FloatArray
) -> None:
    """Turn slopes at the middle of a step into those that its start has under the same rates."""
    for index in range(state.size):
        slopes[index] += rates[index] * (middle[index] - state[index])
