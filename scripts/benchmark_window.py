"""What the user of the window waits for: frames of the whole window, and a dose's response.

Opens the real window (1280 x 800, charts and heart playing) and prints frames per second of the
heart, then the time from setting a dose until its steady response is shown: median and longest of
six doses.

    ./scripts/benchmark window [CASE ...]
"""

import sys
from statistics import median
from time import perf_counter

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from organtwin.app import Start
from organtwin.session.draft import Draft
from organtwin.session.science import heart_science
from organtwin.session.session import Session
from organtwin.tasks.lanes import Lanes
from organtwin.therapy.catalogue import parse_therapy
from organtwin.ui import theme
from organtwin.ui.bridge import Bridge
from organtwin.ui.main_window import MainWindow

CASES = ("default", "hfref_lbbb", "aortic_stenosis", "hfpef", "pulmonary_hypertension")
DOSES = ("dobutamine 4 ug/kg/min", "dobutamine 8 ug/kg/min", "milrinone 0.5 ug/kg/min",
         "nitroprusside 1 ug/kg/min", "fluid 500 mL", "heart_rate 95 1/min")  # fmt: skip
PLAYED = 4.0
"""Seconds of playback that are counted."""


class Paints(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget: QObject) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def main() -> None:
    application = QApplication(sys.argv[:1])
    session = Session(heart_science(), Lanes(Bridge().post))
    theme.apply(application, session.selection.theme)
    window = MainWindow(session)
    window.resize(1280, 800)
    start = Start(window, None, None)
    window.show()
    start.go()
    until = _waiter(application)
    for case in sys.argv[1:] or CASES:
        session.open(case)
        until(lambda case=case: session.record is not None and session.record.case_id == case)
        until(lambda: session.twin is not None and not session.fitting)
        paints = Paints(window.stage.display)
        session.playhead.playing = True
        begin = perf_counter()
        until(lambda begin=begin: perf_counter() > begin + PLAYED)
        frames = paints.count / (perf_counter() - begin)
        waits = [_response_time(session, until, dose) for dose in DOSES]
        typical, longest = 1e3 * median(waits), 1e3 * max(waits)
        print(
            f"{case:24s} {frames:5.1f} frames/s, dose to response {typical:.0f} ms, {longest:.0f}"
        )
    window.close()


def _waiter(application: QApplication):
    def until(condition) -> None:
        while not condition():
            application.processEvents()

    return until


def _response_time(session: Session, until, dose: str) -> float:
    """Seconds from a dose to its steady response on screen, the heart playing on."""
    begin = perf_counter()
    session.draft = Draft((parse_therapy(dose),))
    until(lambda: session.up_to_date)
    return perf_counter() - begin


if __name__ == "__main__":
    main()
