"""Human ventricular cell of ten Tusscher and Panfilov (2006): endo-, mid- and epicardial.

    dV/dt = -(sum of membrane currents + I_stim)
    dc/dt = buffer * (-I C_m / (z F v) + fluxes between bulk, subspace and reticulum)
    J_rel = V_rel O (Ca_SR - Ca_ss),  O = k1 Ca_ss^2 R / (k3 + k1 Ca_ss^2)

V [mV], t [ms], currents [A/F], c concentration [mM], v volume [1e-3 pL], C_m 0.185 nF, R fraction
of release channels not adapted. The kernels of single currents are shared with `stewart`.

Reference: ten Tusscher, Panfilov, Am J Physiol Heart Circ Physiol 291:H1088 (2006), with the gates
of ten Tusscher, Noble, Noble, Panfilov, 286:H1573 (2004). Epi- and midmyocardial cells share I_to
and differ in I_Ks; the endocardial cell has a small I_to of slower recovery. R 8314, F 96485.
Assumes 310 K and fixed concentrations outside. Verified by tests/physiology/electrophysiology/
test_cell_right_hand_sides.py and test_cell_biomarkers.py.
"""

import math

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.compilation import kernel
from organtwin.physiology.electrophysiology.cells.cell import CellModel, Stimulus
from organtwin.physiology.electrophysiology.cells.membrane import (
    INSTANT,
    goldman,
    refer_to_start,
    relax,
    sigmoid,
    step,
    step_length,
)

STATES = (
    "V", "Ca_i", "Ca_SR", "Ca_ss", "Na_i", "K_i", "m", "h", "j", "x_r1", "x_r2", "x_s", "r", "s",
    "d", "f", "f_2", "f_Ca_ss", "R",
)  # fmt: skip
(V, CA_I, CA_SR, CA_SS, NA_I, K_I, M, H, J, XR1, XR2, XS, R, S, D, F, F2, FCASS, RELEASE) = range(
    len(STATES)
)
FLOWS = (
    "I_Na", "I_K1", "I_Kr", "I_Ks", "I_to", "I_CaL", "I_NaK", "I_NaCa", "I_pCa", "I_pK", "I_Cab",
    "I_Nab", "J_rel", "J_leak", "J_up", "J_xfer",
)  # fmt: skip
(
    I_NA, I_K1, I_KR, I_KS, I_TO, I_CAL, I_NAK, I_NACA, I_PCA, I_PK, I_CAB, I_NAB,
    J_REL, J_LEAK, J_UP, J_XFER,
) = range(len(FLOWS))  # fmt: skip
MEMBRANE_FLOWS = 12
STRENGTHS = {
    "I_Na": 14.838, "I_K1": 5.405, "I_Kr": 0.153, "I_Ks": 0.392, "I_to": 0.294, "I_CaL": 3.98e-5,
    "I_NaK": 2.724, "I_NaCa": 1000.0, "I_pCa": 0.1238, "I_pK": 0.0146, "I_Cab": 0.000592,
    "I_Nab": 0.00029, "J_rel": 0.102, "J_up": 0.006375,
}  # fmt: skip
"""Epicardial: conductances [mS/uF], permeability [cm3/uF/s], maximal currents [A/F], fluxes."""
(
    G_NA, G_K1, G_KR, G_KS, G_TO, P_CAL, M_NAK, M_NACA, G_PCA, G_PK, G_CAB, G_NAB, V_REL, V_UP,
) = range(len(STRENGTHS))  # fmt: skip
SETTINGS = {"Na_o": 140.0, "K_o": 5.4, "Ca_o": 2.0, "endocardial": 0.0}
NA_O, K_O, CA_O, ENDOCARDIAL = range(len(SETTINGS))

_FARADAY = 96485.0
_VFRT = _FARADAY / (8314.0 * 310.0)
_BULK, _STORE, _SUBSPACE = 0.016404, 0.001094, 5.468e-5
_INTO_BULK = 0.185 / (_BULK * _FARADAY)
_INTO_SUBSPACE = 0.185 / (_SUBSPACE * _FARADAY)


@kernel
def reversals(state: FloatArray, settings: FloatArray) -> tuple[float, float, float, float]:
    """Reversal potentials of sodium, potassium, I_Ks and calcium [mV]."""
    na_o, k_o = settings[NA_O], settings[K_O]
    mixed = (k_o + 0.03 * na_o) / (state[K_I] + 0.03 * state[NA_I])
    return (
        math.log(na_o / state[NA_I]) / _VFRT,
        math.log(k_o / state[K_I]) / _VFRT,
        math.log(mixed) / _VFRT,
        0.5 * math.log(settings[CA_O] / state[CA_I]) / _VFRT,
    )


@kernel
def sodium_current(
    state: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
    flows: FloatArray,
    strengths: FloatArray,
    reversal: float,
) -> None:
    """I_Na and I_Nab; ``reversal`` E_Na [mV]."""
    v = state[V]
    m_time = (
        sigmoid((v + 60.0) / 5.0)
        * 0.1
        * (sigmoid(-(v + 35.0) / 5.0) + sigmoid(-(v - 50.0) / 200.0))
    )
    relax(M, sigmoid((v + 56.86) / 9.03) ** 2, m_time, state, slopes, rates)
    if v >= -40.0:
        h_rate = 0.77 / 0.13 * sigmoid((v + 10.66) / 11.1)
        j_rate = 0.6 * math.exp(0.057 * v) * sigmoid(0.1 * (v + 32.0))
    else:
        h_rate = (
            0.057 * math.exp(-(v + 80.0) / 6.8)
            + 2.7 * math.exp(0.079 * v)
            + 3.1e5 * math.exp(0.3485 * v)
        )
        steep = -25428.0 * math.exp(0.2444 * v) - 6.948e-6 * math.exp(-0.04391 * v)
        closing = 0.02424 * math.exp(-0.01052 * v) * sigmoid(0.1378 * (v + 40.14))
        j_rate = steep * (v + 37.78) * sigmoid(-0.311 * (v + 79.23)) + closing
    target = sigmoid(-(v + 71.55) / 7.43) ** 2
    relax(H, target, 1.0 / h_rate, state, slopes, rates)
    relax(J, target, 1.0 / j_rate, state, slopes, rates)
    available = state[M] ** 3 * state[H] * state[J]
    flows[I_NA] = strengths[G_NA] * available * (v - reversal)
    flows[I_NAB] = strengths[G_NAB] * (v - reversal)


@kernel
def delayed_potassium(
    state: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
    flows: FloatArray,
    strengths: FloatArray,
    settings: FloatArray,
    reversal: float,
    slow_reversal: float,
) -> None:
    """I_Kr, I_Ks and I_pK; ``reversal`` E_K, ``slow_reversal`` E_Ks [mV]."""
    v, x = state[V], state[V] - reversal
    time = 450.0 * sigmoid((v + 45.0) / 10.0) * 6.0 * sigmoid(-(v + 30.0) / 11.5)
    relax(XR1, sigmoid((v + 26.0) / 7.0), time, state, slopes, rates)
    time = 3.0 * sigmoid((v + 60.0) / 20.0) * 1.12 * sigmoid(-(v - 60.0) / 20.0)
    relax(XR2, sigmoid(-(v + 88.0) / 24.0), time, state, slopes, rates)
    time = 1400.0 * math.sqrt(sigmoid((v - 5.0) / 6.0)) * sigmoid(-(v - 35.0) / 15.0) + 80.0
    relax(XS, sigmoid((v + 5.0) / 14.0), time, state, slopes, rates)
    rapid = strengths[G_KR] * math.sqrt(settings[K_O] / 5.4)
    flows[I_KR] = rapid * state[XR1] * state[XR2] * x
    flows[I_KS] = strengths[G_KS] * state[XS] ** 2 * (v - slow_reversal)
    flows[I_PK] = strengths[G_PK] * x * sigmoid((v - 25.0) / 5.98)


@kernel
def _resting_and_transient_potassium(
    state: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
    flows: FloatArray,
    strengths: FloatArray,
    settings: FloatArray,
    reversal: float,
) -> None:
    """I_K1 and I_to of the ventricle."""
    v, x = state[V], state[V] - reversal
    opening = 0.1 * sigmoid(-0.06 * (x - 200.0))
    closing = (3.0 * math.exp(0.0002 * (x + 100.0)) + math.exp(0.1 * (x - 10.0))) * sigmoid(0.5 * x)
    scale = strengths[G_K1] * math.sqrt(settings[K_O] / 5.4)
    flows[I_K1] = scale * opening / (opening + closing) * x
    time = 9.5 * math.exp(-((v + 40.0) ** 2) / 1800.0) + 0.8
    relax(R, sigmoid((v - 20.0) / 6.0), time, state, slopes, rates)
    if settings[ENDOCARDIAL] > 0.5:
        target = sigmoid(-(v + 28.0) / 5.0)
        time = 1000.0 * math.exp(-((v + 67.0) ** 2) / 1000.0) + 8.0
    else:
        target = sigmoid(-(v + 20.0) / 5.0)
        time = 85.0 * math.exp(-((v + 45.0) ** 2) / 320.0) + 5.0 * sigmoid(-(v - 20.0) / 5.0) + 3.0
    relax(S, target, time, state, slopes, rates)
    flows[I_TO] = strengths[G_TO] * state[R] * state[S] * x


@kernel
def calcium_channel(
    state: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
    flows: FloatArray,
    strengths: FloatArray,
    settings: FloatArray,
) -> None:
    """I_CaL, into the subspace."""
    v = state[V]
    time = (1.4 * sigmoid((v + 35.0) / 13.0) + 0.25) * 1.4 * sigmoid(-(v + 5.0) / 5.0) + sigmoid(
        (v - 50.0) / 20.0
    )
    relax(D, sigmoid((v + 8.0) / 7.5), time, state, slopes, rates)
    late, early = sigmoid(-(v + 30.0) / 10.0), math.exp(-((v + 27.0) ** 2) / 225.0)
    time = 1102.5 * early + 200.0 * sigmoid((v - 13.0) / 10.0) + 180.0 * late + 20.0
    relax(F, sigmoid(-(v + 20.0) / 7.0), time, state, slopes, rates)
    early = math.exp(-((v + 27.0) ** 2) / 240.0)
    time = 562.0 * early + 31.0 * sigmoid((v - 25.0) / 10.0) + 80.0 * late
    relax(F2, 0.67 * sigmoid(-(v + 35.0) / 7.0) + 0.33, time, state, slopes, rates)
    free = 1.0 / (1.0 + (state[CA_SS] / 0.05) ** 2)
    relax(FCASS, 0.6 * free + 0.4, 80.0 * free + 2.0, state, slopes, rates)
    gates = state[D] * state[F] * state[F2] * state[FCASS]
    driving = goldman(2.0 * (v - 15.0) * _VFRT, 0.25 * state[CA_SS], settings[CA_O])
    flows[I_CAL] = strengths[P_CAL] * gates * 2.0 * _FARADAY * driving


@kernel
def transport(
    state: FloatArray,
    flows: FloatArray,
    strengths: FloatArray,
    settings: FloatArray,
    reversal: float,
) -> None:
    """I_NaK, I_NaCa, I_pCa and I_Cab; ``reversal`` E_Ca [mV]."""
    v, na_i, ca_i = state[V], state[NA_I], state[CA_I]
    na_o, k_o, ca_o = settings[NA_O], settings[K_O], settings[CA_O]
    voltage = 1.0 + 0.1245 * math.exp(-0.1 * v * _VFRT) + 0.0353 * math.exp(-v * _VFRT)
    flows[I_NAK] = strengths[M_NAK] * k_o / (k_o + 1.0) * na_i / (na_i + 40.0) / voltage
    inward, outward = math.exp(-0.65 * v * _VFRT), math.exp(0.35 * v * _VFRT)
    flows[I_NACA] = (
        strengths[M_NACA]
        * (outward * na_i**3 * ca_o - 2.5 * inward * na_o**3 * ca_i)
        / ((87.5**3 + na_o**3) * (1.38 + ca_o) * (1.0 + 0.1 * inward))
    )
    flows[I_PCA] = strengths[G_PCA] * ca_i / (ca_i + 0.0005)
    flows[I_CAB] = strengths[G_CAB] * (v - reversal)


@kernel
def calcium_balance(
    state: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
    flows: FloatArray,
    strengths: FloatArray,
) -> None:
    """Release, uptake and leak of the reticulum, and calcium of its three compartments."""
    bulk, store, near = state[CA_I], state[CA_SR], state[CA_SS]
    coupling = 2.5 - 1.5 / (1.0 + (1.5 / store) ** 2)
    k1, k2 = 0.15 / coupling, 0.045 * coupling
    slopes[RELEASE] = -k2 * near * state[RELEASE] + 0.005 * (1.0 - state[RELEASE])
    rates[RELEASE] = k2 * near + 0.005
    opened = k1 * near**2 * state[RELEASE] / (0.06 + k1 * near**2)
    flows[J_REL] = strengths[V_REL] * opened * (store - near)
    flows[J_UP] = strengths[V_UP] / (1.0 + (0.00025 / bulk) ** 2)
    flows[J_LEAK] = 0.00036 * (store - bulk)
    flows[J_XFER] = 0.0038 * (near - bulk)
    free = 1.0 / (1.0 + 0.2 * 0.001 / (bulk + 0.001) ** 2)
    free_store = 1.0 / (1.0 + 10.0 * 0.3 / (store + 0.3) ** 2)
    free_near = 1.0 / (1.0 + 0.4 * 0.00025 / (near + 0.00025) ** 2)
    through = flows[I_CAB] + flows[I_PCA] - 2.0 * flows[I_NACA]
    slopes[CA_I] = free * (
        (flows[J_LEAK] - flows[J_UP]) * _STORE / _BULK + flows[J_XFER] - 0.5 * through * _INTO_BULK
    )
    slopes[CA_SR] = free_store * (flows[J_UP] - flows[J_REL] - flows[J_LEAK])
    slopes[CA_SS] = free_near * (
        -0.5 * flows[I_CAL] * _INTO_SUBSPACE
        + flows[J_REL] * _STORE / _SUBSPACE
        - flows[J_XFER] * _BULK / _SUBSPACE
    )
    rates[CA_SS] = free_near * 0.0038 * _BULK / _SUBSPACE


@kernel
def charge_balance(
    slopes: FloatArray,
    flows: FloatArray,
    stimulus: float,
    further_sodium: float,
    further_potassium: float,
) -> None:
    """Membrane potential, sodium and potassium, with currents beyond those of this model."""
    sodium = flows[I_NA] + flows[I_NAB] + 3.0 * flows[I_NAK] + 3.0 * flows[I_NACA] + further_sodium
    potassium = (
        flows[I_K1] + flows[I_TO] + flows[I_KR] + flows[I_KS] - 2.0 * flows[I_NAK] + flows[I_PK]
        + further_potassium + stimulus
    )  # fmt: skip
    slopes[NA_I] = -sodium * _INTO_BULK
    slopes[K_I] = -potassium * _INTO_BULK
    slopes[V] = -stimulus - further_sodium - further_potassium
    for index in range(MEMBRANE_FLOWS):
        slopes[V] -= flows[index]


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
    sodium, potassium, slow, calcium = reversals(state, settings)
    sodium_current(state, slopes, rates, flows, strengths, sodium)
    _resting_and_transient_potassium(state, slopes, rates, flows, strengths, settings, potassium)
    delayed_potassium(state, slopes, rates, flows, strengths, settings, potassium, slow)
    calcium_channel(state, slopes, rates, flows, strengths, settings)
    transport(state, flows, strengths, settings, calcium)
    calcium_balance(state, slopes, rates, flows, strengths)
    charge_balance(slopes, flows, stimulus, 0.0, 0.0)


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


def _model(name: str, strengths: dict[str, float], *, endocardial: float) -> CellModel:
    return CellModel(
        name=f"TT2006 {name}",
        states=STATES,
        flows=FLOWS,
        strengths={**STRENGTHS, **strengths},
        settings={**SETTINGS, "endocardial": endocardial},
        stimulus=Stimulus(current=-94.0, duration_ms=0.5),
        slopes=slopes_of_cell,
        advance=advance,
    )


TT2006_EPI = _model("epi", {}, endocardial=0.0)
TT2006_ENDO = _model("endo", {"I_to": 0.073}, endocardial=1.0)
TT2006_MID = _model("mid", {"I_Ks": 0.098}, endocardial=0.0)
