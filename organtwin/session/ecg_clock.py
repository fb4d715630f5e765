"""Where the cursor stands in the patient's own ECG while the model's heart beats."""

from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class EcgClock:
    """Maps beat number and phase to a time of the recording.

    The model's R peak is laid on each recorded R peak in turn, and phase runs linearly from one
    to the next; so recorded irregularity shows as an irregular pace of the cursor.

    Parameters
    ----------
    r_peaks
        Times of the recorded R peaks, ``(n,)`` [s], n >= 2.
    r_phase
        Phase of the model's beat at which its ventricles are excited.
    """

    r_peaks: FloatArray
    r_phase: float

    def time(self, beat: int, phase: float) -> float:
        """[s] from the start of the recording; starts anew after the last complete beat."""
        # One beat on, so that the first beat lies between the first two peaks.
        cycle = (beat + 1 + phase - self.r_phase) % (len(self.r_peaks) - 1)
        return float(np.interp(cycle, np.arange(len(self.r_peaks)), self.r_peaks))
