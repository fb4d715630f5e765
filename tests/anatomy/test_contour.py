import numpy as np

from organtwin.anatomy.contour import (
    Opening,
    border_loops,
    cut,
    is_closed,
    relaxed,
    rounded_rim,
    surface_net,
)
from organtwin.anatomy.implicit import ellipsoid, tube

LOWER, UPPER = np.full(3, -13.0), np.full(3, 13.0)


def enclosed(points, triangles):
    a, b, c = (points[triangles[:, i]] for i in range(3))
    return np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0


def test_net_of_a_ball_is_closed_outward_and_of_the_right_volume():
    ball = ellipsoid((0.3, 0.1, -0.2), (8.0, 8.0, 8.0))
    points, triangles = surface_net(ball, LOWER, UPPER, 1.3)
    points = relaxed(points, triangles, ball, rounds=4, step=0.1)
    assert is_closed(triangles)
    assert np.abs(ball(points)).max() < 0.02
    np.testing.assert_allclose(enclosed(points, triangles), 4 / 3 * np.pi * 8**3, rtol=0.02)


def test_neighbours_closer_than_a_cell_stay_apart():
    one, two = ellipsoid((-5, 0.2, 0), (4.7, 4.7, 4.7)), ellipsoid((5, 0, 0.3), (4.7, 4.7, 4.7))
    _, triangles = surface_net(lambda p: np.minimum(one(p), two(p)), LOWER - 0.4, UPPER + 0.4, 0.55)
    assert is_closed(triangles)


def test_a_pipe_cut_open_on_both_sides_is_closed_again_by_its_rim():
    opening = Opening("end", np.array([0.0, 0, 4]), np.array([0.0, 0, 1]), 8.0)
    pieces, points, loops = [], np.empty((0, 3)), []
    for radius, inward in ((5.0, False), (3.0, True)):
        pipe = tube([(0, 0, -4), (0, 0, 9)], [radius, radius])
        own, triangles = surface_net(pipe, LOWER - 5, UPPER + 5, 1.1)
        own, triangles = cut(own, triangles, opening, snap=0.3)
        (loop,) = border_loops(triangles)
        np.testing.assert_allclose(own[loop][:, 2], 4.0, atol=1e-9)
        loops.append(loop + len(points))
        pieces.append((triangles[:, ::-1] if inward else triangles) + len(points))
        points = np.concatenate([points, own])
    assert not is_closed(np.concatenate(pieces))
    points, rim = rounded_rim(points, *loops, opening)
    assert is_closed(np.concatenate([*pieces, rim]))
    assert points[:, 2].max() > 4.5, "the rim is rounded outwards"
