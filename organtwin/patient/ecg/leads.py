"""Leads on one clock, and the algebra that binds the limb leads.

Equations (Einthoven 1913; Goldberger 1942), exact because the six limb leads are differences of
three electrode potentials [V]:

    III = II - I,  aVR = -(I + II)/2,  aVL = I - II/2,  aVF = II - I/2

So any two of the six give the other four. A chest lead follows from nothing and is never derived.

Assumptions: leads were recorded at the same time where both have samples; derived leads carry NaN
where either parent does. Tests: tests/patient/ecg/test_leads.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from organtwin.arrays import BoolArray, FloatArray
from organtwin.errors import RecordError
from organtwin.patient.channels import ECG_LEADS, FURTHER_ECG_LEADS
from organtwin.patient.waveform import Waveform

RATE = 1000.0
"""[Hz] Of every lead set: a millisecond is the unit in which intervals are read."""
_TOGETHER = 3.0
"""[s] The least in which beats can be found."""
LIMB = {
    "I": (1.0, 0.0),
    "II": (0.0, 1.0),
    "III": (-1.0, 1.0),
    "aVR": (-0.5, -0.5),
    "aVL": (1.0, -0.5),
    "aVF": (-0.5, 1.0),
}
"""Each limb lead as a sum of I and II."""
ORDER = (*ECG_LEADS, *FURTHER_ECG_LEADS)


@dataclass(frozen=True, eq=False, slots=True)
class LeadSet:
    """``values`` ``(n_leads, n)`` [V] at ``times`` ``(n,)`` [s], ``RATE`` samples per second.

    NaN where a lead has no sample. ``derived`` names the leads that follow from others, with how.
    """

    names: tuple[str, ...]
    times: FloatArray
    values: FloatArray
    source: str
    derived: Mapping[str, str]

    def lead(self, name: str) -> FloatArray:
        """``(n,)`` [V]."""
        found: FloatArray = self.values[self.names.index(name)]
        return found

    @property
    def missing(self) -> BoolArray:
        """``(n_leads, n)``."""
        return np.isnan(self.values)


@dataclass(frozen=True, slots=True)
class Identity:
    """How well a limb lead equals what I and II make of it."""

    lead: str
    residual: float
    """[V] root mean square of the difference."""
    size: float
    """[V] root mean square of the lead itself."""

    @property
    def holds(self) -> bool:
        return self.residual <= max(IDENTITY_FLOOR, IDENTITY_SHARE * self.size)


IDENTITY_FLOOR = 15e-6
"""[V] Rounding of three leads to 5 uV each, and time skew of a multiplexer on a steep QRS."""
IDENTITY_SHARE = 0.1
"""A lead of another electrode differs by its whole size; see tests/patient/ecg/test_leads.py."""


def lead_set(waveforms: Mapping[str, Waveform], names: tuple[str, ...]) -> LeadSet:
    """The leads ``names`` on one clock of 1 kHz.

    Raises
    ------
    RecordError
        None of ``names`` is there, or they were recorded one after the other.
    """
    held = [waveforms[name] for name in ORDER if name in names and name in waveforms]
    if not held:
        source = next(iter(waveforms.values())).source if waveforms else "recording"
        raise RecordError(
            source, "ECG leads", expected="a usable lead", got="none",
            remedy="Supply a recording with a lead that is neither flat nor clipped.",
        )  # fmt: skip
    start = min(float(wave.times[0]) for wave in held)
    end = max(float(wave.times[-1]) for wave in held)
    times: FloatArray = start + np.arange(int((end - start) * RATE + 1e-6) + 1) / RATE
    together = min(float(w.times[-1]) for w in held) - max(float(w.times[0]) for w in held)
    if together < _TOGETHER:
        raise RecordError(
            held[0].source, "ECG leads", expected=f"leads recorded together for {_TOGETHER:g} s",
            got=f"{max(together, 0.0):.2g} s: they were recorded one after the other",
            remedy="List leads that were recorded together under `leads`.",
        )  # fmt: skip
    values = np.stack([_on_clock(wave, times) for wave in held])
    return LeadSet(tuple(wave.name for wave in held), times, values, held[0].source, {})


def _on_clock(wave: Waveform, times: FloatArray) -> FloatArray:
    """A lead at ``times``; NaN outside of it and beside its own missing samples."""
    present = ~np.isnan(wave.values)
    result: FloatArray = np.full(len(times), np.nan)
    if present.sum() < 4:
        return result
    spline = CubicSpline(wave.times[present], wave.values[present])
    half = 0.5 / wave.sampling_rate
    inside = (times >= wave.times[0] - half) & (times <= wave.times[-1] + half)
    nearest = np.clip(
        np.round((times - wave.times[0]) * wave.sampling_rate).astype(int), 0, len(present) - 1
    )
    kept = inside & present[nearest]
    result[kept] = spline(times[kept])
    return result


def identities(leads: LeadSet) -> tuple[Identity, ...]:
    """For each recorded limb lead beyond the first two: its agreement with Einthoven's algebra.

    The reference pair is I and II where recorded; nothing is returned with fewer than three.
    """
    recorded = [name for name in LIMB if name in leads.names and name not in leads.derived]
    if len(recorded) < 3:
        return ()
    pair = (recorded[0], recorded[1])
    found = []
    for name in recorded[2:]:
        expected = _combination(leads, pair, name)
        lead = leads.lead(name)
        both = ~np.isnan(lead) & ~np.isnan(expected)
        if both.any():
            centred = lead[both] - np.median(lead[both])
            residual = (lead - expected)[both]
            found.append(Identity(name, _rms(residual - np.median(residual)), _rms(centred)))
    return tuple(found)


def with_derived(leads: LeadSet) -> LeadSet:
    """Missing limb leads added where two recorded ones give them exactly; never a chest lead."""
    recorded = [name for name in LIMB if name in leads.names]
    absent = [name for name in LIMB if name not in leads.names]
    if len(recorded) < 2 or not absent:
        return leads
    pair = (recorded[0], recorded[1])
    added = {name: _combination(leads, pair, name) for name in absent}
    values = dict(zip(leads.names, leads.values, strict=True)) | added
    names = tuple(name for name in ORDER if name in values)
    how = f"from {pair[0]} and {pair[1]} by Einthoven's law"
    return LeadSet(
        names, leads.times, np.stack([values[name] for name in names]), leads.source,
        dict(leads.derived) | dict.fromkeys(added, how),
    )  # fmt: skip


def _combination(leads: LeadSet, pair: tuple[str, str], name: str) -> FloatArray:
    """Lead ``name`` from the two of ``pair``; two different limb leads are always independent."""
    weights = np.linalg.solve(np.array([LIMB[pair[0]], LIMB[pair[1]]]).T, np.array(LIMB[name]))
    combined: FloatArray = weights[0] * leads.lead(pair[0]) + weights[1] * leads.lead(pair[1])
    return combined


def _rms(values: FloatArray) -> float:
    return float(np.sqrt(np.mean(values**2)))
