from dataclasses import replace

import numpy as np
import pytest

from organtwin.anatomy.mesh import Architecture
from organtwin.anatomy.regions import Region
from organtwin.scene.fiber_paths import STEP, STEPS, fiber_paths, helix_angles
from organtwin.scene.layers import offered
from organtwin.scene.picture import Picture
from tests.synthetic_heart import SolidMotion, SyntheticMotion, filled_anatomy

HEART = filled_anatomy()


def with_fibers(direction, across=(1.0, 0.0, 0.0), up=(0.0, 0.0, 1.0)):
    nodes, tets = HEART.tissue.nodes, HEART.tissue.tets
    low = nodes.min(axis=0)
    blank = np.zeros(len(nodes), np.float32)
    fibers = np.tile(np.asarray(direction, np.float32), (len(tets), 1))
    fibers[HEART.tissue.regions != Region.LV] = 0.0
    architecture = Architecture(
        ((nodes - low) @ np.array(up)).astype(np.float32),
        ((nodes - low) @ np.array(across)).astype(np.float32),
        blank, blank, fibers, fibers, np.zeros(len(tets), np.int32),
    )  # fmt: skip
    return replace(HEART, architecture=architecture)


@pytest.mark.parametrize(("degrees", "sign"), [(60, 1), (60, -1), (0, 1), (-50, 1), (85, 1)])
def test_the_helix_angle_is_positive_for_a_right_handed_helix(degrees, sign):
    # Outward is +x and the base +z; seen from the base, counter-clockwise is then +y.
    angle = np.radians(degrees)
    heart = with_fibers(sign * np.array([0.0, np.cos(angle), np.sin(angle)]))
    found = helix_angles(heart.tissue, heart.architecture)
    own = heart.tissue.regions == Region.LV
    np.testing.assert_allclose(np.degrees(found[own]), degrees, atol=1e-2)


def test_paths_follow_the_fibres_and_stay_in_the_muscle():
    heart = with_fibers((0.6, 0.0, 0.8))
    paths = fiber_paths(heart, seeds=60)
    places = np.einsum("nk,nki->ni", paths.weights, heart.tissue.nodes[paths.nodes])
    steps = places[paths.segments[:, 1]] - places[paths.segments[:, 0]]
    np.testing.assert_allclose(steps, np.tile(STEP * np.array([0.6, 0.0, 0.8]), (len(steps), 1)),
                               atol=1e-6)  # fmt: skip
    assert 60 < len(steps) <= 60 * 2 * STEPS
    muscle = heart.tissue.nodes[heart.tissue.tets[heart.tissue.regions == Region.LV]]
    assert places[:, 0].max() < muscle[..., 0].max() + 3e-3


def test_a_heart_without_architecture_has_no_fibres_to_offer():
    assert fiber_paths(HEART) is None
    assert "fibers" not in [layer.name for layer in offered(HEART)]
    assert "fibers" in [layer.name for layer in offered(with_fibers((0.0, 1.0, 0.0)))]


def rgb(picture):
    pixels = picture.render()
    return np.stack([(pixels >> shift) & 255 for shift in (16, 8, 0)], axis=-1).astype(int)


def test_fibres_take_the_place_of_the_walls_and_beat():
    made = Picture(240, 200)
    made.scene.show(SolidMotion(with_fibers((0.0, 0.0, 1.0))))
    made.scene.look(made.scene.preset("AP", made.aspect).camera)
    walls = rgb(made)
    made.scene.set_hidden(frozenset({"blood", "pericardium"}))
    start = rgb(made)
    assert (start != walls).any(axis=-1).mean() > 0.1
    made.scene.set_phase(0.5)
    assert (rgb(made) != start).any()
    made.scene.set_hidden(frozenset({"blood", "pericardium", "fibers"}))
    made.scene.set_phase(0.0)
    assert (rgb(made) == walls).all()
    made.close()


def test_without_moving_tissue_no_fibres_are_drawn():
    made = Picture(64, 48)
    made.scene.show(SyntheticMotion(with_fibers((0.0, 0.0, 1.0))))
    made.scene.set_hidden(frozenset())
    assert not made.scene._fibers.actor.GetVisibility()
    made.close()
