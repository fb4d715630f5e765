"""History, draft, playhead and the exported table on their own."""

import csv
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organtwin.errors import InputError
from organtwin.session.draft import Draft
from organtwin.session.history import History
from organtwin.session.playhead import FRAMES_PER_BEAT, Playhead
from organtwin.session.table import PURPOSE, rows, write_table
from organtwin.units import MMHG
from tests.fake_values import KINDS, fake_beat, fake_numbers, fake_record


@given(st.lists(st.integers(0, 5), max_size=30))
def test_undoing_everything_returns_to_the_start_and_redoing_to_the_end(values):
    history = History(-1)
    for value in values:
        history.set(value)
    last = history.value
    while history.can_undo:
        history.undo()
    assert history.value == -1
    while history.can_redo:
        history.redo()
    assert history.value == last


def test_a_change_after_undo_forgets_what_could_be_redone():
    history = History(0)
    history.set(1)
    history.undo()
    history.set(2)
    assert not history.can_redo
    assert history.undo() == 0


def test_undo_past_the_start_stays_there():
    history = History(0)
    assert history.undo() == 0
    assert history.redo() == 0


def test_a_merged_row_never_swallows_the_value_before_it():
    history = History(0)
    for value in (1, 2, 3):
        history.set(value, merge="drag")
    assert history.undo() == 0


def test_a_dose_change_keeps_the_place_in_the_plan():
    draft = Draft().with_(KINDS["pacing"].at(1)).with_(KINDS["bleeding"].at(2))
    changed = draft.with_(KINDS["pacing"].at(5))
    assert [(t.kind.name, t.dose) for t in changed.therapies] == [("pacing", 5), ("bleeding", 2)]


def test_removing_a_switched_off_therapy_forgets_that_it_was_off():
    draft = Draft().with_(KINDS["pacing"].at(1)).switched("pacing", on=False)
    assert draft.without("pacing") == Draft()


def test_steps_by_hand_stop_playback_and_come_round():
    playhead = Playhead()
    playhead.playing = True
    for _ in range(FRAMES_PER_BEAT):
        playhead.step(1)
    assert not playhead.playing
    assert playhead.phase == pytest.approx(0.0, abs=1e-9) or playhead.phase == pytest.approx(1.0)


@given(st.lists(st.floats(-3, 3), max_size=20))
def test_phase_always_lies_in_one_cycle(moves):
    playhead = Playhead()
    for move in moves:
        playhead.move(move)
        assert 0.0 <= playhead.phase <= 1.0
        assert playhead.beat >= 0


def test_the_table_tells_measured_simulated_and_predicted_apart():
    table = rows(fake_record(), fake_numbers(fake_beat()), {"lv_edv": 1.0e-4})
    row = next(row for row in table if row.quantity == "lv_edv")
    assert (row.measured, row.provenance, row.unit) == (pytest.approx(150), "measured", "mL")
    assert row.predicted == pytest.approx(100)
    assert next(row for row in table if row.quantity == "pcwp").provenance == "typical"
    assert next(row for row in table if row.quantity == "pcwp").simulated is None


def test_csv_and_json_carry_the_same_numbers(tmp_path):
    table = rows(fake_record(), {"pcwp": 11 * MMHG}, None)
    for name in ("out.csv", "out.json"):
        write_table(tmp_path / name, table, "Case one", ["Pacing: 4 1/min"])
    with (tmp_path / "out.csv").open(newline="") as file:
        from_csv = {row["quantity"]: row["simulated"] for row in csv.DictReader(file)}
    contents = json.loads((tmp_path / "out.json").read_text())
    assert contents["purpose"] == PURPOSE
    assert contents["plan"] == ["Pacing: 4 1/min"]
    assert float(from_csv["pcwp"]) == pytest.approx(11)
    assert {r["quantity"]: r["simulated"] for r in contents["rows"]}["pcwp"] == pytest.approx(11)


def test_another_ending_is_refused_with_a_remedy(tmp_path):
    with pytest.raises(InputError, match=r"\.csv or \.json"):
        write_table(tmp_path / "out.xlsx", (), "", [])
