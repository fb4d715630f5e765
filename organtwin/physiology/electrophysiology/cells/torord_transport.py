"""ToR-ORd: exchanger, pumps, chloride and background currents.

The sodium-calcium exchanger and the sodium-potassium pump are cycles of four states at steady
state: k the rates of O'Hara's scheme, x the unnormalised and E the normalised occupancies.
Equations: O'Hara et al., PLoS Comput Biol 7:e1002061 (2011), supplement, with the strengths of
Tomek et al., eLife 8:e48890 (2019); chloride currents after Grandi et al. (2010) with the dynamic
chloride of Tomek et al. (2020). mV, ms, mM, A/F. Verified by test_cell_right_hand_sides.py.
"""

import math

from organtwin.arrays import FloatArray
from organtwin.compilation import kernel
from organtwin.physiology.electrophysiology.cells import torord_states as at
from organtwin.physiology.electrophysiology.cells.membrane import goldman

_EXCHANGER_SUBSPACE = 0.35
"""Fraction of the exchangers that face the subspace."""


@kernel
def _exchanged(v: float, sodium: float, calcium: float, settings: FloatArray) -> float:
    """Charge that one exchanger carries [1/ms], for the concentrations beside it [mM]."""
    na_o, ca_o = settings[at.NA_O], settings[at.CA_O]
    hca, hna = math.exp(0.1670 * v * at.VFRT), math.exp(0.5224 * v * at.VFRT)
    h1 = 1.0 + sodium / 88.12 * (1.0 + hna)
    h2 = sodium * hna / (88.12 * h1)
    h3 = 1.0 / h1
    h4 = 1.0 + sodium / 15.0 * (1.0 + sodium / 5.0)
    h5 = sodium * sodium / (h4 * 15.0 * 5.0)
    h6 = 1.0 / h4
    h7 = 1.0 + na_o / 88.12 * (1.0 + 1.0 / hna)
    h8 = na_o / (88.12 * hna * h7)
    h9 = 1.0 / h7
    h10 = 12.5 + 1.0 + na_o / 15.0 * (1.0 + na_o / 5.0)
    h11 = na_o * na_o / (h10 * 15.0 * 5.0)
    k1 = ca_o * 1.5e6 / h10
    k2 = 5.0e3
    k3p, k3pp = h9 * 6.0e4, h8 * 5.0e3
    k3 = k3p + k3pp
    k4p, k4pp = h3 * 6.0e4 / hca, h2 * 5.0e3
    k4 = k4p + k4pp
    k5 = 5.0e3
    k6 = h6 * calcium * 1.5e6
    k7 = h5 * h2 * 6.0e4
    k8 = h8 * h11 * 6.0e4
    x1 = k2 * k4 * (k7 + k6) + k5 * k7 * (k2 + k3)
    x2 = k1 * k7 * (k4 + k5) + k4 * k6 * (k1 + k8)
    x3 = k1 * k3 * (k7 + k6) + k8 * k6 * (k2 + k3)
    x4 = k2 * k8 * (k4 + k5) + k3 * k5 * (k1 + k8)
    total = x1 + x2 + x3 + x4
    sodium_flux = (3.0 * (x4 * k7 - x1 * k8) + x3 * k4pp - x2 * k3pp) / total
    calcium_flux = (x2 * k2 - x1 * k1) / total
    activated = 1.0 / (1.0 + (150.0e-6 / calcium) ** 2)
    return float(activated * (sodium_flux + 2.0 * calcium_flux))


@kernel
def exchanger(
    state: FloatArray, flows: FloatArray, strengths: FloatArray, settings: FloatArray
) -> None:
    """I_NaCa of bulk and subspace."""
    v, strength = state[at.V], strengths[at.G_NACA]
    inside = _exchanged(v, state[at.NA_I], state[at.CA_I], settings)
    near = _exchanged(v, state[at.NA_SS], state[at.CA_SS], settings)
    flows[at.I_NACA_I] = (1.0 - _EXCHANGER_SUBSPACE) * strength * inside
    flows[at.I_NACA_SS] = _EXCHANGER_SUBSPACE * strength * near


@kernel
def sodium_pump(
    state: FloatArray, flows: FloatArray, strengths: FloatArray, settings: FloatArray
) -> None:
    """I_NaK."""
    u = state[at.V] * at.VFRT
    na_i, k_i, na_o, k_o = state[at.NA_I], state[at.K_I], settings[at.NA_O], settings[at.K_O]
    inside = na_i / (9.073 * math.exp(-0.1550 * u / 3.0))
    outside = na_o / (27.78 * math.exp(1.1550 * u / 3.0))
    atp = 9.8 / 1.698e-7
    phosphate = 4.2 / (1.0 + 1.0e-7 / 1.698e-7 + na_i / 224.0 + k_i / 292.0)
    inner = (1.0 + inside) ** 3 + (1.0 + k_i / 0.5) ** 2 - 1.0
    outer = (1.0 + outside) ** 3 + (1.0 + k_o / 0.3582) ** 2 - 1.0
    a1 = 949.5 * inside**3 / inner
    b1 = 182.4 * 0.05
    a2 = 687.2
    b2 = 39.4 * outside**3 / outer
    a3 = 1899.0 * (k_o / 0.3582) ** 2 / outer
    b3 = 79300.0 * phosphate * 1.0e-7 / (1.0 + atp)
    a4 = 639.0 * atp / (1.0 + atp)
    b4 = 40.0 * (k_i / 0.5) ** 2 / inner
    x1 = a4 * a1 * a2 + b2 * b4 * b3 + a2 * b4 * b3 + b3 * a1 * a2
    x2 = b2 * b1 * b4 + a1 * a2 * a3 + a3 * b1 * b4 + a2 * a3 * b4
    x3 = a2 * a3 * a4 + b3 * b2 * b1 + b2 * b1 * a4 + a3 * a4 * b1
    x4 = b4 * b3 * b2 + a3 * a4 * a1 + b2 * a4 * a1 + b3 * b2 * a1
    total = x1 + x2 + x3 + x4
    sodium = 3.0 * (x1 * a3 - x2 * b3) / total
    potassium = 2.0 * (x4 * b1 - x3 * a1) / total
    flows[at.I_NAK] = strengths[at.P_NAK] * (sodium + potassium)


@kernel
def chloride_and_background(
    state: FloatArray, flows: FloatArray, strengths: FloatArray, settings: FloatArray
) -> None:
    """I_ClCa of the subspace, I_Clb, I_Nab and I_pCa."""
    v = state[at.V]
    bulk = v + at.nernst(settings[at.CL_O], state[at.CL_I])
    near = v + at.nernst(settings[at.CL_O], state[at.CL_SS])
    flows[at.I_CLCA] = strengths[at.G_CLCA] / (1.0 + 0.1 / state[at.CA_SS]) * near
    flows[at.I_CLB] = strengths[at.G_CLB] * bulk
    flows[at.I_NAB] = (
        strengths[at.P_NAB] * at.FARADAY * goldman(v * at.VFRT, state[at.NA_I], settings[at.NA_O])
    )
    flows[at.I_PCA] = strengths[at.G_PCA] * state[at.CA_I] / (0.0005 + state[at.CA_I])
