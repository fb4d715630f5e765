"""A heart that is filled in minutes meets the sac that its usual size has shaped.

The pericardium has little room beyond the largest size that the heart has from beat to beat, and
grows over weeks where that size does (Watkins and LeWinter, Annu Rev Med 44:171, 1993). So the
patient's own untreated beat says where it becomes taut: below that size everything is as fitted,
beyond it the pericardial pressure rises by p_lim (V/V_lim - 1), see ``physiology.stepping``.

It is looked at where volume is given (``Conditions.tight_sac``): the published responses to other
therapies were met without it. Where fluid lies in the sac, that keeps it off the heart, and the law
without a limit is the one that was checked with effusions. Verified in
tests/simulation/test_sac.py.
"""

import numpy as np

from organtwin.physiology.heart import WALLS
from organtwin.simulation.beat import Beat
from organtwin.simulation.conditions import Conditions

_CHAMBERS = ("lv", "rv", "la", "ra")


def within_sac(conditions: Conditions, untreated: Beat) -> Conditions:
    """The same with the limit of the sac that the untreated beat tells, where it is looked at.

    Raises
    ------
    ParameterError
        The heart is larger than the model covers.
    """
    p = conditions.parameters
    effusion = max(p["pericardial_effusion"], untreated.end_state.effusion)
    if not conditions.tight_sac or effusion > 0.0:
        return conditions
    blood = np.sum([untreated.traces[f"{chamber}_volume"] for chamber in _CHAMBERS], axis=0)
    muscle = sum(p[f"{wall}_wall_volume"] for wall in WALLS)
    return conditions.with_parameters(pericardium_limit=float(blood.max()) + muscle)
