"""When a therapy of a plan is given. Light: loads no model."""

from dataclasses import dataclass

from organtwin.errors import InputError


@dataclass(frozen=True, slots=True)
class Times:
    """Times [s] after the start of the plan; ``stop`` None: until the end.

    Raises
    ------
    InputError
        They contradict each other.
    """

    start: float = 0.0
    stop: float | None = None

    def __post_init__(self) -> None:
        check_times("therapy", self.start, self.stop)


def check_times(what: str, start: float, stop: float | None) -> None:
    """Refuse times [s] that contradict each other.

    Raises
    ------
    InputError
        Not 0 <= start < stop, or a time is not finite.
    """
    if not 0.0 <= start < float("inf") or not (stop is None or start < stop < float("inf")):
        raise InputError(
            what, "times", expected="0 <= start < stop",
            got=f"start {start:g} s, stop {'none' if stop is None else f'{stop:g} s'}",
            remedy="Correct the times.",
        )  # fmt: skip


ALL_ALONG = Times()
