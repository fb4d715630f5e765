"""Lab Streaming Layer: one stream, found by name, type or source id.

Source time is the stamp of the sender plus liblsl's own estimate of how the two clocks differ, so
that it is the clock of this computer as liblsl reads it. A lost stream is looked up anew instead of
being recovered inside liblsl: a sender that comes back may have other channels or units, and is
then read by what it says now.
"""

import math
import time
from collections.abc import Mapping
from contextlib import suppress
from itertools import pairwise
from typing import Any

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import ParameterError, RecordError
from organtwin.link.data_link import Attempts, Clock, LinkPhase, LinkState, Standing
from organtwin.patient.channels import Channel, canonical_channel, factor_to_si
from organtwin.patient.readers.monitor_codes import quantity_in_si, quantity_labelled
from organtwin.patient.samples import Numbers, Samples
from organtwin.patient.uncertainty import default_sd

PATIENT_KINDS = ("ECG", "vitals")
"""Types of streams that are looked for when none is named."""
_LOOK = 1.0
"""[s] In which the streams of a network answer; 0.5 s on loopback."""
_WAIT = 0.002
"""[s] That one poll may wait for an answer; liblsl goes on in the background between polls."""
_LONGEST_OPENING = 3.0
"""[s] For description and first estimate of the clocks; 0.7 s on loopback. A stream that has died
is still announced for 5 s."""
_MOST_SAMPLES = 8_192
"""Taken in one poll; 16 s at 500 Hz, and the rest with the next ones."""
_BUFFERED = 60
"""[s] That liblsl holds for a program which does not poll."""
_JUMP = 0.030
"""[s] A stamp so far from where the last chunk ended is a gap; below, it is the jitter of stamps
set when a chunk is pushed. Measured on loopback, 1 500 chunks of 40 ms on two busy cores: 1.4 ms at
the 95th percentile, 4.4 ms at the 99th, 16 ms at worst."""
_PULL = 0.02
"""Of a stamp's difference that is followed with each chunk: drift of 500 ppm leaves 1 ms."""
_WORDS = {
    "volts": "V", "volt": "V", "millivolts": "mV", "millivolt": "mV", "microvolts": "uV",
    "microvolt": "uV", "": "",
}  # fmt: skip
"""Units as the conventions of the XDF format spell them."""


class LslStream:
    """A ``DataLink`` to a Lab Streaming Layer stream.

    A stream with a rate gives ``Samples``; its channel labels must be leads, pressures or signals.
    One without gives ``Numbers``; its labels are quantities, by their own name, their label
    (``HR``) or their MDC name. Channels that are neither are reported and left out.

    Parameters
    ----------
    name, kind, source_id
        What the stream must be called; at least one. ``kind`` is what LSL calls its type.

    Raises
    ------
    ParameterError
        pylsl is missing, or nothing says which stream is meant.
    """

    def __init__(
        self, *, name: str = "", kind: str = "", source_id: str = "", stalls_after: float = 2.0,
        clock: Clock = time.monotonic,
    ) -> None:  # fmt: skip
        wanted = {"name": name, "type": kind, "source_id": source_id}
        terms = [f"{key}='{_quoted(value)}'" for key, value in wanted.items() if value]
        if not terms:
            raise ParameterError("name the stream by its name, type or source id")
        self._lsl = _library()
        self._wanted = " and ".join(terms)
        self._stalls_after = stalls_after
        self._standing = Standing(clock, sentence=f"looking for a stream with {self._wanted}")
        self._attempts = Attempts(clock)
        self._resolver: Any = self._lsl.ContinuousResolver(pred=self._wanted)
        self._inlet: Any = None
        self._layout: _Layout | None = None
        self._sequence, self._epoch = 0, -1
        self._expected: float | None = None
        self._last, self._correction = float("nan"), 0.0

    @property
    def channels(self) -> tuple[str, ...]:
        return () if self._layout is None else self._layout.names

    @property
    def state(self) -> LinkState:
        return self._standing.state

    @property
    def refused(self) -> Mapping[str, int]:
        return self._standing.refused

    def poll(self) -> tuple[Samples | Numbers, ...]:
        if self._standing.ended:
            return ()
        try:
            if self._inlet is None and not self._found():
                return ()
            if self._layout is None and not self._described():
                return ()
            return self._pulled()
        except self._lsl.util.LostError:
            self._lose("the stream ended or its computer went away")
        except (RuntimeError, ValueError) as error:  # also a RecordError, or text that is none
            self._lose(f"{error}")
        return ()

    def close(self) -> None:
        self._inlet, self._resolver = None, None
        self._standing.be(LinkPhase.ENDED, "closed")

    def _found(self) -> bool:
        """Open the stream if it can be seen; of several the newest, since a dead one lingers."""
        if not self._attempts.due:
            return False
        streams = self._resolver.results()
        if not streams:
            return False
        streams.sort(key=lambda stream: float(stream.created_at()))
        if len(streams) > 1:
            self._standing.refuse(f"{len(streams)} streams have {self._wanted}; the newest is read")
        self._inlet = self._lsl.StreamInlet(streams[-1], max_buflen=_BUFFERED, recover=False)
        self._layout, self._expected = None, None
        self._last = self._standing.clock()
        return True

    def _described(self) -> bool:
        """Read what the stream says of itself; False while that is on its way."""
        try:
            info = self._inlet.info(timeout=_WAIT)
            self._inlet.open_stream(timeout=_WAIT)
            self._correction = float(self._inlet.time_correction(timeout=_WAIT))
        except self._lsl.util.TimeoutError:
            if self._standing.clock() - self._last > _LONGEST_OPENING:
                self._lose("the stream is announced, but does not answer")
            return False
        self._layout = _Layout.of(info, self._standing)
        self._epoch += 1
        self._attempts.succeeded()
        self._last = self._standing.clock()
        self._standing.be(LinkPhase.LIVE, f"{self._layout.source}: {', '.join(self.channels)}")
        return True

    def _pulled(self) -> tuple[Samples | Numbers, ...]:
        layout = self._layout
        assert layout is not None
        stored, stamps = self._inlet.pull_chunk(0.0, _MOST_SAMPLES, as_numpy=True)
        now = self._standing.clock()
        if not len(stamps):
            quiet = now - self._last
            if layout.rate and quiet > self._stalls_after:
                self._standing.be(LinkPhase.STALLED, f"connected, but silent for {quiet:.0f} s")
            return ()
        self._last = now
        self._standing.be(LinkPhase.LIVE, f"{layout.source}: {', '.join(self.channels)}")
        times = stamps + self._corrected()
        values = layout.factors[:, None] * stored[:, layout.columns].T.astype(np.float64)
        if layout.rate:
            return tuple(self._chunks(layout, values, times, now))
        return tuple(
            numbers for row, moment in zip(values.T, times, strict=True)
            if (numbers := self._numbers(layout, row, (float(moment), now))) is not None
        )  # fmt: skip

    def _corrected(self) -> float:
        """[s] The newest estimate; while one is being made, the one before."""
        with suppress(self._lsl.util.TimeoutError):
            self._correction = float(self._inlet.time_correction(timeout=_WAIT))
        return self._correction

    def _chunks(
        self, layout: "_Layout", values: FloatArray, times: FloatArray, now: float
    ) -> list[Samples]:
        """What was pulled, cut where stamps jump."""
        steps = np.diff(times) - 1.0 / layout.rate
        cuts = [0, *(np.flatnonzero(np.abs(steps) > _JUMP) + 1), len(times)]
        found = []
        for first, last in pairwise(cuts):
            start = float(times[first])
            if self._expected is not None and abs(start - self._expected) <= _JUMP:
                start = self._expected + _PULL * (start - self._expected)
            chunk = Samples(
                layout.source, layout.names, values[:, first:last], start, layout.rate, now,
                self._next(), self._epoch,
            )  # fmt: skip
            self._expected = chunk.end
            found.append(chunk)
        return found

    def _numbers(
        self, layout: "_Layout", row: FloatArray, times: tuple[float, float]
    ) -> Numbers | None:
        """One irregular sample; NaN stands for what was not measured then."""
        names, values = [], []
        for name, value, unit in zip(layout.names, row, layout.units, strict=True):
            if math.isnan(value):
                continue
            try:
                values.append(quantity_in_si(name, float(value), unit, layout.source))
                names.append(name)
            except RecordError as error:
                self._standing.refuse(f"{error.field}: expected {error.expected}, got {error.got}")
        if not names:
            return None
        sds = np.array([default_sd(name, value) for name, value in zip(names, values, strict=True)])
        moment, arrival = times
        return Numbers(
            layout.source, tuple(names), np.array(values), sds, moment, arrival, self._next(),
            self._epoch,
        )  # fmt: skip

    def _lose(self, why: str) -> None:
        self._inlet, self._layout, self._expected = None, None, None
        self._attempts.failed()
        self._standing.be(LinkPhase.LOST, f"{why}; looking for it again")

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence - 1


class _Layout:
    """What the columns of a stream are; ``factors`` ``(n_channels,)`` take them to SI."""

    def __init__(
        self, source: str, rate: float, columns: list[tuple[int, str, str, float]]
    ) -> None:
        self.source, self.rate = source, rate
        self.columns = [column for column, *_ in columns]
        self.names = tuple(name for _, name, _, _ in columns)
        self.units = tuple(unit for _, _, unit, _ in columns)
        self.factors = np.array([factor for *_, factor in columns])

    @classmethod
    def of(cls, info: Any, standing: Standing) -> "_Layout":
        """Read a stream's description.

        Raises
        ------
        RecordError
            It holds text, or no channel of it can be used.
        """
        source, rate = f"LSL {info.name()}", float(info.nominal_srate())
        count = info.channel_count()
        labels = [label or "" for label in info.get_channel_labels() or [""] * count]
        units = [unit or "" for unit in info.get_channel_units() or [""] * count]
        if not len(labels) == len(units) == count:
            raise RecordError(
                source, "channels", expected=f"a label and a unit for each of {count}",
                got=f"{len(labels)} labels and {len(units)} units",
                remedy="Correct the description that the sender gives of its channels.",
            )  # fmt: skip
        columns: list[tuple[int, str, str, float]] = []
        for column, (label, unit) in enumerate(zip(labels, units, strict=True)):
            try:
                name, spelled, factor = _column(label, unit, source, rate)
            except RecordError as error:
                standing.refuse(f"{error.field}: expected {error.expected}, got {error.got}")
                continue
            if name in (known for _, known, _, _ in columns):
                standing.refuse(f"channel {label!r}: {name} stands twice; the first is read")
                continue
            columns.append((column, name, spelled, factor))
        if not columns or info.channel_format() == 3:
            raise RecordError(
                source, "channels", expected="numbers with a known label and unit for each channel",
                got=", ".join(labels) or "nothing",
                remedy="Let the sender describe its channels (label and unit) in the stream.",
            )  # fmt: skip
        return cls(source, rate, columns)


def _column(label: str, unit: str, source: str, rate: float) -> tuple[str, str, float]:
    """Name inside the program, unit as ``units`` reads it, and factor to SI."""
    spelled = _WORDS.get(unit.strip().lower(), unit.strip())
    if rate:
        name = canonical_channel(label, source)
        return name, spelled, factor_to_si(spelled, Channel(source, f"channel {label!r}", name))
    quantity = quantity_labelled(label)
    if quantity is None:
        raise RecordError(
            source, f"channel {label!r}", expected="a quantity such as heart_rate or HR",
            got=repr(label), remedy="Correct the label in the stream.",
        )  # fmt: skip
    return quantity, spelled, 1.0


def in_sight(wait: float = _LOOK) -> tuple[str, ...]:
    """Names of all streams that answer within ``wait`` [s], in order.

    Raises
    ------
    ParameterError
        pylsl is missing.
    """
    return tuple(sorted({stream.name() for stream in _library().resolve_streams(wait)}))


def _quoted(text: str) -> str:
    """A value inside the quotes of a query."""
    if "'" in text:
        raise ParameterError(f"a stream cannot be looked up by {text!r}: it holds a quotation mark")
    return text


def _library() -> Any:
    """The pylsl module.

    Raises
    ------
    ParameterError
        It, or the liblsl that it needs, is not installed.
    """
    try:
        import pylsl
        import pylsl.util
    except (ImportError, RuntimeError, OSError) as error:
        raise ParameterError(
            f"Lab Streaming Layer needs the package pylsl with its library liblsl ({error}). "
            "Install it with `pip install pylsl`."
        ) from error
    return pylsl
