"""ToR-ORd: sodium and potassium channels of the membrane.

Hodgkin-Huxley gates, except I_Kr, a Markov chain C3 - C2 - C1 - O - I of Lu et al. (2001) as
Tomek et al. fitted it. Channels that CaMKII phosphorylates are two populations, `*_p` the
phosphorylated one. Equations: Tomek et al., eLife 8:e48890 (2019), methods; I_to and I_NaL after
O'Hara et al., PLoS Comput Biol 7:e1002061 (2011); I_Na after Grandi et al. (2010). The states are
those of `torord_states`; mV, ms, mM, A/F. Verified by test_cell_right_hand_sides.py.
"""

import math

from organtwin.arrays import FloatArray
from organtwin.compilation import kernel
from organtwin.physiology.electrophysiology.cells import torord_states as at
from organtwin.physiology.electrophysiology.cells.membrane import relax, sigmoid


@kernel
def fast_sodium(
    state: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
    flows: FloatArray,
    strengths: FloatArray,
    reversal: float,
    phosphorylated: float,
) -> None:
    """I_Na; ``reversal`` E_Na [mV], ``phosphorylated`` the fraction of channels."""
    v = state[at.V]
    m_target = sigmoid((v + 56.86) / 9.03) ** 2
    m_time = 0.1292 * math.exp(-(((v + 45.79) / 15.54) ** 2)) + 0.06487 * math.exp(
        -(((v - 4.823) / 51.12) ** 2)
    )
    relax(at.M, m_target, m_time, state, slopes, rates)
    h_target = sigmoid(-(v + 71.55) / 7.43) ** 2
    if v >= -40.0:
        h_rate = 0.77 / 0.13 * sigmoid((v + 10.66) / 11.1)
        j_rate = 0.6 * math.exp(0.057 * v) * sigmoid(0.1 * (v + 32.0))
    else:
        h_rate = (
            0.057 * math.exp(-(v + 80.0) / 6.8)
            + 2.7 * math.exp(0.079 * v)
            + 3.1e5 * math.exp(0.3485 * v)
        )
        opening = -25428.0 * math.exp(0.2444 * v) - 6.948e-6 * math.exp(-0.04391 * v)
        j_rate = opening * (v + 37.78) * sigmoid(-0.311 * (v + 79.23)) + 0.02424 * math.exp(
            -0.01052 * v
        ) * sigmoid(0.1378 * (v + 40.14))
    relax(at.H, h_target, 1.0 / h_rate, state, slopes, rates)
    relax(at.J, h_target, 1.0 / j_rate, state, slopes, rates)
    relax(at.HP, sigmoid(-(v + 77.55) / 7.43) ** 2, 1.0 / h_rate, state, slopes, rates)
    relax(at.JP, h_target, 1.46 / j_rate, state, slopes, rates)
    available = (1.0 - phosphorylated) * state[at.H] * state[at.J] + phosphorylated * state[
        at.HP
    ] * state[at.JP]
    flows[at.I_NA] = strengths[at.G_NA] * state[at.M] ** 3 * available * (v - reversal)


@kernel
def late_sodium(
    state: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
    flows: FloatArray,
    strengths: FloatArray,
    reversal: float,
    phosphorylated: float,
) -> None:
    """I_NaL: activates like I_Na, inactivates over 200 ms, or 600 ms when phosphorylated."""
    v = state[at.V]
    m_time = 0.1292 * math.exp(-(((v + 45.79) / 15.54) ** 2)) + 0.06487 * math.exp(
        -(((v - 4.823) / 51.12) ** 2)
    )
    relax(at.ML, sigmoid((v + 42.85) / 5.264), m_time, state, slopes, rates)
    relax(at.HL, sigmoid(-(v + 87.61) / 7.488), 200.0, state, slopes, rates)
    relax(at.HLP, sigmoid(-(v + 93.81) / 7.488), 600.0, state, slopes, rates)
    available = (1.0 - phosphorylated) * state[at.HL] + phosphorylated * state[at.HLP]
    flows[at.I_NAL] = strengths[at.G_NAL] * state[at.ML] * available * (v - reversal)


@kernel
def transient_outward(
    state: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
    flows: FloatArray,
    strengths: FloatArray,
    settings: FloatArray,
    reversal: float,
    phosphorylated: float,
) -> None:
    """I_to; in the epicardium inactivation is faster near rest."""
    v = state[at.V]
    a_time = 1.0515 / (
        sigmoid((v - 18.4099) / 29.3814) / 1.2089 + 3.5 * sigmoid(-(v + 100.0) / 29.3814)
    )
    relax(at.A, sigmoid((v - 14.34) / 14.82), a_time, state, slopes, rates)
    relax(at.AP, sigmoid((v - 24.34) / 14.82), a_time, state, slopes, rates)
    quicker = 1.0 - settings[at.EPICARDIAL] * 0.95 * sigmoid(-(v + 70.0) / 5.0)
    fast = quicker * (
        4.562
        + 1.0 / (0.3933 * math.exp(-(v + 100.0) / 100.0) + 0.08004 * math.exp((v + 50.0) / 16.59))
    )
    slow = quicker * (
        23.62
        + 1.0
        / (0.001416 * math.exp(-(v + 96.52) / 59.05) + 1.780e-8 * math.exp((v + 114.1) / 8.079))
    )
    developing = 1.354 + 1.0e-4 / (math.exp((v - 167.4) / 15.89) + math.exp(-(v - 12.23) / 0.2154))
    altered = developing * (1.0 - 0.5 * sigmoid(-(v + 70.0) / 20.0))
    target = sigmoid(-(v + 43.94) / 5.711)
    relax(at.IF, target, fast, state, slopes, rates)
    relax(at.IS, target, slow, state, slopes, rates)
    relax(at.IFP, target, fast * altered, state, slopes, rates)
    relax(at.ISP, target, slow * altered, state, slopes, rates)
    quick = sigmoid(-(v - 213.6) / 151.2)
    plain = state[at.A] * (quick * state[at.IF] + (1.0 - quick) * state[at.IS])
    other = state[at.AP] * (quick * state[at.IFP] + (1.0 - quick) * state[at.ISP])
    conducting = (1.0 - phosphorylated) * plain + phosphorylated * other
    flows[at.I_TO] = strengths[at.G_TO] * conducting * (v - reversal)


@kernel
def rapid_rectifier(
    state: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
    flows: FloatArray,
    strengths: FloatArray,
    settings: FloatArray,
    reversal: float,
) -> None:
    """I_Kr: three closed, one open and one inactivated state."""
    v = state[at.V]
    u = v * at.VFRT
    alpha, beta = 0.1161 * math.exp(0.2990 * u), 0.2442 * math.exp(-1.604 * u)
    alpha_1, beta_1 = 1.25 * 0.1235, 0.1911
    alpha_2, beta_2 = 0.0578 * math.exp(0.9710 * u), 0.349e-3 * math.exp(-1.062 * u)
    alpha_i, beta_i = 0.2533 * math.exp(0.5953 * u), 1.25 * 0.0522 * math.exp(-0.8209 * u)
    closed_to_i = 0.52e-4 * math.exp(1.525 * u)
    i_to_closed = beta_2 * beta_i * closed_to_i / (alpha_2 * alpha_i)
    c1, c2, c3, inactive, opened = (
        state[at.C1],
        state[at.C2],
        state[at.C3],
        state[at.INACTIVE],
        state[at.OPEN],
    )
    rates[at.C3] = alpha
    slopes[at.C3] = c2 * beta - c3 * alpha
    rates[at.C2] = beta + alpha_1
    slopes[at.C2] = c3 * alpha + c1 * beta_1 - c2 * (beta + alpha_1)
    rates[at.C1] = beta_1 + alpha_2 + closed_to_i
    slopes[at.C1] = c2 * alpha_1 + opened * beta_2 + inactive * i_to_closed - c1 * rates[at.C1]
    rates[at.OPEN] = beta_2 + alpha_i
    slopes[at.OPEN] = c1 * alpha_2 + inactive * beta_i - opened * rates[at.OPEN]
    rates[at.INACTIVE] = i_to_closed + beta_i
    slopes[at.INACTIVE] = c1 * closed_to_i + opened * alpha_i - inactive * rates[at.INACTIVE]
    scale = strengths[at.G_KR] * math.sqrt(settings[at.K_O] / 5.0)
    flows[at.I_KR] = scale * opened * (v - reversal)


@kernel
def slow_and_resting_potassium(
    state: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
    flows: FloatArray,
    strengths: FloatArray,
    settings: FloatArray,
    reversal: float,
    slow_reversal: float,
) -> None:
    """I_Ks, at.I_K1 and I_Kb; ``slow_reversal`` E_Ks counts 1.8 % sodium permeability."""
    v = state[at.V]
    target = sigmoid((v + 11.60) / 8.932)
    time_1 = 817.3 + 1.0 / (
        2.326e-4 * math.exp((v + 48.28) / 17.80) + 0.001292 * math.exp(-(v + 210.0) / 230.0)
    )
    time_2 = 1.0 / (0.01 * math.exp((v - 50.0) / 20.0) + 0.0193 * math.exp(-(v + 66.54) / 31.0))
    relax(at.XS1, target, time_1, state, slopes, rates)
    relax(at.XS2, target, time_2, state, slopes, rates)
    calcium = 1.0 + 0.6 / (1.0 + (3.8e-5 / state[at.CA_I]) ** 1.4)
    flows[at.I_KS] = (
        strengths[at.G_KS] * calcium * state[at.XS1] * state[at.XS2] * (v - slow_reversal)
    )
    x = v - reversal
    opening = 4.094 * sigmoid(-0.1217 * (x - 49.934))
    closing = (15.72 * math.exp(0.0674 * (x - 3.257)) + math.exp(0.0618 * (x - 594.31))) * sigmoid(
        0.1629 * (x + 14.207)
    )
    scale = strengths[at.G_K1] * math.sqrt(settings[at.K_O] / 5.0)
    flows[at.I_K1] = scale * opening / (opening + closing) * x
    flows[at.I_KB] = strengths[at.G_KB] * sigmoid((v - 10.8968) / 23.9871) * x
