"""ToR-ORd: the L-type calcium channel, calmodulin's state n, and release and uptake of calcium.

    I_CaL = P [(1-phi) d (f (1-n) + j f_Ca n) + phi (same, phosphorylated, P_p = 1.1 P)] driving
    driving: Goldman flux of activities gamma c, gamma after Davies from the ionic strength
    J_rel driven by I_CaL in the subspace (80 % of the channels), J_up by SERCA with 2.75-fold
    affinity when phosphorylated

phi phosphorylated fraction, c concentration [mM], P permeability [cm/s], J [mM/ms]. Equations:
Tomek et al., eLife 8:e48890 (2019), methods. mV, ms, mM, A/F. Assumes 310 K and a dielectric
constant of 74. As in the published program gamma is e^-x,
where Davies wrote 10^-x. Verified by test_cell_right_hand_sides.py.
"""

import math

from organtwin.arrays import FloatArray
from organtwin.compilation import kernel
from organtwin.physiology.electrophysiology.cells import torord_states as at
from organtwin.physiology.electrophysiology.cells.membrane import goldman, relax, sigmoid

_DAVIES = 1.82e6 * (74.0 * at.TEMPERATURE) ** -1.5
_SUBSPACE = 0.8
"""Fraction of the L-type channels that face the subspace."""
_HALF_NSS = 0.002
_SODIUM, _POTASSIUM = 0.00125, 3.574e-4
"""Permeability of the channel to sodium and potassium, relative to calcium."""


@kernel
def activity(ionic_strength: float, squared_valence: float) -> float:
    """Activity coefficient of an ion; ``ionic_strength`` [M]."""
    root = math.sqrt(ionic_strength)
    exponent = -_DAVIES * squared_valence * (root / (1.0 + root) - 0.3 * ionic_strength)
    return math.exp(exponent)


@kernel
def ionic_strength(sodium: float, potassium: float, chloride: float, calcium: float) -> float:
    """Half the sum of concentration times squared valence [M] of concentrations [mM]."""
    return 0.5 * (sodium + potassium + chloride + 4.0 * calcium) / 1000.0


@kernel
def calcium_gates(state: FloatArray, slopes: FloatArray, rates: FloatArray) -> None:
    """Gates of I_CaL, and n: the channels in calcium-dependent mode, per compartment."""
    v = state[at.V]
    d_target = 1.0
    if v < 31.4978:
        d_target = 1.0763 * math.exp(-1.0070 * math.exp(-0.0829 * v))
    d_time = 0.6 + 1.0 / (math.exp(-0.05 * (v + 6.0)) + math.exp(0.09 * (v + 14.0)))
    relax(at.D, d_target, d_time, state, slopes, rates)
    target = sigmoid(-(v + 19.58) / 3.696)
    fast = 7.0 + 1.0 / (
        0.0045 * math.exp(-(v + 20.0) / 10.0) + 0.0045 * math.exp((v + 20.0) / 10.0)
    )
    slow = 1000.0 + 1.0 / (
        0.000035 * math.exp(-(v + 5.0) / 4.0) + 0.000035 * math.exp((v + 5.0) / 6.0)
    )
    calcium_fast = 7.0 + 1.0 / (
        0.04 * math.exp(-(v - 4.0) / 7.0) + 0.04 * math.exp((v - 4.0) / 7.0)
    )
    calcium_slow = 100.0 + 1.0 / (0.00012 * math.exp(-v / 3.0) + 0.00012 * math.exp(v / 7.0))
    relax(at.FF, target, fast, state, slopes, rates)
    relax(at.FS, target, slow, state, slopes, rates)
    relax(at.FCAF, target, calcium_fast, state, slopes, rates)
    relax(at.FCAS, target, calcium_slow, state, slopes, rates)
    relax(at.FFP, target, 2.5 * fast, state, slopes, rates)
    relax(at.FCAFP, target, 2.5 * calcium_fast, state, slopes, rates)
    relax(at.JCA, sigmoid(-(v + 18.08) / 2.7916), 72.5, state, slopes, rates)
    leaving = state[at.JCA]
    for index, calcium in ((at.NCA_SS, state[at.CA_SS]), (at.NCA_I, state[at.CA_I])):
        binding = 1.0 / (500.0 / leaving + (1.0 + _HALF_NSS / calcium) ** 4)
        rates[index] = leaving
        slopes[index] = binding * 500.0 - state[index] * leaving


@kernel
def _open_channels(state: FloatArray, phosphorylated: float, mode: float) -> float:
    """Open fraction of the L-type channels, the phosphorylated weighted by 1.1."""
    v = state[at.V]
    slow_calcium = 0.7 - 0.6 * sigmoid(-(v - 10.0) / 10.0)
    f = 0.6 * state[at.FF] + 0.4 * state[at.FS]
    f_p = 0.6 * state[at.FFP] + 0.4 * state[at.FS]
    f_ca = (1.0 - slow_calcium) * state[at.FCAF] + slow_calcium * state[at.FCAS]
    f_ca_p = (1.0 - slow_calcium) * state[at.FCAFP] + slow_calcium * state[at.FCAS]
    plain = f * (1.0 - mode) + state[at.JCA] * f_ca * mode
    other = f_p * (1.0 - mode) + state[at.JCA] * f_ca_p * mode
    return float(state[at.D] * ((1.0 - phosphorylated) * plain + 1.1 * phosphorylated * other))


@kernel
def calcium_currents(
    state: FloatArray,
    flows: FloatArray,
    strengths: FloatArray,
    settings: FloatArray,
    phosphorylated: float,
) -> None:
    """I_CaL with its sodium and potassium parts on both sides, and I_Cab."""
    u = state[at.V] * at.VFRT
    na_o, k_o, ca_o = settings[at.NA_O], settings[at.K_O], settings[at.CA_O]
    outer = ionic_strength(na_o, k_o, settings[at.CL_O], ca_o)
    inner = ionic_strength(state[at.NA_I], state[at.K_I], state[at.CL_I], state[at.CA_I])
    near = ionic_strength(state[at.NA_SS], state[at.K_SS], state[at.CL_SS], state[at.CA_SS])
    outer_2, outer_1 = activity(outer, 4.0), activity(outer, 1.0)
    inner_2, inner_1 = activity(inner, 4.0), activity(inner, 1.0)
    near_2, near_1 = activity(near, 4.0), activity(near, 1.0)
    permeability = strengths[at.P_CAL] * at.FARADAY
    inside = (
        permeability * (1.0 - _SUBSPACE) * _open_channels(state, phosphorylated, state[at.NCA_I])
    )
    subspace = permeability * _SUBSPACE * _open_channels(state, phosphorylated, state[at.NCA_SS])
    flow_i = 2.0 * goldman(2.0 * u, inner_2 * state[at.CA_I], outer_2 * ca_o)
    flows[at.I_CAL_I] = inside * flow_i
    flows[at.I_CAL_SS] = subspace * 2.0 * goldman(2.0 * u, near_2 * state[at.CA_SS], outer_2 * ca_o)
    flows[at.I_CANA_I] = inside * _SODIUM * goldman(u, inner_1 * state[at.NA_I], outer_1 * na_o)
    flows[at.I_CANA_SS] = subspace * _SODIUM * goldman(u, near_1 * state[at.NA_SS], outer_1 * na_o)
    flows[at.I_CAK_I] = inside * _POTASSIUM * goldman(u, inner_1 * state[at.K_I], outer_1 * k_o)
    flows[at.I_CAK_SS] = subspace * _POTASSIUM * goldman(u, near_1 * state[at.K_SS], outer_1 * k_o)
    flows[at.I_CAB] = strengths[at.P_CAB] * at.FARADAY * flow_i


@kernel
def calcium_store(
    state: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
    flows: FloatArray,
    strengths: FloatArray,
    phosphorylated: float,
) -> None:
    """Release, uptake, leak and transfer of the reticulum; needs I_CaL of the subspace."""
    filling = 1.0 / (1.0 + (1.7 / state[at.CA_JSR]) ** 8)
    target = 0.5 * 4.75 * -flows[at.I_CAL_SS] * filling * strengths[at.S_REL]
    time = max(4.75 / (1.0 + 0.0123 / state[at.CA_JSR]), 0.001)
    relax(at.JREL_NP, target, time, state, slopes, rates)
    time_p = max(1.25 * 4.75 / (1.0 + 0.0123 / state[at.CA_JSR]), 0.001)
    relax(at.JREL_P, 1.25 * target, time_p, state, slopes, rates)
    flows[at.J_REL] = 1.5378 * (
        (1.0 - phosphorylated) * state[at.JREL_NP] + phosphorylated * state[at.JREL_P]
    )
    calcium = state[at.CA_I]
    plain = 0.005425 * calcium / (calcium + 0.00092)
    other = 2.75 * 0.005425 * calcium / (calcium + 0.00092 - 0.00017)
    flows[at.J_LEAK] = 0.0048825 * state[at.CA_NSR] / 15.0
    flows[at.J_UP] = (
        strengths[at.S_UP] * ((1.0 - phosphorylated) * plain + phosphorylated * other)
        - flows[at.J_LEAK]
    )
    flows[at.J_TR] = (state[at.CA_NSR] - state[at.CA_JSR]) / 60.0
    flows[at.J_DIFF_CA] = (state[at.CA_SS] - calcium) / 0.2
