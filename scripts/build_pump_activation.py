"""Compute when the patches of the pump are excited in every named conduction of the template.

Run from the repository root: ``python scripts/build_pump_activation.py``. Takes about ten seconds.
Run it after every change of the template's electric mesh, of the conduction system or of its
parameters, and after ``build_electric_template.py``.
"""

import csv
from pathlib import Path

import numpy as np

from organtwin.physiology.electrophysiology.activation.conduction import PATTERNS
from organtwin.physiology.electrophysiology.activation.electric_heart import (
    ElectricHeart,
    default_speeds,
    electric_heart,
)
from organtwin.physiology.electrophysiology.activation.patches import (
    Patches,
    patches,
    pump_activation,
)
from organtwin.physiology.electrophysiology.activation.template import electric_template
from organtwin.physiology.electrophysiology.conduction import TABLE
from organtwin.physiology.interface import PatchLayout, Wall
from organtwin.units import MS

ASSETS = Path(__file__).resolve().parents[1] / "assets"
HEAD = (
    "# Delays of the pump's patches from the first excitation of the ventricles, in ms;",
    "# la_ms, ra_ms: mean times at which the atria are excited, from the sinus impulse.",
    "# Written by scripts/build_pump_activation.py; do not edit.",
)
VENTRICLES = (Wall.LV, Wall.SEPTUM, Wall.RV)


def main() -> None:
    heart = electric_heart(electric_template())
    parts = patches(heart.tissue)
    rows = [row for name in PATTERNS if (row := table_row(heart, parts, name)) is not None]
    path = ASSETS / TABLE
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(f"{line}\n" for line in HEAD)
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["conduction", "qrs_ms", "pr_ms", "la_ms", "ra_ms", *columns(parts.layout)])
        table.writerows(rows)
    print(f"{path.name}: {len(rows)} conductions")


def columns(layout: PatchLayout) -> list[str]:
    """Names of the patches, wall by wall from 1."""
    return [
        f"{wall.name.lower()}_{number + 1}"
        for wall in VENTRICLES
        for number in range(layout.counts[wall])
    ]


def table_row(heart: ElectricHeart, parts: Patches, name: str) -> list[str] | None:
    """One conduction; None where excitation does not reach the ventricles."""
    found = heart.activation(PATTERNS[name], default_speeds())
    if not np.isfinite(found.ventricular_onset):
        return None
    pump = pump_activation(heart.tissue, parts, found)
    ventricles = pump.delays[pump.layout.slice(Wall.LV).start :]
    atria = parts.delays(heart.tissue, found)[[Wall.LA, Wall.RA]]
    times = (found.ventricular_duration, found.ventricular_onset, *atria, *ventricles)
    return [name, *(f"{time / MS:.1f}" for time in times)]


if __name__ == "__main__":
    main()
