"""A map of pacemaker settings: what each does to electrics and pump, which is best, and how surely.

Electrics by superposition (``arrival_fields``), the pump from the untreated beat to its steady
state, acute: without the reflex, unless a therapy of the plan turns it on. Doubt: every setting is
also tried in hearts of the posterior, each with another speed of conduction within the doubt of the
measured QRS. A setting is as good as the best when its loss, in the patient's fitted heart, is less
than what the hearts differ on it (one-sided 95 %) and the noise of the computation, and when it
does as well as the best in at least one of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import hypot
from statistics import NormalDist

import numpy as np

from organtwin.arrays import BoolArray, FloatArray, IntArray
from organtwin.assimilation.calibration import Evaluation
from organtwin.assimilation.simulating import side_by_side
from organtwin.errors import InputError, OrganTwinError
from organtwin.simulation.beat import Beat, Outcome
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions, Excitation
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.simulation.pacing import Mode, Pacemaker
from organtwin.simulation.settling import steady_under
from organtwin.simulation.simulator import Periodicity
from organtwin.therapy.pacing import PACED_AS
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.arrival_fields import ArrivalFields, Excited, arrival_fields
from organtwin.twin.electrics import ElectricAnswer
from organtwin.twin.twin import Twin

PUMPED = ("dp_dt_max", "stroke_volume", "mean_arterial_pressure")
ELECTRIC = ("qrs_duration", "lv_activation_time")
LESS_IS_BETTER = frozenset(ELECTRIC)
RULE = Periodicity(tolerance=1e-4, beat_limit=150)
HEARTS = 16
"""Of the posterior that every setting is tried in."""
NOISE: Mapping[str, float] = {
    "dp_dt_max": 1e-3, "stroke_volume": 1e-3, "mean_arterial_pressure": 1e-3,
    "qrs_duration": 0.01, "lv_activation_time": 0.01,
}  # fmt: skip
"""Shares of the value within which two settings are the same by computation. Measured on
hfref_lbbb: steady beats of the pump differ from those at a tolerance of 1e-6 by at most 0.015 %
(22 settings in 5 hearts); a QRS by superposition and by a direct solution differ by at most 0.8 ms
of 130 to 200, and the activation of the LV as much (tests/twin/test_pacing_map.py)."""
SCREENING, SAFETY = 4, 3.0
"""After so many hearts, settings that lose more than so many times what the hearts differ on are
tried no more: the sd of 4 is less than a third of the true one in 5 % of all samples."""
QRS_DOUBT = 0.05
"""Assumed sd, as a share, of a QRS duration that was measured without one, or not at all."""
LIMIT = NormalDist().inv_cdf(0.95)
SPREAD = PACED_AS[Mode.BIVENTRICULAR].variations[0].sd
"""Sd of the logarithm of how long an electrode takes to excite all muscle, alike for all modes."""


@dataclass(frozen=True, eq=False)
class PacingMap:
    """Values [SI] of every setting, in the order asked.

    ``values`` by name ``(n_settings,)``, NaN where ``refused`` says why by number of setting;
    ``reference`` without the pacemaker. ``members`` ``(n_hearts, n_settings)`` of ``PUMPED`` and
    ``ELECTRIC``, one row per heart of the doubt, NaN where a setting was not tried in it.
    ``captured`` ``(n_settings,)``: see ``Excited``. ``doubted`` says by number why a setting is an
    extrapolation.
    """

    settings: tuple[Pacemaker, ...]
    reference: Mapping[str, float]
    values: Mapping[str, FloatArray]
    captured: FloatArray
    members: Mapping[str, FloatArray] = field(default_factory=dict)
    refused: Mapping[int, str] = field(default_factory=dict)
    doubted: Mapping[int, str] = field(default_factory=dict)

    def gain(self, name: str) -> FloatArray:
        """Change ``(n_settings,)`` as a share of what is without the pacemaker."""
        return self.values[name] / self.reference[name] - 1.0

    def best(self, name: str) -> int:
        """Number of the best setting by one outcome.

        Raises
        ------
        InputError
            No setting gives a steady beat.
        """
        worth = self._worth(self.values[name], name)
        if np.isnan(worth).all():
            raise InputError(
                "pacing map", name, expected="a setting with a steady beat", got="none",
                remedy="Change the delays or the heart rate.",
            )  # fmt: skip
        return int(np.nanargmax(worth))

    def as_good(self, name: str) -> BoolArray:
        """Which settings ``(n_settings,)`` cannot be told from the best, itself among them."""
        loss, limit = self._loss(name)
        return np.asarray((loss <= limit) & self._matched(name))

    def _matched(self, name: str) -> BoolArray:
        """Which settings do as well as the best in at least one heart, up to noise.

        What the hearts differ on alone would not do: where pacing helps one heart by 2 % and the
        next by 14 %, no pacing at all lies within their scatter and is as good in none of them.
        """
        best, worth = self.best(name), self._worth(self.values[name], name)
        noise = NOISE[name] * abs(worth[best])
        matched = worth[best] - worth <= noise
        if name in self.members and len(self.members[name]) > 1:
            found = self._worth(self.members[name], name)
            matched |= (found[:, best, None] - found <= noise).any(axis=0)
        return np.asarray(matched)

    def near_best(self) -> BoolArray:
        """Which settings may still turn out as good as the best by what the pump does."""
        near = np.zeros(len(self.settings), np.bool_)
        for name in PUMPED:
            loss, limit = self._loss(name)
            near |= loss <= SAFETY * limit
        return near

    def _loss(self, name: str) -> tuple[FloatArray, FloatArray]:
        """How much worse than the best each setting is, and how much of that means nothing."""
        best, worth = self.best(name), self._worth(self.values[name], name)
        limit = np.full(len(worth), NOISE[name] * abs(worth[best]))
        if name in self.members and len(self.members[name]) > 1:
            found = self._worth(self.members[name], name)
            apart = found[:, best, None] - found
            known = np.isfinite(apart).sum(axis=0) > 1
            limit[known] += LIMIT * np.nanstd(apart[:, known], axis=0, ddof=1)
        return worth[best] - worth, limit

    @staticmethod
    def _worth(values: FloatArray, name: str) -> FloatArray:
        return -values if name in LESS_IS_BETTER else values


@dataclass(frozen=True, slots=True)
class MapStep:
    """Progress; steps with a map are worth showing, the later the better."""

    fraction: float
    message: str
    found: PacingMap | None = None


@dataclass(frozen=True, eq=False, slots=True)
class _Heart:
    """One heart that settings are tried in: its untreated beat, and how much slower it conducts.

    ``known``: what the pump does by how it is excited. Every VV delay gives the same beat where the
    later lead comes too late to capture anything.
    """

    conditions: Conditions
    beat: Beat
    stretch: float = 1.0
    known: "dict[bytes, _Answer]" = field(default_factory=dict)


_Row = dict[str, float]
_Answer = tuple[_Row | None, str]


def pacing_maps(
    answer: ElectricAnswer, twin: Twin, settings: Sequence[Pacemaker],
    plan: ElectricPlan | None = None, therapies: TherapyPlan | None = None, *,
    hearts: int = HEARTS, declined: Mapping[int, str] | None = None,
    doubted: Mapping[int, str] | None = None,
) -> Iterator[MapStep]:  # fmt: skip
    """Try every setting; the first map is of the fitted heart alone, the last with its doubt.

    ``plan`` and ``therapies`` are done besides; the plan's own pacemaker does not count. Settings
    that are ``declined``, by number, are not tried; those that are ``doubted`` are marked.

    Raises
    ------
    InputError
        There is no setting, a lead cannot be where it is set, or the heart without the pacemaker
        has no beat.
    """
    if not settings:
        raise InputError(
            "pacing map", "settings", expected="at least one", got="none",
            remedy="Choose what is to be mapped.",
        )  # fmt: skip
    fields: ArrivalFields | None = None
    for step in arrival_fields(answer, plan or ElectricPlan(), (*settings, Pacemaker())):
        fields = step.fields
        yield MapStep(0.25 * step.done, "Solving activation for every lead")
    if fields is None:
        raise RuntimeError("the arrival fields ended without an answer")
    trying = _Trying(fields, tuple(settings), therapies or TherapyPlan(), declined or {})
    for tried in trying.steps(twin, answer, hearts):
        marked = tried.found and replace(tried.found, doubted=doubted or {})
        yield replace(tried, found=marked)


def pacing_map(
    answer: ElectricAnswer, twin: Twin, settings: Sequence[Pacemaker],
    plan: ElectricPlan | None = None, therapies: TherapyPlan | None = None, *,
    hearts: int = HEARTS,
) -> PacingMap:  # fmt: skip
    """The finished map; see ``pacing_maps``."""
    steps = pacing_maps(answer, twin, settings, plan, therapies, hearts=hearts)
    return [step.found for step in steps if step.found][-1]


class _Trying:
    """Settings to be tried in hearts."""

    def __init__(
        self, fields: ArrivalFields, settings: tuple[Pacemaker, ...], therapies: TherapyPlan,
        declined: Mapping[int, str],
    ) -> None:  # fmt: skip
        self._fields, self._settings, self._therapies = fields, settings, therapies
        self._declined = declined
        wanted = [k for k in range(len(settings)) if k not in declined]
        self._wanted = np.array(wanted, dtype=np.int32)

    def steps(self, twin: Twin, answer: ElectricAnswer, hearts: int) -> Iterator[MapStep]:
        own = _Heart(twin.conditions, twin.baseline.beat)
        reference, why = self._try(own, Pacemaker())
        if reference is None:
            raise InputError(
                "pacing map", "without the pacemaker", expected="a steady beat", got=why,
                remedy="Free the conduction, or change the other therapies.",
            )  # fmt: skip
        members = _members(twin, hearts)
        rows: list[_Answer] = [(None, "")] * len(self._settings)
        for place, reason in self._declined.items():
            rows[place] = (None, reason)
        count = len(self._wanted)
        for done, (place, found) in enumerate(self._side_by_side(own, self._wanted), 1):
            rows[place] = found
            share = done / count / (1 + len(members))
            yield MapStep(0.25 + 0.75 * share, f"Setting {done} of {count}")
        first = _mapped(self._settings, reference, rows)
        last = not members or np.isnan(first.values["dp_dt_max"]).all()
        yield MapStep(1.0 if last else 0.3, "Settings mapped", first)
        if not last:
            yield from self._with_doubt(first, members)

    def _with_doubt(self, first: PacingMap, members: Sequence[_Heart]) -> Iterator[MapStep]:
        shape = (len(members), len(self._settings))
        values = {name: np.full(shape, np.nan) for name in (*PUMPED, *ELECTRIC)}
        found = replace(first, members=values)
        tried = self._wanted
        for number, heart in enumerate(members):
            if number == SCREENING:
                tried = np.flatnonzero(found.near_best()).astype(np.int32)
            for done, (place, (row, _)) in enumerate(self._side_by_side(heart, tried), 1):
                for name, value in (row or {}).items():
                    if name in values:
                        values[name][number, place] = value
                share = (1 + number + done / len(tried)) / (1 + len(members))
                yield MapStep(0.25 + 0.75 * share, f"Doubt: heart {number + 1} of {len(members)}")
        yield MapStep(1.0, "Settings mapped, with doubt", found)

    def _side_by_side(self, heart: _Heart, numbers: IntArray) -> Iterator[tuple[int, _Answer]]:
        """Try the settings of some numbers, and tell which gave what."""
        chosen = numbers.tolist()
        asked = [self._settings[k] for k in chosen]
        for place, found in side_by_side(lambda setting: self._try(heart, setting), asked):
            yield chosen[place], found

    def _try(self, heart: _Heart, setting: Pacemaker) -> _Answer:
        """Values of one setting in one heart, or why there are none."""
        try:
            excited = self._fields.excited(setting, heart.stretch)
        except OrganTwinError as error:
            return None, str(error)
        key = _key(excited.excitation)
        if key not in heart.known:
            heart.known[key] = self._pumped(heart, excited)
        pumped, why = heart.known[key]
        return None if pumped is None else {**pumped, **_electric(excited)}, why

    def _pumped(self, heart: _Heart, excited: Excited) -> _Answer:
        """What the pump of one heart does when it is excited so, or why it does nothing."""
        plan = TherapyPlan(self._therapies.therapies, excited.excitation)
        try:
            conditions = plan.apply(heart.conditions)
            solution, conditions = steady_under(conditions, heart.beat, RULE)
        except OrganTwinError as error:
            return None, str(error)
        if solution is None or solution.outcome is not Outcome.STEADY:
            return None, "no beat" if solution is None else solution.outcome.meaning
        numbers = biomarkers(solution.beat, conditions)
        return {name: numbers[name] for name in PUMPED}, ""


def _key(excitation: Excitation) -> bytes:
    return np.append(excitation.activation.delays, excitation.pr_interval).tobytes()


def _electric(excited: Excited) -> _Row:
    return {
        "qrs_duration": excited.qrs_duration,
        "lv_activation_time": excited.lv_activation_time,
        "captured": excited.captured,
    }


def _mapped(
    settings: tuple[Pacemaker, ...], reference: _Row, rows: Sequence[_Answer]
) -> PacingMap:  # fmt: skip
    def column(name: str) -> FloatArray:
        return np.array([np.nan if row is None else row[name] for row, _ in rows])

    return PacingMap(
        settings=settings,
        reference={name: reference[name] for name in (*PUMPED, *ELECTRIC)},
        values={name: column(name) for name in (*PUMPED, *ELECTRIC)},
        captured=column("captured"),
        refused={place: why for place, (row, why) in enumerate(rows) if row is None},
    )


def _members(twin: Twin, count: int) -> tuple[_Heart, ...]:
    """Hearts of the posterior, spread evenly over it, each with a speed of conduction of its own.

    They differ by the doubt of the measured QRS and, as in any prediction of pacing, by how much
    patients differ in how fast the front of an electrode spreads.

    Speeds are at the middles of equal shares of their distribution, in an order that has nothing
    to do with that of the hearts.
    """
    chosen: Sequence[Evaluation] = twin.ensemble
    if len(chosen) > count:
        chosen = [chosen[k] for k in np.linspace(0, len(chosen) - 1, count).astype(int)]
    n = len(chosen)
    sd = hypot(_qrs_doubt(twin), SPREAD)
    levels = [NormalDist().inv_cdf((k + 0.5) / n) for k in range(n)]
    order = np.random.default_rng(0).permutation(n)
    return tuple(
        _Heart(member.conditions, member.solution.beat, float(np.exp(sd * levels[order[k]])))
        for k, member in enumerate(chosen)
    )


def _qrs_doubt(twin: Twin) -> float:
    for measured in twin.record.measurements:
        if measured.name == "qrs_duration" and measured.sd:
            return measured.sd / measured.value
    return QRS_DOUBT
