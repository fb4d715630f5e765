"""The table of the pump's activation: what the template computes, stretched and divided."""

import numpy as np
import pytest

from organtwin.errors import InputError, UnknownNameError
from organtwin.physiology.electrophysiology.activation.conduction import PATTERNS, conduction_named
from organtwin.physiology.electrophysiology.activation.electric_heart import (
    default_speeds,
    electric_heart,
)
from organtwin.physiology.electrophysiology.activation.patches import patches, pump_activation
from organtwin.physiology.electrophysiology.activation.template import electric_template
from organtwin.physiology.electrophysiology.conduction import (
    conduction_pattern,
    pr_relative_to_normal,
    reached_qrs,
    slowness_for,
    template_activations,
)
from organtwin.physiology.interface import (
    ATRIAL_LEAD,
    Activation,
    PatchLayout,
    Wall,
    atrial_delays,
)

LAYOUT = PatchLayout()
ATRIA = (Wall.LA, Wall.RA)


@pytest.fixture(scope="module")
def heart():
    return electric_heart(electric_template())


def mean(name: str, wall: Wall) -> float:
    return float(conduction_pattern(name, LAYOUT).delays[LAYOUT.slice(wall)].mean())


@pytest.mark.parametrize("name", ["normal", "lbbb", "biventricular"])
def test_the_table_is_what_the_template_computes_today(heart, name):
    """If not, run scripts/build_pump_activation.py. The table is rounded to 0.1 ms."""
    found = heart.activation(conduction_named(name), default_speeds())
    pump, row = pump_activation(heart.tissue, patches(heart.tissue), found), conduction_pattern
    np.testing.assert_allclose(row(name, LAYOUT).delays, pump.delays, atol=0.3e-3)
    known = template_activations()[name]
    assert known.qrs_duration == pytest.approx(found.ventricular_duration, abs=0.3e-3)
    assert known.pr_interval == pytest.approx(found.ventricular_onset, abs=0.3e-3)


def test_a_slow_heart_is_the_table_stretched(heart):
    """A factor on all speeds stretches all but the few ms at junctions."""
    slow = default_speeds().replace(speed_factor=1.0 / 1.4)
    found = heart.activation(conduction_named("lbbb"), slow)
    pump = pump_activation(heart.tissue, patches(heart.tissue), found)
    stretched = conduction_pattern("lbbb", LAYOUT, 1.4)
    np.testing.assert_allclose(stretched.delays, pump.delays, atol=2e-3)
    assert slowness_for("lbbb", found.ventricular_duration) == pytest.approx(1.4, abs=0.01)


def test_every_conduction_that_makes_a_beat_has_a_row():
    assert set(template_activations()) == set(PATTERNS) - {"av_block_2"}


def test_septum_and_right_wall_lead_in_left_bundle_branch_block():
    """The LV free wall follows septum and RV, its side last (Wyndham 1980)."""
    assert mean("lbbb", Wall.LV) > mean("lbbb", Wall.SEPTUM) + 20e-3
    assert mean("lbbb", Wall.LV) > mean("lbbb", Wall.RV) + 20e-3
    left = conduction_pattern("lbbb", LAYOUT).delays[LAYOUT.slice(Wall.LV)]
    assert (np.diff(left) > 0.0).all()


def test_the_paced_side_leads():
    assert mean("rv_paced", Wall.RV) < mean("rv_paced", Wall.LV) - 20e-3
    assert mean("lv_paced", Wall.LV) < mean("lv_paced", Wall.RV) - 20e-3
    lateral = slice(LAYOUT.slice(Wall.SEPTUM).start - 4, LAYOUT.slice(Wall.SEPTUM).start)
    late, both = (conduction_pattern(n, LAYOUT).delays[lateral] for n in ("lbbb", "biventricular"))
    assert (both < late - 30e-3).all()


@pytest.mark.parametrize("count", [1, 2, 4, 5, 12, 20])
def test_other_numbers_of_patches_keep_the_mean_of_a_wall(count):
    layout = PatchLayout(lv=count)
    delays = conduction_pattern("lbbb", layout).delays[layout.slice(Wall.LV)]
    assert len(delays) == count
    assert delays.mean() == pytest.approx(mean("lbbb", Wall.LV))


def test_half_as_many_patches_are_the_means_of_pairs():
    fine = template_activations()["lbbb"].delays[Wall.SEPTUM]
    layout = PatchLayout(septum=3)
    halved = conduction_pattern("lbbb", layout).delays[layout.slice(Wall.SEPTUM)]
    np.testing.assert_allclose(halved, fine.reshape(3, 2).mean(axis=1))


def test_a_qrs_is_reached_within_the_range_of_the_speeds():
    own = template_activations()["normal"].qrs_duration
    assert reached_qrs("normal", 0.14) == pytest.approx(0.14)
    assert reached_qrs("normal", 0.04) == pytest.approx(own / 1.3)
    assert reached_qrs("synchronous", 0.14) == 0.14


def test_synchronous_muscle_has_no_delays_and_the_usual_pr_interval():
    assert not conduction_pattern("synchronous", LAYOUT).delays.any()
    assert slowness_for("synchronous", 0.2) == pr_relative_to_normal("synchronous") == 1.0


def test_a_slow_av_node_lengthens_the_pr_interval_and_pacing_shortens_it():
    assert pr_relative_to_normal("av_block_1") > 1.3
    assert pr_relative_to_normal("paced") < 0.8


def test_an_unknown_conduction_is_refused_with_those_that_are_known():
    with pytest.raises(UnknownNameError, match="lbb"):
        conduction_pattern("lbb", LAYOUT)


def test_delays_of_walls_make_an_activation():
    own = Activation.of_walls("own", lv=(0.01, 0.02), septum=(0.0,), rv=(0.03,), slowness=1.2)
    assert own.layout == PatchLayout(1, 1, 2, 1, 1)
    assert own.delays.tolist() == [0.0, 0.0, 0.01, 0.02, 0.0, 0.03]
    assert own.slowness == 1.2


@pytest.mark.parametrize(
    ("times", "got"), [((), "none"), ((0.02, -0.01), "-0.01"), ((float("nan"),), "nan")]
)
def test_delays_that_are_no_times_are_refused(times, got):
    with pytest.raises(InputError, match=f"septum.*{got}"):
        Activation.of_walls("own", lv=(0.0,), septum=times, rv=(0.0,))


def test_the_atria_are_excited_in_their_order_and_later_in_a_slow_heart():
    """Right before left; the A wave then comes when P-A'TDI says (test_simulator)."""
    left, right = (conduction_pattern("normal", LAYOUT).delays[LAYOUT.slice(w)][0] for w in ATRIA)
    assert 0.010 < right < left < 0.040
    slow = conduction_pattern("lbbb", LAYOUT, 1.4).delays[LAYOUT.slice(Wall.LA)][0]
    assert slow == pytest.approx(1.4 * (left + ATRIAL_LEAD[0]) - ATRIAL_LEAD[0])


def test_an_atrium_that_nothing_excites_beats_as_the_pump_has_it():
    assert atrial_delays(float("nan"), 0.05) == pytest.approx((0.0, 0.05 - ATRIAL_LEAD[1]))
    assert atrial_delays(0.01, float("inf")) == (0.0, 0.0)
