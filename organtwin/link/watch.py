"""A folder that another program writes recordings into; nothing is ever written there.

A file is read once it has stopped growing: same size and time of change in two looks. Files that
belong together (``x.hea`` and ``x.dat``, ``x.csv`` and ``x.csv.toml``) are one recording and must
rest together. What lay in the folder before is left alone, unless it changes.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from organtwin.errors import OrganTwinError, RecordError
from organtwin.link.data_link import Attempts, Clock, LinkPhase, LinkState, Standing
from organtwin.link.errand import Errand, Start, on_a_thread
from organtwin.link.replay import whole_tracks
from organtwin.patient.readers import read_recording
from organtwin.patient.recording import Recording
from organtwin.patient.samples import Numbers, Samples

PERIOD = 1.0
"""[s] Between two looks."""
_UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".crdownload", ".filepart", ".swp", ".lock")
_SIDES = (".toml",)
"""Second files that say how to read the first."""

_Signature = tuple[tuple[str, int, int], ...]
"""Name, size and time of change [ns] of each file of a recording."""


@dataclass(frozen=True, eq=False, slots=True)
class _Arrived:
    recording: Recording


@dataclass(frozen=True, slots=True)
class _Unreadable:
    sentence: str


@dataclass(frozen=True, slots=True)
class _Looked:
    """The end of one look; ``trouble`` says why it failed."""

    trouble: str = ""


class WatchedFolder:
    """A ``DataLink`` that delivers each new recording in a folder once it is complete.

    ``poll`` gives its waveforms, one ``Samples`` for each rate, in time from the start of that
    file, each file an epoch of its own; ``recordings`` gives the recording itself, with what its
    header and annotations say. ``existing`` also delivers what lies there already.
    """

    def __init__(
        self, folder: Path, *, existing: bool = False, period: float = PERIOD,
        read: Callable[[Path], Recording] = read_recording, start: Start = on_a_thread,
        clock: Clock = time.monotonic,
    ) -> None:  # fmt: skip
        self._folder, self._read, self._period = folder, read, period
        self._standing = Standing(clock, sentence=f"about to look into {folder}")
        self._attempts, self._due = Attempts(clock), -float("inf")
        self._errand: Errand[_Arrived | _Unreadable | _Looked] = Errand(start)
        self._last: dict[str, _Signature] = {}
        self._known: dict[str, _Signature] = {}
        self._first = not existing
        self._names: dict[str, None] = {}
        self._recordings: list[Recording] = []
        self._sequence, self._epoch = 0, 0

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(self._names)

    @property
    def state(self) -> LinkState:
        return self._standing.state

    @property
    def refused(self) -> Mapping[str, int]:
        return self._standing.refused

    def poll(self) -> tuple[Samples | Numbers, ...]:
        if self._standing.ended:
            return ()
        ready = self._standing.clock() >= self._due and self._attempts.due
        if ready and not self._errand.under_way:
            self._due = self._standing.clock() + self._period
            self._errand.begin(self._look)
        found: list[Samples] = []
        for result in self._errand.collect():
            if isinstance(result, _Arrived):
                found += self._delivered(result.recording)
            elif isinstance(result, _Unreadable):
                self._standing.refuse(result.sentence)
            elif result.trouble:
                self._attempts.failed()
                self._standing.be(LinkPhase.LOST, result.trouble)
            else:
                self._attempts.succeeded()
                self._standing.be(LinkPhase.LIVE, f"watching {self._folder}")
        return tuple(found)

    def recordings(self) -> tuple[Recording, ...]:
        """Those that have arrived since the last call."""
        found, self._recordings = tuple(self._recordings), []
        return found

    def close(self) -> None:
        self._standing.be(LinkPhase.ENDED, "closed")

    def _look(self, hand_over: Callable[[_Arrived | _Unreadable | _Looked], None]) -> None:
        """The errand: what is there, and of that what has come to rest since the last look."""
        try:
            now = _signatures(self._folder)
        except OSError as error:
            hand_over(_Looked(f"cannot look into {self._folder}: {error.strerror or error}"))
            return
        if self._first:
            self._known, self._first = dict(now), False
        for name, signature in now.items():
            resting = self._last.get(name) == signature
            if resting and self._known.get(name) != signature:
                self._known[name] = signature
                hand_over(self._opened(self._folder / name))
        self._last = now
        hand_over(_Looked())

    def _opened(self, path: Path) -> _Arrived | _Unreadable:
        try:
            return _Arrived(self._read(path))
        except (OrganTwinError, OSError) as error:
            return _Unreadable(f"{error}")

    def _delivered(self, recording: Recording) -> list[Samples]:
        self._recordings.append(recording)
        try:
            tracks = whole_tracks(recording)
        except RecordError as error:  # numbers alone, or unevenly spaced
            if recording.waveforms:
                self._standing.refuse(f"{error}")
            return []
        found = []
        for channels, values, start, rate in tracks:
            found.append(
                Samples(
                    recording.source, channels, values, start, rate, self._standing.clock(),
                    self._sequence, self._epoch,
                )
            )  # fmt: skip
            self._sequence += 1
            self._names |= dict.fromkeys(channels)
        self._epoch += 1
        return found


def _signatures(folder: Path) -> dict[str, _Signature]:
    """Each recording's main file, with the state of all files that belong to it."""
    files: dict[str, tuple[str, int, int]] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if name.startswith((".", "~")) or name.endswith("~"):
                continue
            if name.lower().endswith(_UNFINISHED):
                continue
            try:
                if not entry.is_file():
                    continue
                state = entry.stat()
            except FileNotFoundError:
                continue  # renamed or removed since it was listed
            files[name] = (name, state.st_size, state.st_mtime_ns)
    found: dict[str, _Signature] = {}
    for name in sorted(files):
        stem, extension = os.path.splitext(name)  # noqa: PTH122
        side = extension.lower() in _SIDES and stem in files
        signal = extension.lower() in (".dat", ".mat") and f"{stem}.hea" in files
        if not side and not signal:
            family = [other for other in sorted(files) if other.startswith(f"{stem}.")]
            found[name] = tuple(files[other] for other in {name, *family})
    return {name: tuple(sorted(signature)) for name, signature in found.items()}
