"""Human ventricular cell ToR-ORd-dynCl: balance of charge and of every ion.

    dV/dt = -(sum of membrane currents + I_stim)
    dc/dt = buffer * (-I A_cap / (z F v) + fluxes between compartments)

V [mV], t [ms], currents [A/F], c concentration [mM], v volume of the compartment [uL], A_cap
capacitive area [cm2]. Bulk, subspace (`ss`), network (`nsr`) and junctional (`jsr`) reticulum.
Endocardial, epicardial and midmyocardial cells differ in strengths only, but for I_to's gates.

Reference: Tomek, Bueno-Orovio, Passini, Zhou, Minchole, Britton, Bartolucci, Severi, Shrier, Virag,
Varro, Rodriguez, eLife 8:e48890 (2019); chloride and cell types: Tomek, Bueno-Orovio, Rodriguez,
bioRxiv 2020.06.01.127043. Assumes 310 K, fixed concentrations outside, a well-stirred bulk.
Verified by tests/physiology/electrophysiology/test_cell_right_hand_sides.py (right-hand side),
test_cell_biomarkers.py (action potential, calcium, 16 scalings of the channels).
"""

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.compilation import kernel
from organtwin.physiology.electrophysiology.cells import torord_states as at
from organtwin.physiology.electrophysiology.cells.cell import CellModel, Stimulus
from organtwin.physiology.electrophysiology.cells.membrane import (
    INSTANT,
    refer_to_start,
    step,
    step_length,
)
from organtwin.physiology.electrophysiology.cells.torord_calcium import (
    calcium_currents,
    calcium_gates,
    calcium_store,
)
from organtwin.physiology.electrophysiology.cells.torord_fast import (
    fast_sodium,
    late_sodium,
    rapid_rectifier,
    slow_and_resting_potassium,
    transient_outward,
)
from organtwin.physiology.electrophysiology.cells.torord_transport import (
    chloride_and_background,
    exchanger,
    sodium_pump,
)

_CELL = 1000.0 * 3.14 * 0.0011 * 0.0011 * 0.01
_BULK, _NSR, _JSR, _SS = 0.68 * _CELL, 0.0552 * _CELL, 0.0048 * _CELL, 0.02 * _CELL
_AREA = 2.0 * (2.0 * 3.14 * 0.0011 * 0.0011 + 2.0 * 3.14 * 0.0011 * 0.01)
_INTO_BULK = _AREA / (at.FARADAY * _BULK)
_INTO_SS = _AREA / (at.FARADAY * _SS)


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
    bound = 0.05 * (1.0 - state[at.CAMK]) / (1.0 + 0.0015 / state[at.CA_SS])
    active = bound + state[at.CAMK]
    slopes[at.CAMK] = 0.05 * bound * active - 0.00068 * state[at.CAMK]
    phosphorylated = 1.0 / (1.0 + at.HALF_CAMK / active)
    sodium = at.nernst(settings[at.NA_O], state[at.NA_I])
    potassium = at.nernst(settings[at.K_O], state[at.K_I])
    outside = settings[at.K_O] + 0.01833 * settings[at.NA_O]
    slow = at.nernst(outside, state[at.K_I] + 0.01833 * state[at.NA_I])
    fast_sodium(state, slopes, rates, flows, strengths, sodium, phosphorylated)
    late_sodium(state, slopes, rates, flows, strengths, sodium, phosphorylated)
    transient_outward(state, slopes, rates, flows, strengths, settings, potassium, phosphorylated)
    rapid_rectifier(state, slopes, rates, flows, strengths, settings, potassium)
    slow_and_resting_potassium(state, slopes, rates, flows, strengths, settings, potassium, slow)
    calcium_gates(state, slopes, rates)
    calcium_currents(state, flows, strengths, settings, phosphorylated)
    calcium_store(state, slopes, rates, flows, strengths, phosphorylated)
    exchanger(state, flows, strengths, settings)
    sodium_pump(state, flows, strengths, settings)
    chloride_and_background(state, flows, strengths, settings)
    _monovalent(state, stimulus, slopes, rates, flows)
    _calcium(state, settings, slopes, rates, flows)
    slopes[at.V] = -stimulus
    for index in range(at.MEMBRANE_FLOWS):
        slopes[at.V] -= flows[index]


@kernel
def _monovalent(
    state: FloatArray, stimulus: float, slopes: FloatArray, rates: FloatArray, flows: FloatArray
) -> None:
    """Balance of sodium, potassium and chloride; the stimulus carries potassium."""
    flows[at.J_DIFF_NA] = (state[at.NA_SS] - state[at.NA_I]) / 2.0
    flows[at.J_DIFF_K] = (state[at.K_SS] - state[at.K_I]) / 2.0
    flows[at.J_DIFF_CL] = (state[at.CL_SS] - state[at.CL_I]) / 2.0
    sodium = (
        flows[at.I_NA] + flows[at.I_NAL] + 3.0 * flows[at.I_NACA_I] + flows[at.I_CANA_I]
        + 3.0 * flows[at.I_NAK] + flows[at.I_NAB]
    )  # fmt: skip
    potassium = (
        flows[at.I_TO] + flows[at.I_KR] + flows[at.I_KS] + flows[at.I_K1] + flows[at.I_KB]
        + stimulus - 2.0 * flows[at.I_NAK] + flows[at.I_CAK_I]
    )  # fmt: skip
    share = _SS / _BULK
    slopes[at.NA_I] = -sodium * _INTO_BULK + flows[at.J_DIFF_NA] * share
    slopes[at.NA_SS] = (
        -(flows[at.I_CANA_SS] + 3.0 * flows[at.I_NACA_SS]) * _INTO_SS - flows[at.J_DIFF_NA]
    )
    slopes[at.K_I] = -potassium * _INTO_BULK + flows[at.J_DIFF_K] * share
    slopes[at.K_SS] = -flows[at.I_CAK_SS] * _INTO_SS - flows[at.J_DIFF_K]
    slopes[at.CL_I] = flows[at.I_CLB] * _INTO_BULK + flows[at.J_DIFF_CL] * share
    slopes[at.CL_SS] = flows[at.I_CLCA] * _INTO_SS - flows[at.J_DIFF_CL]
    rates[at.NA_SS] = rates[at.K_SS] = rates[at.CL_SS] = 0.5


@kernel
def _calcium(
    state: FloatArray,
    settings: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
    flows: FloatArray,
) -> None:
    """Balance of calcium under fast buffers."""
    bulk, near, store = state[at.CA_I], state[at.CA_SS], state[at.CA_JSR]
    calmodulin = 0.05 * settings[at.CALMODULIN]
    free = 1.0 / (
        1.0 + calmodulin * 0.00238 / (0.00238 + bulk) ** 2 + 0.07 * 0.0005 / (0.0005 + bulk) ** 2
    )
    free_near = 1.0 / (
        1.0 + 0.047 * 0.00087 / (0.00087 + near) ** 2 + 1.124 * 0.0087 / (0.0087 + near) ** 2
    )
    free_store = 1.0 / (1.0 + 10.0 * 0.8 / (0.8 + store) ** 2)
    through = flows[at.I_CAL_I] + flows[at.I_PCA] + flows[at.I_CAB] - 2.0 * flows[at.I_NACA_I]
    slopes[at.CA_I] = free * (
        -through * 0.5 * _INTO_BULK
        - flows[at.J_UP] * _NSR / _BULK
        + flows[at.J_DIFF_CA] * _SS / _BULK
    )
    through_near = flows[at.I_CAL_SS] - 2.0 * flows[at.I_NACA_SS]
    slopes[at.CA_SS] = free_near * (
        -through_near * 0.5 * _INTO_SS + flows[at.J_REL] * _JSR / _SS - flows[at.J_DIFF_CA]
    )
    slopes[at.CA_NSR] = flows[at.J_UP] - flows[at.J_TR] * _JSR / _NSR
    slopes[at.CA_JSR] = free_store * (flows[at.J_TR] - flows[at.J_REL])
    rates[at.CA_SS] = free_near / 0.2


@kernel
def advance(
    state: FloatArray,
    strengths: FloatArray,
    settings: FloatArray,
    pace: FloatArray,
    trace: FloatArray,
) -> int:
    """Advance ``state`` in place over one beat; rows of ``trace`` used, or -1 if they are too few.

    ``pace``: duration [ms], stimulus [A/F], its duration [ms], given from the start. ``trace``
    ``(n, 3)``: time [ms], membrane potential [mV], calcium of the bulk [mM].
    """
    slopes, rates = np.zeros(state.size), np.zeros(state.size)
    middle, flows = np.zeros(state.size), np.zeros(len(at.FLOWS))
    time, count = 0.0, 0
    while time < pace[0] - INSTANT:
        if count >= trace.shape[0] - 1:
            return -1
        stimulated = time < pace[2] - INSTANT
        edge = pace[2] if stimulated else pace[0]
        stimulus = pace[1] if stimulated else 0.0
        trace[count, 0], trace[count, 1], trace[count, 2] = time, state[at.V], state[at.CA_I]
        slopes_of_cell(state, stimulus, strengths, settings, slopes, rates, flows)
        duration = step_length(slopes[at.V], edge - time)
        step(state, slopes, rates, 0.5 * duration, middle)
        slopes_of_cell(middle, stimulus, strengths, settings, slopes, rates, flows)
        refer_to_start(state, middle, slopes, rates)
        step(state, slopes, rates, duration, state)
        closed = 1.0 - state[at.C2] - state[at.C3] - state[at.INACTIVE] - state[at.OPEN]
        state[at.C1] = closed
        time += duration
        count += 1
    trace[count, 0], trace[count, 1], trace[count, 2] = time, state[at.V], state[at.CA_I]
    return count + 1


_ENDOCARDIAL = {
    "I_Na": 11.7802, "I_NaL": 0.0279, "I_to": 0.16, "I_CaL": 8.3757e-5, "I_Kr": 0.0321,
    "I_Ks": 0.0011, "I_K1": 0.6992, "I_NaCa": 0.0034, "I_NaK": 15.4509, "I_Kb": 0.0189,
    "I_Nab": 1.9239e-9, "I_Cab": 5.9194e-8, "I_pCa": 5e-4, "I_ClCa": 0.2843, "I_Clb": 1.98e-3,
    "J_rel": 1.0, "J_up": 1.0,
}  # fmt: skip
"""Conductances [mS/uF], permeabilities [cm/s], fluxes relative to the endocardial cell."""
_EPICARDIAL = {
    "I_NaL": 0.6, "I_to": 2.0, "I_CaL": 1.2, "I_Kr": 1.3, "I_Ks": 1.4, "I_K1": 1.2,
    "I_NaCa": 1.1, "I_NaK": 0.9, "I_Kb": 0.6, "J_up": 1.3,
}  # fmt: skip
_MIDMYOCARDIAL = {
    "I_to": 2.0, "I_CaL": 2.0, "I_Kr": 0.8, "I_K1": 1.3, "I_NaCa": 1.4, "I_NaK": 0.7, "J_rel": 1.7,
}  # fmt: skip
_OUTSIDE = {"Na_o": 140.0, "K_o": 5.0, "Ca_o": 1.8, "Cl_o": 150.0}


def _model(name: str, factors: dict[str, float], **cell: float) -> CellModel:
    settings = {**_OUTSIDE, "calmodulin": 1.0, "epicardial": 0.0, **cell}
    return CellModel(
        name=f"ToR-ORd-dynCl {name}",
        states=at.STATES,
        flows=at.FLOWS,
        strengths={
            current: value * factors.get(current, 1.0) for current, value in _ENDOCARDIAL.items()
        },
        settings={setting: settings[setting] for setting in at.SETTINGS},
        stimulus=Stimulus(current=-53.0, duration_ms=1.0),
        slopes=slopes_of_cell,
        advance=advance,
    )


TORORD_ENDO = _model("endo", {})
TORORD_EPI = _model("epi", _EPICARDIAL, calmodulin=1.3, epicardial=1.0)
TORORD_MID = _model("mid", _MIDMYOCARDIAL)
