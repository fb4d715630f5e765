"""Human Purkinje fibre cell of Stewart et al. (2009): the ventricular cell, otherwise repolarised.

Differs from `ten_tusscher` by a weaker inward rectifier, a larger and slower I_to, a sustained
potassium current I_sus, the pacemaker current I_f of potassium and sodium, and nine times the
sodium conductance. It beats by itself, every 1.2 s; pacing must be faster than that.

    I_f = y (g_fK (V - E_K) + g_fNa (V - E_Na)),    y' = (y_inf - y) / tau_y

V [mV], t [ms], currents [A/F]. Reference: Stewart, Aslanidi, Noble, Noble, Boyett, Zhang, Phil
Trans R Soc A 367:2225 (2009), appendix (a) to (d). Assumes as `ten_tusscher`. Reference values of
its right-hand side are not at hand; what it shares with `ten_tusscher` is verified there, its own
rhythm in tests/physiology/electrophysiology/test_cell_biomarkers.py.
"""

import math

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.compilation import kernel
from organtwin.physiology.electrophysiology.cells import ten_tusscher as at
from organtwin.physiology.electrophysiology.cells.cell import CellModel, Stimulus
from organtwin.physiology.electrophysiology.cells.membrane import (
    INSTANT,
    refer_to_start,
    relax,
    sigmoid,
    step,
    step_length,
)

STATES = (*at.STATES, "y")
FLOWS = (*at.FLOWS, "I_sus", "I_fK", "I_fNa")
_Y = len(at.STATES)
_I_SUS, _I_FK, _I_FNA = 16, 17, 18
_STRENGTHS = {
    **at.STRENGTHS, "I_Na": 130.5744, "I_K1": 0.065, "I_Kr": 0.0918, "I_Ks": 0.2352,
    "I_to": 0.08184, "I_sus": 0.0227, "I_f": 1.0,
}  # fmt: skip
_G_SUS, _S_F = 14, 15


@kernel
def _own_potassium(
    state: FloatArray,
    slopes: FloatArray,
    rates: FloatArray,
    flows: FloatArray,
    strengths: FloatArray,
    potassium: float,
    sodium: float,
) -> None:
    """I_K1, I_to, I_sus and I_f; ``potassium`` E_K, ``sodium`` E_Na [mV]."""
    v, x = state[at.V], state[at.V] - potassium
    flows[at.I_K1] = strengths[at.G_K1] * sigmoid(-0.1 * (v + 75.44)) * (x - 8.0)
    time = 10.45 * math.exp(-((v + 40.0) ** 2) / 1800.0) + 7.3
    relax(at.R, sigmoid((v - 20.0) / 13.0), time, state, slopes, rates)
    time = 85.0 * math.exp(-((v + 25.0) ** 2) / 320.0) + 5.0 * sigmoid(-(v - 40.0) / 5.0) + 42.0
    relax(at.S, sigmoid(-(v + 27.0) / 13.0), time, state, slopes, rates)
    flows[at.I_TO] = strengths[at.G_TO] * state[at.R] * state[at.S] * x
    flows[_I_SUS] = strengths[_G_SUS] * sigmoid((v - 5.0) / 17.0) * x
    time = 4000.0 / (math.exp(-2.9 - 0.04 * v) + math.exp(3.6 + 0.11 * v))
    relax(_Y, sigmoid(-(v + 80.6) / 6.8), time, state, slopes, rates)
    flows[_I_FK] = strengths[_S_F] * 0.0234346 * state[_Y] * x
    flows[_I_FNA] = strengths[_S_F] * 0.0145654 * state[_Y] * (v - sodium)


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
    sodium, potassium, slow, calcium = at.reversals(state, settings)
    at.sodium_current(state, slopes, rates, flows, strengths, sodium)
    _own_potassium(state, slopes, rates, flows, strengths, potassium, sodium)
    at.delayed_potassium(state, slopes, rates, flows, strengths, settings, potassium, slow)
    at.calcium_channel(state, slopes, rates, flows, strengths, settings)
    at.transport(state, flows, strengths, settings, calcium)
    at.calcium_balance(state, slopes, rates, flows, strengths)
    at.charge_balance(slopes, flows, stimulus, flows[_I_FNA], flows[_I_SUS] + flows[_I_FK])


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
        trace[count, 0], trace[count, 1], trace[count, 2] = time, state[at.V], state[at.CA_I]
        slopes_of_cell(state, stimulus, strengths, settings, slopes, rates, flows)
        duration = step_length(slopes[at.V], edge - time)
        step(state, slopes, rates, 0.5 * duration, middle)
        slopes_of_cell(middle, stimulus, strengths, settings, slopes, rates, flows)
        refer_to_start(state, middle, slopes, rates)
        step(state, slopes, rates, duration, state)
        time += duration
        count += 1
    trace[count, 0], trace[count, 1], trace[count, 2] = time, state[at.V], state[at.CA_I]
    return count + 1


STEWART_PURKINJE = CellModel(
    name="Stewart 2009 Purkinje",
    states=STATES,
    flows=FLOWS,
    strengths=_STRENGTHS,
    settings=at.SETTINGS,
    stimulus=Stimulus(current=-60.0, duration_ms=1.0),
    slopes=slopes_of_cell,
    advance=advance,
)
