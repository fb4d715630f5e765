"""Many ten Tusscher-Panfilov 2006 cells at once, for tissue.

State ``(19, n)``: V [mV], Xr1, Xr2, Xs, m, h, j, d, f, f2, fCass, s, r, Ca_i, Ca_SR, Ca_SS, Na_i,
K_i [mM], R'. Cells are advanced in slices that stay in the first cache: first the currents from
the old state, then concentrations, gates and at last the voltage. Reference: ten Tusscher and
Panfilov 2006 (Am J Physiol Heart Circ Physiol 291:H1088). In single precision the slow drift of
sodium and potassium is lost to rounding: for a few beats, not for a steady state. Verified against
published right-hand sides in
``tests/physiology/electrophysiology/monodomain/test_tentusscher.py``.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import DTypeLike

from organtwin.arrays import RealArray
from organtwin.compilation import kernel
from organtwin.physiology.electrophysiology.monodomain.tentusscher_currents import (
    calcium_exchange,
    calcium_inflow,
    calcium_outflow,
    cytosol_step,
    exchangers,
    inward_rectifier,
    ion_step,
    outward_current,
    rectifiers,
    release,
    reticulum_step,
    reversal_potentials,
    sodium_currents,
    subspace_step,
    voltage_step,
)
from organtwin.physiology.electrophysiology.monodomain.tentusscher_gates import (
    calcium_activation,
    calcium_inactivation,
    calcium_own_inactivation,
    calcium_second_inactivation,
    outward_inactivation_inner,
    outward_inactivation_outer,
    rapid_rectifier,
    slow_rectifier,
    sodium_activation,
    sodium_inactivation,
    sodium_slow_inactivation,
    transient_outward,
)

SLICE = 256
"""Cells per slice: 19 states and 10 rows of scratch take 30 kB in single precision."""
SCRATCH_ROWS = 10

STATES = (
    "V", "Xr1", "Xr2", "Xs", "m", "h", "j", "d", "f", "f2", "fCass", "s", "r", "Cai", "CaSR",
    "CaSS", "Nai", "Ki", "R_prime",
)  # fmt: skip

RESTING = np.array([
    -85.23, 0.00621, 0.4712, 0.0095, 0.00172, 0.7444, 0.7045, 3.373e-5, 0.7888, 0.9755, 0.9953,
    0.999998, 2.42e-8, 1.26e-4, 3.64, 3.6e-4, 8.604, 136.89, 0.9073,
])  # fmt: skip
"""Start of the benchmark of Niederer et al. 2011 (Phil Trans R Soc A 369:4331)."""


class Layer(IntEnum):
    """Which layer of the wall a cell lies in."""

    ENDO = 0
    MID = 1
    EPI = 2


@dataclass(frozen=True, slots=True)
class Conductances:
    """Largest conductances [nS/pF] that differ between layers or under a block."""

    sodium: float = 14.838
    slow_rectifier: float = 0.392
    transient_outward: float = 0.294

    @staticmethod
    def of(layer: Layer) -> "Conductances":
        """The published values of a layer."""
        return Conductances(
            slow_rectifier=0.098 if layer is Layer.MID else 0.392,
            transient_outward=0.073 if layer is Layer.ENDO else 0.294,
        )


def resting_cells(n: int, dtype: DTypeLike = np.float64) -> RealArray:
    """State ``(19, n)`` of resting cells."""
    return np.ascontiguousarray(np.tile(RESTING[:, None], (1, n)).astype(dtype))


def step_cells(
    state: RealArray, dt_ms: float, layer: Layer = Layer.EPI, *, block: Conductances | None = None
) -> None:
    """Advance cells of one layer by one time step, in place."""
    g = Conductances.of(layer) if block is None else block
    scratch = np.empty((SCRATCH_ROWS, SLICE), state.dtype)
    _step(
        state, scratch, dt_ms, layer == Layer.ENDO, g.sodium, g.slow_rectifier, g.transient_outward
    )


@kernel
def _step(
    state: RealArray, work: RealArray, dt: float, inner: bool, sodium: float, slow: float,
    outward: float,
) -> None:  # fmt: skip
    for a in range(0, state.shape[1], SLICE):
        b = min(a + SLICE, state.shape[1])
        _currents(state, work, a, b, sodium, slow, outward)
        _concentrations(state, work, a, b, dt)
        _gates(state, a, b, dt, inner)
        voltage_step(state[0, a:b], work[4], work[5], work[6], work[7], work[8], work[9], dt)


@kernel
def _currents(
    state: RealArray, work: RealArray, a: int, b: int, sodium: float, slow: float, outward: float
) -> None:
    """Into ``work``: E_Na, E_K, E_Ks, E_Ca; sodium, potassium, calcium in, out, pump, NCX."""
    v, nai, ki = state[0, a:b], state[16, a:b], state[17, a:b]
    cai, cass = state[13, a:b], state[15, a:b]
    e_na, e_k, e_ks, e_ca = work[0], work[1], work[2], work[3]
    reversal_potentials(nai, ki, cai, e_na, e_k, e_ks, e_ca)
    sodium_currents(v, state[4, a:b], state[5, a:b], state[6, a:b], e_na, work[4], sodium)
    inward_rectifier(v, e_k, work[5])
    rectifiers(v, state[1, a:b], state[2, a:b], state[3, a:b], e_k, e_ks, work[5], slow)
    outward_current(v, state[12, a:b], state[11, a:b], e_k, work[5], outward)
    calcium_inflow(
        v, state[7, a:b], state[8, a:b], state[9, a:b], state[10, a:b], cass, work[6]
    )  # fmt: skip
    calcium_outflow(v, cai, e_ca, work[7])
    exchangers(v, nai, cai, work[8], work[9])


@kernel
def _concentrations(state: RealArray, work: RealArray, a: int, b: int, dt: float) -> None:
    """The first rows of ``work`` now hold the release, the uptake and the flow to the cytosol."""
    cai, casr, cass = state[13, a:b], state[14, a:b], state[15, a:b]
    calcium_own_inactivation(cass, state[10, a:b], dt)
    ion_step(state[16, a:b], state[17, a:b], work[4], work[5], work[8], work[9], dt)
    release(casr, cass, state[18, a:b], work[0], dt)
    calcium_exchange(cai, casr, cass, work[1], work[2])
    cytosol_step(cai, work[1], work[2], work[7], work[9], dt)
    reticulum_step(casr, work[1], work[0], dt)
    subspace_step(cass, work[0], work[2], work[6], dt)


@kernel
def _gates(state: RealArray, a: int, b: int, dt: float, inner: bool) -> None:
    v = state[0, a:b]
    rapid_rectifier(v, state[1, a:b], state[2, a:b], dt)
    slow_rectifier(v, state[3, a:b], dt)
    sodium_activation(v, state[4, a:b], dt)
    sodium_inactivation(v, state[5, a:b], dt)
    sodium_slow_inactivation(v, state[6, a:b], dt)
    calcium_activation(v, state[7, a:b], dt)
    calcium_inactivation(v, state[8, a:b], dt)
    calcium_second_inactivation(v, state[9, a:b], dt)
    if inner:
        outward_inactivation_inner(v, state[11, a:b], dt)
    else:
        outward_inactivation_outer(v, state[11, a:b], dt)
    transient_outward(v, state[12, a:b], dt)
