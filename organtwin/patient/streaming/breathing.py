"""What breathing does to the last half minute of pressures, from their beats."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.patient.streaming.pressure_beats import PressureBeat
from organtwin.patient.streaming.respiration import BreathingWave, breathing_wave, end_expiratory
from organtwin.patient.streaming.venous_beats import VenousBeat

WINDOW = 30.0
"""[s] Four breaths at 8 a minute. Against the monitor of or-sample_record2, the variation over
20 s is as far off on average and scatters by half as much again."""
_KEPT = 128


@dataclass(frozen=True, slots=True)
class Breathing:
    """Numbers of the last ``WINDOW``; NaN where what they need is lacking."""

    frequency: float
    """[Hz]"""
    pulse_variation: float
    """PPV: largest minus smallest over mean pulse pressure."""
    systolic_variation: float
    """[Pa] SPV: largest minus smallest systolic pressure."""
    delta_down: float
    """[Pa] Systolic pressure at the end of expiration minus the smallest. Its definition asks for
    an apnoea; here the end of expiration, seen in the venous pressure, stands for it."""
    venous_end_expiratory: float
    """[Pa]"""
    doubt: str
    """Why the variations do not mean what they should, or nothing."""


class BreathingWatch:
    """Collects beats; ``ventilated`` tells which way a breath moves the venous pressure."""

    def __init__(self) -> None:
        self.ventilated: bool | None = None
        self._arterial: deque[tuple[float, float, float]] = deque(maxlen=_KEPT)
        self._venous: deque[tuple[float, float]] = deque(maxlen=_KEPT)

    def add_pulse(self, beat: PressureBeat) -> None:
        if not beat.rejected:
            self._arterial.append((beat.start, beat.systolic, beat.pulse))

    def add_venous(self, beat: VenousBeat) -> None:
        if not beat.rejected:
            self._venous.append((0.5 * (beat.start + beat.end), beat.mean))

    def clear(self) -> None:
        self._arterial.clear()
        self._venous.clear()

    def now(self, irregular: bool | None = None) -> Breathing | None:
        """The numbers up to the newest beat; None while there are too few beats.

        ``irregular`` says whether the rhythm is, which moves pulse pressure by itself.
        """
        arterial, venous = _recent(self._arterial, 3), _recent(self._venous, 2)
        pulse = breathing_wave(arterial[:, 0], arterial[:, 2]) if len(arterial) else None
        frequency = pulse.frequency if pulse is not None and pulse.clear else None
        low = breathing_wave(venous[:, 0], venous[:, 1], frequency) if len(venous) else None
        leading = pulse if frequency is not None or low is None else low
        if leading is None:
            return None
        systolic = None
        if pulse is not None:
            systolic = breathing_wave(arterial[:, 0], arterial[:, 1], leading.frequency)
        expired = np.nan
        if low is not None and self.ventilated is not None:
            expired = end_expiratory(low, self.ventilated)
        return Breathing(
            leading.frequency,
            np.nan if pulse is None else pulse.variation,
            np.nan if systolic is None else systolic.highest - systolic.lowest,
            self._delta_down(systolic, low), expired, self._doubt(leading, irregular),
        )  # fmt: skip

    def _delta_down(self, systolic: BreathingWave | None, venous: BreathingWave | None) -> float:
        if systolic is None or venous is None or self.ventilated is None or not venous.clear:
            return np.nan
        period = systolic.origin + np.linspace(0.0, 1.0 / systolic.frequency, 73)
        in_chest = venous.at(period)
        end = period[in_chest.argmin() if self.ventilated else in_chest.argmax()]
        return float(systolic.mean + systolic.at(np.array([end]))[0] - systolic.lowest)

    def _doubt(self, leading: BreathingWave, irregular: bool | None) -> str:
        if irregular:
            return "the rhythm is irregular, which moves the pulse pressure too"
        if not leading.clear:
            return f"breathing explains only {leading.explained:.0%} of how the beats vary"
        if self.ventilated is False:
            return "the patient breathes alone: variation says little about volume"
        return ""


def _recent(rows: Iterable[tuple[float, ...]], width: int) -> FloatArray:
    table = np.array(list(rows), dtype=np.float64).reshape(-1, width)
    return table[table[:, 0] > table[-1, 0] - WINDOW] if len(table) else table
