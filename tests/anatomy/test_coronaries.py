import numpy as np
import pytest

from organtwin.anatomy import template_shape as shape
from organtwin.anatomy.contour import is_closed
from organtwin.anatomy.coronaries import COURSES, centre_line, coronary_tubes
from organtwin.anatomy.regions import Region


@pytest.fixture(scope="module")
def lines():
    found = {}
    for course in COURSES:
        found[course.name] = centre_line(course, found.get(course.parent))
    return found


def test_vessels_are_closed_tubes_of_two_kinds():
    points, triangles, regions = coronary_tubes()
    assert is_closed(triangles)
    assert len(points) == len(regions)
    assert set(regions) == {Region.CORONARY_ARTERY, Region.CORONARY_VEIN}


def test_vessels_lie_on_the_heart(lines):
    for course in COURSES:
        line = lines[course.name][course.on_surface(lines[course.name])]
        off = np.abs(shape.outside(line))
        assert np.percentile(off, 85) < 0.5, course.name
        assert off.max() < 4.0, "deep in a groove a vessel may bridge it"


def test_branches_spring_from_their_parent(lines):
    for course in COURSES:
        if course.parent is not None:
            gap = np.linalg.norm(lines[course.parent] - lines[course.name][0], axis=1).min()
            assert gap < 1e-9, course.name


def test_the_arteries_spring_from_their_sinuses(lines):
    for name, sinus in (("left main", "left"), ("right coronary", "right")):
        offset = lines[name][0] - shape.AORTIC.centre
        facing = shape.around(shape.AORTIC, shape.SINUS_ANGLES[sinus], 1.0, 0.0)
        across = offset - (offset @ shape.AORTIC.outward) * shape.AORTIC.outward
        cosine = across @ (facing - shape.AORTIC.centre) / np.linalg.norm(across)
        assert cosine > np.cos(np.radians(60.0)), name


def test_the_anterior_descending_artery_runs_between_the_ventricles(lines):
    line = lines["left anterior descending"]
    upper = line[len(line) // 6 : 2 * len(line) // 3]
    depth = shape.lumens(upper) / shape.thickness(upper)
    assert np.abs(depth[:, 0] - depth[:, 1]).mean() < 0.5


def test_the_coronary_sinus_ends_in_the_right_atrium(lines):
    end = lines["great cardiac vein and coronary sinus"][-1:]
    assert -8.0 < shape.lumens(end)[0, 3] < 2.0
