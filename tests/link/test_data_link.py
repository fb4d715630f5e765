"""What all links share: states, refusals, pauses between attempts."""

import pytest

from organtwin.link.data_link import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    MOST_SENTENCES,
    Attempts,
    LinkPhase,
    Standing,
)
from organtwin.link.fhir_polling import FhirPolling
from organtwin.link.lsl import LslStream
from organtwin.link.mllp import MllpListener
from organtwin.link.replay import Replay
from organtwin.link.watch import WatchedFolder
from tests.link.played import Hand


def test_pauses_double_up_to_half_a_minute_and_start_anew_on_success(hand: Hand) -> None:
    attempts = Attempts(hand)
    pauses = []
    for _ in range(9):
        attempts.failed()
        pauses.append(attempts.wait)
        assert not attempts.due
        hand.turn(attempts.wait)
        assert attempts.due
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]
    attempts.succeeded()
    attempts.failed()
    assert attempts.wait == FIRST_PAUSE


def test_a_source_may_ask_for_a_longer_pause(hand: Hand) -> None:
    attempts = Attempts(hand)
    attempts.failed(at_least=120.0)
    assert attempts.wait == 120.0


def test_a_state_keeps_its_beginning_while_only_its_words_change(hand: Hand) -> None:
    standing = Standing(hand, sentence="looking")
    hand.turn(5.0)
    standing.be(LinkPhase.CONNECTING, "still looking")
    assert (standing.state.since, standing.state.sentence) == (1000.0, "still looking")
    standing.be(LinkPhase.LIVE, "found")
    assert standing.state.since == 1005.0


def test_refusals_are_counted_and_bounded(hand: Hand) -> None:
    standing = Standing(hand, sentence="x")
    for number in range(2 * MOST_SENTENCES):
        standing.refuse(f"code {number}")
        standing.refuse("code 0")
    assert len(standing.refused) == MOST_SENTENCES + 1
    assert standing.refused["code 0"] == 2 * MOST_SENTENCES + 1
    assert sum(standing.refused.values()) == 4 * MOST_SENTENCES


@pytest.mark.parametrize("kind", [Replay, LslStream, MllpListener, FhirPolling, WatchedFolder])
def test_every_kind_of_link_keeps_the_contract(kind: type) -> None:
    assert all(hasattr(kind, name) for name in ("channels", "state", "refused", "poll", "close"))
