import numpy as np

from organtwin.anatomy.contour import is_closed
from organtwin.anatomy.tubes import ring_triangles, rings


def test_a_straight_tube_is_closed_and_has_the_volume_of_its_prism():
    line = np.column_stack([np.zeros(9), np.zeros(9), np.linspace(0.0, 8.0, 9)])
    radius, sides = np.full(9, 1.5), 12
    points = rings(line, radius, np.tile([1.0, 0.2, 0.3], (9, 1)), sides)
    triangles = ring_triangles(9, sides)
    assert is_closed(triangles)
    a, b, c = (points[triangles[:, i]] for i in range(3))
    base = 0.5 * sides * 1.5**2 * np.sin(2 * np.pi / sides)
    expected = base * (8.0 + 2 * 1.5 / 3)
    np.testing.assert_allclose(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0, expected, rtol=1e-9)
