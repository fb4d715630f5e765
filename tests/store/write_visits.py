"""Writes visits without end until it is killed: FILE PATIENT COUNT (0: without end)."""

import sys
from itertools import count
from pathlib import Path

from organtwin.store.library import Library
from tests.store.made_visits import add


def main(path: str, patient: str, how_many: int) -> None:
    with Library.open(Path(path)) as library:
        library.add_patient(patient)
        begun = len(library.visits(patient))
        for number in range(begun, begun + how_many) if how_many else count(begun):
            add(library, number, patient)
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
