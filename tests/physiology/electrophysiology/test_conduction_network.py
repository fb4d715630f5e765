"""The conduction system lies where it should, on any heart, and can be drawn."""

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from organtwin.anatomy.regions import Cavity, Region
from organtwin.physiology.electrophysiology.activation.atria import conduction_network
from organtwin.physiology.electrophysiology.activation.lining import lining
from organtwin.physiology.electrophysiology.activation.network import Branch
from tests.physiology.electrophysiology.electric_hearts import (
    left_ventricle,
    template_heart,
    two_ventricles,
)

FASCICLES = (
    Branch.LEFT_ANTERIOR_FASCICLE, Branch.LEFT_SEPTAL_FASCICLE, Branch.LEFT_POSTERIOR_FASCICLE,
)  # fmt: skip


def cylinder(radius, n_around, n_along, step):
    angle = np.linspace(0, 2 * np.pi, n_around, endpoint=False)
    ring = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    points = np.concatenate([np.c_[ring, np.full(n_around, k * step)] for k in range(n_along)])
    faces = []
    for k in range(n_along - 1):
        for i in range(n_around):
            a, b = k * n_around + i, k * n_around + (i + 1) % n_around
            faces += [(a, b, a + n_around), (b, b + n_around, a + n_around)]
    return points, np.array(faces, np.int32)


def test_a_way_over_a_cylinder_is_nearly_the_geodesic():
    """A quarter turn while rising 40 mm; edges alone are 12 % too long, 2 % is allowed."""
    radius, around = 20e-3, 60
    points, faces = cylinder(radius, around, 21, 2e-3)
    way = lining(points, faces).way(0, 20 * around + around // 4)
    length = np.linalg.norm(np.diff(way, axis=0), axis=1).sum()
    assert length == pytest.approx(np.hypot(radius * np.pi / 2, 40e-3), rel=0.02)


def test_fascicles_lie_on_the_endocardium():
    heart = template_heart()
    surface = lining(heart.tissue.nodes, heart.tissue.endocardium(Cavity.LV))
    for branch in FASCICLES:
        places = heart.network.places[
            np.unique(heart.network.cables[heart.network.branches == branch])
        ]
        assert np.linalg.norm(surface.projected(places) - places, axis=1).max() < 1e-9


def test_all_branches_are_there_on_the_template():
    assert set(template_heart().network.branches) == set(Branch)


def test_the_ventricular_tree_hangs_together():
    network = template_heart().network
    own = network.branches >= Branch.AV_NODE
    cables = network.cables[own]
    n = len(network.places)
    graph = sparse.coo_array((np.ones(len(cables)), (cables[:, 0], cables[:, 1])), (n, n))
    part = connected_components(graph, directed=False)[1]
    assert len(np.unique(part[np.unique(cables)])) == 1


def test_first_junctions_are_the_three_sites_of_durrer():
    """High anterior paraseptal, centre of the septum, posterior paraseptal at a third."""
    heart = template_heart()
    first = {}
    for branch in FASCICLES:
        own = heart.network.junction_branches == branch
        node = heart.network.junction_nodes[own][0]
        first[branch] = (heart.tissue.apicobasal[node], heart.tissue.rotational[node])
    (high, front), (centre, middle), (third, back) = (first[branch] for branch in FASCICLES)
    assert high > 0.65
    assert 1.0 < front < 1.6
    assert 0.4 < centre < 0.6
    assert abs(middle) < 0.3
    assert 0.25 < third < 0.42
    assert -1.6 < back < -1.0


def test_junctions_of_each_side_are_in_its_own_ventricle():
    heart = template_heart()
    left = np.isin(heart.network.junction_branches, FASCICLES)
    inner = np.unique(heart.tissue.endocardium(Cavity.LV))
    assert np.isin(heart.network.junction_nodes[left], inner).all()
    band = heart.network.junction_branches == Branch.MODERATOR_BAND
    free = np.unique(heart.tissue.endocardium(Cavity.RV))
    assert np.isin(heart.network.junction_nodes[band], free).all()


def test_sinus_node_is_high_in_the_right_atrium_and_to_the_right():
    tissue, node = template_heart().tissue, template_heart().network.sinus_node
    right = tissue.touching(Region.RA)
    assert node in right
    assert tissue.nodes[node, 2] > np.quantile(tissue.nodes[right, 2], 0.6)
    assert tissue.nodes[node, 0] < np.quantile(tissue.nodes[right, 0], 0.2)


def test_bachmann_bundle_ends_in_the_left_atrium():
    heart = template_heart()
    own = heart.network.junction_branches == Branch.BACHMANN_BUNDLE
    left = np.isin(heart.network.junction_nodes[own], heart.tissue.touching(Region.LA))
    assert left.sum() > 5


def test_no_node_of_muscle_is_tied_twice_to_a_tract():
    heart = template_heart()
    for branch in (Branch.TERMINAL_CREST, Branch.BACHMANN_BUNDLE):
        own = heart.network.junction_nodes[heart.network.junction_branches == branch]
        assert len(np.unique(own)) == len(own)


def test_the_same_heart_gets_the_same_network():
    heart = template_heart()
    again = conduction_network(heart.tissue)
    np.testing.assert_array_equal(again.places, heart.network.places)
    np.testing.assert_array_equal(again.junction_nodes, heart.network.junction_nodes)


@pytest.mark.parametrize("heart", [left_ventricle, two_ventricles])
def test_hearts_without_atria_begin_at_the_av_node(heart):
    network = heart().network
    assert network.sinus_node == -1
    assert Branch.AV_NODE in network.branches
    assert Branch.TERMINAL_CREST not in network.branches


def test_an_lv_alone_has_no_moderator_band():
    assert Branch.MODERATOR_BAND not in left_ventricle().network.branches
