"""Gates of the ten Tusscher-Panfilov 2006 cell, one small loop each so that each is vectorised.

A gate ``x`` follows ``dx/dt = (x_inf(V) - x)/tau(V)`` and is advanced exactly for constant ``V``
(Rush and Larsen 1978): ``x <- x_inf + (x - x_inf) exp(-dt/tau)``. Rates are those of ten Tusscher
and Panfilov 2006 (Am J Physiol Heart Circ Physiol 291:H1088) in mV and ms. Literals pass through
``f``, the precision of the arrays, because one double among single-precision numbers would make
all of the loop double. Verified in
``tests/physiology/electrophysiology/monodomain/test_tentusscher.py``.
"""

from organtwin.arrays import RealArray
from organtwin.compilation import fast_kernel
from organtwin.physiology.electrophysiology.monodomain.exponentials import exp


@fast_kernel
def sodium_activation(v: RealArray, m: RealArray, dt: float) -> None:
    f = v.dtype.type
    one = f(1.0)
    for i in range(v.size):
        root = one / (one + exp((f(-56.86) - v[i]) / f(9.03)))
        alpha = one / (one + exp((f(-60.0) - v[i]) / f(5.0)))
        beta = f(0.1) / (one + exp((v[i] + f(35.0)) / f(5.0)))
        beta += f(0.1) / (one + exp((v[i] - f(50.0)) / f(200.0)))
        m[i] = root * root + (m[i] - root * root) * exp(-f(dt) / (alpha * beta))


@fast_kernel
def sodium_inactivation(v: RealArray, h: RealArray, dt: float) -> None:
    """Fast inactivation; its rates have one form below -40 mV and another above."""
    f = v.dtype.type
    one = f(1.0)
    for i in range(v.size):
        root = one / (one + exp((v[i] + f(71.55)) / f(7.43)))
        low = f(0.057) * exp(-(v[i] + f(80.0)) / f(6.8))
        low += f(2.7) * exp(f(0.079) * v[i]) + f(3.1e5) * exp(f(0.3485) * min(v[i], f(-40.0)))
        high = f(0.77) / (f(0.13) * (one + exp((v[i] + f(10.66)) / f(-11.1))))
        rate = low if v[i] < f(-40.0) else high
        h[i] = root * root + (h[i] - root * root) * exp(-f(dt) * rate)


@fast_kernel
def sodium_slow_inactivation(v: RealArray, j: RealArray, dt: float) -> None:
    """Slow inactivation; its rates have one form below -40 mV and another above."""
    f = v.dtype.type
    one = f(1.0)
    for i in range(v.size):
        root = one / (one + exp((v[i] + f(71.55)) / f(7.43)))
        u = min(v[i], f(-40.0))
        low = f(-2.5428e4) * exp(f(0.2444) * u) - f(6.948e-6) * exp(f(-0.04391) * u)
        low *= (u + f(37.78)) / (one + exp(f(0.311) * (u + f(79.23))))
        low += f(0.02424) * exp(f(-0.01052) * u) / (one + exp(f(-0.1378) * (u + f(40.14))))
        high = f(0.6) * exp(f(0.057) * v[i]) / (one + exp(f(-0.1) * (v[i] + f(32.0))))
        rate = low if v[i] < f(-40.0) else high
        j[i] = root * root + (j[i] - root * root) * exp(-f(dt) * rate)


@fast_kernel
def rapid_rectifier(v: RealArray, x1: RealArray, x2: RealArray, dt: float) -> None:
    """Activation and inactivation of I_Kr."""
    f = v.dtype.type
    one = f(1.0)
    for i in range(v.size):
        rest = one / (one + exp((f(-26.0) - v[i]) / f(7.0)))
        tau = f(450.0) / (one + exp((f(-45.0) - v[i]) / f(10.0)))
        tau *= f(6.0) / (one + exp((v[i] + f(30.0)) / f(11.5)))
        x1[i] = rest + (x1[i] - rest) * exp(-f(dt) / tau)
    for i in range(v.size):
        rest = one / (one + exp((v[i] + f(88.0)) / f(24.0)))
        tau = f(3.0) / (one + exp((f(-60.0) - v[i]) / f(20.0)))
        tau *= f(1.12) / (one + exp((v[i] - f(60.0)) / f(20.0)))
        x2[i] = rest + (x2[i] - rest) * exp(-f(dt) / tau)


@fast_kernel
def slow_rectifier(v: RealArray, x: RealArray, dt: float) -> None:
    """Activation of I_Ks."""
    f = v.dtype.type
    one = f(1.0)
    for i in range(v.size):
        rest = one / (one + exp((f(-5.0) - v[i]) / f(14.0)))
        tau = f(1400.0) / (one + exp((f(5.0) - v[i]) / f(6.0))) ** f(0.5)
        tau = tau / (one + exp((v[i] - f(35.0)) / f(15.0))) + f(80.0)
        x[i] = rest + (x[i] - rest) * exp(-f(dt) / tau)


@fast_kernel
def transient_outward(v: RealArray, r: RealArray, dt: float) -> None:
    """Activation of I_to."""
    f = v.dtype.type
    one = f(1.0)
    for i in range(v.size):
        rest = one / (one + exp((f(20.0) - v[i]) / f(6.0)))
        u = v[i] + f(40.0)
        tau = f(9.5) * exp(-u * u / f(1800.0)) + f(0.8)
        r[i] = rest + (r[i] - rest) * exp(-f(dt) / tau)


@fast_kernel
def outward_inactivation_outer(v: RealArray, s: RealArray, dt: float) -> None:
    """Inactivation of I_to in epicardial and mid-wall cells."""
    f = v.dtype.type
    one = f(1.0)
    for i in range(v.size):
        rest = one / (one + exp((v[i] + f(20.0)) / f(5.0)))
        u = v[i] + f(45.0)
        tau = f(85.0) * exp(-u * u / f(320.0))
        tau += f(5.0) / (one + exp((v[i] - f(20.0)) / f(5.0))) + f(3.0)
        s[i] = rest + (s[i] - rest) * exp(-f(dt) / tau)


@fast_kernel
def outward_inactivation_inner(v: RealArray, s: RealArray, dt: float) -> None:
    """Inactivation of I_to in endocardial cells."""
    f = v.dtype.type
    one = f(1.0)
    for i in range(v.size):
        rest = one / (one + exp((v[i] + f(28.0)) / f(5.0)))
        u = v[i] + f(67.0)
        tau = f(1000.0) * exp(-u * u / f(1000.0)) + f(8.0)
        s[i] = rest + (s[i] - rest) * exp(-f(dt) / tau)


@fast_kernel
def calcium_activation(v: RealArray, d: RealArray, dt: float) -> None:
    """Activation of I_CaL."""
    f = v.dtype.type
    one = f(1.0)
    for i in range(v.size):
        rest = one / (one + exp((f(-8.0) - v[i]) / f(7.5)))
        tau = f(1.4) / (one + exp((f(-35.0) - v[i]) / f(13.0))) + f(0.25)
        tau *= f(1.4) / (one + exp((v[i] + f(5.0)) / f(5.0)))
        tau += one / (one + exp((f(50.0) - v[i]) / f(20.0)))
        d[i] = rest + (d[i] - rest) * exp(-f(dt) / tau)


@fast_kernel
def calcium_inactivation(v: RealArray, x: RealArray, dt: float) -> None:
    """Inactivation of I_CaL by voltage, gate f."""
    f = v.dtype.type
    one = f(1.0)
    for i in range(v.size):
        rest = one / (one + exp((v[i] + f(20.0)) / f(7.0)))
        u = v[i] + f(27.0)
        tau = f(1102.5) * exp(-u * u / f(225.0)) + f(200.0) / (
            one + exp((f(13.0) - v[i]) / f(10.0))
        )
        tau += f(180.0) / (one + exp((v[i] + f(30.0)) / f(10.0))) + f(20.0)
        x[i] = rest + (x[i] - rest) * exp(-f(dt) / tau)


@fast_kernel
def calcium_second_inactivation(v: RealArray, x: RealArray, dt: float) -> None:
    """Inactivation of I_CaL by voltage, gate f2."""
    f = v.dtype.type
    one = f(1.0)
    for i in range(v.size):
        rest = f(0.67) / (one + exp((v[i] + f(35.0)) / f(7.0))) + f(0.33)
        u = v[i] + f(27.0)
        tau = f(562.0) * exp(-u * u / f(240.0)) + f(31.0) / (one + exp((f(25.0) - v[i]) / f(10.0)))
        tau += f(80.0) / (one + exp((v[i] + f(30.0)) / f(10.0)))
        x[i] = rest + (x[i] - rest) * exp(-f(dt) / tau)


@fast_kernel
def calcium_own_inactivation(cass: RealArray, x: RealArray, dt: float) -> None:
    """Inactivation of I_CaL by subspace calcium [mM]."""
    f = cass.dtype.type
    one = f(1.0)
    for i in range(cass.size):
        share = one / (one + (cass[i] / f(0.05)) * (cass[i] / f(0.05)))
        rest = f(0.6) * share + f(0.4)
        x[i] = rest + (x[i] - rest) * exp(-f(dt) / (f(80.0) * share + f(2.0)))
