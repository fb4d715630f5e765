"""A patient's own heart without building one, and label files of hearts of known volumes."""

from dataclasses import replace

import numpy as np

from organtwin.anatomy.completion import Provenance
from organtwin.anatomy.label_map import LabelMap, Structure
from organtwin.anatomy.mesh import Architecture, Boundary, Leaflets
from organtwin.anatomy.regions import Cavity, Valve
from organtwin.anatomy.stuffing import quality
from organtwin.anatomy.warping_field import Lattice
from organtwin.anatomy.warping_map import Warp
from organtwin.twin.own_heart import OwnHeart
from tests.patient.geometry.written_images import small_heart, write_nifti
from tests.synthetic_heart import filled_anatomy


def full_anatomy(seed=0):
    """A synthetic heart with every optional part, filled with numbers of the right kind."""
    rng, bare = np.random.default_rng(seed), filled_anatomy(8)
    n, m, k = len(bare.tissue.nodes), len(bare.tissue.tets), len(bare.surface.points)
    apicobasal, transmural, rotational, right = rng.random((4, n)).astype(np.float32)
    fibers, sheets = rng.normal(size=(2, m, 3)).astype(np.float32)
    fibers /= np.linalg.norm(fibers, axis=1, keepdims=True)
    sheets /= np.linalg.norm(sheets, axis=1, keepdims=True)
    apicobasal[::7] = np.nan
    faces = rng.integers(0, n, (40, 3)).astype(np.int32)
    points = rng.permutation(k)[:9].astype(np.int32)
    return replace(
        bare,
        boundary=Boundary(faces, rng.integers(0, 5, 40).astype(np.int32)),
        architecture=Architecture(
            apicobasal, transmural, rotational, right, fibers, sheets,
            rng.integers(0, 17, m).astype(np.int32),
        ),
        leaflets={Valve.MITRAL: Leaflets(points, rng.normal(0, 1e-3, (9, 3)))},
    )  # fmt: skip


def own_heart():
    """Everything an own heart can know, made in no time."""
    anatomy = full_anatomy()
    lattice = Lattice.around(np.full(3, -0.05), np.full(3, 0.05), 50e-3)
    moves = np.random.default_rng(1).normal(0, 2e-3, (lattice.size, 3))
    return OwnHeart(
        anatomy,
        Warp(np.diag([1.1, 0.9, 1.05]), np.array([0.01, 0.02, -0.03]), (lattice.step(moves),)),
        {Structure.LV_BLOOD: Provenance.MEASURED, Structure.LA_BLOOD: Provenance.TEMPLATE},
        {Cavity.LV: 1.2e-4, Cavity.LA: 5e-5},
        {Cavity.LV: 1.21e-4},
        quality(anatomy.tissue.nodes, anatomy.tissue.tets),
        ("One thing was found.", "And another."),
    )


def four_chambers(path, spacing_mm=4.0):
    """A label image with the numbers of ``Structure``."""
    values, affine = small_heart(spacing_mm)
    return write_nifti(path, values, affine)


def written_map(path, labels: LabelMap):
    affine = labels.affine.copy()
    affine[:3] *= 1e3
    return write_nifti(path, labels.labels, affine)
