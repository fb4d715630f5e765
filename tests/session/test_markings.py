from types import SimpleNamespace

import numpy as np
import pytest

from organtwin.anatomy.anchor import SURFACE, Anchor
from organtwin.anatomy.marking import Kind, Marking, marking_of, next_name
from organtwin.errors import InputError
from organtwin.session.measuring import Measuring

A, B, C, D = (Anchor(SURFACE, (k,), (1.0,)) for k in range(4))


@pytest.fixture
def board():
    board = SimpleNamespace(markings=())
    board.measuring = Measuring(board)
    return board


def test_two_clicks_make_a_distance_and_the_tool_stays_in_hand(board):
    board.measuring.take("distance")
    board.measuring.set_point(A)
    assert board.markings == ()
    board.measuring.set_point(B)
    assert board.markings == (Marking(Kind.DISTANCE, "Distance 1", (A, B)),)
    assert board.measuring.pending == ()
    assert board.measuring.tool == "distance"


def test_an_outline_is_closed_by_hand_and_needs_three_points(board):
    board.measuring.take("area")
    for anchor in (A, B):
        board.measuring.set_point(anchor)
    board.measuring.finish()
    assert board.markings == ()
    for anchor in (C, D):
        board.measuring.set_point(anchor)
    board.measuring.finish()
    assert board.markings == (Marking(Kind.AREA, "Area 1", (A, B, C, D)),)


def test_stepping_back_takes_points_and_then_the_tool(board):
    board.measuring.take("angle")
    board.measuring.set_point(A)
    board.measuring.step_back()
    assert (board.measuring.tool, board.measuring.pending) == ("angle", ())
    board.measuring.step_back()
    assert board.measuring.tool == ""


def test_another_tool_drops_unfinished_points(board):
    board.measuring.take("angle")
    board.measuring.set_point(A)
    board.measuring.take("landmark")
    board.measuring.set_point(B)
    assert board.markings == (Marking(Kind.LANDMARK, "Landmark 1", (B,)),)


def test_a_probe_sets_no_points(board):
    board.measuring.take("probe")
    board.measuring.set_point(A)
    assert (board.markings, board.measuring.pending) == ((), ())


def test_removing_takes_the_newest_first(board):
    board.measuring.take("landmark")
    board.measuring.set_point(A)
    board.measuring.take("distance")
    board.measuring.set_point(B)
    board.measuring.remove_last()
    assert len(board.markings) == 1
    board.measuring.remove_last()
    assert board.markings == ()


def test_names_count_up_and_reuse_gaps():
    known = [Marking(Kind.LANDMARK, f"Landmark {k}", (A,)) for k in (1, 3)]
    assert next_name(Kind.LANDMARK, known) == "Landmark 2"
    assert next_name(Kind.AREA, known) == "Area 1"


def test_values_are_si():
    places = np.array([[0.0, 0, 0], [0.02, 0, 0], [0.02, 0.01, 0]])
    assert Marking(Kind.DISTANCE, "", (A, B)).value(places[:2]) == pytest.approx(0.02)
    assert Marking(Kind.ANGLE, "", (A, B, C)).value(places) == pytest.approx(np.pi / 2)
    assert Marking(Kind.AREA, "", (A, B, C)).value(places) == pytest.approx(1e-4)
    assert Marking(Kind.LANDMARK, "", (A,)).value(places[:1]) is None


@pytest.mark.parametrize("kind", list(Kind))
def test_a_marking_survives_a_file(kind):
    count = {Kind.LANDMARK: 1, Kind.DISTANCE: 2, Kind.ANGLE: 3, Kind.AREA: 4}[kind]
    marking = Marking(kind, "Mitral ring", (A, B, C, D)[:count])
    assert marking_of(marking.to_dict(), "case.json") == marking


@pytest.mark.parametrize("change", [{"kind": "mass"}, {"anchors": []}, {"name": 3}])
def test_a_broken_marking_is_refused(change):
    with pytest.raises(InputError, match="marking"):
        marking_of(Marking(Kind.DISTANCE, "", (A, B)).to_dict() | change, "case.json")
