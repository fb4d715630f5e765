"""Build the template's muscle for electrics into ``assets/anatomy``.

Run from the repository root: ``python scripts/build_electric_template.py``. Takes about a minute
and always writes the same mesh. Run it after every change of the template's shape.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.architecture import architecture
from organtwin.anatomy.mesh import Boundary, Tissue
from organtwin.anatomy.outer_faces import matched, outer_faces
from organtwin.anatomy.regions import Border, Region
from organtwin.anatomy.template import least_wall, template_tissue
from organtwin.anatomy.template_boundary import template_boundary
from organtwin.anatomy.template_electric import ASSET, Muscle, save_electric_template
from organtwin.arrays import IntArray
from organtwin.physiology.electrophysiology.activation.tissue import conducting_part

Indices = NDArray[np.integer]

ASSETS = Path(__file__).resolve().parents[1] / "assets"

SPACING = 2.4
"""Edge of the lattice [mm]: 194 000 tetrahedra of the ventricles, edges of 2.3 mm on average. Means
of activation over segments differ by up to 3 ms from the template's own 3.5 mm, by 1 from 2 mm."""


def main() -> None:
    tissue = template_tissue(SPACING)
    boundary = template_boundary(tissue, least_wall(SPACING))
    muscle = conducting_muscle(tissue, boundary)
    path = ASSETS / ASSET
    save_electric_template(muscle, path)
    ventricular = np.isin(muscle.tissue.regions, (Region.LV, Region.SEPTUM, Region.RV)).sum()
    print(f"{len(muscle.tissue.tets)} tetrahedra, {ventricular} of the ventricles")
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


def conducting_muscle(tissue: Tissue, boundary: Boundary) -> Muscle:
    """What conducts of a whole heart, with new numbers; its mouths of veins become cuts."""
    known = architecture(tissue, boundary)
    electric = conducting_part(tissue, boundary, known)
    tets = electric.tets_of_anatomy
    nodes, numbered = np.unique(tissue.tets[tets], return_inverse=True)
    corners: IntArray = numbered.reshape(-1, 4).astype(np.int32)
    return Muscle(
        Tissue(tissue.nodes[nodes], corners, tissue.regions[tets]),
        _boundary(tissue, boundary, tets, nodes),
        replace(
            known,
            apicobasal=known.apicobasal[nodes], transmural=known.transmural[nodes],
            rotational=known.rotational[nodes], right=known.right[nodes],
            fibers=known.fibers[tets], sheets=known.sheets[tets], segments=known.segments[tets],
        ),
    )  # fmt: skip


def _boundary(tissue: Tissue, boundary: Boundary, tets: Indices, nodes: Indices) -> Boundary:
    """Faces towards blood of the chambers, and those where a vein was taken away."""
    faces, owners = outer_faces(tissue.tets[tets])
    row, found = matched(faces, boundary.faces)
    borders = np.where(found, boundary.borders[np.where(found, row, 0)], Border.OUTSIDE)
    atrial = np.isin(tissue.regions[tets][owners], (Region.LA, Region.RA))
    veins = np.isin(tissue.regions, (Region.SYSTEMIC_VEIN, Region.PULMONARY_VEIN))
    vein_faces, _ = outer_faces(tissue.tets[veins])
    _, to_vein = matched(faces, vein_faces)
    borders[atrial & to_vein & ~found] = Border.CUT
    kept = np.isin(
        borders,
        (Border.LV_BLOOD, Border.RV_BLOOD, Border.LA_BLOOD, Border.RA_BLOOD, Border.CUT),
    )
    return Boundary(
        np.searchsorted(nodes, faces[kept]).astype(np.int32), borders[kept].astype(np.int32)
    )


if __name__ == "__main__":
    main()
