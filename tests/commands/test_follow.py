"""``organtwin follow`` as a user types it, on planted beats, and what is told of them."""

import gzip
import json
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from organtwin.__main__ import main
from organtwin.assimilation.causes import FALLING
from organtwin.assimilation.falls import Fallen
from organtwin.assimilation.unexplained import Unexplained
from organtwin.commands import follow as command
from organtwin.commands.follow_facts import Reporter
from organtwin.link.arranging import Gap
from organtwin.link.data_link import LinkPhase, LinkState
from organtwin.patient.streaming.marks import ArtefactKind, Mark
from organtwin.twin.stream_loop import FollowStep
from organtwin.units import MMHG
from tests.assimilation.test_causes import HEARTS, fall_of
from tests.link.fhir_server import Server, bundle, observation
from tests.link.played import chunk
from tests.patient.streaming.planted import SLOW, beat_times, pressure
from tests.unfitted_twin import normal_twin

SECONDS = 16.0
LAYOUT = f'rate = {SLOW}\n[channels]\nABP = {{ column = "art", unit = "mmHg" }}\n'
QUIET = FollowStep(
    state=LinkState(LinkPhase.LIVE, "playing", 0.0), news=False, age=0.0, lag=0.0, lag95=0.0,
    used=0, reasons={}, set_aside={}, refused={}, n_gaps=0, gap_seconds=0.0, duplicates=0, late=0,
)  # fmt: skip


@pytest.fixture(autouse=True)
def no_fit_is_needed(monkeypatch):
    monkeypatch.setattr(command, "fitted_twin", lambda case, members: normal_twin())


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    feet = beat_times(0.8, SECONDS)
    values = pressure(feet, SECONDS, systolic=112.0, diastolic=70.0) / MMHG
    path = tmp_path / "planted.csv.gz"
    table = "art\n" + "\n".join(f"{value:.2f}" for value in values) + "\n"
    path.write_bytes(gzip.compress(table.encode()))
    (tmp_path / "planted.csv.toml").write_text(LAYOUT)
    return path


def run(capsys, *arguments):
    status = main(["follow", "default", *map(str, arguments)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_a_recording_is_followed_and_told_in_lines(capsys, recording):
    status, out, _ = run(capsys, "--replay", recording, "--speed", 16, "--every", 0.1)
    assert status == 0
    assert "source live: replaying at 16x" in out
    assert "112/70" in out
    assert "beats used" in out
    assert "not explained at the end: nothing" in out
    rows = [row for row in out.splitlines() if "112/70" in row]
    assert len({len(row) for row in rows}) == 1, "aligned"
    assert "75" in rows[-1]


def test_charted_numbers_of_a_fhir_server_are_followed(capsys, tmp_path):
    server, token = Server(), tmp_path / "token"
    token.write_text("sesame\n")
    server.answers = [(200, {}, bundle(*map(charted, range(6))))]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        source = ("--fhir", server.base, "--patient", "p1", "--token", token)
        status, out, _ = run(capsys, *source, "--for", 1, "--json")
    finally:
        server.shutdown()
        server.server_close()
    assert status == 0
    path, headers = server.asked[0]
    assert "patient=p1" in path
    assert headers["Authorization"] == "Bearer sesame"
    beats = [e for row in out.splitlines() if (e := json.loads(row))["kind"] == "beat"]
    cuffs = [beat["measured"]["systolic_pressure"] for beat in beats if beat["measured"]]
    assert cuffs == pytest.approx([120, 119, 118, 117, 116, 115], abs=0.1)


def charted(number: int) -> dict[str, object]:
    """Blood pressure by cuff, every ten seconds."""

    def part(code: str, value: int) -> dict[str, object]:
        system = "http://unitsofmeasure.org"
        quantity = {"value": value, "system": system, "code": "mm[Hg]"}
        return {"code": loinc(code), "valueQuantity": quantity}

    panel = observation(number, measured=f"2024-01-31T12:00:{10 * number:02d}+00:00")
    del panel["valueQuantity"]
    parts = [part("8480-6", 120 - number), part("8462-4", 75)]
    return panel | {"status": "final", "code": loinc("85354-9"), "component": parts}


def loinc(code: str) -> dict[str, object]:
    return {"coding": [{"system": "http://loinc.org", "code": code}]}


@pytest.mark.parametrize("text", ["", "two words"])
def test_a_token_file_without_one_word_is_refused(capsys, tmp_path, text):
    token = tmp_path / "token"
    token.write_text(text)
    status, _, err = run(
        capsys, "--fhir", "http://127.0.0.1:1/fhir", "--patient", "p", "--token", token
    )
    assert status == 1
    assert "access token" in err
    assert text not in err or not text


def test_the_log_holds_every_beat_and_the_summary(capsys, recording, tmp_path):
    log = tmp_path / "log.jsonl"
    assert run(capsys, "--replay", recording, "--speed", 16, "--log", log)[0] == 0
    entries = [json.loads(row) for row in log.read_text().splitlines()]
    kinds = [entry["kind"] for entry in entries]
    beats = [entry for entry in entries if entry["kind"] == "beat"]
    assert kinds[0] == "start"
    assert kinds[-1] == "summary"
    assert {"state", "beat"} <= set(kinds)
    assert len(beats) == entries[-1]["beats_used"] >= 16
    assert kinds.count("unused") == sum(entries[-1]["beats_not_used"].values())
    assert beats[-1]["measured"]["systolic_pressure"] == pytest.approx(112, abs=1)
    low, middle, high = beats[-1]["twin"]["cardiac_output"]
    assert 2 < low <= middle <= high < 9


def test_json_lines_are_printed_alone(capsys, recording):
    status, out, _ = run(capsys, "--replay", recording, "--speed", 16, "--json")
    assert status == 0
    entries = [json.loads(row) for row in out.splitlines()]
    assert entries[-1]["kind"] == "summary"


def test_a_part_of_a_recording_can_be_chosen(capsys, recording):
    _, out, _ = run(capsys, "--replay", recording, "--speed", 16, "--from", 8, "--json")
    beats = [e for row in out.splitlines() if (e := json.loads(row))["kind"] == "beat"]
    assert min(beat["time"] for beat in beats) > 8.0
    _, out, _ = run(capsys, "--replay", recording, "--speed", 8, "--for", 7, "--json")
    beats = [e for row in out.splitlines() if (e := json.loads(row))["kind"] == "beat"]
    assert 0 < max(beat["time"] for beat in beats) < 8.0


def test_ctrl_c_ends_with_the_summary(capsys, recording, monkeypatch):
    def pressed(_seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(command.time, "sleep", pressed)
    status, out, _ = run(capsys, "--replay", recording)
    assert status == 0
    assert "beats used" in out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--lsl", "--speed", "2"], "--speed"),
        (["--folder", ".", "--allow", "10.0.0.1"], "--allow"),
        (["--mllp", "--from", "3"], "--from"),
        (["--fhir", "http://127.0.0.1:1/fhir"], "--patient"),
        (["--mllp", "--token", "file"], "--token"),
        (["--folder", ".", "--members", "1"], "--members"),
        (["--folder", ".", "--for", "0"], "--for"),
    ],
)
def test_options_that_do_not_belong_together_are_refused_before_any_work(capsys, arguments, word):
    status, out, err = run(capsys, *arguments)
    assert status == 2
    assert word in err
    assert out == ""


def test_a_channel_in_two_files_is_refused(capsys, recording):
    status, _, err = run(capsys, "--replay", recording, recording)
    assert status == 1
    assert "ABP" in err


def sentences(reporter: Reporter, **change):
    return [e.sentence for e in reporter.events(replace(QUIET, **change)) if e.sentence]


def test_a_state_is_told_once_until_it_changes():
    reporter = Reporter()
    assert sentences(reporter) == ["source live: playing"]
    assert sentences(reporter) == []
    silent = LinkState(LinkPhase.STALLED, "silent for 2 s", 5.0)
    assert sentences(reporter, state=silent) == ["source stalled: silent for 2 s"]
    assert sentences(reporter, state=replace(silent, sentence="silent for 3 s")) == []


def test_what_is_not_used_is_told_once():
    reporter = Reporter()
    sentences(reporter)
    assert sentences(reporter, set_aside={"V1": "II is used"}, refused={"no unit": 1}) == [
        "V1 is not used: II is used", "refused: no unit",
    ]  # fmt: skip
    assert sentences(reporter, set_aside={"V1": "II is used"}, refused={"no unit": 2}) == []


def test_drift_is_told_when_it_begins_and_ends():
    reporter = Reporter()
    sentences(reporter)
    off = (Unexplained("ra_pressure", 123.0, -2.5),)
    (told,) = sentences(reporter, unexplained=off)
    assert "no longer explains RAP since 123 s" in told
    assert "-2.5" in told
    assert sentences(reporter, unexplained=off) == []
    assert sentences(reporter) == ["the twin explains RAP again"]


def test_gaps_and_artefacts_are_told():
    reporter = Reporter()
    sentences(reporter)
    mark = Mark(3.0, 5.5, ArtefactKind.FLUSH, "ABP", "ABP: flushed")
    told = sentences(reporter, gaps=(Gap("m", ("ABP",), 7.0, 8.25),), marks=(mark,))
    assert told == [
        "ABP: nothing came from 7.00 to 8.25 s", "ABP: flushed (from 3.0 to 5.5 s)",
    ]  # fmt: skip


def test_times_of_live_sources_count_from_their_first_sample():
    """A monitor's clock counts from 1970; nobody reads ten digits."""
    reporter = Reporter()
    sentences(reporter, samples=(chunk(125),))
    off = (Unexplained("ra_pressure", 128.0, -2.5),)
    assert "since 123 s" in sentences(reporter, unexplained=off)[0]


def test_a_fall_is_told_with_its_cause():
    fall = fall_of(systemic_tone=-0.35)
    share = float(-fall.changes[FALLING][-3:].mean() / (92 * MMHG))
    events = list(Reporter().events(replace(QUIET, fallen=Fallen(300.0, share, fall, HEARTS))))
    (event,) = [each for each in events if each.kind == "fall"]
    assert "since 300 s: Systemic resistance -" in event.sentence
    assert event.facts["causes"][0]["cause"] == "systemic_tone"
    assert sum(c["probability"] for c in event.facts["causes"]) == pytest.approx(1.0)
    assert np.isfinite([c["change_percent"] for c in event.facts["causes"]]).all()
