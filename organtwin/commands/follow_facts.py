"""What happens while a patient is followed, as facts for programs and as sentences for people."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.assimilation.causes import RATE, Cause, causes_of
from organtwin.assimilation.falls import Fallen
from organtwin.assimilation.following import FOLLOWED, Followed
from organtwin.link.data_link import LinkState
from organtwin.quantities import quantity
from organtwin.twin.stream_loop import FollowStep

SHOWN = ("stroke_volume", "cardiac_output")
_BAND = (0.05, 0.5, 0.95)
_LABELS = {drift.name: drift.label for drift in FOLLOWED} | {RATE: "Heart rate"}


@dataclass(frozen=True, slots=True)
class Event:
    """Something to be written down; ``sentence`` is empty where people need not read it."""

    kind: str
    facts: Mapping[str, Any]
    sentence: str = ""

    @property
    def entry(self) -> dict[str, Any]:
        return {"kind": self.kind, **self.facts}


@dataclass(slots=True)
class Reporter:
    """Tells what is new in each step.

    Facts hold the source's own time; sentences count from ``origin`` [s], the first sample unless
    it is given.
    """

    origin: float | None = None
    state: LinkState | None = None
    unexplained: dict[str, float] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    def events(self, step: FollowStep) -> Iterator[Event]:
        """In the order in which they happened, as far as that is known."""
        first = [*(s.start for s in step.samples), *(beat.time for beat in step.followed)]
        if self.origin is None and first:
            self.origin = first[0]
        # Words change with every second of silence; people are told of each state once.
        before, self.state = self.state, step.state
        if before is None or (before.phase, before.since) != (step.state.phase, step.state.since):
            facts = {"phase": step.state.phase.value, "sentence": step.state.sentence}
            words = f"source {step.state.phase.value}: {step.state.sentence}"
            yield Event("state", facts, words)
        yield from self._set_aside(step)
        for gap in step.gaps:
            names = ", ".join(gap.channels)
            yield Event(
                "gap", {"channels": list(gap.channels), "from": gap.start, "to": gap.end},
                f"{names}: nothing came from {self.at(gap.start):.2f} to "
                f"{self.at(gap.end):.2f} s",
            )  # fmt: skip
        for mark in step.marks:
            yield Event(
                "artefact",
                {"channel": mark.channel, "from": mark.start, "to": mark.end,
                 "artefact": mark.kind.value, "sentence": mark.sentence},
                f"{mark.sentence} (from {self.at(mark.start):.1f} to "
                f"{self.at(mark.end):.1f} s)",
            )  # fmt: skip
        for unused in step.unused:
            yield Event(
                "unused",
                {"time": unused.time, "channel": unused.channel, "reason": unused.reason},
            )
        yield from (Event("beat", beat_facts(beat)) for beat in step.followed)
        yield from self._drift(step)
        if step.fallen is not None:
            yield _fall(step.fallen, self.at(step.fallen.onset))

    def at(self, time: float) -> float:
        """Source time as people read it."""
        return time - (self.origin or 0.0)

    def _set_aside(self, step: FollowStep) -> Iterator[Event]:
        news = [f"{name} is not used: {why}" for name, why in step.set_aside.items()]
        news += [f"refused: {sentence}" for sentence in step.refused]
        for sentence in news:
            if sentence not in self.told:
                self.told.add(sentence)
                yield Event("not used", {"sentence": sentence}, sentence)

    def _drift(self, step: FollowStep) -> Iterator[Event]:
        now = {each.name: each for each in step.unexplained}
        for name, each in now.items():
            if name not in self.unexplained:
                yield Event(
                    "unexplained", {"quantity": name, "since": each.since, "sd": each.by},
                    f"the twin no longer explains {quantity(name).label} since "
                    f"{self.at(each.since):.0f} s: measured {each.by:+.1f} standard deviations "
                    "from the expected",
                )  # fmt: skip
        for name in self.unexplained.keys() - now.keys():
            sentence = f"the twin explains {quantity(name).label} again"
            yield Event("explained", {"quantity": name}, sentence)
        self.unexplained = {name: each.since for name, each in now.items()}


def beat_facts(beat: Followed) -> dict[str, Any]:
    """A beat with all that is known of it, in clinical units; bands of 90 % about the median."""
    return {
        "time": beat.time,
        "interval": beat.interval,
        "measured": {
            name: quantity(name).from_si(v) if math.isfinite(v) else None
            for name, v in beat.measured.items()
        },
        "twin": {
            name: [quantity(name).from_si(v) for v in band(values)]
            for name, values in beat.quantities.items()
            if name in beat.measured or name in SHOWN
        },
        "factors_percent": {
            drift.name: [percent(v) for v in band(beat.factor(drift.name))] for drift in FOLLOWED
        },
        "left_out": list(beat.left_out),
        "lost": beat.lost,
    }


def band(values: FloatArray) -> list[float]:
    """5 %, median and 95 % of members."""
    return [float(v) for v in np.quantile(values, _BAND)]


def percent(log: float) -> float:
    """A logarithm of a factor as a change in per cent."""
    return 100.0 * math.expm1(log)


def _fall(fallen: Fallen, onset: float) -> Event:
    """A fall with its cause, found at once: a few tenths of a second."""
    answers = list(causes_of(fallen.hearts, fallen.fall))
    causes = answers[-1] if answers else ()
    what = f"mean pressure fell by {100 * fallen.share:.0f} % since {onset:.0f} s"
    names = "; ".join(_cause(cause) for cause in causes[:2]) or "no single cause explains it"
    return Event(
        "fall",
        {
            "onset": fallen.onset, "share": fallen.share,
            "causes": [
                {"cause": c.name, "probability": c.share, "change_percent": percent(c.amount)}
                for c in causes
            ],
        },
        f"{what}: {names}",
    )  # fmt: skip


def _cause(cause: Cause) -> str:
    change = "" if cause.name == RATE else f" {percent(cause.amount):+.0f} %"
    return f"{_LABELS[cause.name]}{change} (probability {100 * cause.share:.0f} %)"
