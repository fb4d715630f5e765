"""Steady states by mixing against plain iteration: the same heart, and the same way to fail."""

from dataclasses import replace

import pytest

from organtwin.errors import ParameterError
from organtwin.quantities import QUANTITIES
from organtwin.simulation import settling
from organtwin.simulation.beat import Outcome
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.reflex import steady_under as plainly
from organtwin.simulation.simulator import Periodicity, beats, to_steady_state
from organtwin.units import ML

RULE = Periodicity(tolerance=3e-4, beat_limit=150)
EXACT = Periodicity(tolerance=1e-5, beat_limit=600)
LARGEST_ERROR = {
    "cardiac_output": 0.02, "mean_arterial_pressure": 0.3, "pcwp": 0.1, "lv_edv": 0.5,
    "dp_dt_max": 5.0,
}  # fmt: skip
"""In clinical units. Over 48 treated members of six bundled patients the largest errors were
0.003, 0.11, 0.02 and 0.48, and those of plain iteration 0.02, 0.26, 0.03 and 17 (volume not
printed then)."""
NORMAL = Conditions()
CHANGED = {
    "weak": NORMAL.scaled(lv_active_stress=0.5, septum_active_stress=0.5),
    "wide": replace(NORMAL.scaled(systemic_resistance=0.6), reflex=True),
    "bled": replace(NORMAL.scaled(blood_volume=0.85), reflex=True),
    "full": NORMAL.scaled(blood_volume=1.5),
    "tamponade": replace(NORMAL.with_parameters(pericardial_effusion=100 * ML), reflex=True),
    "assisted": replace(NORMAL.with_parameters(lvad_speed=5000 / 60), reflex=True),
}


@pytest.fixture(scope="module")
def untreated():
    return to_steady_state(beats(NORMAL)).beat


@pytest.mark.parametrize("name", CHANGED)
def test_mixing_ends_where_plain_iteration_ends(untreated, name):
    exact, under = plainly(CHANGED[name], untreated, EXACT)
    found, acting = settling.steady_under(CHANGED[name], untreated, RULE)
    assert (exact.outcome, found.outcome) == (Outcome.STEADY, Outcome.STEADY)
    wanted, got = biomarkers(exact.beat, under), biomarkers(found.beat, acting)
    for quantity, error in LARGEST_ERROR.items():
        ours, theirs = (QUANTITIES[quantity].from_si(x[quantity]) for x in (got, wanted))
        assert ours == pytest.approx(theirs, abs=error), quantity


def test_mixing_alone_finds_them_without_falling_back(untreated, monkeypatch):
    monkeypatch.setattr(settling, "plainly_steady", None)
    for conditions in CHANGED.values():
        settling.steady_under(conditions, untreated, RULE)


def test_the_last_beat_has_full_time_steps(untreated):
    found, _ = settling.steady_under(CHANGED["wide"], untreated, RULE)
    assert len(found.beat.times) == pytest.approx(found.beat.duration / 1e-3, abs=1)


def test_most_beats_are_quick_ones(untreated, monkeypatch):
    """That is where time is saved: a quick beat takes a third of a full one."""
    steps = []
    run = settling.beats

    def counted(*given, time_step):
        steps.append(time_step)
        return run(*given, time_step=time_step)

    monkeypatch.setattr(settling, "beats", counted)
    settling.steady_under(CHANGED["full"], untreated, RULE)
    plain, _ = plainly(CHANGED["full"], untreated, RULE)
    full = steps.count(1e-3)
    assert len(steps) - full > full
    assert full < 0.5 * plain.n_beats


def test_a_heart_that_fails_fails_as_it_does_plainly(untreated):
    empty = NORMAL.scaled(systemic_resistance=4.0, blood_volume=0.45)
    found, _ = settling.steady_under(empty, untreated, RULE)
    plain, _ = plainly(empty, untreated, RULE)
    assert found.outcome is not Outcome.STEADY
    assert (found.outcome, found.detail) == (plain.outcome, plain.detail)


def test_too_few_beats_are_told_as_they_are_plainly(untreated):
    few = Periodicity(1e-9, beat_limit=3)
    found, _ = settling.steady_under(CHANGED["wide"], untreated, few)
    assert found.outcome is Outcome.BEAT_LIMIT


def test_a_reflex_beyond_the_model_is_an_error_as_it_is_plainly(untreated):
    racing = replace(NORMAL.with_parameters(heart_rate=4.1).scaled(blood_volume=0.7), reflex=True)
    for way in (plainly, settling.steady_under):
        with pytest.raises(ParameterError):
            way(racing, untreated, RULE)
