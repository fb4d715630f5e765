"""A map of pacemaker settings in words, and as a table for spreadsheets."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from organtwin.anatomy.anchor import Anchor
from organtwin.arrays import FloatArray
from organtwin.simulation.pacing import Lead, Pacemaker
from organtwin.twin.pacing_grids import Grid
from organtwin.twin.pacing_map import LESS_IS_BETTER, PacingMap
from organtwin.units import ML, MMHG, MS


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one value of the map is written: ``per_unit`` is its unit in SI."""

    label: str
    unit: str
    per_unit: float
    decimals: int

    def shown(self, value: float) -> float:
        """A value [SI] in the unit that people read."""
        return round(value / self.per_unit, self.decimals)

    def text(self, value: float) -> str:
        """The same as text."""
        return f"{value / self.per_unit:.{self.decimals}f}"


OUTCOMES: Mapping[str, Outcome] = MappingProxyType({
    "dp_dt_max": Outcome("LV dP/dt max", "mmHg/s", MMHG, 0),
    "stroke_volume": Outcome("stroke volume", "mL", ML, 1),
    "mean_arterial_pressure": Outcome("mean arterial pressure", "mmHg", MMHG, 1),
    "qrs_duration": Outcome("QRS duration", "ms", MS, 0),
    "lv_activation_time": Outcome("LV total activation", "ms", MS, 0),
})  # fmt: skip

FEW = 4
"""So many sites are told by name."""


def map_csv(found: PacingMap) -> str:
    """Every setting as a row of CSV, in clinical units."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    units = [f"{name}_{o.unit.replace('/', '_per_').lower()}" for name, o in OUTCOMES.items()]
    writer.writerow(
        ["mode", "av_ms", "vv_ms_lv_first", "lv_site", *units, "captured_share",
         *(f"{name}_as_good_as_best" for name in OUTCOMES), "refused", "extrapolation"]
    )  # fmt: skip
    good = {name: found.as_good(name) for name in OUTCOMES}
    for k, setting in enumerate(found.settings):
        values = [float(found.values[name][k]) for name in OUTCOMES]
        numbers = [
            "" if np.isnan(value) else outcome.text(value)
            for value, outcome in zip(values, OUTCOMES.values(), strict=True)
        ]
        captured = found.captured[k]
        writer.writerow(
            [setting.mode, f"{setting.av / MS:.0f}", f"{setting.vv / MS:.0f}", _site(setting),
             *numbers, "" if np.isnan(captured) else f"{captured:.2f}",
             *(int(good[name][k]) for name in OUTCOMES), found.refused.get(k, ""),
             found.doubted.get(k, "")]
        )  # fmt: skip
    return text.getvalue()


def shares(found: PacingMap, name: str) -> FloatArray:
    """Where each setting lies between the worst, 0, and the best, 1; NaN where it is refused."""
    worth = -found.values[name] if name in LESS_IS_BETTER else found.values[name]
    low, high = np.nanmin(worth), np.nanmax(worth)
    return np.asarray((worth - low) / max(high - low, 1e-300))


def cell_told(found: PacingMap, grid: Grid, number: int) -> str:
    """One setting with all its outcomes and their change, or why it has none."""
    setting = grid.told(number)
    if number in found.refused:
        return f"{setting}: {found.refused[number]}"
    values = [
        f"{o.label} {o.text(float(found.values[name][number]))} {o.unit} "
        f"({100 * found.gain(name)[number]:+.0f} %)"
        for name, o in OUTCOMES.items()
    ]
    doubt = f". EXTRAPOLATION: {found.doubted[number]}" if number in found.doubted else ""
    return f"{setting}: {', '.join(values)}{doubt}"


def refusals_told(found: PacingMap, grid: Grid) -> list[str]:
    """Why settings are left out, each reason once with how many it meets and the first of them."""
    by_reason: dict[str, list[int]] = {}
    for number, why in found.refused.items():
        by_reason.setdefault(why, []).append(number)
    return [
        f"{grid.told(numbers[0])}{_and_others(len(numbers))}: {why}"
        for why, numbers in by_reason.items()
    ]


def _and_others(count: int) -> str:
    return "" if count == 1 else f" and {count - 1} more"


def _site(setting: Pacemaker) -> str:
    if Lead.LV not in setting.leads:
        return ""
    where = setting.placement(Lead.LV).where
    return f"{where.ground} node {where.nodes[0]}" if isinstance(where, Anchor) else where


def region_told(found: PacingMap, grid: Grid, name: str) -> str:
    """The settings that are as good as the best by one outcome, in words.

    Delays are told as ranges, sites by name while they are few; where not all settings within the
    delays are as good, how many are.
    """
    good = np.flatnonzero(found.as_good(name)).astype(np.int32)
    chosen = [found.settings[k] for k in good]
    best = found.settings[found.best(name)]
    if len(chosen) == 1:
        return f"{grid.told(int(good[0]))} is better than all others"
    parts = [*_sites_told(grid, good.tolist()), f"AV {_range([s.av for s in chosen])}"]
    if any(setting.resynchronising for setting in chosen):
        parts.append(f"VV {_range([s.vv for s in chosen if s.resynchronising], signed=True)}")
    modes = list(dict.fromkeys(str(setting.mode) for setting in chosen))
    if len({setting.mode for setting in found.settings}) > 1:
        parts.append("mode " + " or ".join(modes))
    rows = {grid.row_of(k) for k in good.tolist()} if grid.sites else set(range(len(grid.rows)))
    inside = sum(
        _within(setting, chosen) and grid.row_of(k) in rows
        for k, setting in enumerate(found.settings)
    )
    count = "" if inside == len(chosen) else f" ({len(chosen)} of the {inside} settings therein)"
    return f"{', '.join(parts)}{count} are as good as the best{_at_edge(found, best)}"


def _sites_told(grid: Grid, good: Sequence[int]) -> list[str]:
    if not grid.sites:
        return []
    names = [grid.rows[row] for row in dict.fromkeys(grid.row_of(k) for k in good)]
    which = f" ({'; '.join(names)})" if len(names) <= FEW else ""
    return [f"{len(names)} of {len(grid.sites)} sites of the LV lead{which}"]


def _at_edge(found: PacingMap, best: Pacemaker) -> str:
    """A warning where the best lies at the end of the AV delays that were tried."""
    delays = sorted({setting.av for setting in found.settings})
    if len(delays) < 2 or best.av not in (delays[0], delays[-1]):
        return ""
    end = "shortest" if best.av == delays[0] else "longest"
    return f"; the best has the {end} AV delay tried, so a better one may lie beyond"


def _within(setting: Pacemaker, chosen: Sequence[Pacemaker]) -> bool:
    return (
        setting.mode in {other.mode for other in chosen}
        and min(c.av for c in chosen) <= setting.av <= max(c.av for c in chosen)
        and min(c.vv for c in chosen) <= setting.vv <= max(c.vv for c in chosen)
    )


def _range(times: Sequence[float], *, signed: bool = False) -> str:
    low, high = (
        f"{value / MS:{'+' if signed and abs(value) > 0.5 * MS else ''}.0f}"
        for value in (min(times), max(times))
    )
    return f"{low} ms" if low == high else f"{low} to {high} ms"
