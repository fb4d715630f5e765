"""Infarcts by artery: how much muscle each takes, and which ventricle suffers.

Published: ejection fraction of the LV 34 % after anterior and 50 % after inferior infarction, of
the RV 56 and 48 % (31 patients, first-pass radionuclide angiocardiography); LV 46 and 55 % in 42
patients with equal enzymes (Hands 1987, Int J Cardiol 17:155); RV lower the nearer to its origin
the right coronary artery is closed, LV alike (PMID 6491085).
"""

from functools import cache

import pytest

from organtwin.simulation.beat import Outcome
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.simulator import Periodicity, beats, to_steady_state
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.infarct import TERRITORIES, supplied


@cache
def after(artery):
    conditions = Conditions()
    if artery:
        conditions = parse_therapy(f"infarct_{artery} 100 %").apply(conditions)
    solution = to_steady_state(beats(conditions), Periodicity(3e-4, 150))
    assert solution.outcome is Outcome.STEADY
    return biomarkers(solution.beat, conditions)


def test_an_lad_infarct_costs_more_of_the_lv_than_a_right_coronary_one():
    assert after("lad")["lv_ef"] < after("rca")["lv_ef"] - 0.02
    assert after("lad")["lv_edv"] > after("rca")["lv_edv"]
    assert after("rca")["lv_ef"] < after("")["lv_ef"] - 0.10


def test_a_right_coronary_infarct_costs_more_of_the_rv():
    """48/56 = 0.86."""
    assert after("rca")["rv_ef"] / after("lad")["rv_ef"] == pytest.approx(0.86, abs=0.04)
    assert after("rca")["ra_pressure"] > after("lad")["ra_pressure"]
    assert after("rca")["pcwp"] < after("lad")["pcwp"]


def test_an_lad_infarct_leaves_the_published_ejection_fraction():
    assert 0.34 < after("lad")["lv_ef"] < 0.46


def test_arteries_share_out_the_septum_by_thirds():
    fed = {artery: supplied(artery) for artery in TERRITORIES}
    for segment in range(1, 18):
        assert sum(shares.get(segment, 0.0) for shares in fed.values()) == pytest.approx(1.0)
    assert fed["lad"][9] == pytest.approx(1 / 3)
