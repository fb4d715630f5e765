"""From arriving samples to a twin in step: beats of all channels, one at a time, into the filter.

A beat of the arterial line is a beat of the twin; the latest beat of the other pressures goes with
it. Without an arterial line a beat of the ECG is one, and brings its interval alone or with what
else was measured. Every beat that was not used is told with its reason.
"""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from organtwin.assimilation.falls import Fallen, FallWatch
from organtwin.assimilation.following import OBSERVED, BeatFilter, Followed, PatientBeat
from organtwin.assimilation.unexplained import DriftWatch, Unexplained
from organtwin.patient.samples import Numbers, Samples
from organtwin.patient.streaming.ecg_beats import EcgBeat
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
_PULMONARY = ("pa_systolic", "pa_diastolic", "pa_mean")
_ARTERIAL = ("systolic_pressure", "diastolic_pressure", "mean_arterial_pressure")


@dataclass(frozen=True, slots=True)
class Unused:
    """A beat that did not reach the twin: ``time`` [s] of source, and why."""

    time: float
    channel: str
    reason: str


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


class Synchroniser:
    """Keeps members in step with a patient; changed by every chunk. One thread at a time."""

    def __init__(self, members: Sequence[tuple[Conditions, HeartState]], *, seed: int = 0) -> None:
        self.filter = BeatFilter(members, seed=seed)
        self.used = 0
        """Beats that reached the twin."""
        self.reasons: Counter[str] = Counter()
        """Beats that did not, by channel and reason."""
        self._rates: dict[str, float] = {}
        self._stream = PatientStream({})
        self._epoch: dict[str, int] = {}
        self._others: dict[str, tuple[float, Mapping[str, float]]] = {}
        self._numbers: dict[str, tuple[float, float]] = {}
        self._watch, self._falls = DriftWatch(), FallWatch()
        self._waiting: deque[tuple[str, float]] = deque(maxlen=8)

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
        return self._stream.unused

    def feed(self, samples: Samples) -> Synchronised:
        """Take a chunk; chunks of one source come in order, gaps in time are told by ``start``."""
        heard = []
        if self._epoch.get(samples.source, samples.epoch) != samples.epoch:
            heard.append(self._stream.restart())
        self._epoch[samples.source] = samples.epoch
        if any(self._rates.get(name) != samples.rate for name in samples.channels):
            self._rates |= dict.fromkeys(samples.channels, samples.rate)
            heard.append(self._stream.finish())
            self._stream = PatientStream(self._rates)
        for name, values in zip(samples.channels, samples.values, strict=True):
            heard.append(self._stream.push(name, samples.start, values))
        return self._together(heard)

    def note(self, numbers: Numbers) -> None:
        """Take single numbers, such as a cuff's; they go with the next beat."""
        rows = zip(numbers.names, numbers.values, numbers.sds, strict=True)
        for name, value, sd in rows:
            if name in OBSERVED:
                self._numbers[name] = float(value), float(sd)
            else:
                self.reasons[f"{name}: not followed"] += 1

    def _together(self, heard: Sequence[Heard]) -> Synchronised:
        followed: list[Followed] = []
        unused: list[Unused] = []
        fallen = None
        for part in heard:
            for beat in self._beats(part, unused):
                answer = self._follow(beat, unused)
                if answer is not None:
                    followed.append(answer)
                    fallen = self._falls.note(beat, self.filter) or fallen
        for each in unused:
            self.reasons[f"{each.channel}: {each.reason}"] += 1
        return Synchronised(
            tuple(beat for part in heard for beat in part.quick),
            tuple(beat for part in heard for beat in part.ecg),
            tuple(followed), tuple(unused), self._watch.unexplained, fallen,
        )  # fmt: skip

    def _beats(self, heard: Heard, unused: list[Unused]) -> list[PatientBeat]:
        """Beats of the twin in what was heard; what else was measured waits for the next."""
        beats = []
        for channel, means in heard.venous.items():
            for mean in means:
                if mean.rejected:
                    unused.append(Unused(mean.start, channel, mean.rejected))
                elif channel in ("CVP", "RAP"):
                    self._others[channel] = mean.end, {"ra_pressure": mean.mean}
        for channel, pulses in heard.pressures.items():
            for pulse in pulses:
                if pulse.rejected:
                    unused.append(Unused(pulse.start, channel, pulse.rejected))
                elif SITES[channel] is PressureSite.PULMONARY:
                    self._others[channel] = pulse.end, _values(_PULMONARY, pulse)
                elif channel == self._stream.artery:
                    own = _values(_ARTERIAL, pulse)
                    beats.append(self._joined(pulse.start, pulse.end - pulse.start, own))
        for beat in heard.ecg:
            if beat.rejected:
                unused.append(Unused(beat.time, self.lead, beat.rejected))
            elif not self._stream.artery and beat.rr > 0.0:
                beats.append(self._joined(beat.time - beat.rr, beat.rr, {}))
        return beats

    def _joined(self, time: float, interval: float, own: Mapping[str, float]) -> PatientBeat:
        values = dict(own)
        sds: dict[str, float] = {}
        for channel, (when, others) in tuple(self._others.items()):
            if time - when <= FRESH:
                values |= others
            del self._others[channel]
        for name, (value, sd) in self._numbers.items():
            if name not in values:
                values[name], sds[name] = value, sd
        self._numbers.clear()
        return PatientBeat(time, interval, values, sds)

    def _follow(self, beat: PatientBeat, unused: list[Unused]) -> Followed | None:
        if not SHORTEST <= beat.interval <= LONGEST:
            reason = f"an interval beyond {SHORTEST:g} to {LONGEST:g} s, as after a pause"
            unused.append(Unused(beat.time, self._stream.artery or self.lead, reason))
            return None
        answer = self.filter.follow(beat)
        self.used += 1
        self._watch.note(answer)
        return answer


def _values(names: tuple[str, str, str], pulse: PressureBeat) -> dict[str, float]:
    return dict(zip(names, (pulse.systolic, pulse.diastolic, pulse.mean), strict=True))
