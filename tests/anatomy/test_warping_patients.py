"""The template brought to real contours and a real mask, and to hidden hearts at full fineness.

The reference models beside the guide points are control meshes (388 points of a subdivision
surface) without their faces. Volumes here were read off them: the points of each endocardium were
closed by Delaunay tetrahedra, once as they are and once drawn to the limit of cubic subdivision,
and the volume taken in between where the guide points lie on the surface on average. That is good
to about 5 %. Patient 1 has one phase only, in which slices 7 and 14 were shifted on purpose.
"""

import gzip
import struct

import numpy as np
import pytest

from organtwin.anatomy.completion import Provenance, completed
from organtwin.anatomy.label_map import LabelMap, Structure
from organtwin.anatomy.mesh import enclosed_volume
from organtwin.anatomy.regions import Cavity, Region
from organtwin.anatomy.stuffing import volumes
from organtwin.anatomy.template_file import load_template
from organtwin.anatomy.warping import warped
from organtwin.anatomy.warping_map import Warp
from organtwin.anatomy.warping_parts import Part, Piece, heart_voxels, outlines
from organtwin.anatomy.warping_raster import outline
from organtwin.anatomy.warping_targets import Target, Targets
from tests.warped_hearts import (
    carried_parts,
    contours,
    guide_points,
    hidden_warp,
    last,
    mean_distance,
    volumes_ml,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def heart():
    return load_template()


def muscle_g(anatomy):
    """Mass of the left ventricle at 1.05 g/mL."""
    size = volumes(anatomy.tissue.nodes, anatomy.tissue.tets)
    return size[np.isin(anatomy.tissue.regions, (Region.LV, Region.SEPTUM))].sum() * 1.05e6


@pytest.mark.parametrize(("seed", "shift"), [(1, 0.0), (2, 0.0), (2, 2e-3)])
def test_a_hidden_heart_is_recovered_from_its_contours(heart, seed, shift):
    truth = hidden_warp(seed)
    targets = contours(carried_parts(heart, truth), noise=1e-3, seed=seed, shift=shift)
    answer = last(warped(heart, targets))
    for part in (Part.LV_ENDOCARDIUM, Part.RV_ENDOCARDIUM, Part.EPICARDIUM):
        assert mean_distance(heart, answer.warp, truth, part) < 1e-3, part
    right, ours = volumes_ml(truth.anatomy(heart)), volumes_ml(answer.warp.anatomy(heart))
    for cavity in (Cavity.LV, Cavity.RV):
        assert ours[cavity] == pytest.approx(right[cavity], rel=0.03)
    for cavity in (Cavity.LA, Cavity.RA):
        assert ours[cavity] == pytest.approx(right[cavity], rel=0.25), "not shown by contours"
    assert muscle_g(answer.warp.anatomy(heart)) == pytest.approx(
        muscle_g(truth.anatomy(heart)), rel=0.04
    )
    assert answer.report.folded == 0


def test_the_second_patient_beats_as_in_the_reference(heart, shared_data):
    folder = shared_data / "images/cmr-contours/patient_2_gpdata"
    diastole = last(warped(heart, guide_points(folder / "GPFile_000.txt", 1)))
    systole = last(warped(heart, guide_points(folder / "GPFile_012.txt", 12)))
    for answer in (diastole, systole):
        for part, residual in answer.report.residuals.items():
            assert residual.mean < 1.6e-3, part
        assert answer.report.folded == 0
        assert answer.report.least_determinant > 0.1
    full, empty = (answer.warp.anatomy(heart) for answer in (diastole, systole))
    assert volumes_ml(full)[Cavity.LV] == pytest.approx(199.0, rel=0.06)
    assert volumes_ml(empty)[Cavity.LV] == pytest.approx(71.0, rel=0.1)
    # No contour shows the outflow tract, which the reference ends about 10 mm lower.
    assert volumes_ml(full)[Cavity.RV] == pytest.approx(191.0, rel=0.15)
    assert volumes_ml(empty)[Cavity.RV] == pytest.approx(77.0, rel=0.2)
    # Two warps that do not know of each other; muscle does not come and go, and here by 8.6 %.
    assert muscle_g(empty) == pytest.approx(muscle_g(full), rel=0.1)


def test_the_first_patients_shifted_slices_are_found(heart, shared_data):
    folder = shared_data / "images/cmr-contours/patient_1_gpdata"
    answer = last(warped(heart, guide_points(folder / "GPFile_000.txt", 0)))
    shifts = answer.report.slice_shifts
    assert shifts[14] > 20e-3, "its centre lies 30 mm beside those of its neighbours"
    assert shifts[7] > 10e-3, "and this one 16 mm"
    assert any("7, 14" in sentence for sentence in answer.report.findings)
    assert answer.report.folded == 0
    assert volumes_ml(answer.warp.anatomy(heart))[Cavity.LV] == pytest.approx(240.0, rel=0.07)


def nifti_mask(path):
    """Voxels above zero and the affine to LPS metres of a NIfTI-1 file with an sform."""
    raw = gzip.decompress(path.read_bytes())
    shape = struct.unpack_from("<8h", raw, 40)[1:4]
    kind = {2: "<u1", 4: "<i2", 8: "<i4", 16: "<f4", 64: "<f8"}[
        struct.unpack_from("<h", raw, 70)[0]
    ]
    start = int(struct.unpack_from("<f", raw, 108)[0])
    values = np.frombuffer(raw, kind, int(np.prod(shape)), start).reshape(shape, order="F")
    affine = np.vstack([np.array(struct.unpack_from("<12f", raw, 280)).reshape(3, 4), [0, 0, 0, 1]])
    affine[:2] *= -1.0
    affine[:3] *= 1e-3
    return values > 0, affine


@pytest.fixture
def mask(shared_data):
    return nifti_mask(shared_data / "images/ct-dissection/pulmonary_report__heart.nii.gz")


def test_the_whole_heart_of_the_ct_is_met(heart, mask):
    inside, affine = mask
    index, triangles = outline(inside)
    places = index @ affine[:3, :3].T + affine[:3, 3]
    target = {Part.HEART_AND_TRUNK: Target(places, dense=True)}
    answer = last(warped(heart, Targets(target, source="heart.nii.gz")))
    template = outlines(heart)[Part.HEART_AND_TRUNK]
    ours = Piece(answer.warp.carried(template.points), template.triangles)
    volume = inside.sum() * abs(np.linalg.det(affine[:3, :3]))
    assert enclosed_volume(ours) == pytest.approx(volume, rel=0.03)
    assert ours.distances(places).mean() < 1.5e-3
    theirs = Piece(places, triangles.astype(np.int32))
    assert theirs.distances(ours.points).mean() < 1.5e-3
    assert folds_nowhere(answer.warp, heart)


def folds_nowhere(warp: Warp, heart):
    grid, inside = heart_voxels(heart)
    least = warp.determinants(grid.centres(inside)).min()
    return least > 0 and warp.folded_elements(heart.tissue) == 0


def test_the_mask_of_the_ct_is_divided_and_the_trunk_told_apart(heart, mask):
    inside, affine = mask
    labels = (inside * np.uint8(Structure.HEART)).astype(np.uint8)
    answer = last(completed(LabelMap(labels, affine), heart)).completion
    assert answer.provenance[Structure.RV_BLOOD] is Provenance.DIVIDED
    assert any("pulmonary trunk" in sentence for sentence in answer.findings)
    left = answer.label_map.volume(Structure.LV_BLOOD)
    assert 80e-6 < left < 180e-6
    undivided = answer.label_map.volume(Structure.HEART)
    assert undivided < 0.01 * inside.sum() * abs(np.linalg.det(affine[:3, :3]))
