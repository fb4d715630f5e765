"""What is read off one beat of a cell: action potential duration, rest, peak, calcium.

APD_p: from the steepest upstroke until the potential has returned by p of (peak - rest), where
rest is the potential at the onset of the beat. CaTD_p likewise for calcium, from the onset of the
beat, between the diastolic value (the least) and the peak. Crossings are interpolated linearly.
"""

from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.physiology.electrophysiology.cells.pacing import CellBeat


@dataclass(frozen=True, slots=True)
class CellBiomarkers:
    """SI throughout; a duration is NaN when the beat ends before the potential has returned."""

    resting_potential: float
    peak_potential: float
    steepest_upstroke: float
    """[V/s]"""
    activation_time: float
    """Instant of the steepest upstroke after the onset of the stimulus [s]."""
    apd30: float
    apd50: float
    apd90: float
    diastolic_calcium: float
    peak_calcium: float
    """[mol/m3]"""
    calcium_transient_duration90: float


def activation_time(beat: CellBeat) -> float:
    """Middle of the steepest step of the upstroke, after the onset [s]."""
    slopes = np.diff(beat.potentials) / np.diff(beat.times)
    steepest = int(np.argmax(slopes))
    return float(0.5 * (beat.times[steepest] + beat.times[steepest + 1]))


def action_potential_duration(beat: CellBeat, repolarisation: float = 0.9) -> float:
    """APD at a fraction of repolarisation, e.g. 0.9 [s]; NaN when it is not reached."""
    end = _return_time(beat.times, beat.potentials, beat.potentials[0], repolarisation)
    return end - activation_time(beat)


def calcium_transient_duration(beat: CellBeat, decay: float = 0.9) -> float:
    """Time from the onset until calcium has decayed by ``decay`` of its rise [s]."""
    return _return_time(beat.times, beat.calcium, float(beat.calcium.min()), decay)


def biomarkers(beat: CellBeat) -> CellBiomarkers:
    """All of them, for one beat."""
    slopes = np.diff(beat.potentials) / np.diff(beat.times)
    return CellBiomarkers(
        resting_potential=float(beat.potentials[0]),
        peak_potential=float(beat.potentials.max()),
        steepest_upstroke=float(slopes.max()),
        activation_time=activation_time(beat),
        apd30=action_potential_duration(beat, 0.3),
        apd50=action_potential_duration(beat, 0.5),
        apd90=action_potential_duration(beat, 0.9),
        diastolic_calcium=float(beat.calcium.min()),
        peak_calcium=float(beat.calcium.max()),
        calcium_transient_duration90=calcium_transient_duration(beat, 0.9),
    )


def _return_time(times: FloatArray, values: FloatArray, floor: float, fraction: float) -> float:
    """First time after the peak at which ``values`` have fallen by ``fraction``; NaN if never."""
    peak = int(np.argmax(values))
    level = float(values[peak]) - fraction * (float(values[peak]) - floor)
    below = np.flatnonzero(values[peak:] <= level)
    if below.size == 0:
        return float("nan")
    after = peak + int(below[0])
    before = after - 1
    share = (values[before] - level) / (values[before] - values[after])
    return float(times[before] + share * (times[after] - times[before]))
