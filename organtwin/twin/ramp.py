"""A ramp test as one action: a pump's speed in steps, and what the heart shows at each.

Each speed runs from the untreated steady beat, whose pressure the reflex defends, on top of the
plan that is given. Septum: cap volume at the onset of contraction, bulging to the right ventricle
where positive; its fall through zero is the septum drawn to the left.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from organtwin.errors import InputError, ParameterError
from organtwin.simulation.beat import Beat, Outcome
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.machine_signs import aortic_opening, machine_signs
from organtwin.simulation.reflex import steady_under
from organtwin.therapy.catalogue import THERAPIES
from organtwin.therapy.device import DEVICES
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.beyond import Beyond
from organtwin.twin.checked_range import beyond
from organtwin.twin.prediction import RULE
from organtwin.twin.twin import Twin

RAMPED = tuple(kind.name for kind in DEVICES)
_FLOWS = {
    "lvad": "lvad", "impella_2_5": "impella", "impella_cp": "impella", "rvad": "rvad",
    "rvad_ventricular": "rvad", "ecmo": "ecmo",
}  # fmt: skip
"""Which flow of the beat is that of the device; a balloon has none."""


@dataclass(frozen=True, slots=True)
class RampStep:
    """One setting, in the device's own unit; the rest is SI.

    ``flow`` through the device, ``septum`` [m3], ``opening`` the share of the beat with blood
    leaving through the aortic valve. When ``outcome`` is not STEADY the numbers are those of a
    beat on the way.
    """

    setting: float
    flow: float
    cardiac_output: float
    lv_edv: float
    septum: float
    pcwp: float
    ra_pressure: float
    mean_arterial_pressure: float
    opening: float
    signs: tuple[str, ...]
    outcome: Outcome


def ramping(
    twin: Twin, device: str, settings: Sequence[float], plan: TherapyPlan | None = None
) -> Iterator[RampStep]:
    """Step through the settings of a device, one result each.

    Raises
    ------
    InputError
        No such device, no setting, or one outside the range of the device.
    ParameterError
        Plan and device together leave the range of the model.
    """
    if device not in RAMPED or not settings:
        raise InputError(
            "ramp", "device" if settings else "settings",
            expected=f"one of {', '.join(RAMPED)}" if settings else "at least one setting",
            got=device if settings else "none",
            remedy="Name a device and its settings.",
        )  # fmt: skip
    kind = THERAPIES[device]
    therapies = [kind.at(value) for value in settings]
    plan = (plan or TherapyPlan()).without(device)
    beat = twin.baseline.beat
    for therapy in therapies:
        conditions = plan.with_(therapy).apply(twin.conditions)
        solution, conditions = steady_under(conditions, beat, RULE, otherwise=beat)
        if solution is None:  # unreachable: a beat to fall back on is given
            raise ParameterError(f"{therapy}: no beat")
        yield _step(device, therapy.dose, solution.beat, conditions, solution.outcome)
        if solution.outcome is not Outcome.STEADY:
            return


def beyond_settings(
    twin: Twin, device: str, settings: Sequence[float], plan: TherapyPlan
) -> tuple[tuple[Beyond, ...], ...]:
    """Of each setting, what of it and the plan lies outside what was checked."""
    kind = THERAPIES[device]
    return tuple(beyond(twin, plan.with_(kind.at(setting))) for setting in settings)


def _step(
    device: str, setting: float, beat: Beat, conditions: Conditions, outcome: Outcome
) -> RampStep:
    found = biomarkers(beat, conditions)
    onset = min(round(beat.av_delay / beat.duration * len(beat.times)), len(beat.times) - 1)
    flow = beat.traces[f"{_FLOWS[device]}_flow"].mean() if device in _FLOWS else 0.0
    return RampStep(
        setting=setting,
        flow=float(flow),
        cardiac_output=found["cardiac_output"],
        lv_edv=found["lv_edv"],
        septum=float(beat.traces["septal_volume"][onset]),
        pcwp=found["pcwp"],
        ra_pressure=found["ra_pressure"],
        mean_arterial_pressure=found["mean_arterial_pressure"],
        opening=aortic_opening(beat),
        signs=tuple(machine_signs(beat, conditions)),
        outcome=outcome,
    )
