"""FHIR polling against a real local web server that answers as the test says."""

import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import numpy as np
import pytest

from organtwin.errors import ParameterError, RecordError
from organtwin.link.data_link import LinkPhase
from organtwin.link.fhir_polling import PERIOD, FhirPolling
from organtwin.patient.measurement import Measurement
from organtwin.patient.samples import Numbers
from tests.link.fhir_server import Answer, Server, bundle, observation
from tests.link.played import Hand, until


def rates(resource: dict[str, Any]) -> tuple[list[Measurement], list[str]]:
    """A stand-in for the reader of Observations: everything is a heart rate."""
    value = resource["valueQuantity"]["value"]
    if value >= 90:
        return [], [f"{value} is too much"]
    return [Measurement("heart_rate", value / 60.0, 0.05, None, "test")], []


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    thread = threading.Thread(target=one.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield one
    one.shutdown()
    one.server_close()
    thread.join()


def at_once(work: Callable[[], None]) -> None:
    work()


def link_to(server: Server, hand: Hand, **how: Any) -> FhirPolling:
    how = {"read_observation": rates, "start": at_once, "clock": hand, **how}
    return FhirPolling(server.base, "p1", **how)


def values(found: tuple[Any, ...]) -> list[int]:
    return [round(60.0 * one.values[0]) for one in found]


def query(path: str) -> dict[str, list[str]]:
    return urllib.parse.parse_qs(urllib.parse.urlsplit(path).query)


def test_the_first_question_asks_for_everything_and_what_comes_has_its_own_time(
    server: Server, hand: Hand
) -> None:
    server.answers = [(200, {}, bundle(observation(60), observation(61)))]
    link = link_to(server, hand, headers={"Authorization": "Bearer x"})
    one, two = link.poll()
    assert isinstance(one, Numbers)
    assert (one.names, one.arrival, one.sequence) == (("heart_rate",), hand.now, 0)
    assert one.time == datetime(2024, 1, 31, 11, tzinfo=UTC).timestamp()
    assert (two.sequence, link.channels) == (1, ("heart_rate",))
    assert link.state.phase is LinkPhase.LIVE
    path, headers = server.asked[0]
    assert path.startswith("/fhir/Observation?")
    assert query(path)["patient"] == ["p1"]
    assert "_lastUpdated" not in query(path)
    assert headers["Authorization"] == "Bearer x"


def test_later_questions_ask_for_what_changed_and_overlaps_are_told_once(
    server: Server, hand: Hand
) -> None:
    server.answers = [
        (200, {}, bundle(observation(1), observation(20))),
        (200, {}, bundle(observation(20), observation(21))),
    ]
    link = link_to(server, hand)
    assert values(link.poll()) == [1, 20]
    assert link.poll() == ()
    hand.turn(PERIOD)
    assert values(link.poll()) == [21]
    assert query(server.asked[1][0])["_lastUpdated"] == ["gt2024-01-31T12:00:15+00:00"]


def test_a_corrected_observation_comes_again(server: Server, hand: Hand) -> None:
    corrected = observation(20)
    corrected["meta"] = {"versionId": "2", "lastUpdated": "2024-01-31T12:00:40Z"}
    server.answers = [(200, {}, bundle(observation(20))), (200, {}, bundle(corrected))]
    link = link_to(server, hand)
    assert values(link.poll()) == [20]
    hand.turn(PERIOD)
    assert values(link.poll()) == [20]


def test_observations_without_an_id_are_not_taken_for_one(server: Server, hand: Hand) -> None:
    nameless = [observation(number) for number in (1, 2, 2)]
    for one in nameless:
        del one["id"], one["meta"]
    server.answers = [(200, {}, bundle(*nameless))]
    assert values(link_to(server, hand).poll()) == [1, 2]


def test_pages_are_followed_on_the_same_server(server: Server, hand: Hand) -> None:
    server.answers = [
        (200, {}, bundle(observation(1), following=f"{server.base}?page=2")),
        (200, {}, bundle(observation(2), following="/fhir?page=3")),
        (200, {}, bundle(observation(3))),
    ]
    assert values(link_to(server, hand).poll()) == [1, 2, 3]
    assert [path for path, _ in server.asked[1:]] == ["/fhir?page=2", "/fhir?page=3"]


@pytest.mark.parametrize(
    "elsewhere",
    ["http://127.0.0.1:1/fhir?page=2", "http://localhost/x", "file:///etc/passwd", "//h/"],
)
def test_a_page_on_another_server_is_not_asked_for(
    server: Server, hand: Hand, elsewhere: str
) -> None:
    server.answers = [(200, {}, bundle(observation(1), following=elsewhere))]
    link = link_to(server, hand)
    assert values(link.poll()) == [1]
    assert list(link.refused) == ["the next page lies on another server and was not asked for"]
    assert len(server.asked) == 1


def test_a_redirect_to_another_server_is_not_followed(server: Server, hand: Hand) -> None:
    other = Server()
    thread = threading.Thread(target=other.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    server.answers = [(302, {"Location": f"{other.base}/Observation"}, b"")]
    link = link_to(server, hand, headers={"Authorization": "Bearer x"})
    assert link.poll() == ()
    assert "302" in link.state.sentence
    assert other.asked == []
    other.shutdown()
    other.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("code", "phase", "told"),
    [
        (401, LinkPhase.LOST, "refuses our credentials (401)"),
        (403, LinkPhase.LOST, "refuses our credentials (403)"),
        (404, LinkPhase.LOST, "no such patient or place (404)"),
        (429, LinkPhase.STALLED, "asks us to wait (429)"),
        (500, LinkPhase.LOST, "error 500"),
        (503, LinkPhase.STALLED, "asks us to wait (503)"),
    ],
)
def test_an_error_is_a_state_and_the_link_recovers_by_itself(
    server: Server, hand: Hand, code: int, phase: LinkPhase, told: str
) -> None:
    server.answers = [(code, {}, b""), (200, {}, bundle(observation(1)))]
    link = link_to(server, hand)
    assert link.poll() == ()
    assert (link.state.phase, told in link.state.sentence) == (phase, True)
    assert link.poll() == ()
    assert len(server.asked) == 1
    hand.turn(0.6)
    assert values(link.poll()) == [1]
    assert link.state.phase is LinkPhase.LIVE


@pytest.mark.parametrize("how", ["seconds", "date"])
def test_the_server_says_how_long_to_wait(server: Server, hand: Hand, how: str) -> None:
    now = datetime(2024, 1, 31, 12, tzinfo=UTC)
    until_then = format_datetime(datetime(2024, 1, 31, 12, 2, tzinfo=UTC), usegmt=True)
    after = {"seconds": "120", "date": until_then}[how]
    server.answers = [(429, {"Retry-After": after}, b""), (200, {}, bundle())]
    link = link_to(server, hand, now=lambda: now)
    link.poll()
    assert "asking again in 120 s" in link.state.sentence
    hand.turn(119.0)
    link.poll()
    assert len(server.asked) == 1
    hand.turn(2.0)
    link.poll()
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"resourceType": "Patient"}', b'{"entry": 5}', b'"x"',
             b'{"resourceType": "Bundle", "entry": [{}]}', b"[" * 100_000,
             b'{"resourceType": "Bundle", "entry": [{"resource": 5}]}',
             b'{"resourceType": "Bundle", "link": [{"relation": "next", "url": 5}]}',
             b'{"resourceType": "Bundle", "link": [{"relation": "next", "url": "//[x"}]}']
)  # fmt: skip
def test_what_is_no_bundle_is_a_state(server: Server, hand: Hand, body: bytes) -> None:
    server.answers = [(200, {}, body)]
    link = link_to(server, hand)
    assert link.poll() == ()
    assert "answered no FHIR" in link.state.sentence


def test_a_server_that_is_not_there_is_a_state_with_growing_pauses(hand: Hand) -> None:
    link = FhirPolling("http://127.0.0.1:1/fhir", "p1", rates, start=at_once, clock=hand)
    pauses = []
    for _ in range(4):
        assert link.poll() == ()
        assert link.state.phase is LinkPhase.LOST
        pauses.append(link.state.sentence.rpartition("in ")[2])
        hand.turn(5.0)
    assert pauses == ["0 s", "1 s", "2 s", "4 s"]


def test_a_timeout_is_a_state(hand: Hand) -> None:
    def slow(_request: urllib.request.Request, *, timeout: float) -> Any:
        raise TimeoutError(f"nothing for {timeout:g} s")

    link = FhirPolling("http://h/fhir", "p", rates, start=at_once, clock=hand, opener=slow)
    assert link.poll() == ()
    assert "does not answer: nothing for 10 s" in link.state.sentence


def test_half_an_answer_out_of_order_is_asked_for_again(server: Server, hand: Hand) -> None:
    server.answers = [
        (200, {}, bundle(observation(40), observation(5), following=f"{server.base}?page=2")),
        (500, {}, b""),
        (200, {}, bundle(observation(5), observation(6), observation(40))),
    ]
    link = link_to(server, hand)
    assert values(link.poll()) == [40, 5]
    hand.turn(1.0)
    assert values(link.poll()) == [6]
    assert "_lastUpdated" not in query(server.asked[2][0])


@pytest.mark.parametrize(("numbers", "asks_on"), [((5, 40), True), ((40, 5), False)])
def test_an_answer_cut_short_is_gone_on_from_only_if_it_was_in_order(
    server: Server, hand: Hand, numbers: tuple[int, int], asks_on: bool
) -> None:
    cut = bundle(*map(observation, numbers), following="http://elsewhere.example/")
    server.answers = [(200, {}, cut), (200, {}, bundle())]
    link = link_to(server, hand)
    assert values(link.poll()) == list(numbers)
    hand.turn(PERIOD)
    link.poll()
    assert ("_lastUpdated" in query(server.asked[1][0])) is asks_on


def test_what_cannot_be_used_is_reported(server: Server, hand: Hand) -> None:
    timeless = observation(3)
    del timeless["effectiveDateTime"]
    dated = observation(4, measured="2024-01-31")
    outcome = {"resourceType": "OperationOutcome"}
    server.answers = [(200, {}, bundle(observation(99), timeless, dated, outcome))]
    link = link_to(server, hand)
    assert link.poll() == ()
    assert dict(link.refused) == {
        "99 is too much": 1, "heart_rate: an Observation without a time": 2,
        "OperationOutcome among the answers": 1,
    }  # fmt: skip


def test_numbers_and_errors_of_the_reader_are_passed_on(server: Server, hand: Hand) -> None:
    def reader(resource: dict[str, Any]) -> tuple[list[Numbers], list[str]]:
        if resource["id"] == "o2":
            raise RecordError("o2", "value", expected="a number", got="x", remedy="Correct it.")
        ones = np.ones(1)
        return [Numbers("reader", ("heart_rate",), ones, ones, 7.0, 0.0, 0)], []

    server.answers = [(200, {}, bundle(observation(1), observation(2)))]
    link = link_to(server, hand, read_observation=reader)
    (one,) = link.poll()
    assert (one.time, one.arrival) == (7.0, hand.now)
    assert list(link.refused) == ["o2: value: expected a number, got x. Correct it."]


@pytest.mark.parametrize(
    "change", [{"meta": 5}, {"id": [1]}, {"effectiveDateTime": 7}, {"valueQuantity": None},
               {"valueQuantity": {}}, {"effectivePeriod": "x", "effectiveDateTime": None}]
)  # fmt: skip
def test_an_observation_of_another_shape_is_reported_and_the_next_is_read(
    server: Server, hand: Hand, change: dict[str, Any]
) -> None:
    server.answers = [(200, {}, bundle({**observation(1), **change}, observation(2)))]
    link = link_to(server, hand)
    assert values(link.poll())[-1] == 2
    assert link.state.phase is LinkPhase.LIVE


def test_the_question_is_asked_beside_the_polling_thread(server: Server, hand: Hand) -> None:
    let_go, here = threading.Event(), threading.current_thread()
    asking: list[threading.Thread] = []

    def held(_path: str) -> Answer:
        let_go.wait(5.0)
        return 200, {}, bundle(observation(1))

    def reader(resource: dict[str, Any]) -> tuple[list[Measurement], list[str]]:
        asking.append(threading.current_thread())
        return rates(resource)

    server.answers = [held]
    link = FhirPolling(server.base, "p1", reader, clock=hand)
    assert link.poll() == ()
    let_go.set()
    assert values(until(link.poll)) == [1]
    assert asking == [here]
    link.close()
    link.close()
    assert (link.poll(), link.state.phase) == ((), LinkPhase.ENDED)


@pytest.mark.parametrize("base", ["ftp://h/fhir", "h/fhir", "", "http://", "http://h:x/"])
def test_an_address_that_is_none_is_refused(base: str) -> None:
    with pytest.raises(ParameterError, match="https://host/fhir"):
        FhirPolling(base, "p1", rates)


def test_credentials_do_not_travel_unencrypted() -> None:
    with pytest.raises(ParameterError, match="use https"):
        FhirPolling("http://hospital.example/fhir", "p", rates, headers={"authorization": "x"})
    FhirPolling("https://hospital.example/fhir", "p", rates, headers={"authorization": "x"})
