"""The limb leads that follow from I and II, for files that store only independent leads.

Einthoven: III = II - I; Goldberger: aVR = -(I + II) / 2, aVL = I - II / 2, aVF = II - I / 2.
"""

from collections.abc import Mapping

import numpy as np

from organtwin.patient.waveform import Waveform

_SHARES = {"III": (-1.0, 1.0), "aVR": (-0.5, -0.5), "aVL": (1.0, -0.5), "aVF": (-0.5, 1.0)}
"""Shares of I and of II."""


def derived_leads(stored: Mapping[str, Waveform]) -> dict[str, Waveform]:
    """The four limb leads computed from I and II; none where either is missing.

    A lead that the file stores itself is left alone. Nothing is derived from leads recorded one
    after the other.
    """
    one, two = stored.get("I"), stored.get("II")
    if one is None or two is None or not np.array_equal(one.times, two.times):
        return {}
    return {
        name: Waveform(
            name, one.times, of_one * one.values + of_two * two.values, one.unit, one.source,
            max(one.gaps, two.gaps),
        )
        for name, (of_one, of_two) in _SHARES.items()
        if name not in stored
    }  # fmt: skip


def with_derived(
    stored: Mapping[str, Waveform], leads: tuple[str, ...]
) -> tuple[dict[str, Waveform], tuple[str, ...]]:
    """The leads asked for (all when ``leads`` is empty), and which of them are derived."""
    derived = derived_leads(stored)
    both = {**stored, **derived}
    kept = {name: wave for name, wave in both.items() if not leads or name in leads}
    return kept, tuple(name for name in kept if name in derived)
