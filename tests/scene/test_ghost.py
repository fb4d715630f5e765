"""The rim of a body, by which one heart is drawn over another."""

import numpy as np

from organtwin.scene.ghost import CELL, RIM, on_rim

EYE = np.array([0.0, 0.0, 0.6], np.float32)
RADIUS = 0.04


def ball(radius: float, centre: tuple[float, float, float]) -> np.ndarray:
    """Points about 2 mm apart on a sphere."""
    number = int(4.0 * np.pi * radius**2 / 0.002**2)
    steps = np.arange(number) + 0.5
    polar, turn = np.arccos(1.0 - 2.0 * steps / number), np.pi * (1.0 + 5**0.5) * steps
    ring = np.column_stack([np.cos(turn) * np.sin(polar), np.sin(turn) * np.sin(polar)])
    return np.asarray(radius * np.column_stack([ring, np.cos(polar)]) + centre, np.float32)


def test_the_rim_is_where_the_line_of_sight_leaves_the_body():
    points = ball(RADIUS, (0.0, 0.0, 0.0))
    away = np.hypot(points[:, 0], points[:, 1])
    found = on_rim(points, EYE)
    assert found[away > RADIUS - 0.5 * CELL].all()
    assert not found[away < RADIUS - (RIM + 2.5) * CELL].any()


def test_what_stands_before_the_body_has_no_rim_of_its_own():
    small = ball(0.01, (0.0, 0.0, 0.05))
    found = on_rim(np.concatenate([small, ball(RADIUS, (0.0, 0.0, 0.0))]), EYE)
    assert on_rim(small, EYE).any()
    assert not found[: len(small)].any()
