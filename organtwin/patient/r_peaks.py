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
FEWEST_BEATS = 3
ALIKE = 0.55
"""Half a minute of noise (white, pink, band-limited; 125 to 1000 Hz) reaches 0.52; of 209 leads of
the public sets all but one have 0.62 and more, 95 % have 0.91. That one, 0.47, is lead I of the
paced ventricle LUDB 95. Ten seconds of band-limited noise may pass; then leads disagree."""
SHAPE = 0.1
"""[s] Half width of the beat that is compared."""
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


def likeness(samples: FloatArray, peaks: list[int], reach: int) -> float:
    """How far the beats have a shape in common, up to 1; noise has none.

    The median of their correlations with the median beat, ``reach`` samples to either side
    (Orphanidou et al., IEEE J Biomed Health Inform 2015;19:832-838). 1 where too few can tell.
    """
    inside = [p for p in peaks if reach <= p < len(samples) - reach]
    if len(inside) < FEWEST_BEATS:
        return 1.0
    beats = np.stack([samples[p - reach : p + reach + 1] for p in inside])
    beats -= beats.mean(axis=1, keepdims=True)
    shape = np.median(beats, axis=0)
    norms = np.linalg.norm(beats, axis=1) * np.linalg.norm(shape - shape.mean())
    return float(np.median(beats @ (shape - shape.mean()) / np.maximum(norms, 1e-300)))
