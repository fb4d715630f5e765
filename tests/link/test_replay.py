"""A recording played: chunks, rates, speeds, pausing, jumping."""

from pathlib import Path

import numpy as np
import pytest

from organtwin.errors import ParameterError, RecordError
from organtwin.link.data_link import LinkPhase
from organtwin.link.replay import CHUNK, MOST_CHUNKS, Replay
from organtwin.patient.readers import read_recording
from organtwin.patient.recording import Recording
from organtwin.patient.samples import Samples
from organtwin.patient.waveform import Waveform
from tests.link.played import Hand, recording


def played(replay: Replay, hand: Hand, step: float = 0.02) -> list[Samples]:
    found: list[Samples] = []
    while replay.state.phase is not LinkPhase.ENDED:
        hand.turn(step)
        found += [chunk for chunk in replay.poll() if isinstance(chunk, Samples)]
    return found


def track(chunks: list[Samples], channel: str) -> np.ndarray:
    return np.concatenate(
        [chunk.values[chunk.channels.index(channel)] for chunk in chunks
         if channel in chunk.channels]
    )  # fmt: skip


@pytest.mark.parametrize("speed", [0.25, 1.0, 16.0])
@pytest.mark.parametrize("rates", [{"II": 500.0, "ABP": 125.0}, {"I": 360.0, "II": 360.0}])
def test_every_sample_comes_once_and_in_its_place(
    hand: Hand, speed: float, rates: dict[str, float]
) -> None:
    source = recording(rates=rates)
    chunks = played(Replay(source, speed=speed, clock=hand), hand)
    for name, wave in source.waveforms.items():
        assert np.array_equal(track(chunks, name), wave.values)
    for chunk in chunks:
        first = chunk.values[0, 0] % 1000.0 if chunk.channels == ("ABP",) else chunk.values[0, 0]
        assert chunk.start == pytest.approx(first / chunk.rate, abs=1e-9)
    assert [chunk.sequence for chunk in chunks] == list(range(len(chunks)))


def test_channels_of_one_rate_travel_together_in_chunks_of_40_ms(hand: Hand) -> None:
    rates = {"I": 500.0, "ABP": 125.0, "II": 500.0}
    chunks = played(Replay(recording(rates=rates), clock=hand), hand)
    assert {(chunk.channels, chunk.count) for chunk in chunks} == {
        (("I", "II"), round(500 * CHUNK)), (("ABP",), round(125 * CHUNK)),
    }  # fmt: skip


@pytest.mark.parametrize("speed", [0.25, 1.0, 16.0])
def test_a_chunk_comes_when_its_last_sample_was_measured(hand: Hand, speed: float) -> None:
    replay = Replay(recording(rates={"ABP": 125.0}), speed=speed, clock=hand)
    hand.turn(0.999 * CHUNK / speed)
    assert replay.poll() == ()
    hand.turn(0.002 * CHUNK / speed)
    (chunk,) = replay.poll()
    assert isinstance(chunk, Samples)
    assert chunk.arrival == hand.now


@pytest.mark.parametrize("speed", [0.0, 0.2, 16.5, -1.0, float("nan"), float("inf")])
def test_a_speed_beyond_what_was_exercised_is_refused(hand: Hand, speed: float) -> None:
    with pytest.raises(ParameterError, match="runs at"):
        Replay(recording(), speed=speed, clock=hand)
    with pytest.raises(ParameterError, match="runs at"):
        Replay(recording(), clock=hand).set_speed(speed)


def test_nothing_comes_while_paused_and_nothing_is_lost_by_it(hand: Hand) -> None:
    source = recording()
    replay = Replay(source, clock=hand)
    hand.turn(1.01)
    chunks = [chunk for chunk in replay.poll() if isinstance(chunk, Samples)]
    replay.pause()
    hand.turn(100.0)
    assert replay.poll() == ()
    assert replay.state.phase is LinkPhase.STALLED
    assert replay.position == pytest.approx(1.01)
    replay.resume()
    chunks += played(replay, hand)
    assert np.array_equal(track(chunks, "II"), source.waveforms["II"].values)


def test_a_jump_begins_a_new_epoch_at_that_very_time(hand: Hand) -> None:
    replay = Replay(recording(), clock=hand)
    hand.turn(3.0)
    assert {chunk.epoch for chunk in replay.poll()} == {0}
    replay.seek(1.0)
    hand.turn(0.041)
    found = [chunk for chunk in replay.poll() if isinstance(chunk, Samples)]
    assert {(chunk.epoch, chunk.start) for chunk in found} == {(1, 1.0)}
    with pytest.raises(ParameterError, match="0 to 4 s"):
        replay.seek(4.0)


def test_a_jump_wakes_a_replay_that_was_over_but_not_a_closed_one(hand: Hand) -> None:
    replay = Replay(recording(), clock=hand)
    played(replay, hand)
    assert replay.poll() == ()
    replay.seek(3.9)
    assert len(played(replay, hand)) == 6  # 0.1 s is 2.5 chunks of each of two rates
    replay.close()
    replay.close()
    replay.seek(0.0)
    hand.turn(1.0)
    assert (replay.poll(), replay.state.sentence) == ((), "closed")


def test_a_change_of_speed_counts_from_then_on(hand: Hand) -> None:
    replay = Replay(recording(), clock=hand)
    hand.turn(1.0)
    replay.set_speed(2.0)
    hand.turn(0.5)
    assert replay.position == pytest.approx(2.0)


def test_a_backlog_comes_in_portions(hand: Hand) -> None:
    replay = Replay(recording(seconds=60.0, rates={"ABP": 125.0}), clock=hand)
    hand.turn(60.0)
    portions = [len(replay.poll()) for _ in range(4)]
    assert portions == [MOST_CHUNKS, MOST_CHUNKS, MOST_CHUNKS, 0]


def test_a_recording_that_cannot_be_played_is_refused(hand: Hand) -> None:
    with pytest.raises(RecordError, match="at least one, got none"):
        Replay(Recording("empty", {}), clock=hand)
    times = np.array([0.0, 0.1, 0.2, 0.9])
    wave = Waveform("II", times, np.zeros(4), "mV", "x")
    with pytest.raises(RecordError, match="evenly spaced"):
        Replay(Recording("uneven", {"II": wave}), clock=hand)


@pytest.mark.parametrize("speed", [1.0, 16.0])
def test_a_real_recording_of_several_rates_is_replayed_exactly(
    shared_data: Path, hand: Hand, speed: float
) -> None:
    source = read_recording(shared_data / "haemodynamics" / "mimicdb-041s" / "041s.hea")
    replay = Replay(source, speed=speed, clock=hand)
    assert set(replay.channels) == set(source.waveforms)
    chunks = played(replay, hand)
    for name, wave in source.waveforms.items():
        assert np.array_equal(track(chunks, name), wave.values, equal_nan=True)
    assert hand.now - 1000.0 == pytest.approx(16.0 / speed, abs=0.03)
