import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from organtwin.anatomy.regions import Cavity, Region
from organtwin.errors import InputError, UnknownNameError
from organtwin.scene.camera import PRESETS, CameraState, c_arm_angles, c_arm_text, preset_view
from organtwin.scene.navigation import NEAREST, aimed, orbited, panned, zoomed
from tests.synthetic_heart import synthetic_anatomy

ANATOMY = synthetic_anatomy(12)


def _screen(camera: CameraState, point: np.ndarray) -> tuple[float, float]:
    """Position right and up in the picture, in half heights."""
    right = np.cross(camera.view_up, camera.direction)
    right /= np.linalg.norm(right)
    up = np.cross(camera.direction, right)
    ray = point - np.array(camera.position)
    depth = -(ray @ camera.direction) * np.tan(np.radians(camera.view_angle / 2))
    return float(ray @ right / depth), float(ray @ up / depth)


def _centre(cavity: Cavity) -> np.ndarray:
    return ANATOMY.cavities[cavity].points.mean(axis=0)


def test_ap_looks_from_the_front_with_the_patients_left_on_the_viewers_right():
    camera = preset_view(ANATOMY, "AP").camera
    np.testing.assert_allclose(camera.direction, [0, -1, 0], atol=1e-12)
    middle = np.array(camera.focal_point)
    assert _screen(camera, middle + np.array([0.01, 0, 0]))[0] > 0
    assert _screen(camera, middle + np.array([0, 0, 0.01]))[1] > 0


def test_lao_looks_from_the_patients_left_front_and_rao_from_the_right_front():
    left, front, _ = preset_view(ANATOMY, "LAO 45").camera.direction
    assert left == pytest.approx(np.sqrt(0.5))
    assert front == pytest.approx(-np.sqrt(0.5))
    left, front, _ = preset_view(ANATOMY, "RAO 30").camera.direction
    assert left == pytest.approx(-0.5)
    assert front < 0


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("aspect", [0.5, 1.0, 1.8])
def test_every_view_holds_the_whole_heart_and_wastes_little(name, aspect):
    view = preset_view(ANATOMY, name, aspect)
    points = ANATOMY.surface.points
    if view.plane is not None:
        kept = (points - view.plane.origin) @ np.array(view.plane.normal) >= 0
        points = points[kept]
    places = np.array([_screen(view.camera, point) for point in points])
    fill = np.abs(places) / [aspect, 1.0]
    assert 0.85 < fill.max() <= 1.0


def test_four_chamber_view_shows_apex_up_and_the_left_ventricle_on_the_viewers_right():
    view = preset_view(ANATOMY, "Four-chamber")
    lv, rv, la, ra = (_screen(view.camera, _centre(cavity)) for cavity in Cavity)
    assert lv[0] > rv[0]
    assert la[0] > ra[0]
    assert min(lv[1], rv[1]) > max(la[1], ra[1])


def test_four_chamber_cut_passes_through_all_four_cavities_and_keeps_the_far_half():
    view = preset_view(ANATOMY, "Four-chamber")
    normal = np.array(view.plane.normal)
    for cavity in Cavity:
        heights = (ANATOMY.cavities[cavity].points - view.plane.origin) @ normal
        assert heights.min() < -0.005
        assert heights.max() > 0.005
    assert view.camera.direction @ normal < 0


def test_short_axis_cuts_both_ventricles_across_the_long_axis():
    view = preset_view(ANATOMY, "Short axis")
    lv, rv = (_screen(view.camera, _centre(cavity)) for cavity in (Cavity.LV, Cavity.RV))
    assert lv[0] > rv[0]
    surface = ANATOMY.surface
    apex = surface.points[surface.regions == Region.LV]
    apex = apex[((apex - _centre(Cavity.LA)) ** 2).sum(axis=1).argmax()]
    assert (apex - view.plane.origin) @ np.array(view.plane.normal) < 0  # the apex is cut away


@pytest.mark.parametrize(
    ("name", "angles", "text"),
    [
        ("AP", (0, 0), "AP"),
        ("LAO 45", (45, 0), "LAO 45°"),
        ("RAO 30", (-30, 0), "RAO 30°"),
        ("Left lateral", (90, 0), "LAO 90°"),
    ],
)
def test_the_c_arm_angles_are_those_of_the_named_views(name, angles, text):
    direction = preset_view(ANATOMY, name).camera.direction
    assert c_arm_angles(direction) == pytest.approx(angles, abs=1e-9)
    assert c_arm_text(direction) == text


def test_cranial_and_caudal_angles_have_their_sign():
    spider = np.array([np.sin(np.radians(45)), -np.cos(np.radians(45)), 0]) * np.cos(0.5)
    spider[2] = -np.sin(0.5)  # LAO 45 CAU 29, the "spider" view of the left main artery
    assert c_arm_angles(spider) == pytest.approx((45.0, -np.degrees(0.5)))
    assert c_arm_text(spider) == "LAO 45° CAU 29°"
    assert c_arm_text(spider * [-1, 1, -1]) == "RAO 45° CRA 29°"


def test_an_unknown_view_offers_the_nearest_name():
    with pytest.raises(UnknownNameError, match="LAO 45"):
        preset_view(ANATOMY, "LAO 4")


_angle = st.floats(-3.0, 3.0)


@given(_angle, _angle)
def test_orbiting_keeps_distance_target_and_an_upright_frame(horizontal, vertical):
    start = preset_view(ANATOMY, "AP").camera
    turned = orbited(start, horizontal, vertical)
    assert turned.focal_point == start.focal_point
    before, after = (
        np.linalg.norm(np.subtract(camera.position, camera.focal_point))
        for camera in (start, turned)
    )
    assert after == pytest.approx(before)
    assert np.dot(turned.view_up, turned.direction) == pytest.approx(0.0, abs=1e-9)


def test_dragging_to_the_right_brings_the_patients_right_side_to_the_front():
    turned = orbited(preset_view(ANATOMY, "AP").camera, 0.5, 0.0)
    assert turned.direction[0] < 0


def test_dragging_down_shows_the_top():
    turned = orbited(preset_view(ANATOMY, "AP").camera, 0.0, 0.5)
    assert turned.direction[2] > 0


def test_panning_moves_the_heart_with_the_hand():
    start = preset_view(ANATOMY, "AP").camera
    point = np.array(start.focal_point)
    moved = panned(start, 0.25, 0.1)
    np.testing.assert_allclose(_screen(moved, point), (0.5, 0.2), atol=1e-9)


def test_zooming_in_stops_before_the_wall():
    near = zoomed(preset_view(ANATOMY, "AP").camera, 1e6)
    assert np.linalg.norm(np.subtract(near.position, near.focal_point)) == pytest.approx(NEAREST)


@pytest.mark.parametrize(("primary", "secondary"), [(30, 25), (-40, -20), (170, 60), (0, 0)])
def test_typed_c_arm_angles_are_those_of_the_camera(primary, secondary):
    before = orbited(preset_view(ANATOMY, "AP").camera, 0.3, -0.8)
    after = aimed(before, primary, secondary)
    np.testing.assert_allclose(c_arm_angles(after.direction), (primary, secondary), atol=1e-9)
    assert after.focal_point == before.focal_point
    distances = [np.linalg.norm(np.subtract(c.position, c.focal_point)) for c in (before, after)]
    assert distances[0] == pytest.approx(distances[1])
    assert np.dot(after.view_up, after.direction) == pytest.approx(0.0, abs=1e-12)
    assert after.view_up[2] > 0.0


@pytest.mark.parametrize(("primary", "secondary"), [(181, 0), (0, -91), (float("nan"), 0)])
def test_c_arm_angles_beyond_their_range_are_refused(primary, secondary):
    with pytest.raises(InputError, match="C-arm"):
        aimed(preset_view(ANATOMY, "AP").camera, primary, secondary)
