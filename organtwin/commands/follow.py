"""``organtwin follow``: the twin of a case kept in step with a live source."""

import argparse
import json
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing, nullcontext
from typing import TextIO

from organtwin import __version__
from organtwin.commands.follow_facts import Event, Reporter
from organtwin.commands.follow_sources import source_of
from organtwin.commands.follow_table import HEADINGS, line, summary, summary_text
from organtwin.commands.twins import fitted_twin
from organtwin.errors import UsageError
from organtwin.link.replay import Replay
from organtwin.twin.stream_loop import FollowStep, following, synchroniser_of

PAUSE = 0.01
"""[s] Slept when a look at the source brought no news."""
_MOST_AGES = 100_000
"""Steps of which percentiles of the lag are taken; the last hour."""


def follow(options: argparse.Namespace) -> int:
    """Fit the twin and follow until the source ends, the time is over, or Ctrl+C."""
    _check(options)
    # What is wrong with source or log is told before the fit, not after.
    with closing(source_of(options)) as link, open_log(options) as log:
        twin = fitted_twin(options.case, members=options.members)
        if isinstance(link, Replay):
            link.resume()
        teller = Teller(options, log)
        teller.tell(Event("start", {"case": twin.record.case_id, "version": __version__}))
        steps = following(link, synchroniser_of(twin), speed=options.speed)
        try:
            for step in until(steps, options):
                teller.take(step)
                if not step.news:
                    time.sleep(PAUSE)
        except KeyboardInterrupt:
            pass  # the usual end of a live source
        teller.end()
    return 0


def open_log(options: argparse.Namespace) -> "TextIO | nullcontext[None]":
    """The file for JSON lines; each is written at once, so that nothing is lost."""
    if options.log is None:
        return nullcontext()
    return options.log.open("w", encoding="utf-8", buffering=1)  # type: ignore[no-any-return]


def until(steps: Iterator[FollowStep], options: argparse.Namespace) -> Iterator[FollowStep]:
    """Steps, until the source's time that was asked for has passed."""
    begin = time.monotonic()
    for step in steps:
        yield step
        passed = (time.monotonic() - begin) * options.speed
        if options.seconds is not None and passed >= options.seconds:
            return


class Teller:
    """Prints, and writes the log."""

    def __init__(self, options: argparse.Namespace, log: "TextIO | None") -> None:
        self._json, self._every, self._log = options.json, options.every, log
        self._reporter = Reporter(0.0 if options.replay else None)
        self._ages = deque[float](maxlen=_MOST_AGES)
        self._begin, self._printed = time.monotonic(), -float("inf")
        self._latest: FollowStep | None = None
        self._headed = False

    def take(self, step: FollowStep) -> None:
        """Tell what is new, and now and then how the patient is."""
        self._latest = step
        if step.news:
            self._ages.append(step.age)
        for event in self._reporter.events(step):
            self.tell(event)
        if step.followed and time.monotonic() - self._printed >= self._every:
            self._printed = time.monotonic()
            if not self._json:
                if not self._headed:
                    print(HEADINGS)
                self._headed = True
                beat = step.followed[-1]
                print(line(step, beat, self._reporter.at(beat.time)), flush=True)

    def tell(self, event: Event) -> None:
        """One event, everywhere."""
        text = json.dumps(event.entry)
        if self._log is not None:
            self._log.write(text + "\n")
        if self._json:
            print(text, flush=True)
        elif event.sentence:
            print(f"  {event.sentence}", flush=True)

    def end(self) -> None:
        """The summary."""
        if self._latest is not None:
            facts = summary(self._latest, list(self._ages), time.monotonic() - self._begin)
            self.tell(Event("summary", facts, summary_text(facts, self._reporter.at)))


def _check(options: argparse.Namespace) -> None:
    positive = {"members": options.members - 1, "every": options.every}
    if options.seconds is not None:
        positive["for"] = options.seconds
    for name, value in positive.items():
        if not value > 0:
            least = "two or more" if name == "members" else "more than 0 s"
            raise UsageError(
                "organtwin", f"--{name}", expected=least, got=f"{value + (name == 'members'):g}",
                remedy="Give a larger number, or leave it out.",
            )  # fmt: skip
