"""From arriving samples to a twin in step: beats of all channels, one at a time, into the filter.

A beat of the arterial line is a beat of the twin; the latest beat of the other pressures goes with
it. Without an arterial line, or while it gives none that can be used, a beat of the ECG is one, and
brings its interval alone or with what else was measured. Where no beats come at all, single numbers
stand for ``ALONE`` beats. Every beat that was not used is told with its reason.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from organtwin.assimilation.falls import Fallen, FallWatch
from organtwin.assimilation.following import OBSERVED, BeatFilter, Followed, PatientBeat
from organtwin.assimilation.unexplained import DriftWatch, Unexplained
from organtwin.patient.samples import Numbers, Samples
from organtwin.patient.streaming.ecg_beats import EcgBeat
from organtwin.patient.streaming.marks import Mark
from organtwin.patient.streaming.patient_stream import Heard, PatientStream
from organtwin.patient.streaming.pressure_beats import PressureBeat
from organtwin.patient.streaming.pressure_sites import SITES, PressureSite
from organtwin.patient.streaming.quick_peaks import QuickBeat
from organtwin.physiology.heart import HeartState
from organtwin.simulation.conditions import Conditions

SHORTEST, LONGEST = 0.25, 2.5
"""Intervals [s] that the heart model can follow, 24 to 240 per minute."""
FRESH = 4.0
"""[s] that a pressure of another channel may be older than the beat it goes with."""
PATIENCE = 5.0
"""[s] without a usable arterial beat after which those of the ECG are taken; arterial beats are
known up to 2 s after those of the ECG."""
ALONE = 8
"""Beats that numbers without beats stand for: most of a step in resistance has come by then."""
_AMOUNT = re.compile(r"(?<![\w.])[+-]?\d+(\.\d+)?(?![\w.])")
_PULMONARY = ("pa_systolic", "pa_diastolic", "pa_mean")
_ARTERIAL = ("systolic_pressure", "diastolic_pressure", "mean_arterial_pressure")


@dataclass(frozen=True, slots=True)
class Unused:
    """A beat that did not reach the twin: ``time`` [s] of source, and why."""

    time: float
    channel: str
    reason: str

    @property
    def kind(self) -> str:
        """Channel and reason without the amounts in it, so that hours have few kinds."""
        kind = _AMOUNT.sub("n", self.reason)
        return kind if kind.startswith(f"{self.channel}:") else f"{self.channel}: {kind}"


@dataclass(frozen=True, eq=False, slots=True)
class Synchronised:
    """What one chunk brought."""

    quick: tuple[QuickBeat, ...] = ()
    ecg: tuple[EcgBeat, ...] = ()
    followed: tuple[Followed, ...] = ()
    unused: tuple[Unused, ...] = ()
    unexplained: tuple[Unexplained, ...] = ()
    """Channels that the twin does not explain now."""
    fallen: Fallen | None = None
    """A fall of pressure that has just been seen; ``causes_of`` names its cause."""
    marks: tuple[Mark, ...] = ()
    """Disturbances of channels that are over."""


class Synchroniser:
    """Keeps members in step with a patient; changed by every chunk. One thread at a time."""

    def __init__(self, members: Sequence[tuple[Conditions, HeartState]], *, seed: int = 0) -> None:
        self.filter = BeatFilter(members, seed=seed)
        self.used = 0
        """Beats that reached the twin."""
        self.reasons: Counter[str] = Counter()
        """Beats that did not, by ``Unused.kind``, and numbers that are not followed."""
        self._rates: dict[str, float] = {}
        self._stream = PatientStream({})
        self._epoch: dict[str, int] = {}
        self._others: dict[str, tuple[float, Mapping[str, float]]] = {}
        self._numbers: dict[str, tuple[float, float]] = {}
        self._watch, self._falls = DriftWatch(), FallWatch()
        self._until, self._pulse = -np.inf, np.nan
        """Source times [s]: the twin has beaten until, and the last usable arterial beat's end."""
        self._interval = float(np.median([1.0 / c.parameters["heart_rate"] for c, _ in members]))

    @property
    def lead(self) -> str:
        """The ECG lead that beats are taken from; empty without one."""
        return self._stream.lead

    @property
    def unexplained(self) -> tuple[Unexplained, ...]:
        """Channels that the twin does not explain now."""
        return self._watch.unexplained

    @property
    def set_aside(self) -> Mapping[str, str]:
        """Channels from which nothing is taken, with the reason."""
        second = dict.fromkeys(self._stream.pressures, f"{self._stream.artery} is used")
        arteries = {n: why for n, why in second.items() if self._is_second_artery(n)}
        return {**self._stream.unused, **arteries}

    def feed(self, samples: Samples) -> Synchronised:
        """Take a chunk; chunks of one source come in order, gaps in time are told by ``start``."""
        news = _News()
        if self._epoch.get(samples.source, samples.epoch) != samples.epoch:
            self._take(self._stream.restart(), news)
            self._others.clear()
            self._until, self._pulse = -np.inf, np.nan
        self._epoch[samples.source] = samples.epoch
        if any(self._rates.get(name) != samples.rate for name in samples.channels):
            self._rates |= dict.fromkeys(samples.channels, samples.rate)
            self._take(self._stream.finish(), news)
            self._stream = PatientStream(self._rates)
        for name, values in zip(samples.channels, samples.values, strict=True):
            self._take(self._stream.push(name, samples.start, values), news)
        return self._told(news)

    def note(self, *several: Numbers) -> Synchronised:
        """Take single numbers, such as a cuff's; they go with the next beat, if there are beats.

        Without waveforms the heart beats for each time of measurement, however many come at once.
        """
        news = _News()
        alone = not (self._stream.artery or self._stream.lead)
        for time, together in groupby(sorted(several, key=_time), key=_time):
            for numbers in together:
                self._hold(numbers)
            if self._numbers and alone:
                self._beat_alone(time, numbers.source, news)
        return self._told(news)

    def _hold(self, numbers: Numbers) -> None:
        """Keep numbers for the next beat."""
        for name, value, sd in zip(numbers.names, numbers.values, numbers.sds, strict=True):
            if name == "heart_rate" and value > 0.0:
                self._interval = 1.0 / float(value)
            elif name in OBSERVED and np.isfinite(value) and sd > 0.0:
                if name in self._numbers:
                    self.reasons[f"{name}: a newer one came before the next beat"] += 1
                self._numbers[name] = float(value), float(sd)
            else:
                self.reasons[f"{name}: not followed"] += 1

    def _beat_alone(self, time: float, source: str, news: "_News") -> None:
        """Some beats up to ``time`` [s]; the numbers go with the last of them."""
        if time < self._until:
            return
        since = min((time - self._until) / self._interval, ALONE - 1.0)
        for number in range(-int(since), 0):
            empty = PatientBeat(time + number * self._interval, self._interval, {})
            self._follow(empty, source, news)
        self._follow(self._joined(time, self._interval, {}), source, news)

    def _told(self, news: "_News") -> Synchronised:
        self.reasons.update(each.kind for each in news.unused)
        return Synchronised(
            tuple(news.quick), tuple(news.ecg), tuple(news.followed), tuple(news.unused),
            self._watch.unexplained, news.fallen, tuple(news.marks),
        )  # fmt: skip

    def _take(self, heard: Heard, news: "_News") -> None:
        """Follow the beats in what was heard; what else was measured waits for the next."""
        news.quick += heard.quick
        news.ecg += heard.ecg
        news.marks += heard.marks
        for channel, means in heard.venous.items():
            for mean in means:
                if mean.rejected:
                    news.unused.append(Unused(mean.start, channel, mean.rejected))
                else:
                    self._others[channel] = mean.end, {"ra_pressure": mean.mean}
        for channel, pulses in heard.pressures.items():
            for pulse in () if self._is_second_artery(channel) else pulses:
                self._take_pulse(channel, pulse, news)
        for beat in heard.ecg:
            self._take_ecg(beat, news)

    def _is_second_artery(self, channel: str) -> bool:
        return SITES[channel] is PressureSite.ARTERIAL and channel != self._stream.artery

    def _take_pulse(self, channel: str, pulse: PressureBeat, news: "_News") -> None:
        if pulse.rejected:
            news.unused.append(Unused(pulse.start, channel, pulse.rejected))
        elif SITES[channel] is PressureSite.PULMONARY:
            self._others[channel] = pulse.end, _values(_PULMONARY, pulse)
        else:
            self._pulse = pulse.end
            own = _values(_ARTERIAL, pulse)
            self._follow(self._joined(pulse.start, pulse.end - pulse.start, own), channel, news)

    def _take_ecg(self, beat: EcgBeat, news: "_News") -> None:
        if beat.rejected:
            news.unused.append(Unused(beat.time, self.lead, beat.rejected))
            return
        if self._stream.artery and not beat.time - self._pulse > PATIENCE:
            # The artery tells of this beat, or is about to.
            self._pulse = beat.time if np.isnan(self._pulse) else self._pulse
            return
        if not beat.rr > 0.0:
            news.unused.append(Unused(beat.time, self.lead, "no beat before it in a row"))
            return
        self._follow(self._joined(beat.time - beat.rr, beat.rr, {}), self.lead, news)

    def _joined(self, time: float, interval: float, own: Mapping[str, float]) -> PatientBeat:
        values = dict(own)
        sds: dict[str, float] = {}
        for when, others in self._others.values():
            if time - when <= FRESH:
                values |= others
        self._others.clear()
        for name, (value, sd) in self._numbers.items():
            if name not in values:
                values[name], sds[name] = value, sd
        self._numbers.clear()
        return PatientBeat(time, interval, values, sds)

    def _follow(self, beat: PatientBeat, channel: str, news: "_News") -> None:
        if not SHORTEST <= beat.interval <= LONGEST:
            reason = (
                f"an interval of {beat.interval:.2f} s, which no heart here follows in one beat"
            )
            news.unused.append(Unused(beat.time, channel, reason))
            return
        if beat.time < self._until - 0.5 * beat.interval:
            news.unused.append(Unused(beat.time, channel, "a beat of that time was used already"))
            return
        self._until = beat.time + beat.interval
        answer = self.filter.follow(beat)
        self.used += 1
        self._watch.note(answer)
        news.followed.append(answer)
        news.fallen = self._falls.note(beat, self.filter) or news.fallen


class _News:
    """What is gathered while one chunk is taken."""

    def __init__(self) -> None:
        self.quick: list[QuickBeat] = []
        self.ecg: list[EcgBeat] = []
        self.followed: list[Followed] = []
        self.unused: list[Unused] = []
        self.marks: list[Mark] = []
        self.fallen: Fallen | None = None


def _time(numbers: Numbers) -> float:
    return numbers.time


def _values(names: tuple[str, str, str], pulse: PressureBeat) -> dict[str, float]:
    return dict(zip(names, (pulse.systolic, pulse.diastolic, pulse.mean), strict=True))
