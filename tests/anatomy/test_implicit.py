import numpy as np

from organtwin.anatomy.implicit import balls, ellipsoid, gradient, smooth_minimum, tapered, tube


def test_distance_to_a_ball_is_exact():
    ball = ellipsoid((1.0, 2.0, 3.0), (2.0, 2.0, 2.0))
    points = np.array([[1.0, 2.0, 6.0], [1.0, 2.0, 4.0], [3.0, 2.0, 3.0]])
    np.testing.assert_allclose(ball(points), [1.0, -1.0, 0.0], atol=1e-12)


def test_an_egg_is_wider_at_the_end_it_grows_towards():
    egg = tapered((1.0, 0.0, 0.0), (2.0, 3.0, 5.0), np.eye(3), (0.5, 0.0))
    plain = ellipsoid((1.0, 0.0, 0.0), (2.0, 3.0, 5.0))
    middle = np.array([[3.0, 0, 0], [1.0, 3.0, 0]])
    np.testing.assert_allclose(egg(middle), 0.0, atol=1e-12)
    above, below = np.array([[3.0, 0, 2.5]]), np.array([[3.0, 0, -2.5]])
    assert egg(above) < plain(above) < egg(below)


def test_balls_apart_are_balls():
    pair = balls([(0, 0, 0), (9, 0, 0)], [1.0, 2.0], 0.5)
    np.testing.assert_allclose(pair(np.array([[-3.0, 0, 0], [9.0, 5.0, 0]])), [2.0, 3.0])


def test_straight_tube_has_its_radius_and_round_ends():
    pipe = tube([(0, 0, 0), (0, 0, 10)], [2.0, 2.0])
    points = np.array([[5.0, 0, 5], [0, 0, 5], [0, 0, 14.0], [2.0, 0, 1]])
    np.testing.assert_allclose(pipe(points), [3.0, -2.0, 2.0, 0.0], atol=1e-12)


def test_smooth_minimum_is_the_minimum_away_from_the_blend():
    a, b = np.array([0.0, 5.0, 1.0]), np.array([4.0, 0.0, 1.0])
    blended = smooth_minimum(a, b, 2.0)
    np.testing.assert_allclose(blended[:2], [0.0, 0.0])
    assert blended[2] < 1.0


def test_gradient_of_a_distance_points_away_from_it():
    ball = ellipsoid((0, 0, 0), (2.0, 2.0, 2.0))
    slope = gradient(ball, np.array([[0.0, 3.0, 4.0]]), 0.01)
    np.testing.assert_allclose(slope, [[0.0, 0.6, 0.8]], atol=1e-5)
