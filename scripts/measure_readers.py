"""Print what the readers make of every file in the public data: opened, or refused and why.

Usage: measure_readers.py [FOLDER], by default ``../shared/data`` beside the checkout.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from organtwin.errors import RecordError
from organtwin.patient.readers import read_recording
from organtwin.patient.readers.formats import is_recording

_FOLDERS = ("ecg", "haemodynamics", "records")
_WIDTH = 100


def rows(data: Path) -> Iterator[tuple[str, str]]:
    """Path below ``data``, and leads, rate and length, or the reason of the refusal."""
    for folder in _FOLDERS:
        for path in sorted((data / folder).rglob("*")):
            if path.is_file():
                yield path.relative_to(data).as_posix(), verdict(path)


def verdict(path: Path) -> str:
    """One line on one file."""
    if not is_recording(path):
        return "no recording by name or content"
    try:
        recording = read_recording(path)
    except RecordError as error:
        return f"refused: {error.field}: expected {error.expected}, got {error.got}"[:_WIDTH]
    waves = list(recording.waveforms.values())
    rates = ", ".join(sorted({f"{wave.sampling_rate:.5g}" for wave in waves}))
    seconds = max(wave.times[-1] for wave in waves)
    derived = len(recording.facts.get("derived leads", "").split())
    return (
        f"{len(waves)} leads ({derived} derived), {rates} Hz, {seconds:.1f} s, "
        f"{len(recording.median_beat)} averaged, {len(recording.measurements)} annotated"
    )


def main(data: Path) -> int:
    table = list(rows(data))
    for name, said in table:
        print(f"{name:64s} {said}")
    refused = sum(said.startswith("refused") for _, said in table)
    other = sum(said.startswith("no recording") for _, said in table)
    print(f"{len(table)} files: {len(table) - refused - other} opened, {refused} refused, "
          f"{other} no recordings")  # fmt: skip
    return 0


if __name__ == "__main__":
    default = Path(__file__).parents[2] / "shared" / "data"
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else default))
