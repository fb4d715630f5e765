"""Signals of an SCP-ECG record: Huffman codes, differences, and the subtracted reference beat.

EN 1064: annex C gives the default table, clauses 5.5, 5.7, 5.8 and 5.9 the sections 2, 4, 5, 6.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import RecordError

_DEFAULT = 19999
"""In place of the number of tables: the default table of annex C."""


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a Huffman table: a value, a number of ``further`` bits, or another table."""

    value: int
    further: int = 0
    switches: bool = False


Table = Mapping[str, Code]
"""Codes by their prefix, as a text of ``0`` and ``1``."""


def default_table() -> Table:
    """Annex C: as many ones as the size of the value, a zero, the sign; beyond 8 as integers."""
    table = {"0": Code(0), "1111111110": Code(0, 8), "1111111111": Code(0, 16)}
    for size in range(1, 9):
        table["1" * size + "00"] = Code(size)
        table["1" * size + "01"] = Code(-size)
    return table


def huffman_tables(body: bytes) -> tuple[Table, ...]:
    """The tables of section 2; their base codes are stored with the first bit lowest."""
    (count,) = struct.unpack_from("<H", body)
    if count == _DEFAULT:
        return (default_table(),)
    tables, place = [], 2
    for _ in range(count):
        (entries,) = struct.unpack_from("<H", body, place)
        table = {}
        for entry in struct.iter_unpack("<BBBhI", body[place + 2 : place + 2 + 9 * entries]):
            prefix, total, mode, value, base = entry
            bits = f"{base & ((1 << prefix) - 1):0{prefix}b}"[::-1]
            table[bits] = Code(value, total - prefix, mode == 0)
        tables.append(table)
        place += 2 + 9 * entries
    return tuple(tables)


def decoded(
    data: bytes, count: int, tables: tuple[Table, ...], place: tuple[str, str]
) -> FloatArray:
    """``count`` values from the bits of ``data``; without tables they are 16-bit integers.

    ``place`` is file and field, for messages.

    Raises
    ------
    RecordError
        The data end too early, or hold a code that is in no table.
    """
    if not tables:
        if len(data) < 2 * count:
            raise _ended(place, len(data) // 2, count)
        return np.frombuffer(data, "<i2", count).astype(np.float64)
    bits = "".join(f"{byte:08b}" for byte in data)
    table, at = tables[0], 0
    values: list[float] = []
    longest = max(map(len, (prefix for each in tables for prefix in each)))
    while len(values) < count:
        end = at + 1
        while (code := table.get(bits[at:end])) is None and end - at < longest and end < len(bits):
            end += 1
        if code is None or end + code.further > len(bits):
            raise _ended(place, len(values), count)
        at = end + code.further
        if code.switches:
            table = tables[code.value - 1]
        else:
            values.append(code.value + _signed(bits[end:at]))
    return np.array(values, dtype=np.float64)


def _signed(bits: str) -> int:
    """Two's complement; no bits are zero."""
    return int(bits, 2) - (int(bits[0]) << len(bits)) if bits else 0


def _ended(place: tuple[str, str], got: int, count: int) -> RecordError:
    return RecordError(
        place[0], place[1], expected=f"{count} samples", got=f"codes for {got}",
        remedy="The compressed signal is damaged: copy or export the file again.",
    )  # fmt: skip


def undifferenced(values: FloatArray, order: int) -> FloatArray:
    """Amplitudes from first or second differences; the first ``order`` values are amplitudes."""
    if order == 0 or len(values) <= order:
        return np.cumsum(values) if order == 1 else values
    if order == 1:
        return np.cumsum(values)
    steps = np.concatenate(([values[1] - values[0]], values[2:]))
    return np.concatenate(([values[0]], values[0] + np.cumsum(np.cumsum(steps))))


@dataclass(frozen=True, eq=False, slots=True)
class Signals:
    """A section 5 or 6: samples per lead ``[V]``, and the time between them [s]."""

    samples: tuple[FloatArray, ...]
    step: float


def signals(
    body: bytes, counts: tuple[int, ...], tables: tuple[Table, ...], place: tuple[str, str]
) -> Signals:
    """Decode a section 5 or 6 with ``counts`` samples per lead.

    Raises
    ------
    RecordError
        Scale, time step or kind of differences make no sense, or the data end too early.
    """
    source, field = place
    nanovolts, microseconds, order = struct.unpack_from("<HHB", body)
    if not nanovolts or not microseconds or order > 2:
        raise RecordError(
            source, field, expected="scale and time step above zero, differences of order 0 to 2",
            got=f"{nanovolts} nV, {microseconds} us, order {order}",
            remedy="Export the recording again with its calibration.",
        )  # fmt: skip
    sizes = struct.unpack_from(f"<{len(counts)}H", body, 6)
    ends = 6 + 2 * len(counts) + np.cumsum(sizes)
    samples = []
    for number, (size, end, count) in enumerate(zip(sizes, ends, counts, strict=True), start=1):
        where = (source, f"{field} lead {number}")
        if end > len(body):
            raise _ended(where, 0, count)
        steps = decoded(body[end - size : end], count, tables, where)
        samples.append(1e-9 * nanovolts * undifferenced(steps, order))
    return Signals(tuple(samples), 1e-6 * microseconds)


@dataclass(frozen=True, slots=True)
class ReferenceBeat:
    """Section 4: length [s], fiducial sample, and zones ``(type, begin, fiducial, end)``."""

    length: float
    fiducial: int
    zones: tuple[tuple[int, int, int, int], ...]


def reference_beat(body: bytes) -> ReferenceBeat:
    """Read section 4; samples count from 1."""
    length, fiducial, beats = struct.unpack_from("<HHH", body)
    zones = tuple(struct.iter_unpack("<HIII", body[6 : 6 + 14 * beats]))
    return ReferenceBeat(1e-3 * length, fiducial, zones)


def with_beats_added(residual: FloatArray, beat: FloatArray, marks: ReferenceBeat) -> FloatArray:
    """``residual`` ``(n,)`` [V] from sample 1, with ``beat`` put back into every zone of type 0."""
    whole = residual.copy()
    for kind, begin, fiducial, end in marks.zones:
        if kind != 0:
            continue
        shift = fiducial - marks.fiducial  # sample k of the beat is sample k + shift of the rhythm
        first = max(begin, 1, 1 + shift)
        last = min(end, len(whole), len(beat) + shift)
        if first <= last:
            whole[first - 1 : last] += beat[first - 1 - shift : last - shift]
    return whole
