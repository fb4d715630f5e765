"""Human atrial cell of Courtemanche, Ramirez and Nattel.

    dV/dt = -(sum of membrane currents + I_stim)
    release gates u, v, w driven by F_n = V_rel J_rel - (1/(2F)) (I_CaL/2 - I_NaCa/5)

V [mV], t [ms], currents [A/F], concentrations [mM], F_n the flux of calcium into the release site.
Every calcium flux but that through the membrane is between bulk, uptake and release compartments.

Reference: Courtemanche, Ramirez, Nattel, Am J Physiol 275:H301 (1998), appendix, with the constants
of the authors' program (g_Na 7.8, g_K1 0.09, g_CaL 0.12375, g_Ks 0.12941176). Assumes 310 K, fixed
concentrations outside. The calcium channel keeps its published reversal of 65 mV.
Verified by tests/physiology/electrophysiology/test_cell_right_hand_sides.py and
test_cell_biomarkers.py.
"""

import math

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.compilation import kernel
from organtwin.physiology.electrophysiology.cells.cell import CellModel, Stimulus
from organtwin.physiology.electrophysiology.cells.membrane import (
    INSTANT,
    refer_to_start,
    relax,
    sigmoid,
    step,
    step_length,
)

STATES = (
    "V", "Na_i", "K_i", "Ca_i", "Ca_up", "Ca_rel", "m", "h", "j", "o_a", "o_i", "u_a", "u_i",
    "x_r", "x_s", "d", "f", "f_Ca", "u", "v", "w",
)  # fmt: skip
(V, NA_I, K_I, CA_I, CA_UP, CA_REL, M, H, J, OA, OI, UA, UI, XR, XS, D, F, FCA, GU, GV, GW) = range(
    len(STATES)
)
FLOWS = (
    "I_Na", "I_K1", "I_to", "I_Kur", "I_Kr", "I_Ks", "I_CaL", "I_NaK", "I_NaCa", "I_Cab", "I_Nab",
    "I_pCa", "J_rel", "J_tr", "J_up", "J_leak",
)  # fmt: skip
(
    I_NA, I_K1, I_TO, I_KUR, I_KR, I_KS, I_CAL, I_NAK, I_NACA, I_CAB, I_NAB, I_PCA,
    J_REL, J_TR, J_UP, J_LEAK,
) = range(len(FLOWS))  # fmt: skip
_MEMBRANE_FLOWS = 12
_STRENGTHS = {
    "I_Na": 7.8, "I_K1": 0.09, "I_to": 0.1652, "I_Kur": 1.0, "I_Kr": 0.029411765,
    "I_Ks": 0.12941176, "I_CaL": 0.12375, "I_NaK": 0.59933874, "I_NaCa": 1600.0,
    "I_Cab": 0.001131, "I_Nab": 0.0006744375, "I_pCa": 0.275, "J_rel": 30.0, "J_up": 0.005,
}  # fmt: skip
"""Conductances [mS/uF], maximal currents [A/F] and fluxes [1/ms, mM/ms]; I_Kur is relative."""
(
    G_NA, G_K1, G_TO, G_KUR, G_KR, G_KS, G_CAL, M_NAK, M_NACA, G_CAB, G_NAB, M_PCA, K_REL, M_UP,
) = range(len(_STRENGTHS))  # fmt: skip
_SETTINGS = {"Na_o": 140.0, "K_o": 5.4, "Ca_o": 1.8}
NA_O, K_O, CA_O = range(len(_SETTINGS))

_FARADAY = 96.4867
_VFRT = _FARADAY / (8.3143 * 310.0)
_CAPACITANCE = 100.0
_BULK, _UPTAKE, _RELEASE = 13668.0, 1109.52, 96.48
"""Volumes [um3] of a cell of 100 pF."""
_INTO_BULK = _CAPACITANCE / (_FARADAY * _BULK)
_Q10 = 3.0
_FLUX_SCALE = 13.67e-16


@kernel
def _linear_over_exponential(distance: float, scale: float) -> float:
    """``distance / (1 - exp(-distance / scale))`` with its limit at 0."""
    if abs(distance) < 1e-6:
        return scale + 0.5 * distance
    return distance / -math.expm1(-distance / scale)


@kernel
def _sodium(
    state: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
    flows: FloatArray,
    strengths: FloatArray,
    reversal: float,
) -> None:
    """I_Na and I_Nab."""
    v = state[V]
    opening = 0.32 * _linear_over_exponential(v + 47.13, 10.0)
    closing = 0.08 * math.exp(-v / 11.0)
    relax(M, opening / (opening + closing), 1.0 / (opening + closing), state, slopes, rates)
    if v >= -40.0:
        h_up, j_up = 0.0, 0.0
        h_down = sigmoid((v + 10.66) / 11.1) / 0.13
        j_down = 0.3 * math.exp(-2.535e-7 * v) * sigmoid(0.1 * (v + 32.0))
    else:
        h_up = 0.135 * math.exp(-(v + 80.0) / 6.8)
        h_down = 3.56 * math.exp(0.079 * v) + 3.1e5 * math.exp(0.35 * v)
        steep = -127140.0 * math.exp(0.2444 * v) - 3.474e-5 * math.exp(-0.04391 * v)
        j_up = steep * (v + 37.78) * sigmoid(-0.311 * (v + 79.23))
        j_down = 0.1212 * math.exp(-0.01052 * v) * sigmoid(0.1378 * (v + 40.14))
    relax(H, h_up / (h_up + h_down), 1.0 / (h_up + h_down), state, slopes, rates)
    relax(J, j_up / (j_up + j_down), 1.0 / (j_up + j_down), state, slopes, rates)
    available = state[M] ** 3 * state[H] * state[J]
    flows[I_NA] = strengths[G_NA] * available * (v - reversal)
    flows[I_NAB] = strengths[G_NAB] * (v - reversal)


@kernel
def _quick_potassium(
    state: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
    flows: FloatArray,
    strengths: FloatArray,
    x: float,
) -> None:
    """I_K1, I_to and I_Kur; ``x`` is V - E_K [mV]."""
    v = state[V]
    flows[I_K1] = strengths[G_K1] * x * sigmoid(-0.07 * (v + 80.0))
    rate = _Q10 * (
        0.65 / (math.exp(-(v + 10.0) / 8.5) + math.exp(-(v - 30.0) / 59.0))
        + 0.65 / (2.5 + math.exp((v + 82.0) / 17.0))
    )
    relax(OA, sigmoid((v + 20.47) / 17.54), 1.0 / rate, state, slopes, rates)
    relax(UA, sigmoid((v + 30.3) / 9.6), 1.0 / rate, state, slopes, rates)
    rate = _Q10 * (
        1.0 / (18.53 + math.exp((v + 113.7) / 10.95)) + 1.0 / (35.56 + math.exp(-(v + 1.26) / 7.44))
    )
    relax(OI, sigmoid(-(v + 43.1) / 5.3), 1.0 / rate, state, slopes, rates)
    rate = _Q10 * (1.0 / (21.0 + math.exp(-(v - 185.0) / 28.0)) + math.exp((v - 158.0) / 16.0))
    relax(UI, sigmoid(-(v - 99.45) / 27.48), 1.0 / rate, state, slopes, rates)
    flows[I_TO] = strengths[G_TO] * state[OA] ** 3 * state[OI] * x
    conductance = 0.005 + 0.05 * sigmoid((v - 15.0) / 13.0)
    flows[I_KUR] = strengths[G_KUR] * conductance * state[UA] ** 3 * state[UI] * x


@kernel
def _delayed_potassium(
    state: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
    flows: FloatArray,
    strengths: FloatArray,
    x: float,
) -> None:
    """I_Kr and I_Ks; ``x`` is V - E_K [mV]."""
    v = state[V]
    rate = 0.0003 * _linear_over_exponential(v + 14.1, 5.0) + (
        7.3898e-5 * _linear_over_exponential(-(v - 3.3328), 5.1237)
    )
    relax(XR, sigmoid((v + 14.1) / 6.5), 1.0 / rate, state, slopes, rates)
    flows[I_KR] = strengths[G_KR] * state[XR] * x * sigmoid(-(v + 15.0) / 22.4)
    rate = 2.0 * (
        4.0e-5 * _linear_over_exponential(v - 19.9, 17.0)
        + 3.5e-5 * _linear_over_exponential(-(v - 19.9), 9.0)
    )
    relax(XS, math.sqrt(sigmoid((v - 19.9) / 12.7)), 1.0 / rate, state, slopes, rates)
    flows[I_KS] = strengths[G_KS] * state[XS] ** 2 * x


@kernel
def _calcium_channel(
    state: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
    flows: FloatArray,
    strengths: FloatArray,
) -> None:
    """I_CaL."""
    v = state[V]
    d_target = sigmoid((v + 10.0) / 8.0)
    rate = 0.035 * _linear_over_exponential(v + 10.0, 6.24) * (1.0 + math.exp(-(v + 10.0) / 6.24))
    relax(D, d_target, 1.0 / rate, state, slopes, rates)
    time = 9.0 / (0.0197 * math.exp(-((0.0337 * (v + 10.0)) ** 2)) + 0.02)
    relax(F, sigmoid(-(v + 28.0) / 6.9), time, state, slopes, rates)
    relax(FCA, 1.0 / (1.0 + state[CA_I] / 0.00035), 2.0, state, slopes, rates)
    flows[I_CAL] = strengths[G_CAL] * state[D] * state[F] * state[FCA] * (v - 65.0)


@kernel
def _transport(
    state: FloatArray, flows: FloatArray, strengths: FloatArray, settings: FloatArray
) -> None:
    """I_NaK, I_NaCa, I_pCa and I_Cab."""
    v, na_i, ca_i = state[V], state[NA_I], state[CA_I]
    na_o, k_o, ca_o = settings[NA_O], settings[K_O], settings[CA_O]
    sigma = (math.exp(na_o / 67.3) - 1.0) / 7.0
    voltage = 1.0 / (
        1.0 + 0.1245 * math.exp(-0.1 * v * _VFRT) + 0.0365 * sigma * math.exp(-v * _VFRT)
    )
    flows[I_NAK] = strengths[M_NAK] * voltage / (1.0 + (10.0 / na_i) ** 1.5) * k_o / (k_o + 1.5)
    inward, outward = math.exp(-0.65 * v * _VFRT), math.exp(0.35 * v * _VFRT)
    flows[I_NACA] = (
        strengths[M_NACA]
        * (outward * na_i**3 * ca_o - inward * na_o**3 * ca_i)
        / ((87.5**3 + na_o**3) * (1.38 + ca_o) * (1.0 + 0.1 * inward))
    )
    flows[I_PCA] = strengths[M_PCA] * ca_i / (0.0005 + ca_i)
    flows[I_CAB] = strengths[G_CAB] * (v - 0.5 * math.log(ca_o / ca_i) / _VFRT)


@kernel
def _stores(
    state: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
    flows: FloatArray,
    strengths: FloatArray,
) -> None:
    """Release with its gates, transfer, uptake and leak; needs I_CaL and I_NaCa."""
    released = strengths[K_REL] * state[GU] ** 2 * state[GV] * state[GW]
    flows[J_REL] = released * (state[CA_REL] - state[CA_I])
    carried = 0.5 * flows[I_CAL] - 0.2 * flows[I_NACA]
    flux = 1e-12 * _RELEASE * flows[J_REL] - 5e-13 / _FARADAY * carried * _CAPACITANCE
    opened = sigmoid((flux - 3.4175e-13) / _FLUX_SCALE)
    relax(GU, opened, 8.0, state, slopes, rates)
    relax(
        GV,
        1.0 - sigmoid((flux - 6.835e-14) / _FLUX_SCALE),
        1.91 + 2.09 * opened,
        state,
        slopes,
        rates,
    )
    distance = state[V] - 7.9
    fading = math.exp(-distance / 5.0)
    time = 6.0 / (_linear_over_exponential(distance, 5.0) * (1.0 + 0.3 * fading))
    relax(GW, sigmoid(-(state[V] - 40.0) / 17.0), time, state, slopes, rates)
    flows[J_TR] = (state[CA_UP] - state[CA_REL]) / 180.0
    flows[J_UP] = strengths[M_UP] / (1.0 + 0.00092 / state[CA_I])
    flows[J_LEAK] = 0.005 * state[CA_UP] / 15.0


@kernel
def slopes_of_cell(
    state: FloatArray,
    stimulus: float,
    strengths: FloatArray,
    settings: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
    flows: FloatArray,
) -> None:
    """Fill slopes [1/ms], rates of decay [1/ms] and flows; ``stimulus`` [A/F], inward negative."""
    sodium = math.log(settings[NA_O] / state[NA_I]) / _VFRT
    x = state[V] - math.log(settings[K_O] / state[K_I]) / _VFRT
    _sodium(state, slopes, rates, flows, strengths, sodium)
    _quick_potassium(state, slopes, rates, flows, strengths, x)
    _delayed_potassium(state, slopes, rates, flows, strengths, x)
    _calcium_channel(state, slopes, rates, flows, strengths)
    _transport(state, flows, strengths, settings)
    _stores(state, slopes, rates, flows, strengths)
    slopes[NA_I] = -_INTO_BULK * (
        3.0 * flows[I_NAK] + 3.0 * flows[I_NACA] + flows[I_NAB] + flows[I_NA]
    )
    slopes[K_I] = _INTO_BULK * (
        2.0 * flows[I_NAK] - flows[I_K1] - flows[I_TO] - flows[I_KUR] - flows[I_KR] - flows[I_KS]
        - stimulus
    )  # fmt: skip
    calcium, store = state[CA_I], state[CA_REL]
    through = 2.0 * flows[I_NACA] - flows[I_PCA] - flows[I_CAL] - flows[I_CAB]
    inner = (_UPTAKE * (flows[J_LEAK] - flows[J_UP]) + flows[J_REL] * _RELEASE) / _BULK
    buffers = (
        1.0 + 0.07 * 0.0005 / (calcium + 0.0005) ** 2 + 0.05 * 0.00238 / (calcium + 0.00238) ** 2
    )
    slopes[CA_I] = (0.5 * _INTO_BULK * through + inner) / buffers
    slopes[CA_UP] = flows[J_UP] - flows[J_LEAK] - flows[J_TR] * _RELEASE / _UPTAKE
    slopes[CA_REL] = (flows[J_TR] - flows[J_REL]) / (1.0 + 10.0 * 0.8 / (store + 0.8) ** 2)
    slopes[V] = -stimulus
    for index in range(_MEMBRANE_FLOWS):
        slopes[V] -= flows[index]


@kernel
def advance(
    state: FloatArray,
    strengths: FloatArray,
    settings: FloatArray,
    pace: FloatArray,
    trace: FloatArray,
) -> int:
    """Advance ``state`` in place over one beat; arguments and answer as for ``torord.advance``."""
    slopes, rates = np.zeros(state.size), np.zeros(state.size)
    middle, flows = np.zeros(state.size), np.zeros(len(FLOWS))
    time, count = 0.0, 0
    while time < pace[0] - INSTANT:
        if count >= trace.shape[0] - 1:
            return -1
        stimulated = time < pace[2] - INSTANT
        edge = pace[2] if stimulated else pace[0]
        stimulus = pace[1] if stimulated else 0.0
        trace[count, 0], trace[count, 1], trace[count, 2] = time, state[V], state[CA_I]
        slopes_of_cell(state, stimulus, strengths, settings, slopes, rates, flows)
        duration = step_length(slopes[V], edge - time)
        step(state, slopes, rates, 0.5 * duration, middle)
        slopes_of_cell(middle, stimulus, strengths, settings, slopes, rates, flows)
        refer_to_start(state, middle, slopes, rates)
        step(state, slopes, rates, duration, state)
        time += duration
        count += 1
    trace[count, 0], trace[count, 1], trace[count, 2] = time, state[V], state[CA_I]
    return count + 1


COURTEMANCHE = CellModel(
    name="Courtemanche 1998",
    states=STATES,
    flows=FLOWS,
    strengths=_STRENGTHS,
    settings=_SETTINGS,
    stimulus=Stimulus(current=-92.36, duration_ms=0.5),
    slopes=slopes_of_cell,
    advance=advance,
)
