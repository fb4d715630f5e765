from pathlib import Path

import numpy as np
import pytest

from organtwin.anatomy.contour import is_closed
from organtwin.anatomy.finding import GeometryFindingKind
from organtwin.anatomy.from_labels import DRAWN_TRIANGLES, anatomy_from_labels, outline
from organtwin.anatomy.implicit import ellipsoid
from organtwin.anatomy.label_map import LabelMap, Structure
from organtwin.anatomy.mesh import enclosed_volume
from organtwin.anatomy.regions import Border, Cavity, Region
from organtwin.anatomy.simplices import parts_of
from organtwin.anatomy.stuffing import GREATEST_ANGLE, LEAST_ANGLE
from organtwin.errors import InputError
from tests.label_maps import (
    BODY,
    LV_RADII,
    MM,
    RV_CENTRE,
    RV_RADII,
    TO_BASE,
    biventricular_map,
    half_ellipsoid_volume,
    left_ventricle_map,
    rotation,
    whole_heart_map,
)

HEART_MASK = (
    Path(__file__).parents[2].parent
    / "shared/data/images/ct-dissection/pulmonary_report__heart.nii.gz"
)
SPACINGS = {"tissue_spacing": 2.5e-3, "surface_spacing": 3.0e-3}


def meshed(label_map, **options):
    steps = list(anatomy_from_labels(label_map, **(SPACINGS | options)))
    assert all(step.result is None for step in steps[:-1])
    return steps[-1].result


FRAMES = {
    "2 mm": ((2.0, 2.0, 2.0), None),
    "1.2 x 1.2 x 2.5 mm": ((1.2, 1.2, 2.5), None),
    "turned and mirrored axes": (
        (2.0, 2.0, 2.0),
        rotation((1, 2, 3), 40) @ np.diag([1.0, 1.0, -1.0]),
    ),
}


@pytest.fixture(params=FRAMES.values(), ids=FRAMES.keys(), scope="module")
def heart(request):
    label_map = biventricular_map(*request.param)
    return label_map, meshed(label_map)


@pytest.fixture(scope="module")
def without_rv_wall():
    return meshed(biventricular_map((2.0, 2.0, 2.0), rv_muscle=False))


@pytest.fixture(scope="module")
def ventricle():
    return meshed(left_ventricle_map())


def areas(heart, border):
    boundary, nodes = heart.anatomy.boundary, heart.anatomy.tissue.nodes
    a, b, c = (nodes[boundary.faces[boundary.borders == border, i]] for i in range(3))
    return 0.5 * np.cross(b - a, c - a)


def test_the_tissue_keeps_its_bounds_and_is_one_piece(heart):
    found = heart[1].quality
    assert found.inverted == 0
    assert found.least_angle > LEAST_ANGLE
    assert found.greatest_angle < GREATEST_ANGLE
    tissue = heart[1].anatomy.tissue
    assert parts_of(tissue.tets, len(tissue.nodes)).max() == 0


def test_tissue_has_the_volume_of_the_muscle(heart):
    label_map, result = heart
    muscle = sum(label_map.volume(s) for s in (Structure.LV_MUSCLE, Structure.RV_MUSCLE))
    np.testing.assert_allclose(result.quality.volume, muscle, rtol=0.03)


def test_cavities_are_closed_and_have_their_volumes(heart):
    label_map, result = heart
    cavities = result.anatomy.cavities
    assert set(cavities) == {Cavity.LV, Cavity.RV}
    for cavity, blood in ((Cavity.LV, Structure.LV_BLOOD), (Cavity.RV, Structure.RV_BLOOD)):
        assert is_closed(cavities[cavity].triangles)
        volume = enclosed_volume(cavities[cavity])
        np.testing.assert_allclose(volume, label_map.volume(blood), rtol=0.01)
        assert result.cavity_volumes[cavity] == (pytest.approx(label_map.volume(blood)), volume)
    exact = half_ellipsoid_volume(LV_RADII)
    np.testing.assert_allclose(enclosed_volume(cavities[Cavity.LV]), exact, rtol=0.03)


def test_blood_surfaces_lie_within_one_voxel_of_the_truth(heart):
    label_map, result = heart
    voxel = np.linalg.norm(label_map.affine[:3, :3], axis=0).max() / MM
    nodes, boundary = result.anatomy.tissue.nodes, result.anatomy.boundary
    for border, centre, radii in (
        (Border.LV_BLOOD, (0, 0, 0), LV_RADII),
        (Border.RV_BLOOD, RV_CENTRE, RV_RADII),
    ):
        own = nodes[np.unique(boundary.faces[boundary.borders == border])] / MM @ BODY.T
        own = own[own[:, 2] < -2.5]  # the lattice bevels the rim of a cut by up to its spacing
        free = own[own[:, 0] > 8.0 + LV_RADII[0] + 4.0] if border == Border.RV_BLOOD else own
        distance = np.abs(ellipsoid(centre, radii)(free))
        assert np.quantile(distance, 0.99) < voxel
        assert distance.mean() < 0.25 * voxel


def test_borders_close_the_tissue_and_face_what_they_name(heart):
    result = heart[1]
    total = sum(areas(result, border).sum(axis=0) for border in Border)
    np.testing.assert_allclose(total, 0.0, atol=1e-9)
    assert set(np.unique(result.anatomy.boundary.borders)) == {
        Border.OUTSIDE,
        Border.LV_BLOOD,
        Border.RV_BLOOD,
        Border.CUT,
    }
    cut = areas(result, Border.CUT).sum(axis=0)
    assert cut @ TO_BASE > 0.999 * np.linalg.norm(cut)
    lv_opening = areas(result, Border.LV_BLOOD).sum(axis=0)
    np.testing.assert_allclose(
        lv_opening @ TO_BASE, np.pi * LV_RADII[0] * LV_RADII[1] * MM**2, rtol=0.12
    )


def test_the_drawing_surface_is_closed_and_faces_outwards(heart):
    result = heart[1]
    surface = result.anatomy.surface
    assert is_closed(surface.triangles)
    assert len(surface.regions) == len(surface.points)
    np.testing.assert_allclose(enclosed_volume(surface), result.quality.volume, rtol=0.05)


def test_regions_lie_where_they_belong(heart):
    tissue = heart[1].anatomy.tissue
    middle = tissue.nodes[tissue.tets].mean(axis=1) / MM @ BODY.T
    assert set(np.unique(tissue.regions)) == {Region.LV, Region.SEPTUM, Region.RV}
    septum = middle[tissue.regions == Region.SEPTUM]
    assert (septum[:, 0] > 8.0).all()
    assert (np.hypot(septum[:, 0], septum[:, 1]) < LV_RADII[0] + 14.0).all()
    lateral = (middle[:, 0] < -5.0) & (middle[:, 2] < -5.0)
    assert (tissue.regions[lateral] == Region.LV).all()
    far_right = middle[:, 0] > 45.0
    assert (tissue.regions[far_right] == Region.RV).all()


def test_shares_sum_to_one_and_courses_rise_from_apex_to_base(heart):
    muscle, points = heart[1].anatomy.muscle, heart[1].anatomy.surface.points
    np.testing.assert_allclose(muscle.shares.sum(axis=1), 1.0, atol=1e-5)
    assert muscle.courses.min() >= 0.0
    assert muscle.courses.max() <= 1.0
    height = points @ TO_BASE
    assert np.corrcoef(height, muscle.courses[:, 1])[0, 1] > 0.95
    own = points / MM @ BODY.T
    lateral = own[:, 0] < -20.0
    assert muscle.shares[lateral, 0].min() > 0.95
    assert muscle.courses[lateral, 0].mean() > 0.6


def test_the_same_labels_give_the_same_meshes():
    label_map = left_ventricle_map((3.0, 3.0, 3.0))
    first, second = (meshed(label_map).anatomy for _ in range(2))
    np.testing.assert_array_equal(first.tissue.nodes, second.tissue.nodes)
    np.testing.assert_array_equal(first.tissue.tets, second.tissue.tets)
    np.testing.assert_array_equal(first.surface.points, second.surface.points)


def test_a_turned_heart_gives_the_turned_mesh():
    label_map = left_ventricle_map((3.0, 3.0, 3.0))
    turn = np.eye(4)
    turn[:3, :3] = rotation((1, 1, 0), 70)
    turn[:3, 3] = [0.1, -0.2, 0.3]
    still = meshed(label_map).anatomy.tissue
    moved = meshed(LabelMap(label_map.labels, turn @ label_map.affine)).anatomy.tissue
    back = (moved.nodes - turn[:3, 3]) @ turn[:3, :3]
    np.testing.assert_allclose(np.sort(back[:, 0]), np.sort(still.nodes[:, 0]), atol=1e-3)
    np.testing.assert_allclose(len(moved.tets), len(still.tets), rtol=0.01)


def test_a_wall_is_grown_where_none_is_labelled_and_told(without_rv_wall):
    grown = [f for f in without_rv_wall.findings if "grown" in f.text]
    assert [(f.structure, f.kind) for f in grown] == [
        (Structure.RV_BLOOD, GeometryFindingKind.REPAIRED)
    ]
    outside = without_rv_wall.anatomy.boundary
    nodes = without_rv_wall.anatomy.tissue.nodes
    faces = outside.faces[outside.borders == Border.OUTSIDE]
    own = nodes[np.unique(faces)] / MM @ BODY.T
    free = own[(own[:, 0] > 40.0) & (own[:, 2] < -8.0)]
    thickness = ellipsoid(RV_CENTRE, RV_RADII)(free)
    np.testing.assert_allclose(thickness.mean(), 3.5, atol=0.4)
    assert Border.CUT in outside.borders


def test_a_closed_ventricle_has_no_cut(ventricle):
    assert Border.CUT not in ventricle.anatomy.boundary.borders
    assert Border.RV_BLOOD not in ventricle.anatomy.boundary.borders
    assert set(ventricle.anatomy.cavities) == {Cavity.LV}
    inner, outer = np.prod([25.0, 25, 42]), np.prod([35.0, 35, 52])
    wall = 4 / 3 * np.pi * (outer - inner) * MM**3
    np.testing.assert_allclose(ventricle.quality.volume, wall, rtol=0.02)


def test_a_heart_at_the_edge_of_its_image_is_cut_there():
    label_map = left_ventricle_map()
    cropped = meshed(LabelMap(label_map.labels[:, :, :36].copy(), label_map.affine))
    edge = label_map.affine[2, 3] + 35.5 * label_map.affine[2, 2]
    np.testing.assert_allclose(cropped.anatomy.tissue.nodes[:, 2].max(), edge, atol=1e-5)
    cut = areas(cropped, Border.CUT)
    assert (cut[:, 2] > 0).all()
    volume = enclosed_volume(cropped.anatomy.cavities[Cavity.LV])
    labels = LabelMap(label_map.labels[:, :, :36], label_map.affine)
    np.testing.assert_allclose(volume, labels.volume(Structure.LV_BLOOD), rtol=0.03)


def test_the_drawn_surface_has_about_the_usual_number_of_triangles():
    result = meshed(left_ventricle_map((3.0, 3.0, 3.0)), surface_spacing=None)
    count = len(result.anatomy.surface.triangles)
    assert 0.5 * DRAWN_TRIANGLES < count < 1.3 * DRAWN_TRIANGLES


def test_a_hole_in_the_wall_is_closed():
    label_map = left_ventricle_map()
    labels = label_map.labels.copy()
    middle = labels.shape[0] // 2
    labels[: middle - 5, middle - 4 : middle + 4, middle - 4 : middle + 4] = 0
    labels[label_map.labels == Structure.LV_BLOOD] = Structure.LV_BLOOD
    result = meshed(LabelMap(labels, label_map.affine))
    assert [f.structure for f in result.findings if "open" in f.text] == [Structure.LV_BLOOD]
    np.testing.assert_allclose(areas(result, Border.LV_BLOOD).sum(axis=0), 0.0, atol=1e-9)


def test_a_ventricle_of_blood_alone_gets_its_wall():
    label_map = left_ventricle_map()
    labels = np.where(label_map.labels == Structure.LV_BLOOD, label_map.labels, 0).astype(np.uint8)
    result = meshed(LabelMap(labels, label_map.affine))
    inner, outer = np.prod([25.0, 25, 42]), np.prod([34.0, 34, 51])
    wall = 4 / 3 * np.pi * (outer - inner) * MM**3
    np.testing.assert_allclose(result.quality.volume, wall, rtol=0.05)


def test_a_whole_heart_keeps_all_chambers_and_vessels():
    result = meshed(whole_heart_map(3.0), tissue_spacing=3.5e-3, surface_spacing=4.0e-3)
    assert set(result.cavity_volumes) == set(Cavity)
    for labelled, found in result.cavity_volumes.values():
        np.testing.assert_allclose(found, labelled, rtol=0.01)
    assert result.quality.inverted == 0
    assert is_closed(result.anatomy.surface.triangles)
    assert set(range(Region.PULMONARY_VEIN + 1)) == set(np.unique(result.anatomy.tissue.regions))
    borders = set(np.unique(result.anatomy.boundary.borders)) - {Border.CUT}
    assert borders == set(Border) - {Border.CUT}
    assert not [f for f in result.findings if f.kind is GeometryFindingKind.REFUSED]


@pytest.mark.skipif(not HEART_MASK.exists(), reason="shared data are absent")
def test_the_outline_of_a_real_undivided_heart_has_its_volume():
    nibabel = pytest.importorskip("nibabel")
    image = nibabel.load(HEART_MASK)
    to_lps = np.diag([-MM, -MM, MM, 1.0])
    labels = (np.asarray(image.dataobj) > 0).astype(np.uint8) * np.uint8(Structure.HEART)
    label_map = LabelMap(labels, to_lps @ image.affine)
    surface = outline(label_map, 3e-3)
    assert is_closed(surface.triangles)
    np.testing.assert_allclose(
        enclosed_volume(surface), label_map.volume(Structure.HEART), rtol=0.02
    )
    with pytest.raises(InputError, match="template completion"):
        list(anatomy_from_labels(label_map))


def test_a_refused_map_raises_with_the_remedy():
    label_map = left_ventricle_map()
    undivided = np.where(label_map.labels > 0, Structure.HEART, 0).astype(np.uint8)
    with pytest.raises(InputError, match="template completion") as caught:
        list(anatomy_from_labels(LabelMap(undivided, label_map.affine), source="heart.nii"))
    assert caught.value.source == "heart.nii"
    assert caught.value.field == "HEART"
