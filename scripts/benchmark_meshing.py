"""How long a segmented heart of 200 x 200 x 200 voxels takes to mesh, and how true the mesh is.

Two half ellipsoids with a flat base, whose volumes and surfaces are known. A second run in one
process leaves out the compiling of kernels.
"""

import argparse
import time

import numpy as np

from organtwin.anatomy.from_labels import MeshedHeart, anatomy_from_labels
from organtwin.anatomy.implicit import ellipsoid
from organtwin.anatomy.label_map import LabelMap, Structure
from organtwin.anatomy.regions import Border, Cavity

N_VOXELS = 200
LV_RADII, RV_RADII, RV_CENTRE = (24.0, 24.0, 75.0), (30.0, 37.0, 66.0), (30.0, 0.0, 0.0)
LV_WALL, RV_WALL = 10.0, 4.0
UP = np.array([-0.62, 0.55, 0.56]) / np.linalg.norm([-0.62, 0.55, 0.56])
RIGHT = np.cross(np.cross(UP, [-0.75, -0.65, 0.0]), UP)
RIGHT /= np.linalg.norm(RIGHT)
BODY = np.stack([RIGHT, np.cross(UP, RIGHT), UP])


def labelled_heart(voxel: float) -> LabelMap:
    """A biventricular heart with a flat, open base; ``voxel`` in millimetres."""
    axis = voxel * (np.arange(N_VOXELS, dtype=np.float32) - 0.5 * (N_VOXELS - 1))
    x, y, z = np.meshgrid(axis, axis, axis, indexing="ij", sparse=True)
    centre = BODY.T @ [14.0, 0.0, -36.0]
    own = [(x + centre[0]) * u[0] + (y + centre[1]) * u[1] + (z + centre[2]) * u[2] for u in BODY]

    def inside(middle: tuple[float, ...], radii: tuple[float, ...], grow: float) -> np.ndarray:
        terms = zip(own, middle, radii, strict=True)
        return sum(((o - m) / (r + grow)) ** 2 for o, m, r in terms) < 1.0

    labels = np.zeros((N_VOXELS,) * 3, np.uint8)
    labels[inside(RV_CENTRE, RV_RADII, RV_WALL)] = Structure.RV_MUSCLE
    labels[inside(RV_CENTRE, RV_RADII, 0.0)] = Structure.RV_BLOOD
    labels[inside((0.0, 0.0, 0.0), LV_RADII, LV_WALL)] = Structure.LV_MUSCLE
    labels[inside((0.0, 0.0, 0.0), LV_RADII, 0.0)] = Structure.LV_BLOOD
    labels[own[2] > 0.0] = Structure.BACKGROUND
    affine = np.diag([1e-3 * voxel] * 3 + [1.0])
    affine[:3, 3] = 1e-3 * (axis[0] + centre)
    return LabelMap(labels, affine)


def surface_errors(heart: MeshedHeart) -> np.ndarray:
    """Distance [mm] of the LV's inner surface from the ellipsoid, at every node."""
    boundary, nodes = heart.anatomy.boundary, heart.anatomy.tissue.nodes
    own = nodes[np.unique(boundary.faces[boundary.borders == Border.LV_BLOOD])] * 1e3 @ BODY.T
    return np.abs(ellipsoid((0, 0, 0), LV_RADII)(own[own[:, 2] < -2.0]))


def meshed(label_map: LabelMap, spacing: float) -> tuple[MeshedHeart, dict[str, float]]:
    """The heart and the processor seconds of every stage."""
    seconds: dict[str, float] = {}
    last, doing, result = time.process_time(), "", None
    for step in anatomy_from_labels(label_map, tissue_spacing=spacing):
        now = time.process_time()
        seconds[doing] = seconds.get(doing, 0.0) + now - last
        last, doing, result = now, step.doing, step.result
    return result, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voxel", type=float, default=0.8, help="voxel size [mm]")
    parser.add_argument("--spacing", type=float, default=1.5, help="lattice spacing [mm]")
    chosen = parser.parse_args()
    label_map = labelled_heart(chosen.voxel)
    _, first = meshed(label_map, 1e-3 * chosen.spacing)
    start = time.perf_counter()
    heart, seconds = meshed(label_map, 1e-3 * chosen.spacing)
    wall = time.perf_counter() - start
    for doing, taken in seconds.items():
        print(f"{taken:8.2f} s  {doing}" if doing else "processor time, one thread:")
    print(f"{sum(seconds.values()):8.2f} s  together; {wall:.2f} s by the clock")
    print(f"{sum(first.values()):8.2f} s  in the first run, which may compile")
    found = heart.quality
    print(f"{found.n_tets} tetrahedra, {found.n_nodes} nodes, {found.inverted} inverted")
    print(f"dihedral angles {found.least_angle:.1f} to {found.greatest_angle:.1f} degrees")
    muscle = sum(label_map.volume(s) for s in (Structure.LV_MUSCLE, Structure.RV_MUSCLE))
    print(f"tissue volume {100 * (found.volume / muscle - 1):+.2f} %")
    exact = {
        cavity: 2 / 3 * np.pi * np.prod(radii) * 1e-9 for cavity, radii in ((Cavity.LV, LV_RADII),)
    }
    for cavity, (labelled, mesh) in heart.cavity_volumes.items():
        against = (
            f", {100 * (mesh / exact[cavity] - 1):+.2f} % of the ellipsoid"
            if cavity in exact
            else ""
        )
        print(f"{cavity.name} volume {100 * (mesh / labelled - 1):+.2f} % of the labels{against}")
    errors = surface_errors(heart)
    print(f"LV surface {errors.mean():.2f} mm off on average, {errors.max():.2f} mm at most")
    print(f"drawn surface: {len(heart.anatomy.surface.triangles)} triangles")


if __name__ == "__main__":
    main()
