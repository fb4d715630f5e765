"""Share of every segment of the left ventricle in every patch of the pump, on the template.

Run from the repository root: ``python scripts/build_patch_segments.py``. Run it after every change
of the template's electric mesh or of how muscle is divided into patches.
"""

import csv
from pathlib import Path

import numpy as np

from organtwin.anatomy.regions import Segment
from organtwin.physiology.electrophysiology.activation.electric_heart import electric_heart
from organtwin.physiology.electrophysiology.activation.patches import patches
from organtwin.physiology.electrophysiology.activation.template import electric_template
from organtwin.physiology.scar import LEFT_SEGMENTS, TABLE

ASSETS = Path(__file__).resolve().parents[1] / "assets"
HEAD = (
    "# Share of each patch of the pump that lies in each AHA segment (1 to 17) of the LV.",
    "# Written by scripts/build_patch_segments.py; do not edit.",
)


def main() -> None:
    tissue = electric_heart(electric_template()).tissue
    parts, volumes = patches(tissue), tissue.volumes()
    with (ASSETS / TABLE).open("w", encoding="utf-8", newline="") as file:
        file.writelines(f"{line}\n" for line in HEAD)
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["patch", *(Segment(number).name.lower() for number in LEFT_SEGMENTS)])
        for patch in range(parts.layout.total):
            own = parts.of_tet == patch
            held = np.bincount(tissue.segments[own], volumes[own], minlength=len(Segment))
            shares = held[list(LEFT_SEGMENTS)] / parts.volumes[patch]
            table.writerow([patch, *(f"{share:.4f}" for share in shares)])


if __name__ == "__main__":
    main()
