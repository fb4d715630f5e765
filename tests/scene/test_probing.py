from collections.abc import Iterator

import numpy as np
import pytest

from organtwin.anatomy.anchor import SURFACE, TISSUE, Anchor
from organtwin.anatomy.regions import Cavity, Region
from organtwin.scene.anchoring import anchored, places_over_beat
from organtwin.scene.picture import Picture, pixel_places
from organtwin.scene.planes import FOUR_CHAMBER
from organtwin.scene.rays import first_hit
from tests.synthetic_heart import SolidMotion, SyntheticMotion, filled_anatomy

HEART = filled_anatomy()
LV_WALL = 10e-3  # of the synthetic heart


@pytest.fixture
def picture() -> Iterator[Picture]:
    made = Picture(300, 240)
    made.scene.show(SolidMotion(HEART))
    yield made
    made.close()


def look(picture, name):
    view = picture.scene.preset(name, picture.aspect)
    picture.scene.look(view.camera)
    picture.scene.set_clip(view.plane)
    return view.camera


def under(picture, camera, place):
    (share,) = pixel_places(camera, picture.aspect, place[np.newaxis])
    return picture.scene.probe(*share)


def test_a_ray_meets_the_first_triangle_between_its_limits():
    points = np.array([[0, 0, z] for z in (1, 2)], np.float32).repeat(3, 0)
    points[1::3] += [1, 0, 0]
    points[2::3] += [0, 1, 0]
    triangles = np.array([[0, 1, 2], [3, 5, 4]], np.int32)
    eye, up = np.array([0.2, 0.3, 0.0]), np.array([0.0, 0.0, 1.0])
    hit = first_hit(points, triangles, eye, up)
    assert (hit.triangle, hit.distance) == (0, pytest.approx(1.0))
    assert hit.weights == pytest.approx((0.5, 0.2, 0.3))
    assert not hit.from_outside
    further = first_hit(points, triangles, eye, up, 1.5)
    assert (further.triangle, further.from_outside) == (1, True)
    assert first_hit(points, triangles, eye, up, 1.5, 1.9) is None
    assert first_hit(points, triangles, eye, -up) is None


def test_the_probe_finds_what_is_seen_at_each_place(picture):
    camera = look(picture, "AP")
    found = picture.scene.probe(0.5, 0.5)
    (share,) = pixel_places(camera, picture.aspect, found.place[np.newaxis])
    np.testing.assert_allclose(share, [0.5, 0.5], atol=1e-6)
    assert picture.scene.probe(0.01, 0.01) is None
    np.testing.assert_allclose(picture.scene.places([found.anchor])[0], found.place, atol=1e-6)


def test_the_wall_of_the_left_ventricle_has_its_thickness(picture):
    camera = look(picture, "Left lateral")
    surface = HEART.surface
    wall = surface.points[surface.regions == Region.LV]
    found = under(picture, camera, wall[(wall @ camera.direction).argmax()])
    assert found.region is Region.LV
    assert found.thickness == pytest.approx(LV_WALL, rel=0.05)


def test_the_probe_tells_the_value_of_the_field(picture):
    camera = look(picture, "AP")
    assert picture.scene.probe(0.5, 0.5).value is None
    picture.scene.set_field("activation")
    found = under(picture, camera, HEART.surface.points[40])
    values = np.empty(len(HEART.surface.points), np.float32)
    SyntheticMotion(HEART).surface_field("activation", 0.0, values)
    wanted = np.array(found.anchor.weights) @ values[list(found.anchor.nodes)]
    if np.isfinite(wanted):
        assert found.value == pytest.approx(wanted)
    assert found.field.name == "activation"


def test_on_a_cut_face_the_probe_hangs_on_the_tissue(picture):
    camera = look(picture, FOUR_CHAMBER)
    plane = picture.scene.plane
    normal = np.array(plane.normal)
    lv, rv = (HEART.cavities[cavity].points.mean(axis=0) for cavity in (Cavity.LV, Cavity.RV))
    away = (lv - rv) - normal * ((lv - rv) @ normal)
    axis = away / np.linalg.norm(away)
    on_plane = lv - normal * ((lv - plane.origin) @ normal)
    surface = HEART.surface.points[HEART.surface.regions == Region.LV]
    near = surface[np.abs((surface - plane.origin) @ normal) < 4e-3]
    outermost = ((near - on_plane) @ axis).max()
    found = under(picture, camera, on_plane + axis * (outermost - 0.5 * LV_WALL))
    assert found.on_cut
    assert found.anchor.ground == TISSUE
    assert abs((found.place - plane.origin) @ normal) < 1e-9
    np.testing.assert_allclose(picture.scene.places([found.anchor])[0], found.place, atol=1e-4)


def test_anchors_beat_with_the_heart():
    anchors = [Anchor(SURFACE, (5,), (1.0,)), Anchor(TISSUE, (7,), (1.0,))]
    motion = SolidMotion(HEART)
    rest, squeezed = places_over_beat(motion, anchors, (0.0, 0.5))
    centre = HEART.surface.points.mean(axis=0)
    np.testing.assert_allclose(squeezed - centre, 0.8 * (rest - centre), atol=1e-6)


def test_what_hangs_on_tissue_that_does_not_move_has_no_place():
    anchors = [Anchor(TISSUE, (7,), (1.0,)), Anchor(SURFACE, (10**7,), (1.0,))]
    assert np.isnan(places_over_beat(SyntheticMotion(HEART), anchors, (0.0,))).all()


def test_an_anchor_of_a_heart_with_another_number_of_points_is_nowhere():
    heart = filled_anatomy(8)
    count = len(heart.surface.points)
    points = heart.surface.points.astype(np.float32)
    own, other, unknown = (Anchor(SURFACE, (3,), (1.0,), of) for of in (count, count + 1, 0))
    places = anchored([own, other, unknown], points, lambda: None)
    np.testing.assert_allclose(places[0], points[3], rtol=1e-6)
    assert np.isnan(places[1]).all()
    np.testing.assert_allclose(places[2], points[3], rtol=1e-6)
