"""Following a patient beat by beat: an ensemble filter on parameters and on the blood's places.

Every member is a heart that fits the patient (``ensemble``). For each beat of the patient,

    1. parameters drift:     x <- x + q w,                 w ~ N(0, 1), logarithms of factors
    2. every heart beats once, as long as the patient's RR interval, from where it stands
    3. what was measured pulls parameters and volumes: for each scalar y with error r in turn,
           v = var(h),  h <- mean + sqrt(r/(v + r)) (h - mean) + v/(v + r) (y - mean)
           z <- z + cov(z, h)/v (increment of h)

h is the measured quantity in the members, z parameters, logarithms of the eight volumes and the
quantities still to come: the ensemble adjustment filter (Anderson 2003 Mon Weather Rev 131:634).
Two things belong to the measurement and not to the heart, and are followed with it: an arterial
line far from the heart shows a larger pulse than the aorta (a factor), and every transducer hangs
too high or too low, and every place has a pulse of its own shape (an offset for each name). Without
the offsets a constant misfit would drag the heart along: measured on a recorded operation.

A value further from the expected than ``GATE`` standard deviations is left out, as artefacts are;
when it stays there for ``PERSISTING`` beats it is believed, and parameters may drift faster.
Verified on planted changes in tests/assimilation/test_following.py; scripts/measure_following.py
measures it on a recorded operation and names the causes of falls in pressure.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from organtwin.arrays import BoolArray, FloatArray
from organtwin.errors import OrganTwinError, ParameterError
from organtwin.physiology.heart import HeartState
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.quick_beats import quick_beat
from organtwin.units import MMHG

GATE = 5.0
PERSISTING = 4
HURRY = 3.0
"""Factor on the drift while a value that was left out persists, or the expected lags behind."""
TRENDING, _SMOOTH = 1.5, 0.3
"""Mean of the last few innovations of one value beyond which the expected lags behind."""
OFFSET_SD, OFFSET_DRIFT = 2.5 * MMHG, 0.01 * MMHG
"""[Pa] Spread of the offsets at the start, of which a transducer 2.7 cm too high makes 2 mmHg, and
per beat; assumed."""
LARGEST_MOVE, N_VOLUMES = 0.1, 8
_WORKERS = 2


_SHOWN = (
    "aortic_systolic", "diastolic_pressure", "cardiac_output", "lv_edv", "lv_esv", "ra_pressure",
    "pa_mean", "pcwp",
)  # fmt: skip
"""What the heart that stands for all is in the middle of."""


class FollowingError(OrganTwinError):
    """The ensemble cannot follow any further; fit the twin anew."""


@dataclass(frozen=True, slots=True)
class Drift:
    """A followed parameter: a factor on ``parameters``, its logarithm moving by ``per_beat``.

    ``reach`` bounds the logarithm from where following began.
    """

    name: str
    label: str
    parameters: tuple[str, ...]
    per_beat: float
    reach: float


FOLLOWED: tuple[Drift, ...] = (
    Drift(
        "contractility", "Contractility",
        tuple(f"{wall}_active_stress" for wall in ("la", "ra", "lv", "septum", "rv")), 0.010, 1.2,
    ),
    Drift("systemic_tone", "Systemic resistance", ("systemic_resistance",), 0.015, 1.5),
    Drift("volume", "Filling volume", ("blood_volume",), 0.006, 0.6),
    Drift("pulmonary_tone", "Pulmonary resistance", ("pulmonary_resistance",), 0.010, 1.2),
    Drift(
        "compliance", "Arterial stiffness", ("systemic_artery_stiffness_exponent",), 0.0003, 0.6,
    ),
)  # fmt: skip
"""Steps are chosen so that a fall of pressure by a fifth is explained within 15 beats, and
breathing is not (scripts/measure_following.py)."""
AMPLIFICATION_SD, AMPLIFICATION_DRIFT = 0.12, 0.0002
"""Logarithm of peripheral over aortic pulse pressure: spread at first, and per beat; assumed."""

OBSERVED: Mapping[str, float] = MappingProxyType({
    "systolic_pressure": 4.0 * MMHG, "diastolic_pressure": 2.5 * MMHG,
    "mean_arterial_pressure": 2.5 * MMHG, "ra_pressure": 1.5 * MMHG,
    "pa_systolic": 3.0 * MMHG, "pa_diastolic": 2.0 * MMHG, "pa_mean": 2.0 * MMHG,
})  # fmt: skip
"""What a beat may bring, with the error of one beat [Pa]; breathing moves pressures by about that
much (``scripts/measure_following.py``)."""


@dataclass(frozen=True, slots=True)
class PatientBeat:
    """One beat of the patient: ``time`` [s] of its R peak, ``interval`` [s] to the next.

    ``values`` SI by the names of ``OBSERVED``; ``sds`` replace its errors where they are known.
    """

    time: float
    interval: float
    values: Mapping[str, float]
    sds: Mapping[str, float] = field(default_factory=dict)

    def error(self, name: str) -> float:
        """Standard deviation of a value."""
        return self.sds.get(name, OBSERVED[name])


@dataclass(frozen=True, eq=False, slots=True)
class Followed:
    """The twin after a beat.

    ``measured`` are the values of the beat, SI by name;
    ``factors`` ``(n_members, n_followed)`` logarithms since following began; ``quantities``
    ``(n_members,)`` by name of the beat before it was pulled; ``innovations`` by measured name:
    measured less expected over their common standard deviation; ``left_out`` names values that were
    not believed; ``lost`` counts members that died and were replaced.
    """

    time: float
    interval: float
    measured: Mapping[str, float]
    factors: FloatArray
    quantities: Mapping[str, FloatArray]
    innovations: Mapping[str, float]
    left_out: tuple[str, ...]
    lost: int

    def factor(self, name: str) -> FloatArray:
        """Logarithms ``(n_members,)`` of a followed parameter."""
        return self.factors[:, [drift.name for drift in FOLLOWED].index(name)]


class BeatFilter:
    """The members and where each stands; changed by every beat.

    Raises
    ------
    FollowingError
        Fewer than two members.
    """

    def __init__(
        self,
        members: Sequence[tuple[Conditions, HeartState]],
        *,
        seed: int = 0,
        followed: Sequence[Drift] = FOLLOWED,
    ) -> None:
        if len(members) < 2:
            raise FollowingError(f"an ensemble needs two hearts or more, got {len(members)}")
        self._pool = ThreadPoolExecutor(_WORKERS)
        self._followed = tuple(followed)
        self._base = [conditions for conditions, _ in members]
        self._states = [state for _, state in members]
        self._factors = np.zeros((len(members), len(self._followed)))
        self._random = np.random.default_rng(seed)
        self._amplified = AMPLIFICATION_SD * self._random.standard_normal(len(members))
        self._offsets = OFFSET_SD * self._random.standard_normal((len(OBSERVED), len(members)))
        self._shown: int | None = None
        self._beaten: Mapping[str, FloatArray] = {}
        """Quantities of the last beat."""
        self._absurd: dict[str, int] = {}
        self._trend: dict[str, float] = {}

    def follow(self, beat: PatientBeat) -> Followed:
        """Let every member beat as long as the patient did, and pull it towards the measured."""
        self._drift()
        rows, alive = self._beat(beat.interval)
        lost = self._revive(rows, alive)
        quantities = self._quantities(rows)
        self._beaten = quantities
        innovations, believed = self._judge(beat, quantities)
        self._pull(beat, quantities, believed)
        left_out = tuple(name for name in beat.values if name not in believed)
        return Followed(
            beat.time,
            beat.interval,
            beat.values,
            self._factors.copy(),
            quantities,
            innovations,
            left_out,
            lost,
        )

    def middle(self) -> tuple[Conditions, HeartState] | None:
        """Conditions and state of a member whose beat was in the middle of all.

        The same as before while it stays there, or the drawn heart would jump.
        """
        rows = np.array([self._beaten[name] for name in _SHOWN if name in self._beaten])
        if not rows.size:
            return None
        spread = np.maximum(rows.std(axis=1, keepdims=True), 1e-12)
        away = np.abs((rows - np.median(rows, axis=1, keepdims=True)) / spread).sum(axis=0)
        near = away <= max(float(np.median(away)), 1e-12)
        keep = [self._shown] if self._shown is not None and near[self._shown] else []
        for index in (*keep, *np.argsort(away)):
            with suppress(ParameterError):
                found = self._conditions(int(index)), self._states[index]
                self._shown = int(index)
                return found
        return None

    def hearts(self, count: int | None = None) -> tuple[tuple[Conditions, HeartState], ...]:
        """Conditions and state of all members now, or of ``count`` spread among them."""
        step = 1 if count is None else max(len(self._base) // count, 1)
        found = []
        for index in range(0, len(self._base), step)[:count]:
            # One that was pulled out of the model's range is replaced at the next beat.
            with suppress(ParameterError):
                found.append((self._conditions(index), self._states[index]))
        return tuple(found)

    def _drift(self) -> None:
        persisting = any(n >= PERSISTING for n in self._absurd.values())
        trending = any(abs(trend) > TRENDING for trend in self._trend.values())
        hurry = HURRY if persisting or trending else 1.0
        steps = hurry * np.array([drift.per_beat for drift in self._followed])
        reach = np.array([drift.reach for drift in self._followed])
        self._factors += steps * self._random.standard_normal(self._factors.shape)
        np.clip(self._factors, -reach, reach, out=self._factors)
        self._amplified += AMPLIFICATION_DRIFT * self._random.standard_normal(len(self._amplified))
        self._offsets += OFFSET_DRIFT * self._random.standard_normal(self._offsets.shape)

    def _conditions(self, index: int) -> Conditions:
        return drifted(self._base[index], self._followed, self._factors[index])

    def _beat(self, interval: float) -> tuple[list[Mapping[str, float]], BoolArray]:
        rows: list[Mapping[str, float]] = [{} for _ in self._base]

        def some(first: int) -> None:
            for index in range(first, len(rows), _WORKERS):
                with suppress(ParameterError):
                    answer = quick_beat(self._conditions(index), self._states[index], interval)
                    if answer is not None:
                        rows[index], self._states[index] = answer

        list(self._pool.map(some, range(_WORKERS)))
        return rows, np.array([bool(row) for row in rows])

    def _revive(self, rows: list[Mapping[str, float]], alive: BoolArray) -> int:
        """Members that died become copies of living ones; the drift parts them again."""
        living = np.flatnonzero(alive)
        if not len(living):
            raise FollowingError("no heart of the ensemble survives this beat")
        for index in np.flatnonzero(~alive):
            other = int(self._random.choice(living))
            self._base[index], self._states[index] = self._base[other], self._states[other]
            self._factors[index], rows[index] = self._factors[other], rows[other]
            self._amplified[index] = self._amplified[other]
            self._offsets[:, index] = self._offsets[:, other]
        return int((~alive).sum())

    def _judge(
        self, beat: PatientBeat, quantities: Mapping[str, FloatArray]
    ) -> tuple[dict[str, float], frozenset[str]]:
        """How far each value is from the expected, and which are believed."""
        innovations: dict[str, float] = {}
        believed = set()
        for name, value in beat.values.items():
            if not np.isfinite(value):
                continue
            expected = quantities[name]
            spread = float(np.hypot(expected.std(ddof=1), beat.error(name)))
            innovations[name] = z = float((value - expected.mean()) / spread)
            before = self._trend.get(name, 0.0)
            self._trend[name] = (1.0 - _SMOOTH) * before + _SMOOTH * min(max(z, -GATE), GATE)
            if abs(innovations[name]) <= GATE:
                self._absurd.pop(name, None)
                believed.add(name)
                continue
            self._absurd[name] = self._absurd.get(name, 0) + 1
            if self._absurd[name] >= PERSISTING:
                believed.add(name)
        return innovations, frozenset(believed)

    def _pull(
        self, beat: PatientBeat, quantities: Mapping[str, FloatArray], believed: frozenset[str]
    ) -> None:
        names = [name for name in beat.values if name in believed]
        if not names:
            return
        expected = np.array([quantities[name] for name in names])
        volumes = np.log([state.volumes for state in self._states]).T
        sensors = np.concatenate([self._amplified[np.newaxis], self._offsets])
        rows = np.concatenate([expected, self._factors.T, sensors, volumes])
        for index, name in enumerate(names):
            adjust(rows, index, beat.values[name], beat.error(name))
        n, m = len(names), len(self._followed)
        reach = np.array([drift.reach for drift in self._followed])
        self._factors = np.clip(rows[n : n + m].T, -reach, reach)
        self._amplified, self._offsets = rows[n + m].copy(), rows[n + m + 1 : -N_VOLUMES].copy()
        # One beat moves no more than a tenth of what a compartment holds.
        moved = np.clip(rows[-N_VOLUMES:] - volumes, -LARGEST_MOVE, LARGEST_MOVE)
        self._states = [
            replace(state, volumes=state.volumes * np.exp(move))
            for state, move in zip(self._states, moved.T, strict=True)
        ]

    def _quantities(self, rows: list[Mapping[str, float]]) -> dict[str, FloatArray]:
        found = {name: np.array([row[name] for row in rows]) for name in rows[0]}
        aortic, low = found["systolic_pressure"], found["diastolic_pressure"]
        found["aortic_systolic"] = aortic
        found["systolic_pressure"] = low + np.exp(self._amplified) * (aortic - low)
        for name, offsets in zip(OBSERVED, self._offsets, strict=True):
            found[name] = found[name] + offsets
        return found


def drifted(base: Conditions, followed: Sequence[Drift], logs: FloatArray) -> Conditions:
    """Conditions with followed parameters moved by logarithms ``(n_followed,)``.

    Raises
    ------
    ParameterError
        A parameter leaves the range of the model.
    """
    factors: dict[str, float] = {}
    for drift, log in zip(followed, logs, strict=True):
        factors |= dict.fromkeys(drift.parameters, float(np.exp(log)))
    return base.scaled(**factors)


def adjust(rows: FloatArray, index: int, value: float, error: float) -> None:
    """Pull all ``rows`` ``(n_rows, n_members)`` by a measurement of row ``index``, in place."""
    own = rows[index].copy()
    mean, variance = float(own.mean()), float(own.var(ddof=1))
    if variance <= 0.0:
        return
    share = variance / (variance + error**2)
    target = mean + share * (value - mean) + np.sqrt(1.0 - share) * (own - mean)
    deviations = rows - rows.mean(axis=1, keepdims=True)
    slopes = deviations @ (own - mean) / ((len(own) - 1) * variance)
    rows += np.outer(slopes, target - own)
