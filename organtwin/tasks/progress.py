"""How running work tells how far it is, and how it learns that nobody wants it any more."""

from collections.abc import Callable
from threading import Event
from time import monotonic

NOTIFY_INTERVAL = 0.04
"""Least time between two notices [s]: a beat takes a few ms, the eye 25 changes a second."""


class Cancelled(Exception):  # noqa: N818  (an ending, not an error)
    """The work was asked to stop; it ends the work from inside and reaches nobody else."""


class Progress:
    """Handed to the work. Safe to use from the working thread; ``cancel`` from any thread.

    Parameters
    ----------
    notify
        Called with fraction and message, at most every ``NOTIFY_INTERVAL``.
    publish
        Called with an intermediate answer; never thinned out.
    """

    def __init__(
        self, notify: Callable[[float, str], None], publish: Callable[[object], None]
    ) -> None:
        self._notify, self._publish = notify, publish
        self._cancel = Event()
        self._last_notice = -NOTIFY_INTERVAL

    @property
    def cancelled(self) -> bool:
        return self._cancel.is_set()

    def cancel(self) -> None:
        self._cancel.set()

    def report(self, fraction: float, message: str = "") -> None:
        """Tell how much is done, 0 to 1.

        Raises
        ------
        Cancelled
            The work was asked to stop.
        """
        self.check()
        now = monotonic()
        if now - self._last_notice >= NOTIFY_INTERVAL:
            self._last_notice = now
            self._notify(fraction, message)

    def publish(self, answer: object) -> None:
        """Show an intermediate answer before the final one.

        Raises
        ------
        Cancelled
            The work was asked to stop.
        """
        self.check()
        self._publish(answer)

    def check(self) -> None:
        """Raise ``Cancelled`` when the work was asked to stop."""
        if self.cancelled:
            raise Cancelled
