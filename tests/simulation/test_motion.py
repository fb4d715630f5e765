import numpy as np

from organtwin.simulation.motion import LEAFLET_TIME, leaflet_opening

DURATION = 0.8
TIMES = np.arange(400) * DURATION / 400


def flow():
    return np.where((TIMES > 0.2) & (TIMES < 0.5), 1e-4, -1e-6)


def test_a_valve_is_open_while_blood_flows_forward():
    opening = leaflet_opening(flow(), DURATION)
    np.testing.assert_allclose(opening[(TIMES > 0.23) & (TIMES < 0.47)], 1.0)
    np.testing.assert_allclose(opening[(TIMES < 0.17) | (TIMES > 0.53)], 0.0, atol=1e-12)


def test_leaflets_take_their_time():
    opening = leaflet_opening(flow(), DURATION)
    moving = ((opening > 0.01) & (opening < 0.99)).sum() * DURATION / 400
    assert LEAFLET_TIME < moving < 2 * LEAFLET_TIME
    assert np.abs(np.diff(opening)).max() < 0.15


def test_a_leak_does_not_open_a_valve():
    np.testing.assert_array_equal(leaflet_opening(np.full(400, -1e-5), DURATION), 0.0)


def test_a_valve_open_across_the_end_of_the_beat_does_not_blink():
    opening = leaflet_opening(np.roll(flow(), 180), DURATION)
    np.testing.assert_allclose(opening, np.roll(leaflet_opening(flow(), DURATION), 180), atol=1e-12)
    assert abs(opening[0] - opening[-1]) < 0.15
