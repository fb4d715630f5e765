"""What every live source has in common, whatever wire it comes over.

A link only reads. Nothing is ever written to a source; the one thing sent back is what a protocol
cannot do without, the acknowledgements of MLLP.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from organtwin.patient.samples import Numbers, Samples

Clock = Callable[[], float]
"""[s] A monotonic clock."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""[s] Between attempts to connect: the first, and what doubling it ends at, so that a monitor that
was switched off overnight is asked 2 880 times and answers half a minute after it returns."""
MOST_SENTENCES = 200
"""Different refusals that a link remembers; further ones are counted together."""
_FURTHER = "further kinds of refusal"


class LinkPhase(Enum):
    CONNECTING = "connecting"
    """Looking for the source for the first time."""
    LIVE = "live"
    STALLED = "stalled"
    """Connected, and nothing came for longer than the source is known to pause."""
    LOST = "lost"
    """The connection broke; it is tried again with growing pauses."""
    ENDED = "ended"
    """No more will come: closed, or the recording is over."""


@dataclass(frozen=True, slots=True)
class LinkState:
    """How a link is, in one word and one sentence; ``since`` is monotonic time [s]."""

    phase: LinkPhase
    sentence: str
    since: float


class DataLink(Protocol):
    """Patient data arriving over time.

    ``poll`` is called about 50 times a second by one thread. It returns what has come since the
    last call, in order of arrival, and never waits: a few milliseconds at most, and only as much
    longer as one single message takes to read. It raises nothing because of the source: a lost one
    changes ``state`` and is looked for again, by itself.
    ``close`` ends the link; it may be called twice, and later polls return nothing.
    """

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels and quantities seen so far; empty before the source has told."""
        ...

    @property
    def state(self) -> LinkState: ...

    @property
    def refused(self) -> Mapping[str, int]:
        """What the source sent and nobody could use: a sentence, and how often."""
        ...

    def poll(self) -> tuple[Samples | Numbers, ...]: ...

    def close(self) -> None: ...


class Standing:
    """The mutable part of a link that all kinds share: its state, and what it had to refuse."""

    def __init__(self, clock: Clock = time.monotonic, *, sentence: str) -> None:
        self.clock = clock
        self.state = LinkState(LinkPhase.CONNECTING, sentence, clock())
        self._refused: dict[str, int] = {}

    @property
    def refused(self) -> Mapping[str, int]:
        return dict(self._refused)

    @property
    def ended(self) -> bool:
        return self.state.phase is LinkPhase.ENDED

    def be(self, phase: LinkPhase, sentence: str) -> None:
        """Change the state; ``since`` stays where only the words change."""
        same = phase is self.state.phase
        self.state = LinkState(phase, sentence, self.state.since if same else self.clock())

    def refuse(self, sentence: str) -> None:
        known = sentence in self._refused or len(self._refused) < MOST_SENTENCES
        key = sentence if known else _FURTHER
        self._refused[key] = self._refused.get(key, 0) + 1


class Attempts:
    """When to try again: after a pause that doubles with each failure."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._pause = FIRST_PAUSE
        self._next = -float("inf")

    @property
    def due(self) -> bool:
        return self._clock() >= self._next

    @property
    def wait(self) -> float:
        """[s] Until the next one."""
        return max(self._next - self._clock(), 0.0)

    def failed(self, at_least: float = 0.0) -> None:
        """Wait before the next one; ``at_least`` [s] is what the source itself asked for."""
        self._next = self._clock() + max(self._pause, at_least)
        self._pause = min(2.0 * self._pause, LONGEST_PAUSE)

    def succeeded(self) -> None:
        self._pause, self._next = FIRST_PAUSE, -float("inf")
