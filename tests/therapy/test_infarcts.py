"""Infarcts by artery: how much muscle each takes, and which ventricle suffers.

Published: ejection fraction of the LV 34 % after anterior and 50 % after inferior infarction, of
the RV 56 and 48 % (31 patients, first-pass radionuclide angiocardiography); LV 45.8 (sd 16) and
54.6 % (9.2) in 42 patients with equal enzymes, of whose LV 25.9 and 11.1 % were lost (Hands 1987,
Int J Cardiol 17:155); RV lower the nearer to its origin the right coronary artery is closed, LV
alike (PMID 6491085).
"""

from functools import cache

import pytest

from organtwin.physiology.interface import PatchLayout, Wall
from organtwin.simulation.beat import Outcome
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.simulator import Periodicity, beats, to_steady_state
from organtwin.therapy.catalogue import THERAPIES
from organtwin.therapy.infarct import TERRITORIES, USUAL, infarcted, supplied


@cache
def after(artery, size=0):
    """Of the default heart, by share of the territory in percent, else of the usual size."""
    conditions = Conditions()
    if artery:
        conditions = THERAPIES[f"infarct_{artery}"].at(size or USUAL[artery]).apply(conditions)
    solution = to_steady_state(beats(conditions), Periodicity(3e-4, 150))
    assert solution.outcome is Outcome.STEADY
    return biomarkers(solution.beat, conditions)


def test_an_lad_infarct_costs_more_of_the_lv_than_a_right_coronary_one():
    """8.8 points in patients with equal enzymes."""
    assert after("rca")["lv_ef"] - after("lad")["lv_ef"] == pytest.approx(0.088, abs=0.02)
    assert after("lad")["lv_edv"] > after("rca")["lv_edv"]
    assert after("rca")["lv_ef"] < after("")["lv_ef"] - 0.05


@pytest.mark.parametrize(("artery", "published"), [("lad", 0.259), ("rca", 0.111)])
def test_the_usual_infarct_takes_the_share_of_the_lv_that_was_published(artery, published):
    layout = PatchLayout()
    struck = THERAPIES[f"infarct_{artery}"].at(USUAL[artery]).apply(Conditions()).scar.active
    walls = {wall: 1.0 - struck[layout.slice(wall)].mean() for wall in (Wall.LV, Wall.SEPTUM)}
    muscle = {wall: Conditions().parameters[f"{wall.name.lower()}_wall_volume"] for wall in walls}
    lost = sum(walls[wall] * muscle[wall] for wall in walls) / sum(muscle.values())
    assert lost == pytest.approx(published, abs=0.015)


def test_muscle_that_dies_is_dead_and_the_rest_is_whole():
    """At most one patch of each wall is dead in part."""
    layout = PatchLayout()
    struck = THERAPIES["infarct_rca"].at(50.0).apply(Conditions()).scar.active
    for wall in (Wall.LV, Wall.SEPTUM, Wall.RV):
        own = struck[layout.slice(wall)]
        assert ((own > 0.01) & (own < 0.99)).sum() <= 1
    weak = infarcted(Conditions(), {4: 0.5, 10: 0.5}).scar.active
    assert weak.min() >= 0.5


def test_a_larger_infarct_costs_more():
    falls = [after("rca", size)["lv_ef"] for size in (25.0, 50.0, 100.0)]
    assert falls == sorted(falls, reverse=True)


def test_a_right_coronary_infarct_costs_more_of_the_rv():
    """48/56 = 0.86."""
    assert after("rca")["rv_ef"] / after("lad")["rv_ef"] == pytest.approx(0.86, abs=0.03)
    assert after("rca")["ra_pressure"] > after("lad")["ra_pressure"]
    assert after("rca")["pcwp"] < after("lad")["pcwp"]


def test_infarcts_leave_the_published_ejection_fractions():
    assert 0.34 < after("lad")["lv_ef"] < 0.46
    assert 0.50 < after("rca")["lv_ef"] < 0.55


def test_arteries_share_out_the_septum_by_thirds():
    fed = {artery: supplied(artery) for artery in TERRITORIES}
    for segment in range(1, 18):
        assert sum(shares.get(segment, 0.0) for shares in fed.values()) == pytest.approx(1.0)
    assert fed["lad"][9] == pytest.approx(1 / 3)
