"""Lab Streaming Layer over the real library: an outlet and the link on loopback.

Each test looks for a stream of its own by source id, so that nothing else on the network matters.
"""

import builtins
import time
import uuid
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from organtwin.errors import ParameterError
from organtwin.link.data_link import LinkPhase
from organtwin.link.lsl import LslStream
from organtwin.patient.samples import Numbers, Samples
from organtwin.units import MMHG
from tests.link.played import until

RATE = 500.0


@pytest.fixture
def pylsl() -> Any:
    return pytest.importorskip("pylsl")


@pytest.fixture
def source_id() -> str:
    return f"test-{uuid.uuid4()}"


def outlet(
    pylsl: Any, source_id: str, labels: list[str], units: list[str], rate: float = RATE
) -> Any:
    info = pylsl.StreamInfo("OrganTwin test", "ECG", len(labels), rate, "double64", source_id)
    info.set_channel_labels(labels)
    info.set_channel_units(units)
    return pylsl.StreamOutlet(info)


def live(link: LslStream) -> None:
    until(lambda: link.poll() or link.state.phase is LinkPhase.LIVE)


def pulled(link: LslStream, samples: int) -> list[Any]:
    found: list[Any] = []

    def enough() -> bool:
        found.extend(link.poll())
        return sum(one.count if isinstance(one, Samples) else 1 for one in found) >= samples

    until(enough)
    return found


def test_a_stream_arrives_in_si_and_in_local_time(pylsl: Any, source_id: str) -> None:
    sender = outlet(pylsl, source_id, ["lead ii", "ABP"], ["microvolts", "mmHg"])
    link = LslStream(source_id=source_id)
    live(link)
    rows = np.column_stack([np.arange(1000.0), 80.0 + np.arange(1000.0)])
    first = pylsl.local_clock()
    for at in range(0, 1000, 20):
        sender.push_chunk(rows[at : at + 20], first + (at + 19) / RATE)
    found = pulled(link, 1000)
    assert link.channels == ("II", "ABP")
    values = np.concatenate([chunk.values for chunk in found], axis=1)
    assert values[0] == pytest.approx(1e-6 * rows[:, 0])
    assert values[1] == pytest.approx(MMHG * rows[:, 1])
    # liblsl knows the difference of two clocks to 0.2 ms by its documentation; here it is none.
    assert found[0].start == pytest.approx(first, abs=1e-3)
    for before, after in pairwise(found):
        assert after.start == pytest.approx(before.end, abs=1e-3)
    assert {(chunk.rate, chunk.epoch) for chunk in found} == {(RATE, 0)}
    link.close()


def test_a_jump_of_the_stamps_is_a_gap_and_jitter_is_not(pylsl: Any, source_id: str) -> None:
    sender = outlet(pylsl, source_id, ["II"], ["mV"])
    link = LslStream(source_id=source_id)
    live(link)
    first, random = pylsl.local_clock(), np.random.default_rng(1)
    found: list[Any] = []
    for number in range(40):
        late = 1.0 if number >= 20 else 0.0
        shake = float(random.uniform(-4e-3, 4e-3))
        sender.push_chunk(np.zeros((20, 1)), first + late + shake + (20 * number + 19) / RATE)
        found += pulled(link, 20)
    holes = [after.start - before.end for before, after in pairwise(found)]
    (gap,) = [hole for hole in holes if abs(hole) > 1.0 / RATE]
    assert gap == pytest.approx(1.0, abs=0.01)
    # Of 4 ms shaking 2 % is followed with each chunk: less than half a sample.
    assert max(abs(hole) for hole in holes if hole is not gap) < 0.5 / RATE
    link.close()


def test_a_jump_inside_one_pull_cuts_it(pylsl: Any, source_id: str) -> None:
    sender = outlet(pylsl, source_id, ["II"], ["mV"])
    link = LslStream(source_id=source_id)
    live(link)
    for end in (10.0, 11.0, 11.04):
        sender.push_chunk(np.zeros((20, 1)), end)
    until(lambda: link._inlet.samples_available() >= 60)
    one, two = link.poll()
    assert isinstance(one, Samples)
    assert isinstance(two, Samples)
    assert (one.count, two.count) == (20, 40)
    assert two.start - one.end == pytest.approx(0.96, abs=1e-6)
    link.close()


def test_channels_that_are_not_known_are_reported_and_left_out(pylsl: Any, source_id: str) -> None:
    labels, units = ["EOG", "II", "ABP", "II"], ["mV", "mV", "mV", "mV"]
    sender = outlet(pylsl, source_id, labels, units)
    link = LslStream(source_id=source_id)
    live(link)
    sender.push_chunk(np.tile([1.0, 2.0, 3.0, 4.0], (20, 1)))
    (chunk, *_) = pulled(link, 20)
    assert chunk.channels == ("II",)
    assert np.unique(chunk.values) == pytest.approx([2e-3])
    told = " ".join(link.refused)
    assert "'EOG'" in told
    assert "'ABP' unit" in told
    assert "II stands twice" in told
    link.close()


def test_a_description_of_other_channels_than_there_are_is_a_state(
    pylsl: Any, source_id: str
) -> None:
    info = pylsl.StreamInfo("OrganTwin test", "ECG", 1, RATE, "double64", source_id)
    channels = info.desc().append_child("channels")
    for label in ("I", "II"):
        channel = channels.append_child("channel")
        channel.append_child_value("label", label)
        channel.append_child_value("unit", "mV")
    sender = pylsl.StreamOutlet(info)
    link = LslStream(source_id=source_id)
    until(lambda: link.poll() or link.state.phase is LinkPhase.LOST)
    assert "each of 1, got 2 labels" in link.state.sentence
    del sender
    link.close()


def test_an_irregular_stream_gives_numbers(pylsl: Any, source_id: str) -> None:
    labels, units = ["HR", "MDC_PRESS_BLD_ART_SYS", "cardiac_output"], ["1/min", "mmHg", "L/min"]
    sender = outlet(pylsl, source_id, labels, units, rate=0.0)
    link = LslStream(source_id=source_id)
    live(link)
    sender.push_sample([72.0, 120.0, float("nan")], 100.0)
    sender.push_sample([7200.0, float("nan"), 5.0], 107.5)
    one, two = pulled(link, 2)
    assert isinstance(one, Numbers)
    assert one.names == ("heart_rate", "systolic_pressure")
    assert one.values == pytest.approx([1.2, 120.0 * MMHG])
    assert (one.sds > 0.0).all()
    assert two.names == ("cardiac_output",)
    assert two.time - one.time == pytest.approx(7.5, abs=1e-3)
    assert list(link.refused) == ["heart_rate: expected 15 to 300 1/min, got 7200 1/min"]
    link.close()


def test_a_stream_that_comes_back_is_found_by_itself_and_read_by_what_it_says_then(
    pylsl: Any, source_id: str
) -> None:
    sender = outlet(pylsl, source_id, ["II"], ["mV"])
    link = LslStream(source_id=source_id)
    live(link)
    sender.push_chunk(np.ones((20, 1)))
    assert pulled(link, 20)[0].epoch == 0
    del sender
    until(lambda: link.poll() or link.state.phase is LinkPhase.LOST)
    sender = outlet(pylsl, source_id, ["V2", "II"], ["uV", "uV"])
    until(lambda: link.poll() or link.state.phase is LinkPhase.LIVE, seconds=20.0)
    sender.push_chunk(np.ones((20, 2)))
    (chunk, *_) = pulled(link, 20)
    assert (chunk.channels, chunk.epoch) == (("V2", "II"), 1)
    assert np.unique(chunk.values) == pytest.approx([1e-6])
    link.close()


def test_silence_is_told_and_ends_with_the_next_sample(pylsl: Any, source_id: str) -> None:
    sender = outlet(pylsl, source_id, ["II"], ["mV"])
    link = LslStream(source_id=source_id, stalls_after=0.05)
    live(link)
    until(lambda: link.poll() or link.state.phase is LinkPhase.STALLED)
    sender.push_chunk(np.ones((20, 1)))
    pulled(link, 20)
    assert link.state.phase is LinkPhase.LIVE
    link.close()
    link.close()
    assert (link.poll(), link.state.phase) == ((), LinkPhase.ENDED)


def test_a_poll_never_waits_long(pylsl: Any, source_id: str) -> None:
    link = LslStream(source_id=source_id)
    spent = []

    def poll() -> bool:
        began = time.thread_time()
        link.poll()
        spent.append(time.thread_time() - began)
        return link.state.phase is LinkPhase.LIVE

    assert not poll()
    assert link.state.phase is LinkPhase.CONNECTING
    sender = outlet(pylsl, source_id, ["II"], ["mV"])
    until(poll)
    assert np.median(spent) < 5e-3
    del sender
    link.close()


def test_a_stream_must_be_named(pylsl: Any) -> None:
    with pytest.raises(ParameterError, match="name the stream"):
        LslStream()
    with pytest.raises(ParameterError, match="quotation mark"):
        LslStream(name="O'Neill")


def test_without_the_library_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("pylsl"):
            raise ImportError("No module named 'pylsl'")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(ParameterError, match="pip install pylsl"):
        LslStream(name="any")
