from dataclasses import replace

import numpy as np
import pytest

from organtwin.anatomy.mesh import Surface
from organtwin.anatomy.regions import Region
from organtwin.scene.layers import offered
from organtwin.scene.picture import Picture
from tests.synthetic_heart import SolidMotion, SyntheticMotion, filled_anatomy, synthetic_anatomy

HEART = filled_anatomy()


def wrapped(heart):
    """The heart in a swollen copy of its own outside."""
    surface = heart.surface
    middle = surface.points.mean(axis=0)
    points = middle + 1.15 * (surface.points - middle)
    regions = np.full(len(points), Region.PERICARDIUM, np.int32)
    return replace(heart, pericardium=Surface(points, surface.triangles, regions))


@pytest.fixture
def picture():
    made = Picture(240, 200)
    yield made
    made.close()


def rgb(picture):
    pixels = picture.render()
    return np.stack([(pixels >> shift) & 255 for shift in (16, 8, 0)], axis=-1).astype(int)


def shown(picture, motion, hidden=frozenset({"blood", "fibers"})):
    picture.scene.show(motion)
    picture.scene.look(picture.scene.preset("AP", picture.aspect).camera)
    picture.scene.set_hidden(hidden)
    return rgb(picture)


def test_only_a_heart_with_a_sac_offers_it():
    assert "pericardium" not in [layer.name for layer in offered(HEART)]
    assert "pericardium" in [layer.name for layer in offered(wrapped(HEART))]


def test_the_heart_shows_through_its_sac_and_is_back_when_that_is_hidden(picture):
    motion = SolidMotion(wrapped(HEART))
    with_sac = shown(picture, motion)
    picture.scene.set_hidden(frozenset({"blood", "fibers", "pericardium"}))
    without = rgb(picture)
    changed = (with_sac != without).any(axis=-1)
    assert changed.mean() > 0.2
    ground = without[0, 0]
    heart = (without != ground).any(axis=-1)
    redness = with_sac[heart & changed].astype(float)
    assert (redness[:, 0] > redness[:, 2] + 15).mean() > 0.5, "red muscle under the pale sac"
    assert (shown(picture, motion) == with_sac).all()


def test_the_sac_beats_with_the_heart(picture):
    start = shown(picture, SolidMotion(wrapped(HEART)), frozenset({"walls", "vessels"}))
    picture.scene.set_phase(0.5)
    assert (rgb(picture) != start).any(axis=-1).mean() > 0.02


def test_a_motion_that_does_not_move_the_sac_shows_none(picture):
    with_it = shown(picture, SyntheticMotion(wrapped(synthetic_anatomy())))
    picture.scene.set_hidden(frozenset({"blood", "fibers", "pericardium"}))
    assert (rgb(picture) == with_it).all()
