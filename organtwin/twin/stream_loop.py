"""A live source, beat by beat into the twin: the loop that window and command line share.

    link -> clock and arranger -> synchroniser -> step

Nothing here waits: whoever calls owns the loop, looks at the source some fifty times a second, and
sleeps when a step brought no news.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from organtwin.arrays import FloatArray
from organtwin.assimilation.falls import Fallen
from organtwin.assimilation.following import FOLLOWED, Followed
from organtwin.assimilation.synchroniser import Synchronised, Synchroniser, Unused
from organtwin.assimilation.unexplained import Unexplained
from organtwin.link.arranging import Arranger, Gap
from organtwin.link.clock import SourceClock
from organtwin.link.data_link import Clock, DataLink, LinkPhase, LinkState
from organtwin.patient.samples import Numbers, Samples
from organtwin.patient.streaming.marks import Mark
from organtwin.physiology.heart import HeartState
from organtwin.simulation.conditions import Conditions
from organtwin.twin.twin import Twin

Heart = tuple[Conditions, HeartState]


@dataclass(frozen=True, eq=False, slots=True)
class FollowStep:
    """What one look at the source brought; times are source time [s] unless said otherwise.

    ``lag`` is the median, ``lag95`` the 95th percentile of how much later than its fastest a chunk
    came [s]; ``age`` how old the newest sample is [s]. ``r_peaks`` are monotonic times [s] of this
    computer. ``heart`` is the middle of the ensemble after the last beat.
    """

    state: LinkState
    news: bool
    age: float
    lag: float
    lag95: float
    used: int
    reasons: Mapping[str, int]
    set_aside: Mapping[str, str]
    refused: Mapping[str, int]
    n_gaps: int
    gap_seconds: float
    duplicates: int
    late: int
    samples: tuple[Samples, ...] = ()
    gaps: tuple[Gap, ...] = ()
    r_peaks: tuple[float, ...] = ()
    followed: tuple[Followed, ...] = ()
    unused: tuple[Unused, ...] = ()
    unexplained: tuple[Unexplained, ...] = ()
    fallen: Fallen | None = None
    irregular: bool | None = None
    marks: tuple[Mark, ...] = ()
    heart: Heart | None = None


@dataclass(slots=True)
class _Look:
    """What is gathered during one look."""

    samples: list[Samples] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    answers: list[Synchronised] = field(default_factory=list)
    numbers: list[Numbers] = field(default_factory=list)


def following(
    link: DataLink, synchroniser: Synchroniser, *, speed: float = 1.0, clock: Clock = time.monotonic
) -> Iterator[FollowStep]:
    """Steps until the source has ended; ``speed`` other than 1 for a replay.

    Raises
    ------
    FollowingError
        No heart of the ensemble survives a beat of the patient.
    """
    clocks, arranger = SourceClock(speed), Arranger()
    before: LinkState | None = None
    while True:
        look = _Look()
        chunks = link.poll()
        for chunk in chunks:
            clocks.feed(chunk)
            if isinstance(chunk, Numbers):
                look.numbers.append(chunk)
            else:
                arranger.feed(chunk)
        if look.numbers:
            look.answers.append(synchroniser.note(*look.numbers))
        ended = link.state.phase is LinkPhase.ENDED
        arranged = arranger.flush() if ended and not chunks else arranger.take(clock())
        for piece in arranged:
            if isinstance(piece, Gap):
                look.gaps.append(piece)
            else:
                look.samples.append(piece)
                look.answers.append(synchroniser.feed(piece))
        changed, before = link.state != before, link.state
        yield _step(link, synchroniser, clocks, arranger, look, changed, clock())
        if ended and not chunks:
            return


def synchroniser_of(twin: Twin, *, seed: int = 0) -> Synchroniser:
    """One whose members are the hearts that fit the patient."""
    return Synchroniser(
        [(m.conditions, m.solution.beat.end_state) for m in twin.ensemble], seed=seed
    )


def courses(followed: Followed) -> Mapping[str, FloatArray]:
    """All that a trend is drawn of: quantities, and logarithms of what is followed, by name."""
    logs = {drift.name: followed.factor(drift.name) for drift in FOLLOWED}
    return {**followed.quantities, **logs}


def _step(
    link: DataLink, synchroniser: Synchroniser, clocks: SourceClock, arranger: Arranger,
    look: _Look, changed: bool, now: float,
) -> FollowStep:  # fmt: skip
    jitter, counts, answers = clocks.jitter, arranger.counts, look.answers
    followed = tuple(beat for answer in answers for beat in answer.followed)
    ecg = [beat for answer in answers for beat in answer.ecg]
    fallen = [answer.fallen for answer in answers if answer.fallen is not None]
    return FollowStep(
        state=link.state,
        news=bool(look.samples or look.gaps or look.numbers or changed),
        age=clocks.lag(now),
        lag=jitter.median,
        lag95=jitter.p95,
        used=synchroniser.used,
        reasons=dict(synchroniser.reasons),
        set_aside=dict(synchroniser.set_aside),
        refused=link.refused,
        n_gaps=counts.gaps,
        gap_seconds=counts.gap_seconds,
        duplicates=counts.duplicates,
        late=counts.late,
        samples=tuple(look.samples),
        gaps=tuple(look.gaps),
        r_peaks=tuple(clocks.to_local(b.time) for answer in answers for b in answer.quick),
        followed=followed,
        unused=tuple(each for answer in answers for each in answer.unused),
        unexplained=answers[-1].unexplained if answers else synchroniser.unexplained,
        fallen=fallen[-1] if fallen else None,
        irregular=ecg[-1].irregular if ecg else None,
        marks=tuple(mark for answer in answers for mark in answer.marks),
        heart=synchroniser.filter.middle() if followed else None,
    )
