"""Pace every cell model at 1 Hz and write where its beats start: assets/.../cell_states.csv.

Usage: build_cell_states.py [MODEL ...]. The rows called ``published`` are the initial values of the
authors' own programs and stay; those called ``1 Hz`` are computed here, from the published ones,
over ``BEATS`` beats. Without names all models are computed.
"""

import csv
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.physiology.electrophysiology.cells.cell import STATES_ASSET, CellModel, Stimulus
from organtwin.physiology.electrophysiology.cells.models import CELL_MODELS
from organtwin.physiology.electrophysiology.cells.pacing import one_beat, paced

BEATS = 1000
RHYTHM = "1 Hz"
TABLE = Path(__file__).parents[1] / "assets" / STATES_ASSET


def settled(model: CellModel) -> FloatArray:
    """State at the end of the train; a short silence first lets I_Kr's chain find its balance."""
    silent = replace(model, stimulus=Stimulus(current=0.0, duration_ms=1.0))
    rested = one_beat(silent, model.published_state(), cycle_length=0.01).state
    return paced(model, cycle_length=1.0, beats=BEATS, start=rested).state


def main(names: list[str]) -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = {(row["model"], row["start"], row["state"]): row["value"]
                for row in csv.DictReader(file)}  # fmt: skip
    for model in CELL_MODELS.values():
        if names and model.name not in names:
            continue
        begun = time.perf_counter()
        values = np.asarray(settled(model))
        for state, value in zip(model.states, values, strict=True):
            rows[model.name, RHYTHM, state] = f"{value:.10g}"
        print(f"{model.name}: {BEATS} beats in {time.perf_counter() - begun:.0f} s")
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("model", "start", "state", "value"))
        writer.writerows((*key, value) for key, value in sorted(rows.items()))


if __name__ == "__main__":
    main(sys.argv[1:])
