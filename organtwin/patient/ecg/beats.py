"""Beats: aligned, told apart by shape, and averaged.

1. Each R peak is moved, over all leads together, to where the complex fits the template best
   (greatest normalised correlation, within ``_SHIFT``; a parabola gives the fraction of a sample).
2. Beats that correlate by ``ALIKE`` and more form a class, the largest is the dominant one.
3. Of the dominant class, beats that come early in a regular rhythm, that are cut off or hold gaps,
   and that differ far more than the others from the average are left out, each with its reason.
4. The average is, sample by sample, the mean of the beats within three robust standard deviations
   of their median; samples that belong to a neighbouring complex do not count.

Noise [V] of the average in a lead: standard deviation of the beats around it, between the
complexes of the beat, over the root of their number. Symbols: times [s], values [V].
Tests: tests/patient/ecg/test_beats.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from organtwin.arrays import BoolArray, FloatArray
from organtwin.patient.ecg.leads import RATE, LeadSet

ALIKE = 0.9
"""Correlation over all leads. Ventricular extrasystoles of the public sets stay below 0.8."""
PREMATURE = 0.8
"""Of the median RR interval: P and T of such a beat lie elsewhere."""
_HALF = 0.1
"""[s] Half width of the complex that is compared."""
_SHIFT = 0.04
"""[s]."""
_OUTLYING = 3.0
"""Times the median difference from the average."""
_BEFORE, _AFTER = 0.50, 0.80
"""[s] Longest stretch of the averaged beat on either side."""
_NEXT = 0.10
"""[s] Before the neighbouring peak its complex begins."""


@dataclass(frozen=True, slots=True)
class Beat:
    """One complex: ``time`` [s] of alignment, ``kind`` 0 for the dominant shape, then by number.

    ``since`` [s] is the interval from the complex before it, NaN for the first. ``reason`` says why
    the beat is not in the average; empty where it is.
    """

    time: float
    since: float
    kind: int
    correlation: float
    reason: str = ""

    @property
    def used(self) -> bool:
        return not self.reason


@dataclass(frozen=True, eq=False, slots=True)
class AveragedBeat:
    """``values`` ``(n_leads, n)`` [V] at ``times`` ``(n,)`` [s] from the point of alignment."""

    names: tuple[str, ...]
    times: FloatArray
    values: FloatArray
    noise: FloatArray
    """``(n_leads,)`` [V] standard deviation of the average."""
    beat_noise: FloatArray
    """``(n_leads,)`` [V] of a single beat around the average."""
    n_beats: int

    def lead(self, name: str) -> FloatArray:
        """``(n,)`` [V]."""
        found: FloatArray = self.values[self.names.index(name)]
        return found


def aligned_beats(values: FloatArray, times: FloatArray, peaks: FloatArray) -> tuple[Beat, ...]:
    """Beats of leads ``(n_leads, n)`` without gaps at rough ``peaks`` ``(k,)`` [s]."""
    places = np.round((peaks - times[0]) * RATE).astype(int)
    reach, shift = round(_HALF * RATE), round(_SHIFT * RATE)
    inside = (places >= reach + shift) & (places < values.shape[1] - reach - shift)
    kinds, fits = np.full(len(peaks), -1), np.zeros(len(peaks))
    exact = (peaks - times[0]) * RATE
    kind = 0
    remaining = inside.copy()
    while remaining.any():
        members = _class(values, places, remaining, exact=exact, fits=fits)
        kinds[members] = kind
        remaining &= ~members
        kind += 1
    when = times[0] + exact / RATE
    since = np.concatenate(([np.nan], np.diff(when)))
    return tuple(
        Beat(float(w), float(s), int(k), float(f), "" if i else "is cut off by the recording's end")
        for w, s, k, f, i in zip(when, since, kinds, fits, inside, strict=True)
    )


def _class(
    values: FloatArray, places: FloatArray, among: BoolArray, *, exact: FloatArray, fits: FloatArray
) -> BoolArray:
    """The largest class of ``among``; writes where its beats lie and how well they fit."""
    reach, shift = round(_HALF * RATE), round(_SHIFT * RATE)
    chosen = np.flatnonzero(among)
    pieces = np.stack([_piece(values, places[k], reach) for k in chosen])
    likeness = pieces @ pieces.T
    template = pieces[int(np.argmax((likeness > ALIKE).sum(axis=1) + likeness.mean(axis=1)))]
    members = np.zeros(len(places), dtype=bool)
    for _ in range(2):
        members[:] = False
        aligned = []
        for k in chosen:
            place, fit = _best_fit(values, int(places[k]), template, (reach, shift))
            if fit >= ALIKE:
                members[k], exact[k], fits[k] = True, place, fit
                aligned.append(_piece(values, round(place), reach))
        if not aligned:
            break
        template = np.median(np.stack(aligned), axis=0)
        template /= max(float(np.linalg.norm(template)), 1e-300)
    if not members.any():
        members[chosen[0]], fits[chosen[0]] = True, 1.0
    return members


def _piece(values: FloatArray, place: int, reach: int) -> FloatArray:
    """All leads around ``place`` in one row, centred lead by lead, of length one."""
    piece = values[:, place - reach : place + reach]
    flat: FloatArray = (piece - piece.mean(axis=1, keepdims=True)).ravel()
    return flat / max(float(np.linalg.norm(flat)), 1e-300)


def _best_fit(
    values: FloatArray, place: int, template: FloatArray, widths: tuple[int, int]
) -> tuple[float, float]:
    """Place to a fraction of a sample, and the correlation there."""
    reach, shift = widths
    lags = np.arange(-shift, shift + 1)
    fits = np.array([_piece(values, place + int(lag), reach) @ template for lag in lags])
    best = int(np.argmax(fits))
    offset = 0.0
    if 0 < best < len(lags) - 1:
        before, top, after = fits[best - 1 : best + 2]
        bend = before - 2.0 * top + after
        offset = float(0.5 * (before - after) / bend) if bend < 0.0 else 0.0
    return place + float(lags[best]) + offset, float(fits[best])


def chosen_beats(beats: Sequence[Beat], leads: LeadSet, *, regular: bool) -> tuple[Beat, ...]:
    """The beats with the reason why each stays out of the average, if it does."""
    ordinary = [beat.since for beat in beats if beat.kind == 0 and np.isfinite(beat.since)]
    typical = float(np.median(ordinary)) if ordinary else np.nan
    gaps = np.asarray(leads.missing.any(axis=0))
    judged = []
    for beat in beats:
        place = round((beat.time - leads.times[0]) * RATE)
        beside = bool(np.any(gaps[max(0, place - 300) : place + 400]))
        if beat.reason:
            reason = beat.reason
        elif beat.kind != 0:
            reason = f"has another shape (kind {beat.kind})"
        elif regular and beat.since < PREMATURE * typical:
            reason = f"comes early ({1e3 * beat.since:.0f} of {1e3 * typical:.0f} ms)"
        else:
            reason = "lies beside a gap" if beside else ""
        judged.append(Beat(beat.time, beat.since, beat.kind, beat.correlation, reason))
    return tuple(judged)


def averaged(
    leads: LeadSet, values: FloatArray, beats: Sequence[Beat]
) -> tuple[AveragedBeat, tuple[Beat, ...]]:
    """The averaged beat of ``values`` ``(n_leads, n)``, and the beats with the outlying ones told.

    At least one beat must be used.
    """
    window = _window(beats)
    cut = np.stack(_cut(leads, values, beats, window))
    used = [k for k, beat in enumerate(beats) if beat.used]
    distance = _distance(cut[used], window)
    far = distance > _OUTLYING * np.median(distance)
    judged = list(beats)
    if len(used) - far.sum() >= 3:
        for k in np.array(used)[far]:
            b = beats[k]
            judged[k] = Beat(b.time, b.since, b.kind, b.correlation, "is disturbed")
        used = [k for k, beat in enumerate(judged) if beat.used]
    kept = cut[used]
    mean = _mean(kept)
    spread = np.nanmedian(np.abs(kept - mean), axis=2) * 1.4826
    single = np.sqrt(np.nanmean(spread**2, axis=0)) * np.sqrt(len(used) / max(len(used) - 1.0, 1.0))
    whole = AveragedBeat(leads.names, window, mean, single / np.sqrt(len(used)), single, len(used))
    return whole, tuple(judged)


def _window(beats: Sequence[Beat]) -> FloatArray:
    intervals = [beat.since for beat in beats if np.isfinite(beat.since)]
    typical = float(np.median(intervals)) if intervals else 1.0
    before = min(_BEFORE, 0.55 * typical)
    after = min(_AFTER, typical - 0.12)
    return np.arange(-round(before * RATE), round(after * RATE) + 1) / RATE


def _cut(
    leads: LeadSet, values: FloatArray, beats: Sequence[Beat], window: FloatArray
) -> list[FloatArray]:
    """Each beat ``(n_leads, n)``, NaN beyond the recording and where a neighbour's complex is."""
    spline = CubicSpline(leads.times, values, axis=1)
    pieces = []
    for k, beat in enumerate(beats):
        piece = spline(beat.time + window)
        outside = (beat.time + window < leads.times[0]) | (beat.time + window > leads.times[-1])
        if k + 1 < len(beats):
            outside |= window > beats[k + 1].time - beat.time - _NEXT
        if k > 0:
            outside |= window < beats[k - 1].time - beat.time + _NEXT
        piece[:, outside] = np.nan
        pieces.append(piece)
    return pieces


def _distance(cut: FloatArray, window: FloatArray) -> FloatArray:
    """``(k,)`` [V] difference of each beat from the median one around the complex, all leads."""
    near = np.abs(window) < 0.2
    piece = cut[:, :, near]
    difference = piece - np.nanmedian(piece, axis=0)
    return np.asarray(np.sqrt(np.nanmean(difference**2, axis=(1, 2))))


def _mean(cut: FloatArray) -> FloatArray:
    """Mean over beats ``(k, n_leads, n)`` of what lies within three robust deviations."""
    present = ~np.isnan(cut)
    # A sample that no beat has keeps zero weight and becomes the nearest level below.
    middle = _median(cut)
    difference = np.abs(cut - middle)
    scale = _median(difference) * 1.4826
    weight = present & (difference <= 3.0 * scale + 1e-9)
    total = np.where(weight, cut, 0.0).sum(axis=0)
    count = weight.sum(axis=0)
    mean = np.where(count > 0, total / np.maximum(count, 1), middle)
    return np.where(np.isnan(mean), 0.0, mean)


def _median(cut: FloatArray) -> FloatArray:
    """Median over the first axis without NaN; NaN where nothing is."""
    filled = np.sort(np.where(np.isnan(cut), np.inf, cut), axis=0)
    count = (~np.isnan(cut)).sum(axis=0)
    low = np.maximum((count - 1) // 2, 0)[None]
    high = np.minimum(count // 2, len(cut) - 1)[None]
    middle = 0.5 * (
        np.take_along_axis(filled, low, axis=0)[0] + np.take_along_axis(filled, high, axis=0)[0]
    )
    return np.where(count > 0, middle, np.nan)
