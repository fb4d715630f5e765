"""All channels of one patient as they arrive: beats of each, matched to each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from organtwin.arrays import FloatArray
from organtwin.patient.detection import LEAD_ORDER, LOWEST_RATE
from organtwin.patient.streaming.breathing import BreathingWatch
from organtwin.patient.streaming.ecg_beats import EcgBeat, EcgBeatStream
from organtwin.patient.streaming.marks import Mark
from organtwin.patient.streaming.pressure_beats import PressureBeat, PressureBeatStream
from organtwin.patient.streaming.pressure_sites import SITES, PressureSite
from organtwin.patient.streaming.quick_peaks import QuickBeat, QuickPeaks
from organtwin.patient.streaming.venous_beats import VenousBeat, VenousBeatStream


@dataclass(frozen=True, slots=True)
class Heard:
    """What one piece of signal made certain; pressures by channel."""

    quick: tuple[QuickBeat, ...] = ()
    ecg: tuple[EcgBeat, ...] = ()
    pressures: Mapping[str, tuple[PressureBeat, ...]] = field(default_factory=dict)
    venous: Mapping[str, tuple[VenousBeat, ...]] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()


class PatientStream:
    """Beats from the channels named in ``rates`` [Hz]; source time is common to all.

    One lead is looked at: ``lead``, or else the first of ``detection.LEAD_ORDER``. ``unused`` names
    channels from which nothing is taken, with the reason.
    """

    def __init__(self, rates: Mapping[str, float], lead: str = "") -> None:
        self.unused: dict[str, str] = {}
        order = (lead,) if lead else LEAD_ORDER
        leads = [name for name in order if rates.get(name, 0.0) >= LOWEST_RATE]
        self.lead = leads[0] if leads else ""
        self.ecg = EcgBeatStream(self.lead, rates[self.lead]) if leads else None
        self.quick = QuickPeaks(rates[self.lead]) if leads else None
        self.pressures: dict[str, PressureBeatStream] = {}
        self.venous: dict[str, VenousBeatStream] = {}
        self.breathing = BreathingWatch()
        self.irregular: bool | None = None
        for name, rate in rates.items():
            self._place(name, rate)
        sites = [n for n in self.pressures if SITES[n] is PressureSite.ARTERIAL]
        self.artery = sites[0] if sites else ""
        """The arterial pressure from which breathing, and without ECG the venous beats, come."""

    def push(self, channel: str, start: float, values: FloatArray) -> Heard:
        """Take samples ``(n,)`` SI of a channel from source time ``start`` [s] on."""
        if self.ecg is not None and self.quick is not None and channel == self.lead:
            quick = tuple(self.quick.push(start, values))
            beats = self._ecg(self.ecg.push(start, values))
            return Heard(quick, beats, marks=tuple(self.ecg.marks()))
        if channel in self.pressures:
            stream = self.pressures[channel]
            pulses = self._pulses(channel, stream.push(start, values))
            return Heard(pressures={channel: pulses}, marks=tuple(stream.marks()))
        if channel in self.venous:
            veins = self.venous[channel]
            means = self._means(veins.push(start, values))
            return Heard(venous={channel: means}, marks=tuple(veins.marks()))
        return Heard()

    def restart(self) -> Heard:
        """Give what waits; the next samples have another source time."""
        heard = self._waiting(restart=True)
        self.breathing.clear()
        return heard

    def finish(self) -> Heard:
        """Give what waits, because nothing more comes."""
        return self._waiting(restart=False)

    def _waiting(self, restart: bool) -> Heard:
        def end(stream: EcgBeatStream | PressureBeatStream | VenousBeatStream) -> list:  # type: ignore[type-arg]
            return list(stream.restart() if restart else stream.finish())

        ecg = self._ecg(end(self.ecg)) if self.ecg is not None else ()
        pressures = {name: self._pulses(name, end(s)) for name, s in self.pressures.items()}
        venous = {name: self._means(end(s)) for name, s in self.venous.items()}
        marks = [mark for pulses in self.pressures.values() for mark in pulses.marks()]
        marks += [mark for veins in self.venous.values() for mark in veins.marks()]
        if self.ecg is not None:
            marks += self.ecg.marks()
        return Heard((), ecg, pressures, venous, tuple(marks))

    def _place(self, name: str, rate: float) -> None:
        site = SITES.get(name)
        if name == self.lead:
            return
        if site is PressureSite.VENOUS:
            self.venous[name] = VenousBeatStream(name, rate)
        elif site is not None:
            self.pressures[name] = PressureBeatStream(name, rate, site)
        elif name in LEAD_ORDER:
            slow = rate < LOWEST_RATE
            self.unused[name] = "too few samples per second" if slow else f"{self.lead} is used"
        else:
            self.unused[name] = "no ECG lead and no pressure that beats are taken from"

    def _ecg(self, beats: list[EcgBeat]) -> tuple[EcgBeat, ...]:
        for beat in beats:
            self.irregular = beat.irregular
            for stream in self.pressures.values():
                stream.note_r_peak(beat.time)
        self._borders(beat.time for beat in beats if not beat.rejected)
        return tuple(beats)

    def _pulses(self, channel: str, beats: list[PressureBeat]) -> tuple[PressureBeat, ...]:
        if channel == self.artery:
            for beat in beats:
                self.breathing.add_pulse(beat)
            if self.ecg is None:
                self._borders(beat.start for beat in beats if not beat.rejected)
        return tuple(beats)

    def _means(self, beats: list[VenousBeat]) -> tuple[VenousBeat, ...]:
        for beat in beats:
            self.breathing.add_venous(beat)
        return tuple(beats)

    def _borders(self, times: Iterable[float]) -> None:
        for time in times:
            for stream in self.venous.values():
                stream.note_beat(time)
