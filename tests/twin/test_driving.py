"""What a response depends on, where that is known beforehand."""

import numpy as np
import pytest

from organtwin.twin.driving import FEWEST, Inputs, drivers

N = 100


def inputs(n=N, seed=1):
    values = np.random.default_rng(seed).standard_normal((n, 4))
    values[:, 1] *= 0.1
    labels = ("Force", "Filling", "Drug: effect", "Device: area")
    return Inputs(labels, (False, False, True, True), values)


def test_the_ranking_is_by_what_each_does_over_its_own_width():
    known = inputs()
    # slope x width: 1, 2, -3, 0
    y = known.values @ np.array([1.0, 20.0, -3.0, 0.0])
    found = drivers(known, {"y": y})["y"]
    assert [row.label for row in found.ranked] == [
        "Drug: effect",
        "Filling",
        "Force",
        "Device: area",
    ]
    assert [row.rising for row in found.ranked[:3]] == [False, True, True]
    shares = [row.share for row in found.ranked]
    assert sum(shares) == pytest.approx(1.0)
    # 9, 4, 1 of 14; a hundred draws know their own width to some 7 %
    assert shares[:3] == pytest.approx([9 / 14, 4 / 14, 1 / 14], abs=0.12)


def test_the_band_is_shared_out_between_patient_and_therapy():
    known = inputs()
    y = known.values @ np.array([1.0, 20.0, -3.0, 0.0])
    found = drivers(known, {"y": y})["y"]
    assert found.patient + found.therapy + found.other == pytest.approx(1.0)
    assert found.patient == pytest.approx(5 / 14, abs=0.12)
    assert found.therapy == pytest.approx(9 / 14, abs=0.12)
    assert [row.of_therapy for row in found.ranked[:2]] == [True, False]


def test_levers_that_cancel_each_other_make_no_band():
    """The record ties two levers together: each matters, both together hardly move the answer."""
    rng = np.random.default_rng(2)
    first = rng.standard_normal(N)
    values = np.column_stack([first, first + 0.1 * rng.standard_normal(N),
                              rng.standard_normal((N, 2))])  # fmt: skip
    known = Inputs(("A", "B", "Drug", "Device"), (False, False, True, True), values)
    y = 3.0 * (values[:, 0] - values[:, 1]) + 3.0 * values[:, 2]
    found = drivers(known, {"y": y})["y"]
    assert found.therapy > 0.9
    assert found.patient < 0.1


def test_curvature_is_left_over_and_given_to_nobody():
    known = inputs()
    found = drivers(known, {"y": known.values[:, 2] ** 2})["y"]
    assert found.other > 0.7


def test_what_does_not_change_or_is_not_finite_has_no_drivers():
    known = inputs()
    still = np.full(N, 3.0)
    wild = still.copy()
    wild[4] = np.inf
    assert drivers(known, {"still": still, "wild": wild}) == {}


def test_too_few_members_say_nothing():
    few = inputs(FEWEST - 1)
    assert drivers(few, {"y": few.values[:, 0]}) == {}


def test_a_lever_that_is_the_same_in_all_members_is_not_ranked():
    known = inputs()
    known.values[:, 1] = 2.0
    found = drivers(known, {"y": known.values[:, 0]})["y"]
    assert "Filling" not in [row.label for row in found.ranked]


def test_places_are_certain_where_inputs_lie_apart_and_shared_where_they_are_alike():
    known = inputs(400)
    apart = drivers(known, {"y": known.values @ np.array([1.0, 20.0, -3.0, 0.0])})["y"]
    assert [row.place for row in apart.ranked[:3]] == ["1", "2", "3"]
    noise = np.random.default_rng(5).standard_normal(400)
    alike = drivers(known, {"y": known.values @ np.array([1.0, 10.0, -3.0, 0.0]) + noise})["y"]
    assert alike.ranked[0].place == "1"
    assert {row.place for row in alike.ranked[1:3]} == {"2-3"}


def test_the_place_that_is_shown_is_among_those_it_may_have():
    known = inputs(40)
    y = known.values @ np.array([1.0, 10.0, -1.2, 0.9]) + np.random.default_rng(3).normal(size=40)
    ranked = drivers(known, {"y": y})["y"].ranked
    for place, row in enumerate(ranked, 1):
        assert row.first <= place <= row.last
