"""The one timer that makes the heart beat on screen."""

from time import perf_counter

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from organtwin.session.session import Session

INTERVAL = 16
"""[ms]: as often as a common screen shows a frame. A slow frame only delays the next tick."""
BUSY_INTERVAL = 30
"""[ms] while a prediction is worked on: drawing in software would take the core that it needs."""
LONGEST_STEP = 0.25
"""[s]: after a longer pause the heart goes on from where it was instead of jumping."""


class Clock(QObject):
    """Runs while the playhead plays; each tick passes the time that really went by."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(INTERVAL)
        self._timer.timeout.connect(self._tick)
        session.playhead.playing_changed.connect(self._follow)
        self._follow(session.playhead.playing)

    @Slot(bool)
    def _follow(self, playing: bool) -> None:
        if playing:
            self._last = perf_counter()
            self._timer.start()
        else:
            self._timer.stop()

    @Slot()
    def _tick(self) -> None:
        now = perf_counter()
        elapsed, self._last = now - self._last, now
        interval = BUSY_INTERVAL if self._session.predicting else INTERVAL
        if interval != self._timer.interval():
            self._timer.setInterval(interval)
        self._session.tick(min(elapsed, LONGEST_STEP))
