"""Results of tests on this machine, and the card that shows them."""

import json

import pytest

from organtwin.errors import RecordError
from organtwin.store import evidence_results
from organtwin.store.evidence_card import evidence_card, referenced_files
from organtwin.store.evidence_results import known_results, note_results, result_now
from organtwin.therapy.catalogue import THERAPIES


@pytest.fixture
def place(tmp_path, monkeypatch):
    path = tmp_path / "results.json"
    monkeypatch.setenv(evidence_results.PLACE, str(path))
    return path


def test_results_of_one_run_leave_those_of_another(place):
    note_results({"a": result_now(3, 0), "b": result_now(1, 0)})
    note_results({"b": result_now(0, 2, told="worse")})
    found = known_results()
    assert (found["a"].passed, found["b"].failed, found["b"].verdict) == (3, 2, "failed")
    assert "2 FAILED" in str(found["b"])


def test_nothing_has_run_where_there_is_no_file(place):
    assert known_results() == {}


@pytest.mark.parametrize("text", ["", "[]", '{"a": {}}', '{"a": 3}', "{", '{"a": {"at": 1}}'])
def test_a_damaged_file_is_told_and_begun_anew(place, text):
    place.write_text(text)
    with pytest.raises(RecordError, match="Delete it"):
        known_results()
    assert "Delete it" in evidence_card(THERAPIES["dobutamine"]).problem
    note_results({"a": result_now(1, 0)})
    assert list(known_results()) == ["a"]


def test_every_therapy_has_context_risk_and_all_eight_kinds(place):
    for kind in THERAPIES.values():
        card = evidence_card(kind)
        assert len(card.kinds) == 8
        assert card.context
        assert card.risk in ("low", "medium", "high")
        for evidence in card.kinds:
            assert bool(evidence.items) != bool(evidence.absent), (kind.name, evidence.title)


def test_every_test_and_script_that_a_card_names_exists(request):
    missing = [
        name for name in referenced_files() if not (request.config.rootpath / name).is_file()
    ]
    assert missing == []


def test_a_card_shows_the_last_run_and_what_never_ran(place):
    note_results({
        "tests/therapy/test_interactions.py": result_now(9, 0),
        "scripts/validate_therapies.py#dobutamine": result_now(5, 1, told="6 rows"),
        "tests/therapy/test_drug_files.py": result_now(2, 0, partly=True),
    })  # fmt: skip
    items = {i.name: i for k in evidence_card(THERAPIES["dobutamine"]).kinds for i in k.items}
    assert items["tests/therapy/test_interactions.py"].level == "good"
    assert items["scripts/validate_therapies.py#dobutamine"].level == "bad"
    assert items["tests/therapy/test_drug_files.py"].level == "watch"
    assert items["tests/simulation/test_reflex.py"].told == "not run here yet"
    milrinone = {i.name for k in evidence_card(THERAPIES["milrinone"]).kinds for i in k.items}
    assert "scripts/validate_therapies.py#milrinone" in milrinone


def test_risk_grows_with_influence_and_consequence(place):
    risks = {name: evidence_card(THERAPIES[name]).risk for name in ("bleeding", "lvad")}
    assert risks == {"bleeding": "low", "lvad": "medium"}


def test_what_is_written_can_be_read_by_others(place):
    note_results({"a": result_now(1, 0)})
    assert json.loads(place.read_text())["a"]["passed"] == 1
