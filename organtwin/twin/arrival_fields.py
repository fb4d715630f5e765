"""Activation under any setting of a pacemaker from one solution per lead.

Without refractoriness an eikonal's first arrival from several sources is the least of their
arrivals, each moved by its own delay:

    t(x) = min(t_own(x), min over leads of (delay + t_lead(x)))

with ``t_own`` under the heart's own conduction. That is exact for the equation; the solver's second
pass, which bends fronts, sees each front alone, and so differs by what tests/twin/
test_pacing_map.py measures. A setting then costs no solution at all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from organtwin.anatomy.regions import Region
from organtwin.arrays import BoolArray, FloatArray, IntArray
from organtwin.assimilation.simulating import side_by_side
from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.activation.conduction import Conduction, Rhythm
from organtwin.physiology.electrophysiology.activation.electric_heart import ElectricHeart
from organtwin.physiology.electrophysiology.activation.patches import (
    NOWHERE,
    Patches,
    excited_patches,
    patches,
)
from organtwin.physiology.electrophysiology.activation.tissue import ElectricTissue
from organtwin.simulation.conditions import Excitation
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.simulation.pacing import Lead, Pacemaker, Placement
from organtwin.twin.electrics import ElectricAnswer
from organtwin.twin.pacing_leads import lead_stimuli
from organtwin.twin.planned_electrics import planned_conduction

Source = tuple[Lead, Placement, bool]
"""A lead by where it lies; the last says whether it acts past a block."""


@dataclass(frozen=True, slots=True)
class FieldStep:
    """Progress; the last step carries the fields."""

    done: float
    fields: "ArrivalFields | None" = None


@dataclass(frozen=True, eq=False)
class ArrivalFields:
    """Times ``(n_nodes,)`` [s] of the tissue by source; ``own`` with the atrial lead or without."""

    heart: ElectricHeart
    slowness: float
    own: dict[bool, FloatArray]
    leads: dict[Source, FloatArray]
    means: "PatchMeans"
    left: IntArray

    def times(self, pacemaker: Pacemaker, stretch: float = 1.0) -> FloatArray:
        """Times ``(n_nodes,)`` [s] from when the atria begin; infinite where nothing arrives.

        ``stretch`` makes all spread through ventricular muscle that much slower.
        """
        n = self.heart.tissue.n_ventricular
        found = self.own[pacemaker.atrial].copy()
        onset = found[:n].min()
        if stretch != 1.0 and np.isfinite(onset):
            found[:n] = onset + stretch * (found[:n] - onset)
        for lead in pacemaker.leads:
            if lead is not Lead.ATRIAL:
                field = self.leads[source_of(lead, pacemaker)]
                np.minimum(found, pacemaker.time(lead) + stretch * field, out=found)
        return found

    def excited(self, pacemaker: Pacemaker, stretch: float = 1.0) -> "Excited":
        """What the electrodes excite, in numbers.

        Raises
        ------
        InputError
            Nothing excites the ventricles.
        """
        times = self.times(pacemaker, stretch)
        ventricular = times[: self.heart.tissue.n_ventricular]
        onset = float(ventricular.min())
        if not np.isfinite(onset):
            raise InputError(
                "pacing", pacemaker.told, expected="excitation of the ventricles", got="none",
                remedy="Choose a mode that paces the ventricles.",
            )  # fmt: skip
        left = times[self.left]
        pump = excited_patches("planned", self.means.delays(times), onset, stretch * self.slowness)
        return Excited(
            Excitation(pump, onset), _spread(ventricular), _spread(left),
            self.captured(pacemaker, times),
        )  # fmt: skip

    def captured(self, pacemaker: Pacemaker, times: FloatArray) -> float:
        """Share of the ventricles' nodes that the electrodes excite before the heart's own."""
        n = self.heart.tissue.n_ventricular
        return float((times[:n] < self.own[pacemaker.atrial][:n]).mean())


@dataclass(frozen=True, eq=False, slots=True)
class Excited:
    """One setting: the pump's ``excitation``; width of the QRS, total activation of the LV [s].

    ``captured``: share of the ventricles that is not left to the heart's own conduction.
    """

    excitation: Excitation
    qrs_duration: float
    lv_activation_time: float
    captured: float


class PatchMeans:
    """Mean times of the pump's patches as one sparse product; as ``Patches.delays``."""

    def __init__(self, tissue: ElectricTissue, parts: Patches) -> None:
        self._tissue, self._parts = tissue, parts
        self._volumes = tissue.volumes()
        self._remembered: tuple[BoolArray, sparse.csr_array, FloatArray] | None = None

    def delays(self, times: FloatArray) -> FloatArray:
        """Mean ``(n_patches,)`` of times ``(n_nodes,)`` [s]; NaN where nothing is excited."""
        known = np.isfinite(times)
        remembered = self._remembered
        if remembered is None or not np.array_equal(known, remembered[0]):
            matrix = self._weights(known)
            remembered = (known, matrix, np.asarray(matrix.sum(axis=1)).ravel())
            self._remembered = remembered  # one value, so that threads see it whole
        _, matrix, weight = remembered
        total = matrix @ np.where(known, times, 0.0)
        return np.where(weight > 0.0, total / np.where(weight > 0.0, weight, 1.0), np.nan)

    def _weights(self, known: BoolArray) -> sparse.csr_array:
        tets, own = self._tissue.tets, self._parts.of_tet
        counted = np.flatnonzero((own != NOWHERE) & known[tets].all(axis=1))
        volume = np.repeat(self._volumes[counted] / 4.0, 4)
        shape = (self._parts.layout.total, len(self._tissue.nodes))
        place = (np.repeat(own[counted], 4), tets[counted].ravel())
        return sparse.coo_array((volume, place), shape).tocsr()


def source_of(lead: Lead, pacemaker: Pacemaker) -> Source:
    """What a lead's field depends on; its delay is none of it."""
    placement = replace(pacemaker.placement(lead), delay=0.0)
    return lead, placement, pacemaker.past_block and lead is Lead.HIS


def arrival_fields(
    answer: ElectricAnswer, plan: ElectricPlan, settings: Sequence[Pacemaker]
) -> Iterator[FieldStep]:
    """Solve for every source that the settings name, beside what else the plan does.

    Raises
    ------
    InputError
        As ``planned_conduction``.
    """
    state, anatomy = answer.beat.state, answer.places.anatomy
    heart, speeds = answer.model.heart, state.speeds
    own = planned_conduction(
        plan.paced_by(Pacemaker()), state.conduction, anatomy, heart, speeds
    )  # fmt: skip
    rhythms = {
        setting.atrial: replace(Pacemaker(), atrial=setting.atrial, placed=setting.placed)
        for setting in settings
    }
    asked: list[tuple[bool | Source, Conduction]] = []
    for atrial, pacemaker in rhythms.items():
        plain = plan.paced_by(pacemaker)
        under = planned_conduction(plain, state.conduction, anatomy, heart, speeds)
        asked.append((atrial, under))
    for source, (lead, setting) in _sources(settings).items():
        stimuli = lead_stimuli(lead, setting, own, anatomy, heart, speeds)
        asked.append((source, replace(own, rhythm=Rhythm.NONE, stimuli=stimuli)))
    found: dict[bool | Source, FloatArray] = {}
    solved = side_by_side(lambda one: heart.activation(one[1], speeds).times, asked)
    for place, times in solved:
        found[asked[place][0]] = times
        yield FieldStep(len(found) / (len(asked) + 1))
    fields = ArrivalFields(
        heart, heart.slowness(speeds),
        {key: times for key, times in found.items() if isinstance(key, bool)},
        {key: times for key, times in found.items() if not isinstance(key, bool)},
        PatchMeans(heart.tissue, patches(heart.tissue)),
        heart.tissue.touching(Region.LV, Region.SEPTUM).astype(np.int32),
    )  # fmt: skip
    yield FieldStep(1.0, fields)


def _sources(settings: Sequence[Pacemaker]) -> dict[Source, tuple[Lead, Pacemaker]]:
    return {
        source_of(lead, setting): (lead, setting)
        for setting in settings
        for lead in setting.leads
        if lead is not Lead.ATRIAL
    }


def _spread(times: FloatArray) -> float:
    """From first to last excitation [s] of those that are excited."""
    reached = times[np.isfinite(times)]
    return float(np.ptp(reached)) if len(reached) else 0.0
