"""Strict checks of a WFDB header, before the wfdb package fills what is missing with defaults.

Format: WFDB Applications Guide, header(5). The wfdb package replaces a gain of 0 by 200, a missing
or negative sampling rate by 250 Hz, and infers a missing length; each of these would scale the
patient's signal by a guess, so here they are refused.
"""

import math
import re
from pathlib import Path

from organtwin.errors import RecordError

_BYTES_PER_SAMPLE = {"8": 1.0, "16": 2.0, "24": 3.0, "32": 4.0, "61": 2.0, "80": 1.0,
                     "160": 2.0, "212": 1.5}  # fmt: skip
"""Formats of fixed size; compressed ones are checked by checksum alone."""
_MOST = 1e12
"""Of signals, samples, or samples per second: no file is so large."""
_FORMAT = re.compile(r"(\d+)(?:x(\d+))?(?::\d+)?(?:\+(\d+))?")
_GAIN = re.compile(r"[^(/]+")


def check_header(path: Path, *, fewest_samples: int = 1) -> None:
    """Refuse a header that leaves anything to guess, or whose signal files do not fit it.

    ``fewest_samples`` is 0 for the layout header of a record in segments, which has none.

    Raises
    ------
    RecordError
        Naming the header, the field, what was expected, and what was there.
    """
    lines = _lines(path)
    record, _, n_segments = lines[0][0].partition("/")
    n_signals, n_samples = _record_line(path, lines[0], fewest_samples)
    if n_segments:
        _check_segments(path, lines[1:], int(n_segments), n_samples)
        return
    if len(lines) - 1 != n_signals:
        raise RecordError(
            str(path), "number of signals", expected=f"{n_signals} signal lines in record {record}",
            got=f"{len(lines) - 1}", remedy="Copy the header again from its source.",
        )  # fmt: skip
    for number, tokens in enumerate(lines[1:], start=1):
        _check_gain(path, tokens, _described(path, tokens, number))
    _check_sizes(path, lines[1:], n_samples)


def _lines(path: Path) -> list[list[str]]:
    """Tokens of each line that is neither blank nor a comment; the record line comes first."""
    if not path.is_file():
        raise RecordError(
            str(path), "header file", expected="a WFDB header beside the signal file",
            got="no such file", remedy="Copy the .hea file into the same folder.",
        )  # fmt: skip
    text = path.read_text(encoding="utf-8", errors="replace")
    lines = [line.split() for line in text.splitlines() if line.strip() and line.strip()[0] != "#"]
    if not lines:
        raise RecordError(
            str(path), "record line", expected="record name, signals, sampling rate, samples",
            got="an empty header", remedy="Copy the .hea file again from its source.",
        )  # fmt: skip
    return lines


def _record_line(path: Path, tokens: list[str], fewest_samples: int) -> tuple[int, int]:
    """Number of signals and of samples per signal."""
    lowest = {
        "number of signals": 1.0,
        "sampling rate": math.ulp(0.0),
        "number of samples": float(fewest_samples),
    }
    values = []
    for position, (field, least) in enumerate(lowest.items(), start=1):
        token = re.split(r"[/(]", tokens[position])[0] if position < len(tokens) else "nothing"
        number = _number(token)
        if not least <= number <= _MOST:
            raise RecordError(
                str(path), field, expected=f"a number above zero, at most {_MOST:g}", got=token,
                remedy="Correct the first line of the header: the program does not guess it.",
            )  # fmt: skip
        values.append(number)
    return int(values[0]), int(values[2])


def _check_segments(path: Path, lines: list[list[str]], n_segments: int, n_samples: int) -> None:
    lengths = [int(t[1]) if len(t) > 1 and t[1].isdigit() else 0 for t in lines]
    if len(lengths) != n_segments or sum(lengths) != n_samples:
        raise RecordError(
            str(path), "segments", expected=f"{n_segments} segments of {n_samples} samples in all",
            got=f"{len(lengths)} segments of {sum(lengths)} samples",
            remedy="Copy the header again from its source.",
        )  # fmt: skip
    for tokens, length in zip(lines, lengths, strict=True):
        # A segment of length zero only lays out the signals; "~" is a gap without a header.
        if tokens[0] != "~":
            check_header(path.with_name(f"{tokens[0]}.hea"), fewest_samples=min(1, length))


def _described(path: Path, tokens: list[str], number: int) -> str:
    """The description that ends a signal line: which lead it is."""
    described = " ".join(tokens[8:]) if len(tokens) > 8 else tokens[-1]
    if len(tokens) < 4 or not math.isnan(_number(described)):
        raise RecordError(
            str(path), f"signal line {number}", expected="a lead name at its end",
            got=repr(" ".join(tokens)),
            remedy=f"Write which lead signal {number} is, as the ninth entry of its line.",
        )  # fmt: skip
    return described


def _check_gain(path: Path, tokens: list[str], lead: str) -> None:
    match = _GAIN.match(tokens[2]) if len(tokens) > 2 else None
    text = match.group() if match else "nothing"
    gain = _number(text)
    if not math.isfinite(gain) or gain <= 0:
        raise RecordError(
            str(path), f"gain of lead {lead}", expected="steps per unit, above zero", got=text,
            remedy="Write the gain as 1000/mV; zero or nothing means an uncalibrated signal, and "
            "a negative one turns the lead upside down.",
        )  # fmt: skip


def _check_sizes(path: Path, signals: list[list[str]], n_samples: int) -> None:
    """Compare the size of every signal file with what the header promises."""
    for name in dict.fromkeys(tokens[0] for tokens in signals):
        if name == "~":
            continue
        signal_file = path.with_name(name)
        if not signal_file.is_file():
            raise RecordError(
                str(path), f"signal file {name}", expected="a file beside the header",
                got="no such file", remedy=f"Copy {name} into the folder of the header.",
            )  # fmt: skip
        formats = [_FORMAT.fullmatch(tokens[1]) for tokens in signals if tokens[0] == name]
        known = [m for m in formats if m and m.group(1) in _BYTES_PER_SAMPLE]
        if len(known) < len(formats):
            continue
        frame = sum(int(m.group(2) or 1) * _BYTES_PER_SAMPLE[m.group(1)] for m in known)
        offset = int(known[0].group(3) or 0)
        _check_size(signal_file, offset, frame, n_samples)


def _check_size(signal_file: Path, offset: int, frame: float, n_samples: int) -> None:
    """``frame`` is the number of bytes for one sample of all leads."""
    expected, got = math.ceil(offset + frame * n_samples), signal_file.stat().st_size
    # Format 212 packs two samples in three bytes; some writers fill up the last pair.
    if expected <= got <= expected + 2:
        return
    held = max(0, int((got - offset) / frame))
    state = "truncated" if got < expected else "longer than its header"
    raise RecordError(
        str(signal_file), "number of samples", expected=f"{n_samples} samples ({expected} bytes)",
        got=f"{held} samples ({got} bytes): the file is {state}",
        remedy="Copy the signal file again, together with its header, and compare the sizes.",
    )  # fmt: skip


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
