"""Unsolicited results (ORU^R01, ORU^R40) as samples and numbers.

Numbers are OBX segments of type NM, waveforms those of type NA in the manner of IHE PCD (Waveform
Content Module, rev. 1.3): the samples in one OBX, its rate and resolution in further ones whose
sub-identifier (OBX-4) continues that of the waveform. ``MDC_ATTR_NU_MSMT_RES`` scales stored
counts, ``MDC_EVT_INOP`` is the count that stands for a missing sample.

Times without a zone are counted as if they were in UTC: only differences between times of one
source are used, and the clock estimate takes up the rest.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import RecordError
from organtwin.patient.channels import Channel, factor_to_si
from organtwin.patient.readers.hl7_message import Message, Segment, moment_of
from organtwin.patient.readers.monitor_codes import (
    Identifier,
    channel_named,
    quantity_in_si,
    quantity_named,
    unit_named,
)
from organtwin.patient.uncertainty import default_sd

KINDS = ("ORU^R01", "ORU^R40")
_USED = ("", "F", "P", "R", "C", "U", "S")
"""``OBX-11``: final, preliminary, not verified (every monitor value), corrected, and the like. What
is deleted (D), wrong (W) or could not be obtained (X) is no result."""
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?", re.ASCII)
_RATE, _RESOLUTION, _MISSING = "MDC_ATTR_SAMP_RATE", "MDC_ATTR_NU_MSMT_RES", "MDC_EVT_INOP"
_RESOLUTION_CODE, _MISSING_CODE = "2327", "262196"
_LOOKS = ("MDC_ATTR_DATA_RANGE", "MDC_ATTR_FILTER", "MDC_ATTR_GRID_VIS", "MDC_ATTR_VIS_COLOR",
          "MDC_ATTR_WAV_ENCODING", "MDC_ATTR_SCALE_RANGE")  # fmt: skip
"""Attributes that say how to draw a waveform, not what its samples are."""
_MOST_SAMPLES = 1_000_000


@dataclass(frozen=True, slots=True)
class NumberSeen:
    """A quantity at a source time [s since 1970]; SI."""

    name: str
    value: float
    sd: float
    time: float


@dataclass(frozen=True, eq=False, slots=True)
class WaveSeen:
    """One channel; ``values`` ``(n,)`` SI, ``start`` [s since 1970], ``rate`` [Hz]."""

    channel: str
    values: FloatArray
    start: float
    rate: float


@dataclass(slots=True)
class Results:
    """What one message held.

    ``unknown`` was well-formed but means nothing here; ``faults`` are results that contradict
    themselves, which the sender is told.
    """

    numbers: list[NumberSeen] = field(default_factory=list)
    waves: list[WaveSeen] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def results_of(message: Message) -> Results:
    """Every result of a message.

    Raises
    ------
    RecordError
        The message is no unsolicited result.
    """
    if message.kind not in KINDS:
        raise RecordError(
            message.source, "MSH-9 (message type)", expected=" or ".join(KINDS),
            got=message.kind or "nothing", remedy="Send unsolicited results to this port.",
        )  # fmt: skip
    results = Results()
    order: Segment | None = None
    group: list[Segment] = []
    for segment in (*message.segments, None):
        if segment is None or segment.name == "OBR":
            _read_group(message, order, group, results)
            order, group = segment, []
        elif segment.name == "OBX":
            group.append(segment)
    return results


def _read_group(
    message: Message, order: Segment | None, group: Sequence[Segment], results: Results
) -> None:
    waves = [found for found in group if found.text(2) == "NA"]
    attributes: dict[int, list[Segment]] = {id(wave): [] for wave in waves}
    for found in group:
        if (wave := _described(found, waves, group)) is not None:
            attributes[id(wave)].append(found)
            continue
        try:
            if found.text(2) == "NA":
                continue
            _read_number(message, order, found, results)
        except RecordError as error:
            results.faults.append(f"{error.field}: expected {error.expected}, got {error.got}")
    for wave in waves:
        try:
            _read_wave(message, order, (wave, attributes[id(wave)]), results)
        except RecordError as error:
            results.faults.append(f"{error.field}: expected {error.expected}, got {error.got}")


def _described(found: Segment, waves: list[Segment], group: Sequence[Segment]) -> Segment | None:
    """The waveform that this OBX is an attribute of, by its sub-identifier, else by its place."""
    name = found.text(3, 2)
    if found.text(2) == "NA" or not (name.startswith("MDC_ATTR_") or name == _MISSING):
        return None
    own = found.text(4)
    fitting = [
        wave for wave in waves if own == wave.text(4) or own.startswith(f"{wave.text(4)}.")
    ]  # fmt: skip
    place = next(number for number, other in enumerate(group) if other is found)
    before = [wave for wave in fitting if any(other is wave for other in group[:place])]
    near = before or fitting
    return max(reversed(near), key=lambda wave: len(wave.text(4))) if near else None


def _read_number(message: Message, order: Segment | None, found: Segment, results: Results) -> None:
    kind, what = found.text(2), _spoken(found)
    if not kind and not found.raw(5):
        return  # MDS, VMD and channel: the tree of the device, no result
    name = quantity_named(_identifiers(found), message.source)
    if kind != "NM" or name is None:
        results.unknown.append(f"{what} ({kind or 'no type'}) is nothing that this program uses")
        return
    if found.text(11) not in _USED:
        results.unknown.append(f"{what} has result status {found.text(11)}: no value")
        return
    value = _number(found.text(5), what, message.source)
    unit = unit_named(*_three(found, 6))
    si = quantity_in_si(name, value, unit, message.source)
    results.numbers.append(NumberSeen(name, si, default_sd(name, si), _time(message, order, found)))


def _read_wave(
    message: Message, order: Segment | None, wave: tuple[Segment, list[Segment]], results: Results
) -> None:
    found, attributes = wave
    what, source = _spoken(found), message.source
    channel = channel_named(_identifiers(found), source)
    if channel is None:
        results.unknown.append(f"{what} (waveform) is nothing that this program uses")
        return
    if found.text(11) not in _USED:
        results.unknown.append(f"{what} has result status {found.text(11)}: no value")
        return
    said = {attribute.text(3, 2): attribute for attribute in attributes}
    results.unknown += [
        f"{name} of {what} is not known" for name in said
        if name not in (_RATE, _RESOLUTION, _MISSING, *_LOOKS)
    ]  # fmt: skip
    rate = _rate(said.get(_RATE), what, source)
    counts = _counts(found, what, source)
    if (missing := said.get(_MISSING)) is not None:
        counts[counts == _number(missing.text(5), f"{_MISSING} of {what}", source)] = np.nan
    unit = unit_named(*_three(found, 6))
    scale = 1.0
    if (resolution := said.get(_RESOLUTION)) is not None:
        scale = _number(resolution.text(5), f"{_RESOLUTION} of {what}", source)
        unit = _joined_unit(unit, unit_named(*_three(resolution, 6)), what, source)
    # Without the check of a file for giants: a shock fills the whole of a short stretch.
    values = _scaled(
        counts, scale * factor_to_si(unit, Channel(source, what, channel)), what, source
    )
    results.waves.append(WaveSeen(channel, values, _time(message, order, found), rate))


def _rate(attribute: Segment | None, what: str, source: str) -> float:
    """[Hz] From ``MDC_ATTR_SAMP_RATE``, in samples per second; a waveform without is refused."""
    if attribute is None:
        raise RecordError(
            source, f"{_RATE} of {what}", expected="the sampling rate", got="nothing",
            remedy="Let the interface send the rate of each waveform.",
        )  # fmt: skip
    rate = _number(attribute.text(5), f"{_RATE} of {what}", source)
    unit = unit_named(*_three(attribute, 6)) if attribute.raw(6) else "1/s"
    if not 0.0 < rate < 1e5 or unit not in ("1/s", "/s", "Hz"):
        raise RecordError(
            source, f"{_RATE} of {what}", expected="samples per second", got=f"{rate:g} {unit}",
            remedy="Correct the rate that the interface sends.",
        )  # fmt: skip
    return rate


def _counts(found: Segment, what: str, source: str) -> FloatArray:
    """The samples as sent; an empty place is NaN. Both ``^`` and ``~`` are met between them."""
    signs, raw = found.delimiters, found.raw(5)
    if signs.repetition:
        raw = raw.replace(signs.repetition, signs.component)
    texts = signs.parts(raw, signs.component) if raw else []  # numbers need no escapes
    if not 0 < len(texts) <= _MOST_SAMPLES:
        raise RecordError(
            source, f"samples of {what}", expected=f"1 to {_MOST_SAMPLES}", got=f"{len(texts)}",
            remedy="Send shorter stretches.",
        )  # fmt: skip
    try:
        counts: FloatArray = np.array([float(text) if text else np.nan for text in texts])
    except ValueError as error:
        raise RecordError(
            source, f"samples of {what}", expected="numbers", got=str(error),
            remedy="Check the interface.",
        ) from error  # fmt: skip
    return _scaled(counts, 1.0, what, source)


def _scaled(counts: FloatArray, factor: float, what: str, source: str) -> FloatArray:
    """``counts`` times ``factor``; what becomes infinite is refused."""
    with np.errstate(over="ignore", invalid="ignore"):
        values = counts * factor
    if np.isinf(values).any() or not math.isfinite(factor):
        raise RecordError(
            source, f"samples of {what}", expected="finite numbers", got="infinity",
            remedy="Check the interface.",
        )  # fmt: skip
    return values


def _joined_unit(unit: str, of_resolution: str, what: str, source: str) -> str:
    """The one unit of samples and resolution; counts themselves have none."""
    if unit == of_resolution or of_resolution == "1":
        return unit
    if unit == "1":
        return of_resolution
    raise RecordError(
        source, f"unit of {what}", expected="one unit for samples and resolution",
        got=f"{unit} and {of_resolution}", remedy="Correct the units that the interface sends.",
    )  # fmt: skip


def _number(text: str, what: str, source: str) -> float:
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(value):
        raise RecordError(
            source, what, expected="a number", got=text or "nothing",
            remedy="Check the device or its interface.",
        )  # fmt: skip
    return value


def _time(message: Message, order: Segment | None, found: Segment) -> float:
    """[s since 1970] Of the result (OBX-14), else of its order (OBR-7), else of the message."""
    places = (("OBX-14", found.text(14)), ("OBR-7", order.text(7) if order else ""),
              ("MSH-7", message.header.text(7)))  # fmt: skip
    place, text = next((pair for pair in places if pair[1]), ("OBX-14", ""))
    moment = moment_of(text, message.source, f"{place} of {_spoken(found)}")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _spoken(found: Segment) -> str:
    code, text, _ = _three(found, 3)
    return f"{code} {text}".strip() or "an OBX without identifier"


def _identifiers(found: Segment) -> tuple[Identifier, ...]:
    """The identifier and its alternate."""
    parts = (*found.components(3), *[""] * 6)
    return tuple(
        (parts[at], parts[at + 1], parts[at + 2]) for at in (0, 3) if parts[at] or parts[at + 1]
    )


def _three(found: Segment, number: int) -> Identifier:
    return found.text(number, 1), found.text(number, 2), found.text(number, 3)
