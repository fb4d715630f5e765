"""A signal recorded from the patient."""

from dataclasses import dataclass

from organtwin.arrays import FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Waveform:
    """One channel: ``times`` ``(n,)`` [s] from the start of the recording, ``values`` ``(n,)`` SI.

    ECG channels are in volt and named by lead (``I``, ``aVR``, ``V1``); pressures are in pascal.
    ``gaps`` counts samples that the file itself marks as missing; they are NaN in ``values``.
    """

    name: str
    times: FloatArray
    values: FloatArray
    unit: str
    """The unit on file, before conversion to SI."""
    source: str
    gaps: int = 0

    @property
    def sampling_rate(self) -> float:
        """[Hz]."""
        return (len(self.times) - 1) / float(self.times[-1] - self.times[0])
