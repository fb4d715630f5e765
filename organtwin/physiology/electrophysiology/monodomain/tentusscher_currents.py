"""Currents and concentrations of the ten Tusscher-Panfilov 2006 cell, in vectorised loops.

Units mV, ms, mM, A/F. ``I`` of each current as in ten Tusscher and Panfilov 2006 (Am J Physiol
Heart Circ Physiol 291:H1088), at 5.4 mM outer potassium, 140 mM sodium, 2 mM calcium and 310 K.
Concentrations are advanced by an explicit Euler step. For literals and ``f`` see
``tentusscher_gates``.
"""

from organtwin.arrays import RealArray
from organtwin.compilation import fast_kernel
from organtwin.physiology.electrophysiology.monodomain.exponentials import exp, log

RTF = 8314.472 * 310.0 / 96485.3415
"""R T/F [mV]."""
FARADAY = 96485.3415
POTASSIUM, SODIUM, CALCIUM = 5.4, 140.0, 2.0
"""Outer concentrations [mM]."""
PER_CYTOSOL = 0.185 / (0.016404 * FARADAY)
PER_SUBSPACE = 0.185 / (5.468e-5 * FARADAY)
SR_TO_CYTOSOL = 0.001094 / 0.016404
SR_TO_SUBSPACE = 0.001094 / 5.468e-5
CYTOSOL_TO_SUBSPACE = 0.016404 / 5.468e-5


@fast_kernel
def reversal_potentials(
    nai: RealArray, ki: RealArray, cai: RealArray, e_na: RealArray, e_k: RealArray,
    e_ks: RealArray, e_ca: RealArray,
) -> None:  # fmt: skip
    f = nai.dtype.type
    for i in range(nai.size):
        e_na[i] = f(RTF) * log(f(SODIUM) / nai[i])
        e_k[i] = f(RTF) * log(f(POTASSIUM) / ki[i])
        e_ks[i] = f(RTF) * log(f(POTASSIUM + 0.03 * SODIUM) / (ki[i] + f(0.03) * nai[i]))
        e_ca[i] = f(0.5 * RTF) * log(f(CALCIUM) / cai[i])


@fast_kernel
def sodium_currents(
    v: RealArray, m: RealArray, h: RealArray, j: RealArray, e_na: RealArray, total: RealArray,
    conductance: float,
) -> None:  # fmt: skip
    """I_Na + I_bNa; ``conductance`` of I_Na [nS/pF], 14.838 unblocked."""
    f = v.dtype.type
    for i in range(v.size):
        gate = m[i] * m[i] * m[i] * h[i] * j[i]
        total[i] = (f(conductance) * gate + f(0.00029)) * (v[i] - e_na[i])


@fast_kernel
def inward_rectifier(v: RealArray, e_k: RealArray, total: RealArray) -> None:
    """I_K1 + I_pK, the first to be written to the sum of potassium currents."""
    f = v.dtype.type
    one = f(1.0)
    for i in range(v.size):
        x = v[i] - e_k[i]
        alpha = f(0.1) / (one + exp(f(0.06) * (x - f(200.0))))
        beta = f(3.0) * exp(f(0.0002) * (x + f(100.0))) + exp(f(0.1) * (x - f(10.0)))
        beta /= one + exp(f(-0.5) * x)
        plateau = f(0.0146) / (one + exp((f(25.0) - v[i]) / f(5.98)))
        total[i] = (f(5.405) * alpha / (alpha + beta) + plateau) * x


@fast_kernel
def rectifiers(
    v: RealArray, x1: RealArray, x2: RealArray, xs: RealArray, e_k: RealArray, e_ks: RealArray,
    total: RealArray, slow: float,
) -> None:  # fmt: skip
    """Add I_Kr and I_Ks; ``slow`` is the conductance of I_Ks [nS/pF]."""
    f = v.dtype.type
    for i in range(v.size):
        rapid = f(0.153) * x1[i] * x2[i] * (v[i] - e_k[i])
        total[i] += rapid + f(slow) * xs[i] * xs[i] * (v[i] - e_ks[i])


@fast_kernel
def outward_current(
    v: RealArray, r: RealArray, s: RealArray, e_k: RealArray, total: RealArray, conductance: float
) -> None:
    """Add I_to; ``conductance`` in nS/pF."""
    f = v.dtype.type
    for i in range(v.size):
        total[i] += f(conductance) * r[i] * s[i] * (v[i] - e_k[i])


@fast_kernel
def calcium_inflow(
    v: RealArray, d: RealArray, gate: RealArray, gate2: RealArray, own: RealArray,
    cass: RealArray, flow: RealArray,
) -> None:  # fmt: skip
    """I_CaL. At 15 mV it is 0/0; there ``u/(e^u - 1)`` is replaced by its series."""
    f = v.dtype.type
    one = f(1.0)
    for i in range(v.size):
        u = f(2.0 / RTF) * (v[i] - f(15.0))
        near = abs(u) < f(1e-3)
        safe = f(1e-3) if near else u
        grown = exp(safe)
        ratio = safe / (grown - one)
        series = one - f(0.5) * u
        factor = series if near else ratio
        carried = f(0.25) * cass[i] * (exp(u) if near else grown) - f(CALCIUM)
        open_share = d[i] * gate[i] * gate2[i] * own[i]
        flow[i] = f(2.0 * 3.98e-5 * FARADAY) * open_share * factor * carried


@fast_kernel
def exchangers(
    v: RealArray, nai: RealArray, cai: RealArray, pump: RealArray, exchange: RealArray
) -> None:
    """I_NaK into ``pump``, I_NaCa into ``exchange``."""
    f = v.dtype.type
    one = f(1.0)
    for i in range(v.size):
        load = nai[i] / (nai[i] + f(40.0)) * f(2.724 * POTASSIUM / (POTASSIUM + 1.0))
        block = one + f(0.1245) * exp(f(-0.1 / RTF) * v[i]) + f(0.0353) * exp(f(-1.0 / RTF) * v[i])
        pump[i] = load / block
        back = exp(f(-0.65 / RTF) * v[i])
        out = exp(f(0.35 / RTF) * v[i]) * nai[i] * nai[i] * nai[i] * f(CALCIUM)
        out -= f(2.5 * SODIUM**3) * back * cai[i]
        scale = f(1000.0 / ((87.5**3 + SODIUM**3) * (1.38 + CALCIUM)))
        exchange[i] = scale * out / (one + f(0.1) * back)


@fast_kernel
def calcium_outflow(v: RealArray, cai: RealArray, e_ca: RealArray, flow: RealArray) -> None:
    """I_pCa + I_bCa."""
    f = v.dtype.type
    for i in range(v.size):
        pumped = f(0.1238) * cai[i] / (cai[i] + f(0.0005))
        flow[i] = pumped + f(0.000592) * (v[i] - e_ca[i])


@fast_kernel
def ion_step(
    nai: RealArray, ki: RealArray, sodium: RealArray, potassium: RealArray, pump: RealArray,
    exchange: RealArray, dt: float,
) -> None:  # fmt: skip
    """Sodium and potassium of the cytosol."""
    f = nai.dtype.type
    step = f(dt * PER_CYTOSOL)
    for i in range(nai.size):
        nai[i] -= step * (sodium[i] + f(3.0) * (pump[i] + exchange[i]))
        ki[i] -= step * (potassium[i] - f(2.0) * pump[i])


@fast_kernel
def release(
    casr: RealArray, cass: RealArray, recovered: RealArray, flow: RealArray, dt: float
) -> None:
    """Flow from the reticulum into the subspace [mM/ms of reticulum], and its recovery gate R'."""
    f = casr.dtype.type
    one = f(1.0)
    for i in range(casr.size):
        empty = one / (one + (f(1.5) / casr[i]) * (f(1.5) / casr[i]))
        bound = f(2.5) - f(1.5) * empty
        opened = f(0.15) / bound * cass[i] * cass[i]
        gate = recovered[i]
        flow[i] = f(0.102) * opened * gate / (f(0.06) + opened) * (casr[i] - cass[i])
        closing = f(0.045) * bound * cass[i] * gate
        recovered[i] = gate + f(dt) * (f(0.005) * (one - gate) - closing)


@fast_kernel
def calcium_exchange(
    cai: RealArray, casr: RealArray, cass: RealArray, uptake: RealArray, transfer: RealArray
) -> None:
    """Uptake less leak of the reticulum, and flow from the subspace into the cytosol [mM/ms]."""
    f = cai.dtype.type
    one = f(1.0)
    for i in range(cai.size):
        pumped = f(0.006375) / (one + (f(0.00025) / cai[i]) * (f(0.00025) / cai[i]))
        uptake[i] = pumped - f(0.00036) * (casr[i] - cai[i])
        transfer[i] = f(0.0038) * (cass[i] - cai[i])


@fast_kernel
def cytosol_step(
    cai: RealArray, uptake: RealArray, transfer: RealArray, outflow: RealArray,
    exchange: RealArray, dt: float,
) -> None:  # fmt: skip
    f = cai.dtype.type
    for i in range(cai.size):
        crossing = (outflow[i] - f(2.0) * exchange[i]) * f(0.5 * PER_CYTOSOL)
        change = transfer[i] - uptake[i] * f(SR_TO_CYTOSOL) - crossing
        a = cai[i] + f(0.001)
        cai[i] += f(dt) * change / (f(1.0) + f(0.2 * 0.001) / (a * a))


@fast_kernel
def reticulum_step(casr: RealArray, uptake: RealArray, flow: RealArray, dt: float) -> None:
    f = casr.dtype.type
    for i in range(casr.size):
        b = casr[i] + f(0.3)
        casr[i] += f(dt) * (uptake[i] - flow[i]) / (f(1.0) + f(10.0 * 0.3) / (b * b))


@fast_kernel
def subspace_step(
    cass: RealArray, flow: RealArray, transfer: RealArray, inflow: RealArray, dt: float
) -> None:
    f = cass.dtype.type
    for i in range(cass.size):
        change = flow[i] * f(SR_TO_SUBSPACE) - transfer[i] * f(CYTOSOL_TO_SUBSPACE)
        c = cass[i] + f(0.00025)
        change = (change - inflow[i] * f(0.5 * PER_SUBSPACE)) * f(dt)
        cass[i] += change / (f(1.0) + f(0.4 * 0.00025) / (c * c))


@fast_kernel
def voltage_step(
    v: RealArray, sodium: RealArray, potassium: RealArray, inflow: RealArray, outflow: RealArray,
    pump: RealArray, exchange: RealArray, dt: float,
) -> None:  # fmt: skip
    f = v.dtype.type
    for i in range(v.size):
        total = sodium[i] + potassium[i] + inflow[i] + outflow[i] + pump[i] + exchange[i]
        v[i] -= f(dt) * total
