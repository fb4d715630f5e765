"""How much sodium current drugs leave, and how much slower excitation then travels.

Block that use adds counts here, at the rhythm in question. It counts for the late current too: the
same channels carry it, and one that use keeps blocked when the beat begins opens neither early nor
late. Measured late block, which isolated cells showed at a slow rhythm, counts where it is deeper.
Verified in tests/therapy/test_slowing.py.
"""

from collections.abc import Sequence

from organtwin.physiology.electrophysiology.sodium_block import (
    CONDUCTANCES,
    conduction_speed_ratio,
)
from organtwin.therapy.interactions import Given, open_channels

LEAST_SODIUM = CONDUCTANCES[0]
"""Share of the sodium conductance below which conduction is not computed."""


def sodium_left(given: Sequence[Given], cycle_length: float) -> float:
    """Share of the sodium conductance in a steady rhythm of ``cycle_length`` [s]."""
    left = open_channels(given, used=True).get("I_Na", 1.0)
    for item in given:
        if (block := item.drug.recovering_block) is not None:
            # Doses are in per cent of the one that was studied.
            left *= 1.0 - item.exposure / 100.0 * block.blocked(cycle_length)
    return left


def channels_left(given: Sequence[Given], cycle_length: float) -> dict[str, float]:
    """Share of each current that is left in a steady rhythm of ``cycle_length`` [s], by name."""
    left = open_channels(given)
    sodium = sodium_left(given, cycle_length)
    if sodium < 1.0:
        left |= {"I_Na": sodium, "I_NaL": min(left.get("I_NaL", 1.0), sodium)}
    return left


def speed_factor(given: Sequence[Given], cycle_length: float) -> float:
    """Conduction speed relative to no drug.

    Raises
    ------
    InputError
        Less than 30 % of the sodium current is left.
    """
    return conduction_speed_ratio(sodium_left(given, cycle_length))
