"""A recording played as if it were arriving now."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import ParameterError, RecordError
from organtwin.link.data_link import Clock, LinkPhase, LinkState, Standing
from organtwin.patient.recording import Recording
from organtwin.patient.samples import Numbers, Samples
from organtwin.patient.waveform import Waveform

SLOWEST, FASTEST = 0.25, 16.0
"""Source seconds per second. Slower, a beat is a still picture; faster, 16 x 12 leads x 500 Hz is
what the rest of the chain was measured with."""
CHUNK = 0.040
"""[s] Source time of one chunk: 25 a second, two for each picture at 12 pictures a second."""
MOST_CHUNKS = 500
"""In one poll, 20 s of source time; the rest of a backlog comes with the next ones."""
_UNEVEN = 0.5
"""Of a sample: how far a time on file may be from an even clock; as in ``csv_reader``."""

Track = tuple[tuple[str, ...], FloatArray, float, float]
"""Channels, values ``(n_channels, n)``, start [s] and rate [Hz] of waveforms with one clock."""


@dataclass(frozen=True, eq=False)
class _Track:
    """Waveforms that share their clock; ``values`` ``(n_channels, n)``."""

    channels: tuple[str, ...]
    values: FloatArray
    start: float
    rate: float

    @property
    def told(self) -> Track:
        return self.channels, self.values, self.start, self.rate

    @property
    def end(self) -> float:
        return self.start + float(self.values.shape[1]) / self.rate

    def until(self, moment: float) -> int:
        """How many samples lie before ``moment`` [s]."""
        # A sample due at the very moment belongs to the next chunk, whatever rounding says.
        count = int(np.ceil((moment - self.start) * self.rate - 1e-6))
        return min(max(count, 0), int(self.values.shape[1]))


class Replay:
    """A ``Recording`` as a ``DataLink``; source time is that of the recording, from its start.

    Chunks are ``CHUNK`` long, for each group of channels with one rate. A chunk is delivered once
    its last sample would have been measured. ``seek`` and ``set_speed`` begin a new epoch.

    Raises
    ------
    ParameterError
        A speed outside ``SLOWEST`` to ``FASTEST``.
    RecordError
        The recording has no waveforms, or one whose samples are not evenly spaced.
    """

    def __init__(
        self, recording: Recording, *, speed: float = 1.0, clock: Clock = time.monotonic
    ) -> None:
        self._speed = _checked(speed)
        self._source = f"replay of {recording.source}"
        self._tracks = _tracks(recording)
        self._end: float = max(track.end for track in self._tracks)
        self._begin: float = min(track.start for track in self._tracks)
        self._standing = Standing(clock, sentence="about to start")
        self._position, self._at = self._begin, clock()
        self._delivered = self._begin
        self._paused, self._closed, self._sequence, self._epoch = False, False, 0, 0
        self._say()

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(name for track in self._tracks for name in track.channels)

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Channels, values ``(n_channels, n)``, start [s] and rate [Hz] of each group."""
        return tuple(track.told for track in self._tracks)

    @property
    def state(self) -> LinkState:
        return self._standing.state

    @property
    def refused(self) -> Mapping[str, int]:
        return self._standing.refused

    @property
    def speed(self) -> float:
        return self._speed

    @property
    def begin(self) -> float:
        """[s] Source time of the first sample."""
        return self._begin

    @property
    def end(self) -> float:
        """[s] Source time after the last sample."""
        return self._end

    @property
    def position(self) -> float:
        """[s] Source time that is being played now."""
        if self._paused or self._standing.ended:
            return self._position
        passed = (self._standing.clock() - self._at) * self._speed
        return min(self._position + passed, self._end)

    def poll(self) -> tuple[Samples | Numbers, ...]:
        if self._standing.ended or self._paused:
            return ()
        now = self.position
        found: list[Samples | Numbers] = []
        while len(found) < MOST_CHUNKS and self._delivered < self._end:
            after = min(self._next_edge(), self._end)
            if after > now + 1e-9:
                break
            found += self._between(self._delivered, after)
            self._delivered = after
        if self._delivered >= self._end:
            self._position = self._end
            self._standing.be(LinkPhase.ENDED, "the recording is over; seek to play it again")
        return tuple(found)

    def pause(self) -> None:
        self._rebase(self.position)
        self._paused = True
        self._say()

    def resume(self) -> None:
        self._rebase(self.position)
        self._paused = False
        self._say()

    def seek(self, moment: float) -> None:
        """Go on from source time ``moment`` [s].

        Raises
        ------
        ParameterError
            The recording does not reach there.
        """
        if not self._begin <= moment < self._end:
            raise ParameterError(
                f"a replay can go to {self._begin:g} to {self._end:g} s of this recording, not to "
                f"{moment:g} s"
            )
        self._rebase(moment)
        self._delivered, self._epoch = moment, self._epoch + 1
        if not self._closed:
            self._standing.be(LinkPhase.LIVE, "going on")
        self._say()

    def set_speed(self, speed: float) -> None:
        """Play ``speed`` times as fast from here on.

        Raises
        ------
        ParameterError
            Outside ``SLOWEST`` to ``FASTEST``.
        """
        speed = _checked(speed)
        self._rebase(self.position)
        self._speed, self._epoch = speed, self._epoch + 1
        self._say()

    def close(self) -> None:
        self._rebase(self.position)
        self._closed = True
        self._standing.be(LinkPhase.ENDED, "closed")

    def _next_edge(self) -> float:
        """[s] The end of the chunk that begins at what was delivered last."""
        step = int(np.floor((self._delivered - self._begin) / CHUNK + 1e-6)) + 1
        return self._begin + step * CHUNK

    def _between(self, before: float, after: float) -> list[Samples]:
        found = []
        for track in self._tracks:
            first, last = track.until(before), track.until(after)
            if last == first:
                continue
            found.append(
                Samples(
                    self._source, track.channels, track.values[:, first:last],
                    track.start + first / track.rate, track.rate, self._standing.clock(),
                    self._sequence, self._epoch,
                )
            )  # fmt: skip
            self._sequence += 1
        return found

    def _rebase(self, position: float) -> None:
        self._position, self._at = position, self._standing.clock()

    def _say(self) -> None:
        if self._standing.ended:
            return
        if self._paused:
            self._standing.be(LinkPhase.STALLED, f"paused at {self._position:.1f} s")
        else:
            self._standing.be(LinkPhase.LIVE, f"replaying at {self._speed:g}x")


def _checked(speed: float) -> float:
    if not SLOWEST <= speed <= FASTEST:
        raise ParameterError(f"a replay runs at {SLOWEST:g}x to {FASTEST:g}x, not at {speed:g}x")
    return speed


def _tracks(recording: Recording) -> tuple[_Track, ...]:
    """The waveforms grouped by rate, length and start, in the order of the file."""
    groups: dict[tuple[float, float, int], list[Waveform]] = {}
    for wave in recording.waveforms.values():
        rate = float(f"{wave.sampling_rate:.9g}")  # 499.99999999999994 and 500 are one clock
        start, count = float(wave.times[0]), len(wave.times)
        off = np.abs(wave.times - start - np.arange(count) / rate).max() * rate
        if off > _UNEVEN:
            raise RecordError(
                recording.source, f"lead {wave.name}", expected="evenly spaced samples",
                got=f"a sample {off:.1f} places off", remedy="Resample the recording evenly.",
            )  # fmt: skip
        groups.setdefault((rate, start, count), []).append(wave)
    if not groups:
        raise RecordError(
            recording.source, "waveforms", expected="at least one", got="none",
            remedy="Choose a recording with signals; this one holds numbers alone.",
        )  # fmt: skip
    return tuple(
        _Track(tuple(wave.name for wave in waves), np.stack([wave.values for wave in waves]),
               start, rate)
        for (rate, start, _), waves in groups.items()
    )  # fmt: skip


def whole_tracks(recording: Recording) -> tuple[Track, ...]:
    """All waveforms of a recording, grouped by their clock.

    Raises
    ------
    RecordError
        The recording has no waveforms, or one whose samples are not evenly spaced.
    """
    return tuple(track.told for track in _tracks(recording))
