"""``organtwin pacing-map``: settings of a pacemaker in a table, and the best in words."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from organtwin import PURPOSE
from organtwin.commands.progress import shown
from organtwin.commands.tables import Json, columns, extrapolation_text
from organtwin.commands.twins import decline, fitted_twin, own_heart, written_plan
from organtwin.errors import UsageError
from organtwin.simulation.pacing import USUAL, Lead, Mode, Pacemaker, Placement
from organtwin.store.safe_writing import write_safely
from organtwin.twin.checked_range import beyond_paced
from organtwin.twin.electrics import ElectricAnswer, electric_answers
from organtwin.twin.pacing_grids import Grid, mode_grid, site_grid, timing_grid
from organtwin.twin.pacing_map import ELECTRIC, PUMPED, PacingMap, pacing_maps
from organtwin.twin.pacing_words import OUTCOMES, map_csv, region_told
from organtwin.twin.twin import Twin
from organtwin.units import MS

SHOWN = "dp_dt_max"
MEMBERS = 16


def show_pacing_map(options: argparse.Namespace) -> int:
    """Print the map of the first outcome and what is best by each; perhaps write all as CSV."""
    pacemaker = _pacemaker(options)
    plan = written_plan(options.therapy)
    twin = fitted_twin(options.case, members=MEMBERS)
    reasons = beyond_paced(twin, plan, pacemaker.mode)
    decline(reasons, insist=options.insist)
    answer = _electrics(twin)
    grid = _grid(options.over, pacemaker, answer)
    found = None
    for step in shown(pacing_maps(answer, twin, grid.settings, therapies=plan)):
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
    cells = [_cell(gain, same) for gain, same in zip(found.gain(SHOWN), good, strict=True)]
    width = len(grid.columns)
    rows = [(name, *cells[k * width : (k + 1) * width]) for k, name in enumerate(grid.rows)]
    table = columns(rows, (grid.row_title, *grid.columns), (False, *([True] * width)))
    told = [f"- {OUTCOMES[name].label}: {region_told(found, name)}" for name in OUTCOMES]
    refused = [f"! {found.settings[k].told}: {why}" for k, why in found.refused.items()]
    head = f"{grid.title}\nChange of {OUTCOMES[SHOWN].label}, %; columns: {grid.column_title}"
    note = "* cannot be told from the best. Acute, without remodelling; every electrode captures."
    return "\n".join([head, "", table, "", note, "", *_best(found), "", *told, *refused])


def _cell(gain: float, same: bool) -> str:
    return "-" if np.isnan(gain) else f"{100 * gain:+.1f}{'*' if same else ' '}"


def _best(found: PacingMap) -> Sequence[str]:
    """What the best setting by each outcome does to all of them."""
    names = tuple(OUTCOMES)
    rows = [("without the pacemaker", *(OUTCOMES[n].text(found.reference[n]) for n in names))]
    for name in names:
        best = found.best(name)
        values = (OUTCOMES[n].text(float(found.values[n][best])) for n in names)
        rows.append((f"best {OUTCOMES[name].label}: {found.settings[best].told}", *values))
    header = ("", *(f"{OUTCOMES[n].label} {OUTCOMES[n].unit}" for n in names))
    return columns(rows, header, (False, *([True] * len(names)))).splitlines()


def _facts(grid: Grid, found: PacingMap) -> Json:
    return {
        "map": grid.title, "rows": list(grid.rows), "columns": list(grid.columns),
        "settings": [
            {
                "setting": setting.told, "row": grid.rows[k // len(grid.columns)],
                **{
                    name: None if np.isnan(found.values[name][k])
                    else OUTCOMES[name].shown(float(found.values[name][k]))
                    for name in (*PUMPED, *ELECTRIC)
                },
            }
            for k, setting in enumerate(found.settings)
        ],
        "units": {name: outcome.unit for name, outcome in OUTCOMES.items()},
        "best": {
            name: {"setting": found.settings[found.best(name)].told,
                   "as_good": region_told(found, name)}
            for name in OUTCOMES
        },
        "refused": {found.settings[k].told: why for k, why in found.refused.items()},
    }  # fmt: skip
