"""From the heartbeats in the recording to the clock that ties the playhead to the ECG."""

from typing import TYPE_CHECKING, Any, Protocol

from organtwin.session.answers import Heartbeat
from organtwin.session.ecg_clock import EcgClock
from organtwin.tasks.job import Job

if TYPE_CHECKING:
    from organtwin.arrays import FloatArray
    from organtwin.patient.record import PatientRecord
    from organtwin.session.jobs import JobBoard
    from organtwin.session.science import Science

SEEKING = "Finding the heartbeats in the ECG"


class Recorded(Protocol):
    """Where the recording lies and the clock goes: the session."""

    science: "Science"
    jobs: "JobBoard"
    record: "PatientRecord | None"
    ecg_clock: EcgClock | None

    @property
    def baseline(self) -> Heartbeat | None: ...
    def report(self, error: BaseException, doing: str) -> None: ...


class RhythmWork:
    """Seeks the R peaks, and sets the clock as soon as both they and a heart are there."""

    def __init__(self, session: Recorded) -> None:
        self._session = session
        self._job: Job[Any] | None = None
        self._r_peaks: FloatArray | None = None

    def seek(self) -> None:
        """Not before the first heart is shown: the detector takes seconds to load."""
        session, record = self._session, self._session.record
        if record is not None:
            self.cancel()
            self._job = session.jobs.start(
                session.jobs.lanes.reading,
                SEEKING,
                lambda progress: session.science.r_peaks(record),
                on_result=self._receive,
                on_error=lambda error: session.report(error, "Reading the ECG"),
            )

    def set_clock(self) -> None:
        """Tie the clock to the heart that is shown, once the R peaks are known."""
        baseline = self._session.baseline
        if baseline is None or self._r_peaks is None or len(self._r_peaks) < 2:
            return
        beat = baseline.beat
        self._session.ecg_clock = EcgClock(self._r_peaks, beat.av_delay / beat.duration)

    def cancel(self) -> None:
        """Make way for another file."""
        if self._job is not None:
            self._job.cancel()

    def forget(self) -> None:
        """Cancel, and know no R peaks, as for another patient."""
        self.cancel()
        self._r_peaks = None

    def _receive(self, r_peaks: "FloatArray") -> None:
        self._r_peaks = r_peaks
        self.set_clock()
