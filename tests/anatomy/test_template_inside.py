import numpy as np
import pytest

from organtwin.anatomy import template_shape as shape
from organtwin.anatomy.contour import is_closed
from organtwin.anatomy.regions import Valve
from organtwin.anatomy.template_inside import MUSCLES, chordae, papillary_muscles
from organtwin.anatomy.template_valves import valve_sheets


@pytest.fixture(scope="module")
def strings():
    return {v: chordae(v, valve_sheets(v)) for v in (Valve.MITRAL, Valve.TRICUSPID)}


def test_muscles_are_closed_and_stand_in_their_ventricle():
    points, triangles = papillary_muscles()
    assert is_closed(triangles)
    assert shape.outside(points).max() < -1.0, "none reaches through the wall"
    blood = np.minimum(shape.left_blood(points), shape.right_blood(points))
    assert (blood < 0).mean() > 0.5
    assert blood.max() < 3.0


@pytest.mark.parametrize("name", MUSCLES)
def test_every_head_has_its_foot_in_the_wall(name):
    for places, _ in MUSCLES[name].heads:
        foot = shape.body(*places[0])[None]
        assert shape.outside(foot)[0] < -0.8
        assert min(shape.left_blood(foot)[0], shape.right_blood(foot)[0]) > -2.5


def test_chordae_are_closed_stay_inside_and_lead_to_the_leaflets(strings):
    for valve, own in strings.items():
        assert is_closed(own.triangles)
        assert shape.outside(own.closed).max() < -0.3
        assert shape.outside(own.opened).max() < -0.3
        moved = np.linalg.norm(own.opened - own.closed, axis=1)
        assert moved.max() > 8.0, valve
        assert moved.min() < 1e-9, "the feet stay"


def test_arterial_valves_have_no_chordae():
    assert len(chordae(Valve.AORTIC, valve_sheets(Valve.AORTIC)).closed) == 0
