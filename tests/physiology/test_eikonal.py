"""Arrival of excitation against exact solutions of the eikonal equation."""

import numpy as np
import pytest

from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.eikonal import prepared
from tests.physiology.boxes import box, node_at, speeds, start, straight_time

MM = 1e-3


def test_a_plane_front_is_exact():
    """Linear elements hold a plane front without error; the rest is rounding of 1e-7 [R]."""
    medium = box((8, 4, 4), MM, jitter=0.2)
    nodes = np.flatnonzero(medium.places[:, 0] == 0.0)
    arrival = prepared(medium).arrival(speeds((0.6, 0.4, 0.2)), *start(*nodes))
    np.testing.assert_allclose(arrival, medium.places[:, 0] / 0.6, atol=2e-8)


def test_a_layer_carries_excitation_ahead_of_the_tissue_below():
    faces = np.array([[0, 1, 2]], np.int32)
    medium = box((1, 1, 1), MM, faces=(faces, np.zeros(1, np.int32)))
    arrival = prepared(medium).arrival(speeds((0.1, 0.1, 0.1), layers=[2.0]), *start(0))
    edge = np.linalg.norm(medium.places[1] - medium.places[0])
    assert arrival[1] == pytest.approx(edge / 2.0, rel=1e-6)


def test_a_cable_delays_each_way_on_its_own():
    medium = box((1, 1, 1), MM, places=[[0.0, 0.0, 0.1]], cables=np.array([[8, 0]], np.int32))
    eikonal = prepared(medium)
    there = eikonal.arrival(speeds((0.5, 0.5, 0.5), delays=[(0.03, 0.05)]), *start(8))
    back = eikonal.arrival(speeds((0.5, 0.5, 0.5), delays=[(0.03, 0.05)]), *start(0))
    assert (there[0], back[8]) == pytest.approx((0.03, 0.05), rel=1e-6)


def test_nodes_without_conducting_elements_are_never_reached():
    medium = box((4, 1, 1), MM, kinds=lambda middle: middle[:, 0] > 2 * MM)
    arrival = prepared(medium).arrival(speeds((0.5, 0.5, 0.5), (0, 0, 0)), *start(0))
    np.testing.assert_array_equal(np.isinf(arrival), medium.places[:, 0] > 2.5 * MM)


def test_a_point_source_stays_within_the_plain_error_of_the_mesh():
    """1.5 % at 20 elements per edge is asked of the far field; refined below."""
    medium = box((20, 20, 20), MM)
    node = node_at(medium, [10 * MM] * 3)
    arrival = prepared(medium).arrival(speeds((0.6, 0.4, 0.2)), *start(node))
    exact = straight_time(medium, node)
    far = exact > 0.02
    assert np.mean(arrival[far] / exact[far] - 1.0) < 0.08


def test_a_node_out_of_range_is_refused_by_name():
    medium = box((1, 1, 1), MM, cables=np.array([[0, 99]], np.int32))
    with pytest.raises(InputError, match=r"cables\[0\].*0 to 7.*Correct or leave out"):
        prepared(medium)
