"""From the voltages of electrodes to the leads that a record shows.

    I = LA - RA,  II = LL - RA,  III = LL - LA,
    aVR = RA - (LA + LL)/2,  aVL = LA - (RA + LL)/2,  aVF = LL - (RA + LA)/2,
    V_k = electrode k - (RA + LA + LL)/3   (Wilson's central terminal).

Right leg: ground of the amplifier, enters no lead.
"""

from collections.abc import Sequence

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import UnknownNameError

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The twelve leads, in the order of every array of leads."""

LIMBS = ("RA", "LA", "LL")

_FROM_LIMBS = {
    "I": {"LA": 1.0, "RA": -1.0},
    "II": {"LL": 1.0, "RA": -1.0},
    "III": {"LL": 1.0, "LA": -1.0},
    "aVR": {"RA": 1.0, "LA": -0.5, "LL": -0.5},
    "aVL": {"LA": 1.0, "RA": -0.5, "LL": -0.5},
    "aVF": {"LL": 1.0, "RA": -0.5, "LA": -0.5},
}


def lead_matrix(electrodes: Sequence[str], *, leads: Sequence[str] = LEADS) -> FloatArray:
    """Matrix ``(n_leads, n_electrodes)`` from electrode to lead voltages; rows sum to zero.

    A lead that is no limb lead is the electrode of its name against Wilson's terminal, so V7 or
    V3R need no more than an electrode of that name.

    Raises
    ------
    UnknownNameError
        A lead needs an electrode that is not among ``electrodes``.
    """
    known = list(electrodes)
    matrix = np.zeros((len(leads), len(known)))
    for row, lead in enumerate(leads):
        parts = _FROM_LIMBS.get(lead)
        if parts is None:
            parts = {lead: 1.0} | dict.fromkeys(LIMBS, -1.0 / 3.0)
        for name, share in parts.items():
            if name not in known:
                raise UnknownNameError("electrode", name, known)
            matrix[row, known.index(name)] += share
    return matrix
