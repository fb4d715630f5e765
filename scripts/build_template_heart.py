"""Build the bundled template heart and its displacement modes into ``assets/anatomy``.

Run from the repository root: ``python scripts/build_template_heart.py``. Takes about two minutes,
always writes the same geometry, and prints its quality and its sizes.
"""

from pathlib import Path

import numpy as np

from organtwin.anatomy.contour import is_closed
from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Border, Region
from organtwin.anatomy.stuffing import least_dihedral_angle, volumes
from organtwin.anatomy.template import build_template
from organtwin.anatomy.template_file import ASSET, save_template
from organtwin.anatomy.template_sizes import BODY_SURFACE, SCALE, measured, sized
from organtwin.physiology.mechanics.deformation_modes import build_modes
from organtwin.physiology.mechanics.deformation_reference import ASSET as MOTION_ASSET

ASSETS = Path(__file__).resolve().parents[1] / "assets"


def main() -> None:
    anatomy = build_template()
    path = ASSETS / ASSET
    path.parent.mkdir(parents=True, exist_ok=True)
    save_template(anatomy, path)
    print_quality(anatomy)
    print_sizes(anatomy)
    build_modes().save(ASSETS / MOTION_ASSET)
    for file in (path, ASSETS / MOTION_ASSET):
        print(f"{file.name}: {file.stat().st_size / 1e6:.2f} MB")


def print_quality(anatomy: Anatomy) -> None:
    surface, tissue = anatomy.surface, anatomy.tissue
    print(f"surface: {len(surface.triangles)} triangles, closed: {is_closed(surface.triangles)}")
    parts = surface.regions[surface.triangles[:, 0]]
    size = volumes(tissue.nodes, tissue.tets) * 1e6
    angle = np.degrees(least_dihedral_angle(tissue.nodes, tissue.tets))
    print(
        f"tissue: {len(tissue.tets)} tets, least volume {size.min() * 1e3:.3f} mm3, "
        f"least dihedral {angle.min():.1f} deg (1 % below {np.percentile(angle, 1):.1f})"
    )
    for region in Region:
        filled = size[tissue.regions == region].sum()
        print(f"  {region.name}: {filled:.1f} mL, {(parts == region).sum()} triangles")
    for cavity, closed in anatomy.cavities.items():
        print(f"{cavity.name}: closed: {is_closed(closed.triangles)}")
    if anatomy.boundary is not None:
        count = np.bincount(anatomy.boundary.borders, minlength=len(Border))
        print("faces: " + ", ".join(f"{border.name} {count[border]}" for border in Border))


def print_sizes(anatomy: Anatomy) -> None:
    """Volumes in mL, lengths in mm, mass in g; indices per body surface."""
    for sex, scale in SCALE.items():
        found = measured(sized(anatomy, scale), scale)
        print(f"{sex}, {BODY_SURFACE[sex]} m2:")
        for name, value in found.items():
            factor, unit = (1e6, "mL") if name.endswith("volume") else (1e3, "mm")
            unit = "g" if name.endswith("mass") else unit
            index = f", {value * factor / BODY_SURFACE[sex]:.1f} {unit}/m2" if unit != "mm" else ""
            print(f"  {name}: {value * factor:.1f} {unit}{index}")


if __name__ == "__main__":
    main()
