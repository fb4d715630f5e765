"""Coordinates that are not those of a heart in LPS are told apart before anything is fitted."""

from dataclasses import replace

import numpy as np
import pytest

from organtwin.anatomy import template_shape as shape
from organtwin.anatomy.template_file import load_template
from organtwin.anatomy.warping_alignment import MIRRORED_ALIKE, aligned, umeyama
from organtwin.anatomy.warping_parts import Part, parts
from organtwin.anatomy.warping_targets import Target, Targets
from organtwin.errors import InputError

SEEN = (Part.LV_ENDOCARDIUM, Part.RV_ENDOCARDIUM, Part.EPICARDIUM, Part.MITRAL_RING)


@pytest.fixture(scope="module")
def pieces():
    return parts(load_template())


def turn(angle):
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def seen(pieces, linear, shift=0.0):
    """Part of the template's points, moved."""
    return Targets(
        {part: Target(pieces[part].points[::3] @ np.asarray(linear).T + shift) for part in SEEN}
    )


def test_size_place_and_direction_are_found(pieces):
    rotation = turn(0.4)
    found = aligned(pieces, seen(pieces, 1.2 * rotation, np.array([0.1, -0.2, 0.3])))
    assert found.scale == pytest.approx(1.2, rel=1e-4)
    np.testing.assert_allclose(found.rotation, rotation, atol=1e-4)
    np.testing.assert_allclose(found.shift, [0.1, -0.2, 0.3], atol=0.05e-3)


@pytest.mark.parametrize(
    ("linear", "message"),
    [
        (np.diag([-1.0, 1.0, 1.0]), "mirrored heart"),
        (np.diag([1.0, 1.0, -1.0]), "mirrored heart"),
        (np.diag([-1.0, -1.0, 1.0]), "RAS read as LPS"),
        (np.diag([0.4, 0.4, 0.4]), "of 0.45 to 2.0 times"),
    ],
)
def test_coordinates_of_another_kind_are_named(pieces, linear, message):
    with pytest.raises(InputError, match=message):
        aligned(pieces, seen(pieces, linear))


def test_points_of_no_heart_are_refused(pieces):
    rng = np.random.default_rng(0)
    cloud = {part: Target(rng.uniform(0, 0.1, (300, 3))) for part in SEEN[:3]}
    with pytest.raises(InputError, match="shaped like a heart"):
        aligned(pieces, Targets(cloud))


def test_exchanged_labels_are_refused(pieces):
    given = seen(pieces, np.eye(3)).parts
    swapped = dict(given)
    swapped[Part.LV_ENDOCARDIUM] = given[Part.RV_ENDOCARDIUM]
    swapped[Part.RV_ENDOCARDIUM] = given[Part.LV_ENDOCARDIUM]
    with pytest.raises(InputError, match="labels"):
        aligned(pieces, Targets(swapped))


def test_a_similarity_between_pairs_is_exact():
    rng = np.random.default_rng(1)
    places = rng.normal(size=(20, 3))
    scale, rotation, shift = umeyama(places, 0.7 * places @ turn(1.0).T + 2.0, np.ones(20))
    assert scale == pytest.approx(0.7)
    np.testing.assert_allclose(rotation, turn(1.0), atol=1e-12)
    np.testing.assert_allclose(shift, 2.0, atol=1e-12)


def test_a_mirrored_pair_of_plain_chambers_is_told_by_how_it_would_lie(pieces):
    # Without valves two chambers nearly fit their mirror image: what tells is the direction.
    plain = (Part.LV_ENDOCARDIUM, Part.RV_ENDOCARDIUM, Part.EPICARDIUM)
    floor = np.percentile(pieces[Part.EPICARDIUM].points @ -shape.HEART_AXES[2], 45)
    cropped = {
        part: Target(p[p @ -shape.HEART_AXES[2] > floor] * [1.0, 1.0, -1.0])
        for part in plain
        for p in [pieces[part].points]
    }
    with pytest.raises(InputError, match="mirrored heart"):
        aligned(pieces, Targets(cropped))


LEFT_ALONE = (Part.LV_ENDOCARDIUM, Part.LV_EPICARDIUM)


def left_alone(pieces, linear, *, anywhere):
    """The left ventricle below its valves: nearly its own mirror image."""
    floor = np.percentile(pieces[Part.LV_EPICARDIUM].points @ -shape.HEART_AXES[2], 30)
    return Targets(
        {
            part: Target(p[p @ -shape.HEART_AXES[2] > floor] @ np.asarray(linear).T)
            for part in LEFT_ALONE
            for p in [pieces[part].points]
        },
        anywhere=anywhere,
    )


def test_a_left_ventricle_alone_may_lie_anywhere(pieces):
    upside_down = np.diag([1.0, -1.0, -1.0]) @ turn(1.2)
    found = aligned(pieces, left_alone(pieces, upside_down, anywhere=True))
    assert found.distance < 3e-3
    assert found.mirrored_distance < MIRRORED_ALIKE * found.distance, "cannot be told: say so"
    with pytest.raises(InputError):
        aligned(pieces, left_alone(pieces, upside_down, anywhere=False))


def test_two_ventricles_turned_anyhow_are_found_and_their_mirror_image_is_not(pieces):
    turned = turn(2.0) @ np.diag([-1.0, 1.0, -1.0])
    given = seen(pieces, turned)
    found = aligned(pieces, replace(given, anywhere=True))
    np.testing.assert_allclose(found.rotation, turned, atol=1e-3)
    with pytest.raises(InputError, match="mirrored heart"):
        aligned(pieces, replace(seen(pieces, turned @ np.diag([-1.0, 1.0, 1.0])), anywhere=True))
