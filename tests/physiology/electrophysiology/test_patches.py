"""What the pump gets: every piece of muscle in one patch, the mean time of each."""

import numpy as np
import pytest

from organtwin.anatomy.regions import Segment
from organtwin.errors import InputError
from organtwin.parameters.files import parameter_specs
from organtwin.parameters.sets import ParameterSet
from organtwin.physiology.electrophysiology.activation.conduction import conduction_named
from organtwin.physiology.electrophysiology.activation.electric_heart import default_speeds
from organtwin.physiology.electrophysiology.activation.patches import (
    FREE_WALL,
    LAYOUT,
    interatrial_delay,
    patches,
    pump_activation,
)
from organtwin.physiology.heart import pack
from organtwin.physiology.interface import Wall
from tests.physiology.electrophysiology.electric_hearts import (
    activated,
    left_ventricle,
    template_heart,
)


@pytest.fixture
def parts():
    return patches(template_heart().tissue)


def test_all_muscle_of_the_template_belongs_to_a_patch(parts):
    assert (parts.of_tet >= 0).all()
    assert (np.bincount(parts.of_tet, minlength=LAYOUT.total) > 0).all()


def test_shares_of_every_wall_sum_to_one(parts):
    for wall in Wall:
        assert parts.shares[LAYOUT.slice(wall)].sum() == pytest.approx(1.0)


def test_volumes_are_those_of_the_muscle(parts):
    assert parts.volumes.sum() == pytest.approx(template_heart().tissue.volumes().sum())


def test_apical_septal_halves_split_at_the_middle_of_the_septum(parts):
    tissue = template_heart().tissue
    own = tissue.segments == Segment.APICAL_SEPTAL
    start = LAYOUT.slice(Wall.SEPTUM).start
    assert set(parts.of_tet[own]) == {start + 4, start + 5}
    front = np.unique(tissue.tets[parts.of_tet == start + 5])
    assert np.mean(tissue.rotational[front]) > 0.0


def test_delay_of_a_patch_is_the_mean_over_its_volume(parts):
    tissue, found = template_heart().tissue, activated("normal")
    own = tissue.segments == Segment.MID_ANTERIOR
    times = found.times[tissue.tets[own]].mean(axis=1)
    expected = np.average(times, weights=tissue.volumes()[own])
    patch = LAYOUT.slice(Wall.LV).start + FREE_WALL.index(Segment.MID_ANTERIOR)
    assert parts.delays(tissue, found)[patch] == pytest.approx(expected)


def test_pump_delays_count_from_the_exit_of_the_av_node(parts):
    tissue, found = template_heart().tissue, activated("normal")
    pump = pump_activation(tissue, parts, found)
    ventricles = slice(LAYOUT.slice(Wall.LV).start, None)
    expected = parts.delays(tissue, found)[ventricles] - found.av_exit
    np.testing.assert_allclose(pump.delays[ventricles], expected)
    assert pump.pattern == "normal"


def test_first_degree_block_does_not_change_the_pump_delays(parts):
    tissue = template_heart().tissue
    one, other = (pump_activation(tissue, parts, activated(n)) for n in ("normal", "av_block_1"))
    np.testing.assert_allclose(one.delays, other.delays, atol=1e-5)


def test_left_bundle_branch_block_delays_the_lv_against_the_rv(parts):
    tissue = template_heart().tissue
    apart = []
    for name in ("normal", "lbbb"):
        delays = pump_activation(tissue, parts, activated(name)).delays
        apart.append(delays[LAYOUT.slice(Wall.LV)].mean() - delays[LAYOUT.slice(Wall.RV)].mean())
    assert apart[1] > apart[0] + 30e-3


def test_the_pump_takes_the_delays(parts):
    pump = pump_activation(template_heart().tissue, parts, activated("lbbb"))
    heart = pack(ParameterSet(parameter_specs("heart")), pump)
    assert np.isfinite(heart.activation_times).all()


def test_left_atrium_follows_the_right(parts):
    assert 10e-3 < interatrial_delay(template_heart().tissue, parts, activated("normal")) < 60e-3


def test_walls_a_heart_lacks_take_the_mean_of_the_others():
    heart = left_ventricle()
    own = patches(heart.tissue)
    found = heart.activation(conduction_named("normal"), default_speeds())
    delays = pump_activation(heart.tissue, own, found).delays
    right = delays[LAYOUT.slice(Wall.RV)]
    assert np.ptp(right) == 0.0
    assert delays[2:20].min() < right[0] < delays[2:20].max()
    assert own.shares[LAYOUT.slice(Wall.RV)].sum() == 0.0


def test_a_beat_that_does_not_reach_the_ventricles_is_refused(parts):
    with pytest.raises(InputError, match="ventricles"):
        pump_activation(template_heart().tissue, parts, activated("av_block_2"))
