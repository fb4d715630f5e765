"""``organtwin pacing-map``: settings of a pacemaker in a table, and the best in words."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from organtwin import PURPOSE
from organtwin.commands.progress import shown
from organtwin.commands.tables import Json, columns, extrapolation_text
from organtwin.commands.twins import fitted_twin, own_heart, written_plan
from organtwin.errors import UsageError
from organtwin.simulation.pacing import USUAL, Lead, Mode, Pacemaker, Placement
from organtwin.store.safe_writing import write_safely
from organtwin.twin.checked_pacing import beyond_settings, in_words, refuse_if_all
from organtwin.twin.electrics import ElectricAnswer, electric_answers
from organtwin.twin.pacing_grids import Grid, mode_grid, site_grid, timing_grid
from organtwin.twin.pacing_map import PacingMap, pacing_maps
from organtwin.twin.pacing_words import OUTCOMES, map_csv, refusals_told, region_told
from organtwin.twin.twin import Twin
from organtwin.units import MS

SHOWN = "dp_dt_max"
DOUBTED = "!"
"""Behind a value that is an extrapolation."""
MEMBERS = 16


def show_pacing_map(options: argparse.Namespace) -> int:
    """Print the map of the first outcome and what is best by each; perhaps write all as CSV."""
    pacemaker = _pacemaker(options)
    plan = written_plan(options.therapy)
    twin = fitted_twin(options.case, members=MEMBERS)
    answer = _electrics(twin)
    grid = _grid(options.over, pacemaker, answer)
    outside = beyond_settings(twin, plan, grid.settings)
    if not options.insist:
        refuse_if_all(outside, len(grid.settings))
    insisted = outside if options.insist else {}
    reasons = tuple(dict.fromkeys(reason for why in insisted.values() for reason in why))
    declined = {} if options.insist else in_words(outside)
    steps = pacing_maps(
        answer, twin, grid.settings, therapies=plan, declined=declined, doubted=in_words(insisted)
    )
    found = None
    for step in shown(steps):
        found = step.found or found
    if found is None:  # unreachable: the maps either raise or end with one
        raise RuntimeError("the map ended without an answer")
    if options.csv is not None:
        write_safely(options.csv, map_csv(found).encode())
    if options.json:
        doubted = {"extrapolation": [str(reason) for reason in reasons]}
        print(json.dumps({"purpose": PURPOSE, **doubted, **_facts(grid, found)}, indent=2))
    else:
        doubt = extrapolation_text(reasons)
        print(f"{twin.record.title}\n{doubt}{_text(grid, found)}\n{PURPOSE}")
    return 0


def _pacemaker(options: argparse.Namespace) -> Pacemaker:
    pacemaker = Pacemaker(Mode(options.mode), atrial=options.atrial).at_av(options.av * MS)
    for text in options.lead:
        name, _, site = text.partition("=")
        if name not in set(Lead) or site not in set(_sites()):
            raise UsageError(
                "organtwin pacing-map", "--lead",
                expected=f"one of {', '.join(Lead)}, =, one of {', '.join(_sites())}",
                got=text, remedy="Write for example --lead 'RV=right side of the septum'.",
            )  # fmt: skip
        pacemaker = pacemaker.placing(Lead(name), Placement(site))
    return pacemaker


def _sites() -> list[str]:
    from organtwin.physiology.electrophysiology.activation.sites import Site

    return list(dict.fromkeys([*USUAL.values(), *(site.value for site in Site)]))


def _electrics(twin: Twin) -> ElectricAnswer:
    answer = None
    for step in shown(electric_answers(twin.record, own_heart(twin))):
        answer = step.answer or answer
    if answer is None:  # unreachable: the electrics either raise or end with an answer
        raise RuntimeError("the electrics ended without an answer")
    return answer


def _grid(over: str, pacemaker: Pacemaker, answer: ElectricAnswer) -> Grid:
    if over == "sites":
        return site_grid(pacemaker, answer)
    return mode_grid(pacemaker) if over == "modes" else timing_grid(replace(pacemaker, vv=0.0))


def _text(grid: Grid, found: PacingMap) -> str:
    good = found.as_good(SHOWN)
    cells = [
        _cell(gain, same, k in found.doubted)
        for k, (gain, same) in enumerate(zip(found.gain(SHOWN), good, strict=True))
    ]
    width = len(grid.columns)
    rows = [(name, *cells[k * width : (k + 1) * width]) for k, name in enumerate(grid.rows)]
    table = columns(rows, (grid.row_title, *grid.columns), (False, *([True] * width)))
    told = [
        f"{n}. {OUTCOMES[name].label}: best with {grid.told(found.best(name))};\n"
        f"   {region_told(found, grid, name)}"
        for n, name in enumerate(OUTCOMES, 1)
    ]
    refused = [f"! {told}" for told in refusals_told(found, grid)]
    head = f"{grid.title}\nChange of {OUTCOMES[SHOWN].label}, %; columns: {grid.column_title}"
    note = "* cannot be told from the best. Acute, without remodelling; every electrode captures."
    if found.doubted:
        note = f"{DOUBTED} extrapolation, outside what was checked. {note}"
    return "\n".join([head, "", table, "", note, "", *told, "", *_best(found), *refused])


def _cell(gain: float, same: bool, doubted: bool) -> str:
    if np.isnan(gain):
        return "-  "
    share = round(100 * gain, 1) + 0.0  # no minus before a zero
    return f"{share:+.1f}{'*' if same else ' '}{DOUBTED if doubted else ' '}"


def _best(found: PacingMap) -> Sequence[str]:
    """What the best setting by each outcome does to all of them; columns by number of outcome."""
    best = [found.best(name) for name in OUTCOMES]
    rows = [
        (
            f"{outcome.label}, {outcome.unit}",
            outcome.text(found.reference[name]),
            *(outcome.text(float(found.values[name][k])) for k in best),
        )
        for name, outcome in OUTCOMES.items()
    ]
    header = ("with the best by", "no pacing", *(f"{n}." for n in range(1, len(best) + 1)))
    return columns(rows, header, (False, *([True] * (len(best) + 1)))).splitlines()


def _facts(grid: Grid, found: PacingMap) -> Json:
    good = {name: found.as_good(name) for name in OUTCOMES}
    settings = [
        {
            "setting": grid.told(k), "row": grid.rows[grid.row_of(k)],
            "column": grid.columns[k % len(grid.columns)],
            **{name: _shown(name, float(found.values[name][k])) for name in OUTCOMES},
            "as_good_as_best": [name for name in OUTCOMES if good[name][k]],
            "extrapolation": found.doubted.get(k),
        }
        for k in range(len(found.settings))
    ]  # fmt: skip
    best = {
        name: {"setting": grid.told(found.best(name)), "as_good": region_told(found, grid, name)}
        for name in OUTCOMES
    }
    return {
        "map": grid.title, "rows": list(grid.rows), "columns": list(grid.columns),
        "units": {name: outcome.unit for name, outcome in OUTCOMES.items()},
        "without_pacemaker": {name: _shown(name, found.reference[name]) for name in OUTCOMES},
        "settings": settings, "best": best,
        "refused": {grid.told(k): why for k, why in found.refused.items()},
    }  # fmt: skip


def _shown(name: str, value: float) -> float | None:
    return None if np.isnan(value) else OUTCOMES[name].shown(value)
