"""Which settings of a map of a pacemaker lie outside what was checked, and why.

Each is judged by itself, by its mode and its AV delay: in a map over modes some may be shown and
others not. VV delays and sites of leads are not judged; no range of them was published.
"""

from collections.abc import Mapping, Sequence

from organtwin.simulation.pacing import Mode, Pacemaker
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.beyond import Beyond, declined
from organtwin.twin.checked_range import beyond_paced
from organtwin.twin.twin import Twin


def beyond_settings(
    twin: Twin, therapies: TherapyPlan, settings: Sequence[Pacemaker]
) -> Mapping[int, tuple[Beyond, ...]]:
    """By number of setting, the reasons of those that lie outside; nothing of the others."""
    known: dict[tuple[Mode, float], tuple[Beyond, ...]] = {}
    for setting in settings:
        key = (setting.mode, setting.av)
        if key not in known:
            known[key] = beyond_paced(twin, therapies, *key)
    reasons = [known[setting.mode, setting.av] for setting in settings]
    return {number: why for number, why in enumerate(reasons) if why}


def refuse_if_all(outside: Mapping[int, tuple[Beyond, ...]], count: int) -> None:
    """Decline a map of which no setting is left.

    Raises
    ------
    DeclinedError
        All of its settings lie outside what was checked.
    """
    if count and len(outside) == count:
        every = dict.fromkeys(reason for why in outside.values() for reason in why)
        raise declined(tuple(every))


def in_words(outside: Mapping[int, tuple[Beyond, ...]]) -> dict[int, str]:
    """The first reason of each, in short."""
    return {number: why[0].brief for number, why in outside.items()}
