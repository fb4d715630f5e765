"""Pace the families of cells and write the libraries: assets/.../action_potentials.npz.

Usage: build_action_potentials.py. Ventricle: ToR-ORd-dynCl endocardial cell, APD90 200 to 400 ms.
Atrium: Courtemanche 1998, 150 to 350 ms. Both in steps of 2 ms.
"""

from pathlib import Path

import numpy as np

from organtwin.physiology.electrophysiology.action_potential import (
    ASSET,
    VOLTS_PER_COUNT,
    library,
)
from organtwin.physiology.electrophysiology.cells.cell import CellModel
from organtwin.physiology.electrophysiology.cells.courtemanche import COURTEMANCHE
from organtwin.physiology.electrophysiology.cells.family import CellFamily, building_family
from organtwin.physiology.electrophysiology.cells.torord import TORORD_ENDO

TARGET = Path(__file__).parents[1] / "assets" / ASSET


def built_family(model: CellModel, repolarising: tuple[str, ...]) -> CellFamily:
    *_, last = building_family(model, repolarising=repolarising)
    if last.family is None:
        raise RuntimeError(f"{model.name}: the family was not finished")
    return last.family


def main() -> None:
    stored = {}
    for chamber, model, repolarising, durations in (
        ("ventricle", TORORD_ENDO, ("I_Kr", "I_Ks"), np.linspace(0.2, 0.4, 101)),
        ("atrium", COURTEMANCHE, ("I_Kr", "I_Ks", "I_Kur"), np.linspace(0.15, 0.35, 101)),
    ):
        family = built_family(model, repolarising)
        print(chamber, "cells reach", np.round(1e3 * family.durations[[0, -1]], 1), "ms; rest",
              np.round(1e3 * family.traces[[0, -1], 0], 2), "mV; peak",
              np.round(1e3 * family.traces[[0, -1]].max(1), 1), "mV")  # fmt: skip
        made = library(family.traces, durations=durations)
        stored[f"{chamber}_durations"] = made.durations.astype(np.float32)
        stored[f"{chamber}_counts"] = np.rint(made.voltages / VOLTS_PER_COUNT).astype(np.int16)
    np.savez_compressed(TARGET, allow_pickle=False, **stored)
    print(f"{TARGET.name}: {TARGET.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
