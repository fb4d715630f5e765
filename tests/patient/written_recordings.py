"""Recordings written byte by byte, so that the readers are checked against something else."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from organtwin.errors import InputError


def write_wfdb(
    folder: Path,
    name: str,
    steps: Mapping[str, np.ndarray],
    *,
    rate: str = "500",
    gain: str = "1000(0)/mV",
    extension: str = "dat",
) -> Path:
    """A format-16 record of ``steps`` per lead; returns the header. Not written by wfdb itself."""
    signals = np.stack(list(steps.values())).astype("<i2")
    interleaved = signals.T.tobytes()
    if extension == "mat":
        # MATLAB level 4: five little-endian integers (type 30 = int16 matrix), then the name.
        head = np.array([30, *signals.shape, 0, 4], dtype="<i4").tobytes() + b"val\0"
        (folder / f"{name}.mat").write_bytes(head + interleaved)
    else:
        (folder / f"{name}.dat").write_bytes(interleaved)
    fmt = "16+24" if extension == "mat" else "16"
    lines = [f"{name} {len(signals)} {rate} {signals.shape[1]}"]
    for lead, signal in zip(steps, signals, strict=True):
        checksum = int(signal.astype(np.int64).sum()) % 65536
        lines.append(f"{name}.{extension} {fmt} {gain} 16 0 {signal[0]} {checksum} 0 {lead}")
    header = folder / f"{name}.hea"
    header.write_text("\n".join([*lines, "# Age: 58", "# Sex: Male", ""]))
    return header


def ecg_steps(
    beats: np.ndarray, *, seconds: float = 10.0, rate: float = 500.0, height: float = 1000.0
) -> np.ndarray:
    """An ECG in steps of 1 uV with R peaks at ``beats`` [s]: Q, R, S and T as Gaussian bumps."""
    times = np.arange(round(seconds * rate)) / rate
    signal = np.zeros_like(times)
    for size, shift, width in ((-0.1, -0.03, 0.01), (1.0, 0.0, 0.012), (-0.2, 0.03, 0.01),
                               (0.25, 0.28, 0.05)):  # fmt: skip
        for beat in beats:
            signal += size * np.exp(-0.5 * ((times - beat - shift) / width) ** 2)
    return np.round(height * signal)


def assert_explains(
    error: InputError, *, file: str, field: str, expected: str, got: str, remedy: str = "."
) -> None:
    """The five parts of a message, each as a pattern, and all of them in the text shown."""
    parts = {"file": error.source, "field": error.field, "expected": error.expected,
             "got": error.got, "remedy": error.remedy}  # fmt: skip
    wanted = {"file": file, "field": field, "expected": expected, "got": got, "remedy": remedy}
    for part, pattern in wanted.items():
        assert re.search(pattern, parts[part]), f"{part}: {pattern!r} not in {parts[part]!r}"
        assert parts[part] in str(error)
        assert parts[part].strip()
