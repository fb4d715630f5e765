"""Where QRS complexes lie in one lead: the detector and the rules that its callers share.

The detector is XQRS of the wfdb package (a Pan-Tompkins kin).
"""

from collections.abc import Iterable

import numpy as np

from organtwin.arrays import BoolArray, FloatArray
from organtwin.patient.readers.wfdb_library import wfdb_module

RANGE_PERCENTILES = (0.5, 99.5)
FLAT = 5e-5
"""[V] 0.05 mV between these percentiles: half a millimetre on paper is no QRS."""
NEAR = 0.06
"""[s] Half width of the search for the peak, and of the margin kept from gaps."""
DETECTOR_RANGE = 2.0
"""[mV] Each lead is scaled to this range for the detector, whose starting thresholds suit tall
QRS complexes: at the recorded scale it found 496 of 1150 beats of a small monitor lead (MIMIC
record 03700181), scaled all of them; in record 100 of MIT-BIH 2273 of 2273 either way."""


def complexes(samples: FloatArray, rate: float, signal_range: float) -> FloatArray:
    """Samples near which XQRS finds a QRS complex; ``samples`` have no gaps.

    ``signal_range`` is that between ``RANGE_PERCENTILES``.
    """
    scaled = samples * (DETECTOR_RANGE / signal_range)
    detector = wfdb_module("wfdb.processing").XQRS(sig=scaled, fs=rate)
    detector.detect(verbose=False)
    return np.asarray(detector.qrs_inds)


def bridged(values: FloatArray, missing: BoolArray) -> FloatArray:
    """``values`` with gaps filled by straight lines, for filters only."""
    if not missing.any():
        return values
    present = np.flatnonzero(~missing)
    return np.interp(np.arange(len(values)), present, values[present])


def largest_excursions(samples: FloatArray, peaks: Iterable[int], reach: int) -> list[int]:
    """Each peak moved to the largest excursion from the local median nearby.

    The detector alone jumps between the humps of a split complex, which looks like irregularity.
    """
    refined = []
    for peak in peaks:
        start = max(0, int(peak) - reach)
        near = samples[start : peak + reach + 1]
        refined.append(start + int(np.argmax(np.abs(near - np.median(near)))))
    return sorted(set(refined))
