"""A pacemaker's setting as plain values for a file, and back."""

from collections.abc import Mapping
from types import MappingProxyType

from organtwin.anatomy.anchor import Anchor, anchor_of
from organtwin.simulation.pacing import Lead, Mode, Pacemaker, Placement


def pacemaker_entry(pacemaker: Pacemaker) -> Mapping[str, object]:
    """Plain values of a setting; times [s]."""
    return {
        "mode": str(pacemaker.mode), "atrial": pacemaker.atrial,
        "sensed_av": pacemaker.sensed_av, "paced_av": pacemaker.paced_av, "vv": pacemaker.vv,
        "past_block": pacemaker.past_block,
        "placed": {str(lead): _placed(found) for lead, found in pacemaker.placed.items()},
    }  # fmt: skip


def pacemaker_of(entry: object, source: str) -> Pacemaker:
    """The setting that ``pacemaker_entry`` told; none where a file knows of no pacemaker.

    Raises
    ------
    KeyError, TypeError, ValueError, InputError
        The entry is no such setting.
    """
    if entry is None:
        return Pacemaker()
    if not isinstance(entry, dict) or not isinstance(entry["placed"], dict):
        raise TypeError(f"pacemaker: {entry!r}")
    placed = {Lead(name): _placement(one, source) for name, one in entry["placed"].items()}
    return Pacemaker(
        Mode(entry["mode"]), entry["atrial"] is True, float(entry["sensed_av"]),
        float(entry["paced_av"]), float(entry["vv"]), entry["past_block"] is True,
        MappingProxyType(placed),
    )  # fmt: skip


def _placed(placement: Placement) -> Mapping[str, object]:
    where = placement.where
    told = where.to_dict() if isinstance(where, Anchor) else where
    return {"where": told, "delay": placement.delay, "selective": placement.selective}


def _placement(entry: object, source: str) -> Placement:
    if not isinstance(entry, dict):
        raise TypeError(f"lead: {entry!r}")
    where = entry["where"]
    if not isinstance(where, str | dict):
        raise TypeError(f"where: {where!r}")
    place = where if isinstance(where, str) else anchor_of(where, source)
    return Placement(place, float(entry["delay"]), entry["selective"] is True)
