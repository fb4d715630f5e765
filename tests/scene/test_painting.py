"""The painting of a heart is made once per topology."""

from dataclasses import replace

from organtwin.scene.painting import painting
from tests.synthetic_heart import synthetic_anatomy


def test_hearts_with_the_same_triangles_share_a_painting():
    heart = synthetic_anatomy(8)
    larger = replace(heart, surface=replace(heart.surface, points=1.3 * heart.surface.points))
    assert painting(larger) is painting(heart)


def test_another_topology_gets_its_own():
    one, other = synthetic_anatomy(8), synthetic_anatomy(10)
    assert len(painting(one).colors) == len(one.surface.points)
    assert len(painting(other).colors) == len(other.surface.points)
