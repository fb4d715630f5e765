"""Muscle fibre with a contractile and a series elastic element, as in CircAdapt.

States of each patch: contractile length L_si [um] and contractility C [-]. With the natural fibre
strain E_f and the time t_c since excitation:

    L_s  = 2.0 exp(E_f)                          sarcomere length [um]
    L    = max(L_si/1.51 - 1, 1e-4)
    t_A  = (0.65 + 1.057 L) t_act,  t_R = 0.55 tau_r t_act,  t_D = 0.33 tau_d t_act
    x    = clip(t_c/t_R, 0, 8),     rise = 0.02 x^3 (8 - x)^2 exp(-x)/t_R
    D    = 1/2 + 1/2 sin(sign(z) min(pi/2, |z|)),  z = (t_c - t_A)/t_D
    C'   = tanh(4 (L_si - 1.51)^2) rise - C D/t_D
    L_si' = v_max ((L_s - L_si)/0.04 - 1)
    S_iso = 1.51 S_act C L
    S    = S_pas [(L_s/1.8)^10 - 1] + 0.01 S_act [(L_s/1.8)^(20/3) - 1] + S_iso (L_s - L_si)/0.04

S [Pa] is fibre stress; S_act, S_pas [Pa] active and passive stiffness; v_max [um/s].

References: Lumens et al. 2009 Ann Biomed Eng 37:2234; Walmsley et al. 2015 PLoS Comput Biol
11:e1004284. Constants are those of the VanOsta2024 parameter set. Assumptions that break: no
calcium, no force-frequency relation; twitch duration depends on the cycle only through t_act.
Verified in tests/verification/test_circadapt.py.
"""

import math

from organtwin.compilation import kernel

REFERENCE_LENGTH = 2.0
PASSIVE_LENGTH = 1.8
CONTRACTILE_LENGTH = 1.51
SERIES_LENGTH = 0.04
TITIN = 0.01
PASSIVE_EXPONENT = 10.0
TITIN_EXPONENT = 20.0 / 3.0
NO_CONTRACTILITY = 1e-9
"""Below this the active stress is under 0.2 mPa: nothing."""


@kernel
def contractility_step(
    contractile_length: float,
    contractility: float,
    since_excitation: float,
    rise_factor: float,
    decay_factor: float,
    duration: float,
    dt: float,
) -> float:
    """C after ``dt``: C' = a - b C solved exactly with a and b at ``since_excitation`` [s].

    Where the rise or the decay is exactly zero or one its functions are not evaluated: most of
    the cycle needs none of them.
    """
    overlap = max(contractile_length / CONTRACTILE_LENGTH - 1.0, 1e-4)
    t_active = (0.65 + 1.057 * overlap) * duration
    t_decay = 0.33 * decay_factor * duration
    x = since_excitation / (0.55 * rise_factor * duration)
    gain = 0.0
    if 0.0 < x < 8.0:
        stretch = contractile_length - CONTRACTILE_LENGTH
        rise = 0.02 * x * x * x * (8.0 - x) * (8.0 - x) * math.exp(-x)
        gain = math.tanh(4.0 * stretch * stretch) * rise / (0.55 * rise_factor * duration)
    z = (since_excitation - t_active) / t_decay
    if z <= -0.5 * math.pi:
        return contractility + gain * dt
    decay = (1.0 if z >= 0.5 * math.pi else 0.5 + 0.5 * math.sin(z)) / t_decay
    if decay * dt < 1e-6:
        return contractility + (gain - decay * contractility) * dt
    if gain == 0.0 and contractility < NO_CONTRACTILITY:
        return contractility
    left = math.exp(-decay * dt)
    return contractility * left + gain / decay * (1.0 - left)


@kernel
def isometric_stress(
    contractile_length: float, contractility: float, active_stress: float
) -> float:
    """S_iso [Pa]: what the contractile element bears at a series element of unit strain."""
    overlap = max(contractile_length / CONTRACTILE_LENGTH - 1.0, 1e-4)
    return CONTRACTILE_LENGTH * active_stress * contractility * overlap


@kernel
def cube_root(x: float) -> float:
    """Cube root by three Halley steps; full precision for 0.4 < x < 2.5, as length ratios are."""
    y = (2.0 + x) / 3.0
    for _ in range(3):
        cube = y * y * y
        y *= (cube + 2.0 * x) / (2.0 * cube + x)
    return y


@kernel
def passive_terms(
    length: float, active_stress: float, passive_stress: float
) -> tuple[float, float]:
    """Passive fibre stress [Pa] and its derivative by E_f [Pa] at sarcomere ``length`` [um]."""
    ratio = length / PASSIVE_LENGTH
    square = ratio * ratio
    matrix = square * square * square * square * square
    root = cube_root(ratio)
    titin = square * square * square * root * root
    stress = passive_stress * (matrix - 1.0) + TITIN * active_stress * (titin - 1.0)
    slope = (
        PASSIVE_EXPONENT * passive_stress * matrix + TITIN_EXPONENT * TITIN * active_stress * titin
    )
    return stress, slope


@kernel
def fiber_stress(
    length: float,
    contractile_length: float,
    contractility: float,
    active_stress: float,
    passive_stress: float,
) -> float:
    """Total fibre stress S [Pa]."""
    passive, _ = passive_terms(length, active_stress, passive_stress)
    active = isometric_stress(contractile_length, contractility, active_stress)
    return passive + active * (length - contractile_length) / SERIES_LENGTH


@kernel
def contractile_step(contractile_length: float, length: float, decay: float) -> float:
    """L_si after a step with L_s held: the exact solution of its linear equation.

    ``decay`` is exp(-v_max dt/0.04), constant over a beat.
    """
    target = length - SERIES_LENGTH
    return target + (contractile_length - target) * decay
