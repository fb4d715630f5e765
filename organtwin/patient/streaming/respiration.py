"""How breathing changes beats: its period, the variation of pressures, and the end of expiration.

Numbers of single beats are a coarse sampling of breathing. Its frequency is that of the wave (with
its first harmonic) that explains most of them beside a straight line, between 5 and 40 a minute and
below half the heart rate. The variation is that wave's, so that neither a slow trend nor noise of
single beats, which widen the plain difference of largest and smallest, are counted as breathing:
pulse pressure variation is largest minus smallest over mean pulse pressure (Michard, Am J Respir
Crit Care Med 2000;162:134-138).
"""

from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray

SLOWEST, FASTEST = 5.0 / 60.0, 40.0 / 60.0
"""[Hz]"""
FEWEST = 10
SHORTEST = 12.0
"""[s] Two breaths at 10 a minute; in less, any two slow changes look like breathing."""
CLEAR = 0.5
"""Share of the variance beside the trend that the wave must explain; below it is not breathing."""
_FREQUENCIES = 60


@dataclass(frozen=True, slots=True)
class BreathingWave:
    """The wave that breathing makes in a series of beats."""

    frequency: float
    """[Hz]"""
    mean: float
    lowest: float
    highest: float
    """Of the wave on the mean, in the unit of the series."""
    explained: float
    """Share of the variance beside the trend."""
    coefficients: tuple[float, float, float, float]
    """Of cosine and sine, of the frequency and of twice it, with time 0 at ``origin``."""
    origin: float

    @property
    def clear(self) -> bool:
        return self.explained >= CLEAR

    @property
    def variation(self) -> float:
        """Largest minus smallest over mean."""
        return (self.highest - self.lowest) / self.mean

    def at(self, times: FloatArray) -> FloatArray:
        """The wave without mean and trend, ``(n,)`` at source times [s]."""
        waves = _waves(np.asarray(times) - self.origin, self.frequency)
        return np.asarray(waves @ np.array(self.coefficients))


def breathing_wave(
    times: FloatArray, values: FloatArray, frequency: float | None = None
) -> BreathingWave | None:
    """The wave in ``values`` of beats at ``times`` ``(n,)`` [s]; None with too few beats.

    ``frequency`` [Hz] is the breathing's where it is known, from a ventilator or another series.
    """
    if len(times) < FEWEST or times[-1] - times[0] < SHORTEST:
        return None
    origin = float(times[0])
    t = times - origin
    fastest = min(FASTEST, 0.5 * (len(t) - 1) / t[-1])
    slowest = max(SLOWEST, 1.5 / t[-1])
    if frequency is not None:
        candidates = np.array([frequency])
    elif slowest >= fastest:
        return None
    else:
        candidates = np.geomspace(slowest, fastest, _FREQUENCIES)
    line = np.stack((np.ones(len(t)), t - t.mean()), axis=1)
    trendless = values - line @ np.linalg.lstsq(line, values, rcond=None)[0]
    fits = [_fit(t, line, values, float(f)) for f in candidates]
    best = int(np.argmin([rest for _, rest in fits]))
    solution, rest = fits[best]
    total = float(trendless @ trendless)
    f = float(candidates[best])
    period = np.linspace(0.0, 1.0 / f, 73)
    wave = _waves(period, f) @ solution[2:]
    mean = float(solution[0])
    return BreathingWave(
        f, mean, mean + float(wave.min()), mean + float(wave.max()),
        1.0 - rest / total if total > 0.0 else 0.0,
        tuple(float(c) for c in solution[2:]), origin,  # type: ignore[arg-type]
    )  # fmt: skip


def end_expiratory(wave: BreathingWave, ventilated: bool) -> float:
    """A venous pressure at the end of expiration, from the wave of its beats [Pa].

    A ventilator raises the pressure in the chest with inspiration, a breath of one's own lowers it:
    expiration ends at the lowest venous pressure with a ventilator, at the highest without.
    """
    return wave.lowest if ventilated else wave.highest


def _fit(t: FloatArray, line: FloatArray, values: FloatArray, f: float) -> tuple[FloatArray, float]:
    terms = np.concatenate((line, _waves(t, f)), axis=1)
    solution = np.asarray(np.linalg.lstsq(terms, values, rcond=None)[0], dtype=np.float64)
    rest = values - terms @ solution
    first, second = np.hypot(*solution[2:4]), np.hypot(*solution[4:6])
    # A wave of which only the harmonic is there has that as its frequency.
    return solution, float(rest @ rest) if second <= first else float(np.dot(values, values))


def _waves(t: FloatArray, f: float) -> FloatArray:
    angle = 2.0 * np.pi * f * t
    waves = (np.cos(angle), np.sin(angle), np.cos(2.0 * angle), np.sin(2.0 * angle))
    return np.stack(waves, axis=1)
