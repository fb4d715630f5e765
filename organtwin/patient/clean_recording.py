"""A recording written anew with nothing in it but its signals: no header of the source survives.

WFDB with 32 bits a sample, one record for each sampling rate. Names are those of the vocabulary of
channels, units of ``units``; samples marked as missing stay so. The scale is chosen so that
rounding stays below a part in a thousand million of the largest sample.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from organtwin.arrays import FloatArray, IntArray
from organtwin.patient.channels import ECG_LEADS, FURTHER_ECG_LEADS, PRESSURES
from organtwin.patient.recording import Recording
from organtwin.patient.waveform import Waveform
from organtwin.units import si_factor

MISSING = -(2**31)
"""Format 32 of WFDB (header and signal specification of PhysioNet)."""
_LARGEST = 2.0**30
_ARBITRARY = "NU"


def write_clean(
    recording: Recording, folder: Path, name: str, start: datetime | None = None
) -> tuple[Path, ...]:
    """Write the waveforms of ``recording`` into ``folder``; the headers.

    Parameters
    ----------
    recording
        Its averaged beats, statements and facts are left out.
    folder
        Made where it is missing.
    name
        Of the record; letters, digits and hyphens. A second rate gets ``NAME-2``.
    start
        When it begins, as it is to be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    by_shape: dict[tuple[float, int], list[Waveform]] = {}
    for wave in recording.waveforms.values():
        by_shape.setdefault((round(wave.sampling_rate, 6), len(wave.values)), []).append(wave)
    return tuple(
        _write(waves, rate, folder, name if number == 1 else f"{name}-{number}", start)
        for number, ((rate, _), waves) in enumerate(by_shape.items(), start=1)
    )


def _write(
    waves: Sequence[Waveform], rate: float, folder: Path, name: str, start: datetime | None
) -> Path:
    count = len(waves[0].values)
    first = f"{name} {len(waves)} {rate:.10g} {count}"
    lines = [first if start is None else f"{first} {start:%H:%M:%S} {start:%d/%m/%Y}"]
    signals = []
    for wave in waves:
        steps, line = _steps(wave)
        signals.append(steps)
        checksum = int(steps.astype(np.int64).sum()) % 65536
        lines.append(f"{name}.dat 32 {line} 0 0 {steps[0]} {checksum} 0 {wave.name}")
    (folder / f"{name}.dat").write_bytes(np.stack(signals, axis=1).astype("<i4").tobytes())
    header = folder / f"{name}.hea"
    header.write_text("\n".join([*lines, ""]), encoding="ascii", newline="\n")
    return header


def _steps(wave: Waveform) -> tuple[IntArray, str]:
    """Samples as integers, and gain with unit as the header writes them."""
    unit, factor = _unit(wave)
    values: FloatArray = wave.values / factor
    known = ~np.isnan(values)
    largest = float(np.abs(values[known]).max(initial=0.0))
    gain = f"{_LARGEST / largest if largest else 1.0:.10g}"
    steps = np.full(len(values), MISSING, dtype=np.int32)
    steps[known] = np.rint(values[known] * float(gain)).astype(np.int32)
    return steps, f"{gain}(0)/{unit}"


def _unit(wave: Waveform) -> tuple[str, float]:
    """Unit of the header, and SI per unit."""
    if wave.name in (*ECG_LEADS, *FURTHER_ECG_LEADS):
        return "mV", 1e-3
    if wave.name in PRESSURES:
        return "mmHg", si_factor("mmHg", "mmHg")
    return _ARBITRARY, 1.0
