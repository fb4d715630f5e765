"""Print what an import makes of every file under a folder: what it is, numbers, what is not used.

Usage: measure_intake.py [FOLDER] [--all]; by default ``../shared/data/records`` beside the
checkout. ``--all`` lists each thing that is not used instead of counting the reasons.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from organtwin.patient.intake import taken_in
from organtwin.patient.intake_reading import TakenFile

_WIDTH = 110


def rows(file: TakenFile, *, everything: bool) -> Iterator[str]:
    """What is said of one file."""
    if file.error is not None:
        error = file.error
        yield f"refused: {error.field}: expected {error.expected}, got {error.got}"[:_WIDTH]
        return
    yield f"{file.kind}, {file.about}" if file.about else file.kind
    for entry in file.measurements:
        yield f"  {entry.name} {entry.quantity.text(entry.value)} ({entry.taken or 'no date'})"
    who = file.who
    body = [f"{name} {value:.4g}" for name in ("age", "height", "weight")
            if (value := getattr(who, name)) is not None]  # fmt: skip
    if who.sex or body:
        yield f"  person: {', '.join([who.sex or 'sex unknown', *body])}"
    if everything:
        yield from (f"  not used: {entry}" for entry in file.unused)
        return
    reasons: Counter[str] = Counter()
    for entry in file.unused:
        reasons[entry.reason.value] += entry.count
    yield from (f"  not used: {count} x {reason}" for reason, count in reasons.most_common())


def main(folder: Path, *, everything: bool) -> int:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    kinds: Counter[str] = Counter()
    numbers = unused = 0
    for file in taken_in(paths):
        print(file.path.relative_to(folder).as_posix())
        for row in rows(file, everything=everything):
            print(f"  {row}")
        what = file.kind if file.companion_of is None else "companion"
        kinds[what] += 1
        numbers += len(file.measurements)
        unused += sum(entry.count for entry in file.unused)
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    print(f"{len(paths)} files: {told}; {numbers} quantities, {unused} things not used")
    return 0


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--all"]
    default = Path(__file__).parents[2] / "shared" / "data" / "records"
    sys.exit(main(Path(words[0]) if words else default, everything="--all" in sys.argv))
