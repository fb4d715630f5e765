"""Build the bundled template heart and its displacement modes into ``assets/anatomy``.

Run from the repository root: ``python scripts/build_template_heart.py``. Takes about two minutes
and always writes the same geometry.
"""

from pathlib import Path

import numpy as np

from organtwin.anatomy.contour import is_closed
from organtwin.anatomy.regions import Region
from organtwin.anatomy.stuffing import least_dihedral_angle, volumes
from organtwin.anatomy.template import build_template
from organtwin.anatomy.template_file import ASSET, save_template
from organtwin.anatomy.template_surface import pericardium
from organtwin.physiology.mechanics.deformation_modes import build_modes
from organtwin.physiology.mechanics.deformation_reference import ASSET as MOTION_ASSET

ASSETS = Path(__file__).resolve().parents[1] / "assets"


def main() -> None:
    anatomy = build_template()
    path = ASSETS / ASSET
    path.parent.mkdir(parents=True, exist_ok=True)
    save_template(anatomy, pericardium(), path)
    surface, tissue = anatomy.surface, anatomy.tissue
    print(f"surface: {len(surface.triangles)} triangles, closed: {is_closed(surface.triangles)}")
    size = volumes(tissue.nodes, tissue.tets) * 1e6
    angle = np.degrees(least_dihedral_angle(tissue.nodes, tissue.tets))
    print(
        f"tissue: {len(tissue.tets)} tets, least volume {size.min() * 1e3:.3f} mm3, "
        f"least dihedral {angle.min():.1f} deg (1 % below {np.percentile(angle, 1):.1f})"
    )
    for region in Region:
        print(f"  {region.name}: {size[tissue.regions == region].sum():.1f} mL")
    for cavity, closed in anatomy.cavities.items():
        a, b, c = (closed.points[closed.triangles[:, i]] for i in range(3))
        volume = np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0 * 1e6
        print(f"{cavity.name}: {volume:.1f} mL, closed: {is_closed(closed.triangles)}")
    build_modes().save(ASSETS / MOTION_ASSET)
    for file in (path, ASSETS / MOTION_ASSET):
        print(f"{file.name}: {file.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
