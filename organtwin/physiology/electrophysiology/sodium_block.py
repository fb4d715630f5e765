"""How much slower excitation travels when sodium channels are blocked.

    v(g) / v(1),  g the remaining fraction of the sodium conductance

Conduction velocities of a cable of ten Tusscher-Panfilov 2006 epicardial cells with a longitudinal
diffusivity of the Niederer (2011) benchmark at 0.05 mm: 0.612, 0.567, 0.509, 0.473, 0.430 and
0.377 m/s. One power of g does not hold: its exponent rises from 0.35 near 1 to 0.40 at 0.3, so the
logarithms are interpolated. The ratio is meant for every conduction speed, along and across
fibres. Assumes resting tissue at normal potassium and a block that does not depend on use; a drug
that blocks with use enters with the fraction it leaves at the rhythm in question.
Verified by tests/physiology/electrophysiology/test_sodium_block.py, on a cable of our own cells.
"""

import numpy as np

from organtwin.errors import InputError

CONDUCTANCES = (0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
SPEEDS = (0.377, 0.430, 0.473, 0.509, 0.567, 0.612)
"""Conduction velocity [m/s] at each of the ``CONDUCTANCES``."""


def conduction_speed_ratio(sodium_conductance: float) -> float:
    """Conduction speed relative to unblocked tissue, from 1 down to 0.62.

    Parameters
    ----------
    sodium_conductance
        Remaining fraction of the conductance, 0.3 to 1.

    Raises
    ------
    InputError
        The fraction is outside what was computed; below 0.3 conduction comes near to failing.
    """
    if not CONDUCTANCES[0] <= sodium_conductance <= CONDUCTANCES[-1]:
        raise InputError(
            "conduction speed", "sodium conductance", expected="a fraction from 0.3 to 1",
            got=f"{sodium_conductance:g}", remedy="Choose a dose that leaves more sodium current.",
        )  # fmt: skip
    relative = np.log(np.array(SPEEDS) / SPEEDS[-1])
    return float(np.exp(np.interp(np.log(sodium_conductance), np.log(CONDUCTANCES), relative)))
