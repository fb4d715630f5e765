"""The rim of a body, by which one heart is drawn over another."""

from types import SimpleNamespace

import numpy as np

from organtwin.anatomy.regions import Region
from organtwin.anatomy.template_file import load_template
from organtwin.scene.ghost import CELL, RIM, Ghost, on_rim
from tests.synthetic_heart import SyntheticMotion

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


def test_vessels_on_the_wall_draw_no_strokes_beside_the_rim():
    """From the front three strokes ran parallel to the edge of the left ventricle."""
    surface = load_template().surface
    segments, count = np.zeros((30_000, 2, 3), np.float32), []
    actor = SimpleNamespace(SetPosition=lambda *place: None)
    lines = SimpleNamespace(segments=segments, show=count.append, actor=actor)
    ghost = Ghost(SyntheticMotion(load_template()), lines)
    ghost.move(0.0, (0.95 * surface.points).astype(np.float32))
    eye = np.array([0.0, -0.6, 0.0], np.float32)
    ghost.draw_outline(eye)
    drawn = segments[: count[0]].reshape(-1, 3)
    assert len(drawn) > 500
    coronary = np.isin(surface.regions, [Region.CORONARY_ARTERY, Region.CORONARY_VEIN])
    rays = directions(surface.points[coronary], eye)
    # Lines are lifted toward the eye, so it is rays that are compared.
    nearest = np.array([np.abs(rays - ray).max(axis=1).min() for ray in directions(drawn, eye)])
    assert not (nearest < 1e-7).any()


def directions(points, eye):
    away = points.astype(np.float64) - eye
    return away / np.linalg.norm(away, axis=1, keepdims=True)
