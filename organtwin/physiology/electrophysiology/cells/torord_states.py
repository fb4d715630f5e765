"""Where each state and each current of ToR-ORd-dynCl lies in the flat arrays of its kernels.

With the physical constants all of them use: E = (RT/F) ln(c_o / c_i) [mV], concentrations c [mM].
"""

import math

from organtwin.compilation import kernel

STATES = (
    "V", "CaMK_trapped", "Na_i", "Na_ss", "K_i", "K_ss", "Ca_ss", "Ca_nsr", "Ca_jsr", "Ca_i",
    "Cl_i", "Cl_ss", "m", "h", "j", "h_p", "j_p", "m_L", "h_L", "h_L_p", "a", "i_F", "i_S", "a_p",
    "i_F_p", "i_S_p", "d", "f_f", "f_s", "f_Ca_f", "f_Ca_s", "j_Ca", "f_f_p", "f_Ca_f_p", "n_ss",
    "n_i", "C_1", "C_2", "C_3", "I", "O", "x_s1", "x_s2", "J_rel_np", "J_rel_p",
)  # fmt: skip
(
    V, CAMK, NA_I, NA_SS, K_I, K_SS, CA_SS, CA_NSR, CA_JSR, CA_I, CL_I, CL_SS,
    M, H, J, HP, JP, ML, HL, HLP, A, IF, IS, AP, IFP, ISP,
    D, FF, FS, FCAF, FCAS, JCA, FFP, FCAFP, NCA_SS, NCA_I,
    C1, C2, C3, INACTIVE, OPEN, XS1, XS2, JREL_NP, JREL_P,
) = range(len(STATES))  # fmt: skip

FLOWS = (
    "I_Na", "I_NaL", "I_to", "I_CaL_ss", "I_CaNa_ss", "I_CaK_ss", "I_CaL_i", "I_CaNa_i", "I_CaK_i",
    "I_Kr", "I_Ks", "I_K1", "I_NaCa_i", "I_NaCa_ss", "I_NaK", "I_Kb", "I_Nab", "I_Cab", "I_pCa",
    "I_ClCa", "I_Clb", "J_rel", "J_up", "J_leak", "J_tr", "J_diff_Ca", "J_diff_Na", "J_diff_K",
    "J_diff_Cl",
)  # fmt: skip
"""Membrane currents [A/F], outward positive, then fluxes between compartments [mM/ms]."""
(
    I_NA, I_NAL, I_TO, I_CAL_SS, I_CANA_SS, I_CAK_SS, I_CAL_I, I_CANA_I, I_CAK_I,
    I_KR, I_KS, I_K1, I_NACA_I, I_NACA_SS, I_NAK, I_KB, I_NAB, I_CAB, I_PCA,
    I_CLCA, I_CLB, J_REL, J_UP, J_LEAK, J_TR, J_DIFF_CA, J_DIFF_NA, J_DIFF_K, J_DIFF_CL,
) = range(len(FLOWS))  # fmt: skip
MEMBRANE_FLOWS = 21
"""The first so many flows cross the cell membrane."""

STRENGTHS = (
    "I_Na", "I_NaL", "I_to", "I_CaL", "I_Kr", "I_Ks", "I_K1", "I_NaCa", "I_NaK", "I_Kb", "I_Nab",
    "I_Cab", "I_pCa", "I_ClCa", "I_Clb", "J_rel", "J_up",
)  # fmt: skip
(
    G_NA, G_NAL, G_TO, P_CAL, G_KR, G_KS, G_K1, G_NACA, P_NAK, G_KB, P_NAB,
    P_CAB, G_PCA, G_CLCA, G_CLB, S_REL, S_UP,
) = range(len(STRENGTHS))  # fmt: skip

SETTINGS = ("Na_o", "K_o", "Ca_o", "Cl_o", "calmodulin", "epicardial")
NA_O, K_O, CA_O, CL_O, CALMODULIN, EPICARDIAL = range(len(SETTINGS))

FARADAY, GAS, TEMPERATURE = 96485.0, 8314.0, 310.0
VFRT = FARADAY / (GAS * TEMPERATURE)
"""F/RT [1/mV]."""
HALF_CAMK = 0.15
"""Active CaMKII at which half of a channel population is phosphorylated."""


@kernel
def nernst(outside: float, inside: float) -> float:
    """Reversal potential [mV] of a monovalent cation; its negative that of an anion."""
    return math.log(outside / inside) / VFRT
