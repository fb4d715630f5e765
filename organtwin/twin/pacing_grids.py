"""Settings of a pacemaker that are worth a map: over delays, modes or sites of the LV lead.

A grid is ordered row by row; its settings go to ``pacing_map``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from organtwin.anatomy.anchor import SURFACE, Anchor
from organtwin.anatomy.regions import Region, Segment
from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.activation.patches import SEGMENTS
from organtwin.physiology.electrophysiology.activation.tissue import ElectricTissue
from organtwin.physiology.interface import Wall
from organtwin.simulation.pacing import AV_RANGE, LEADS_OF, VV_RANGE, Lead, Mode, Pacemaker
from organtwin.twin.electrics import ElectricAnswer, SurfacePlaces
from organtwin.units import MS

AV_DELAYS = tuple(float(ms) * MS for ms in range(40, 261, 20))
VV_DELAYS = tuple(float(ms) * MS for ms in range(-80, 81, 20))
N_SITES = 24
SITE_VV = tuple(float(ms) * MS for ms in (-40, -20, 0, 20, 40))
FREE_WALL = (0.15, 0.9)
"""Apicobasal coordinates between which veins of the LV's free wall take a lead (assumed)."""
EPICARDIAL = 0.9
"""Transmural coordinate from which a place is on the outside."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Settings row by row with words for both axes; ``sites`` one per row where rows are sites."""

    title: str
    row_title: str
    rows: tuple[str, ...]
    column_title: str
    columns: tuple[str, ...]
    settings: tuple[Pacemaker, ...]
    sites: tuple[Anchor, ...] = ()

    def row_of(self, number: int) -> int:
        """The row that a setting stands in."""
        return number // len(self.columns)

    def told(self, number: int) -> str:
        """One setting in words, with the site of its lead where rows are sites."""
        setting = self.settings[number].told
        if not self.sites:
            return setting
        return f"LV lead {self.rows[self.row_of(number)]}: {setting}"


def timing_grid(
    pacemaker: Pacemaker, av_delays: Sequence[float] = AV_DELAYS,
    vv_delays: Sequence[float] = VV_DELAYS,
) -> Grid:  # fmt: skip
    """AV delay against VV delay [s] of a setting that paces both sides.

    Raises
    ------
    InputError
        The mode paces one side only, or a delay lies outside of what pacemakers offer.
    """
    if not pacemaker.resynchronising:
        raise InputError(
            "pacing map", "mode", expected="a mode that paces both ventricles",
            got=str(pacemaker.mode), remedy="Choose biventricular pacing, or map the modes.",
        )  # fmt: skip
    _check("AV delay", av_delays, AV_RANGE)
    _check("VV delay", vv_delays, VV_RANGE)
    settings = tuple(
        replace(pacemaker.at_av(av), vv=vv) for av in av_delays for vv in vv_delays
    )  # fmt: skip
    return Grid(
        f"{pacemaker.mode} pacing: AV against VV delay", "AV delay (ms)", _ms(av_delays),
        "VV delay (ms), LV first where positive", _ms(vv_delays), settings,
    )  # fmt: skip


def mode_grid(pacemaker: Pacemaker, av_delays: Sequence[float] = AV_DELAYS) -> Grid:
    """Every mode against the AV delay [s], with leads where they lie now."""
    modes = [mode for mode in Mode if mode is not Mode.OFF]
    settings = tuple(
        replace(pacemaker.at_av(av), mode=mode) for mode in modes for av in av_delays
    )  # fmt: skip
    return Grid(
        "Modes against AV delay", "mode", tuple(str(mode) for mode in modes), "AV delay (ms)",
        _ms(av_delays), settings,
    )  # fmt: skip


def site_grid(
    pacemaker: Pacemaker, answer: ElectricAnswer, *, count: int = N_SITES,
    vv_delays: Sequence[float] = SITE_VV,
) -> Grid:  # fmt: skip
    """Sites of the LV lead over the free wall against the VV delay [s].

    Raises
    ------
    InputError
        The mode has no LV lead, or the heart shows no free wall from outside.
    """
    if Lead.LV not in LEADS_OF[pacemaker.mode]:
        raise InputError(
            "pacing map", "mode", expected="a mode with an LV lead", got=str(pacemaker.mode),
            remedy="Choose LV or biventricular pacing.",
        )  # fmt: skip
    if not pacemaker.resynchronising:
        vv_delays = (0.0,)
    sites = lv_sites(answer.places, answer.model.heart.tissue, count)
    kept = pacemaker.placement(Lead.LV)
    settings = tuple(
        replace(pacemaker.placing(Lead.LV, replace(kept, where=site)), vv=vv)
        for site in sites
        for vv in vv_delays
    )
    names = _site_names(sites, answer)
    return Grid(
        f"{pacemaker.mode} pacing: site of the LV lead", "site of the LV lead", names,
        "VV delay (ms), LV first where positive", _ms(vv_delays), settings, sites,
    )  # fmt: skip


def lv_sites(places: SurfacePlaces, tissue: ElectricTissue, count: int) -> tuple[Anchor, ...]:
    """Places on the outside of the LV's free wall, as far from each other as they can be.

    Raises
    ------
    InputError
        The heart shows no such place.
    """
    surface = places.anatomy.surface
    left = np.flatnonzero(surface.regions == Region.LV)
    gap, node = cKDTree(tissue.nodes[: tissue.n_ventricular]).query(surface.points[left])
    level = tissue.apicobasal[node]
    outside = (tissue.transmural[node] > EPICARDIAL) & (tissue.right[node] < 0.5)
    low, high = FREE_WALL
    chosen = left[outside & (gap < 3e-3) & (level > low) & (level < high)]
    if len(chosen) == 0:
        raise InputError(
            places.anatomy.name, "free wall of the LV", expected="places on its outside",
            got="none", remedy="Set the LV lead by hand.",
        )  # fmt: skip
    points = surface.points[chosen].astype(np.float64)
    found = [int(np.argmin(points[:, 2]))]
    nearest = np.full(len(points), np.inf)
    while len(found) < min(count, len(points)):
        nearest = np.minimum(nearest, np.linalg.norm(points - points[found[-1]], axis=1))
        found.append(int(np.argmax(nearest)))
    n = len(surface.points)
    return tuple(Anchor(SURFACE, (int(chosen[k]),), (1.0,), n) for k in found)


def _site_names(sites: Sequence[Anchor], answer: ElectricAnswer) -> tuple[str, ...]:
    """Names by wall segment, numbered."""
    tissue, surface = answer.model.heart.tissue, answer.places.anatomy.surface
    places = np.array([site.place(surface.points) for site in sites])
    middles = tissue.nodes[tissue.tets].mean(axis=1)
    free = np.flatnonzero(np.isin(tissue.segments, SEGMENTS[Wall.LV]))  # a site may lie at its edge
    segments = tissue.segments[free[cKDTree(middles[free]).query(places)[1]]]
    names = [Segment(int(s)).name.replace("_", " ").lower() for s in segments]
    return tuple(f"{number}. {name}" for number, name in enumerate(names, 1))


def _check(name: str, delays: Sequence[float], limits: tuple[float, float]) -> None:
    for delay in delays:
        if not limits[0] - 1e-9 <= delay <= limits[1] + 1e-9:
            raise InputError(
                "pacing map", name,
                expected=f"{limits[0] / MS:.0f} to {limits[1] / MS:.0f} ms",
                got=f"{delay / MS:.0f} ms", remedy="Choose delays that pacemakers offer.",
            )  # fmt: skip


def _ms(delays: Sequence[float]) -> tuple[str, ...]:
    return tuple(f"{delay / MS:.0f}" for delay in delays)
