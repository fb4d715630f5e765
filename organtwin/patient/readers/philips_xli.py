"""XLI, the compression of Philips ECG files, and what the limb leads are stored as.

Publicly known from the sierra-ecg-tools project. Each lead is a chunk: its length (4 bytes), a
word, a start value, then LZW codes of ten bits, highest bit first, over bytes: first the high
bytes of all numbers, then the low ones. The numbers are second differences, delayed by one and
raised by 64; the first two are samples.
"""

import struct

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import RecordError

_BITS = 10
_END = 1023
"""The code that ends a chunk; those below it, from 256 on, are for the strings found."""
_RAISED = 64
_MOST_SAMPLES = 1_000_000
"""Per lead: half an hour at 500 Hz. A resting ECG has ten seconds."""


def leads_of(content: bytes, count: int, source: str) -> list[FloatArray]:
    """The first ``count`` leads ``(n,)`` of a compressed recording, in steps.

    Raises
    ------
    RecordError
        A chunk is missing, cut off, or not XLI.
    """
    leads, place = [], 0
    for number in range(1, count + 1):
        field = f"parsedwaveforms lead {number}"
        if place + 8 > len(content):
            raise _cut(source, field, "a chunk", "the end of the data")
        length, _, start = struct.unpack_from("<ihh", content, place)
        chunk = content[place + 8 : place + 8 + max(length, 0)]
        if length <= 0 or len(chunk) < length:
            raise _cut(source, field, f"{length} bytes", f"{len(chunk)}")
        leads.append(_amplitudes(_unpacked(chunk, source, field), start))
        place += 8 + length
    return leads


def _unpacked(chunk: bytes, source: str, field: str) -> FloatArray:
    """The numbers ``(n,)`` behind the codes of one chunk."""
    bits = "".join(f"{byte:08b}" for byte in chunk)
    strings = [bytes((byte,)) for byte in range(256)]
    found, previous, size = [], b"", 0
    for at in range(0, len(bits) - _BITS + 1, _BITS):
        code = int(bits[at : at + _BITS], 2)
        if code == _END:
            break
        if code > len(strings) or (code == len(strings) and not previous):
            raise _cut(source, field, f"a code up to {len(strings)}", f"{code}")
        string = strings[code] if code < len(strings) else previous + previous[:1]
        if previous and len(strings) < _END:
            strings.append(previous + string[:1])
        found.append(string)
        previous, size = string, size + len(string)
        if size > 2 * _MOST_SAMPLES:
            raise _cut(source, field, f"at most {_MOST_SAMPLES} samples", "more")
    whole = b"".join(found)
    half = len(whole) // 2
    if half < 2 or len(whole) % 2:
        raise _cut(source, field, "an even number of bytes, at least four", f"{len(whole)}")
    high = np.frombuffer(whole[:half], "i1").astype(np.float64)
    low = np.frombuffer(whole[half:], "u1").astype(np.float64)
    return 256.0 * high + low


def _amplitudes(numbers: FloatArray, start: int) -> FloatArray:
    """Samples: each is twice the last less the one before, less the delayed difference."""
    bends = np.concatenate(([float(start)], numbers[2:-1] - _RAISED))[: len(numbers) - 2]
    slopes = np.concatenate(([numbers[1] - numbers[0]], -bends))
    return np.concatenate((numbers[:1], numbers[0] + np.cumsum(np.cumsum(slopes))))


def with_limb_leads(stored: list[FloatArray]) -> list[FloatArray]:
    """The leads I, II, III, aVR, aVL, aVF, and those behind them, of what is stored for them.

    The last four limb leads are stored as what I and II foretell, less the lead. Halves are cut
    towards zero, as whole numbers are divided; another rounding would differ by one step.
    """
    one, two = stored[0], stored[1]
    three = two - one - stored[2]
    foretold = (-(one + two), one - three, two + three)
    augmented = [
        np.trunc(sum_ / 2.0) - left for sum_, left in zip(foretold, stored[3:6], strict=True)
    ]
    return [one, two, three, *augmented, *stored[6:]]


def _cut(source: str, field: str, expected: str, got: str) -> RecordError:
    return RecordError(
        source, field, expected=f"{expected} of XLI data", got=got,
        remedy="The compressed signal is damaged or cut off: copy or export the file again.",
    )  # fmt: skip
