import math

import numpy as np
import pytest

from organtwin.anatomy.anchor import SURFACE, Anchor, anchor_of
from organtwin.anatomy.measuring import angle_at_middle, path_length, polygon_area
from organtwin.errors import InputError

ANCHOR = Anchor(SURFACE, (0, 2), (0.25, 0.75))


def test_an_anchor_lies_between_its_nodes_and_moves_with_them():
    points = np.array([[0.0, 0, 0], [9, 9, 9], [0.04, 0, 0]])
    np.testing.assert_allclose(ANCHOR.place(points), [0.03, 0, 0])
    np.testing.assert_allclose(ANCHOR.place(points + 1.0), [1.03, 1, 1])


def test_an_anchor_survives_a_file():
    assert anchor_of(ANCHOR.to_dict(), "case.json") == ANCHOR


@pytest.mark.parametrize(
    "change",
    [{"on": "moon"}, {"nodes": [0]}, {"nodes": [0, -1]}, {"weights": [0.5, 0.9]}, {"nodes": []}],
)
def test_a_broken_anchor_is_refused(change):
    with pytest.raises(InputError, match="anchor"):
        anchor_of(ANCHOR.to_dict() | change, "case.json")


def test_a_path_adds_up_its_pieces():
    places = np.array([[0.0, 0, 0], [0.03, 0, 0], [0.03, 0.04, 0]])
    assert path_length(places) == pytest.approx(0.07)


def test_the_angle_is_that_at_the_second_point():
    places = np.array([[1.0, 0, 0], [0, 0, 0], [1, math.sqrt(3), 0]])
    assert math.degrees(angle_at_middle(places)) == pytest.approx(60)
    assert math.degrees(angle_at_middle(places[[1, 0, 2]])) == pytest.approx(90)


def test_the_area_of_a_circle_in_any_plane():
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    flat = 0.01 * np.stack([np.cos(angle), np.sin(angle), np.zeros(400)], axis=1)
    rotation = np.linalg.qr(np.array([[1.0, 2, 3], [0, 1, 4], [5, 6, 0]]))[0]
    assert polygon_area(flat @ rotation.T + 0.3) == pytest.approx(np.pi * 1e-4, rel=1e-3)


def test_the_area_of_a_bent_outline_is_that_of_its_projection():
    bent = np.array([[0.0, 0, 0.1], [1, 0, -0.1], [1, 1, 0.1], [0, 1, -0.1]])
    assert polygon_area(bent) == pytest.approx(1.0)
