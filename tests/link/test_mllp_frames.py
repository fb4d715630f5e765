"""Frames cut out of a stream of bytes, however it is split and whatever lies between."""

import numpy as np
import pytest

from organtwin.link.mllp_frames import Frame, Frames, framed

MESSAGES = [b"MSH|one\rOBX|1\r", b"MSH|two\x1c in the text\r", b"MSH|three\r"]
STREAM = b"".join(map(framed, MESSAGES))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_frames_are_found_however_the_network_splits_them(size: int) -> None:
    frames = Frames()
    found = [
        frame for at in range(0, len(STREAM), size) for frame in frames.feed(STREAM[at : at + size])
    ]
    assert [frame.content for frame in found] == MESSAGES
    assert not any(frame.fault for frame in found)
    assert frames.garbage == 0


def test_bytes_between_frames_are_skipped_and_counted() -> None:
    frames = Frames()
    found = frames.feed(b"hello\r\n" + framed(b"MSH|1") + b"\n" + framed(b"MSH|2") + b"bye")
    assert [frame.content for frame in found] == [b"MSH|1", b"MSH|2"]
    assert frames.garbage == 11


@pytest.mark.parametrize("size", [1, 50, 10_000])
def test_a_frame_beyond_the_limit_is_refused_and_the_next_is_read(size: int) -> None:
    frames = Frames(largest=1000)
    stream = framed(b"MSH|big" + 5000 * b"x") + framed(b"MSH|small")
    found = [
        frame for at in range(0, len(stream), size) for frame in frames.feed(stream[at : at + size])
    ]
    assert [frame.content[:9] for frame in found] == [b"MSH|bigxx", b"MSH|small"]
    assert (found[0].fault, found[1].fault) == ("longer than 1000 bytes", "")


def test_memory_stays_small_while_a_frame_without_end_pours_in() -> None:
    frames = Frames(largest=1000)
    assert frames.feed(b"\x0b") == []
    for _ in range(1000):
        assert frames.feed(1000 * b"y") == []
    assert len(frames._buffer) < 1000


def test_a_frame_whose_end_was_lost_does_not_swallow_the_next() -> None:
    found = Frames().feed(b"\x0bMSH|cut off" + framed(b"MSH|whole"))
    assert found[0].fault.startswith("its end was lost")
    assert found[1] == Frame(b"MSH|whole")


def test_noise_between_good_frames_never_hides_them() -> None:
    random = np.random.default_rng(3)
    frames, found = Frames(), []
    for number in range(200):
        noise = bytes(random.integers(0, 256, 40).tolist()).replace(b"\x0b", b"")
        found += frames.feed(noise + framed(b"MSH|%d" % number))
    assert [frame.content for frame in found] == [b"MSH|%d" % number for number in range(200)]
