"""What a live source delivers: chunks of evenly sampled channels, and single numbers.

Source time is the clock of the device, in seconds from a moment of its own choosing; only
differences within one ``epoch`` mean anything. Arrival is the monotonic clock of this computer.
How the two belong together is estimated by ``link.clock``.
"""

import math
from dataclasses import dataclass

from organtwin.arrays import FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Samples:
    """One chunk of one or more channels that share a rate.

    ``values`` is ``(n_channels, n)`` in SI, NaN where the source marks a sample as missing.
    ``sequence`` counts the chunks of one source in the order they were made. ``epoch`` counts its
    restarts (a reconnection, a jump of a replay): time goes on only within one of them.
    """

    source: str
    channels: tuple[str, ...]
    values: FloatArray
    start: float
    """[s] Source time of the first sample."""
    rate: float
    """[Hz]."""
    arrival: float
    """[s] Monotonic time of this computer when the last sample had come."""
    sequence: int
    epoch: int = 0

    def __post_init__(self) -> None:
        rows, count = self.values.shape
        if rows != len(self.channels) or not count or len(set(self.channels)) != rows:
            raise ValueError(f"{self.channels} with values of shape {self.values.shape}")
        if not (math.isfinite(self.start) and 0.0 < self.rate < math.inf):
            raise ValueError(f"start {self.start} s, rate {self.rate} Hz")

    @property
    def count(self) -> int:
        """Samples of each channel."""
        return int(self.values.shape[1])

    @property
    def end(self) -> float:
        """[s] Source time at which the next chunk should begin."""
        return self.start + self.count / self.rate


@dataclass(frozen=True, eq=False, slots=True)
class Numbers:
    """Quantities that a source measured at one moment; ``values`` and ``sds`` ``(n,)`` are SI."""

    source: str
    names: tuple[str, ...]
    """Of ``quantities``."""
    values: FloatArray
    sds: FloatArray
    time: float
    """[s] Source time of the measurement."""
    arrival: float
    """[s] Monotonic time of this computer."""
    sequence: int
    epoch: int = 0

    def __post_init__(self) -> None:
        if not (len(self.names),) == self.values.shape == self.sds.shape:
            raise ValueError(f"{self.names} with values of shape {self.values.shape}")
