"""A map of pacemaker settings by what it is over: the grid and what was found on it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from organtwin.errors import InputError
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.simulation.pacing import Mode, Pacemaker
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.checked_pacing import beyond_settings, in_words, refuse_if_all
from organtwin.twin.electrics import ElectricAnswer
from organtwin.twin.pacing_grids import Grid, mode_grid, site_grid, timing_grid
from organtwin.twin.pacing_map import PacingMap, pacing_maps
from organtwin.twin.twin import Twin

TIMING, MODES, SITES = "timing", "modes", "sites"


@dataclass(frozen=True, eq=False, slots=True)
class Survey:
    """A grid and the map of its settings."""

    over: str
    grid: Grid
    found: PacingMap


@dataclass(frozen=True, slots=True)
class SurveyStep:
    """Progress; steps with a survey are worth showing, the later the better."""

    fraction: float
    message: str
    survey: Survey | None = None


def grid_over(over: str, pacemaker: Pacemaker, answer: ElectricAnswer) -> Grid:
    """The grid of one kind around a setting; without a mode it is biventricular pacing.

    Raises
    ------
    InputError
        No such kind, or the mode has no such delays or leads.
    """
    if pacemaker.mode is Mode.OFF:
        pacemaker = replace(pacemaker, mode=Mode.BIVENTRICULAR)
    if over == TIMING:
        return timing_grid(pacemaker)
    if over == MODES:
        return mode_grid(pacemaker)
    if over == SITES:
        return site_grid(pacemaker, answer)
    raise InputError(
        "pacing map", "over", expected=f"{TIMING}, {MODES} or {SITES}", got=over,
        remedy="Choose one of these.",
    )  # fmt: skip


def surveying(
    answer: ElectricAnswer, twin: Twin, plan: ElectricPlan, therapies: TherapyPlan, over: str, *,
    insist: bool = False,
) -> Iterator[SurveyStep]:  # fmt: skip
    """Map settings around the pacemaker of a plan, beside what else the plan does.

    Settings outside what was checked are left out with the reason, or marked where somebody does
    ``insist``.

    Raises
    ------
    DeclinedError
        All settings lie outside, and nobody insists.
    InputError
        As ``grid_over`` and ``pacing_maps``.
    """
    grid = grid_over(over, plan.pacemaker, answer)
    outside = beyond_settings(twin, therapies, grid.settings)
    if not insist:
        refuse_if_all(outside, len(grid.settings))
    told = in_words(outside)
    steps = pacing_maps(
        answer, twin, grid.settings, plan, therapies,
        declined={} if insist else told, doubted=told if insist else {},
    )  # fmt: skip
    for step in steps:
        survey = None if step.found is None else Survey(over, grid, step.found)
        yield SurveyStep(step.fraction, step.message, survey)
