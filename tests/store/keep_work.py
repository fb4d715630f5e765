"""Edits and keeps its work without end until it is killed: FOLDER."""

import sys
from itertools import count
from pathlib import Path

from organtwin.store.autosave import Autosave
from organtwin.store.unsaved import KeptPlan, UnsavedWork
from organtwin.therapy.catalogue import THERAPIES

autosave = Autosave(Path(sys.argv[1]))
for number in count():
    fluid = THERAPIES["fluid"].at(float(number % 1000))
    autosave.keep(UnsavedWork(f"case-{number}", plan=KeptPlan("A", therapies=(fluid,))))
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()
