"""A window off screen in which somebody makes markings without end: FOLDER of unsaved work.

Prints the number of each marking once the session has it.
"""

import sys
from itertools import count
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from organtwin.anatomy.anchor import SURFACE, Anchor
from organtwin.anatomy.marking import Kind, Marking
from organtwin.session.session import Session
from organtwin.tasks.lanes import Lanes
from organtwin.ui.bridge import Bridge
from organtwin.ui.main_window import MainWindow
from tests.fake_science import Lab

EVERY = 80
"""[ms] between two edits: faster than anybody edits by hand."""

application = QApplication(sys.argv[:1])
lab = Lab()
lab.unsaved = Path(sys.argv[1])
bridge = Bridge()
session = Session(lab.science(), Lanes(bridge.post))
window = MainWindow(session)
window.show()
session.autosaving.look()
session.open("one")
numbers = count()


def edit() -> None:
    if session.twin is None:
        return
    number = next(numbers)
    place = (Anchor(SURFACE, (0,), (1.0,)),)
    session.markings = (Marking(Kind.LANDMARK, f"edit {number}", place),)
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


timer = QTimer(interval=EVERY)
timer.timeout.connect(edit)
timer.start()
application.exec()
