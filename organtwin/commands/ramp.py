"""``organtwin ramp``: a device's settings in steps, and what the twin shows at each."""

import json
from collections.abc import Sequence

from organtwin import PURPOSE
from organtwin.commands.tables import Json, columns, extrapolation_text
from organtwin.commands.twins import decline, fitted_twin, written_plan
from organtwin.errors import InputError, UsageError
from organtwin.simulation.beat import Outcome
from organtwin.therapy.catalogue import THERAPIES
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.beyond import Beyond
from organtwin.twin.ramp import RAMPED, RampStep, beyond_settings, ramping
from organtwin.twin.twin import Twin
from organtwin.units import L_PER_MIN, ML, MMHG

_HEADER = (
    "flow L/min", "CO L/min", "LVEDV mL", "septum mL", "PCWP mmHg", "RAP mmHg", "MAP mmHg",
    "AV open %",
)  # fmt: skip


def show_ramp(
    case: str,
    device: str,
    speeds: str,
    therapies: Sequence[str],
    *,
    as_json: bool,
    insist: bool = False,
) -> int:
    """Print the table; status 1 when the heart does not reach a steady beat at a setting."""
    settings = _settings(device, speeds)
    plan = written_plan(therapies)
    twin = fitted_twin(case)
    reasons = _beyond(twin, device, settings, plan)
    decline(reasons, insist=insist)
    steps = list(ramping(twin, device, settings, plan))
    if as_json:
        facts = {
            "purpose": PURPOSE, "case": twin.record.case_id, "device": device,
            "unit": THERAPIES[device].unit, "plan": str(plan),
            "extrapolation": [str(reason) for reason in reasons],
            "steps": [_json(step) for step in steps],
        }  # fmt: skip
        print(json.dumps(facts, indent=2))
    else:
        table = _text(device, steps)
        print(f"{twin.record.title}\n{extrapolation_text(reasons)}{table}\n{PURPOSE}")
    return 0 if steps[-1].outcome is Outcome.STEADY else 1


def _beyond(
    twin: Twin, device: str, settings: Sequence[float], plan: TherapyPlan
) -> tuple[Beyond, ...]:
    """Of every setting, each reason once."""
    found = [why for one in beyond_settings(twin, device, settings, plan) for why in one]
    return tuple(dict.fromkeys(found))


def _settings(device: str, speeds: str) -> list[float]:
    """The settings written as ``a,b,c``, checked against the device before the fit."""
    if device not in RAMPED:
        raise UsageError(
            "organtwin ramp", "--device", expected=f"one of {', '.join(RAMPED)}", got=device,
            remedy="Choose one of these.",
        )  # fmt: skip
    kind = THERAPIES[device]
    try:
        settings = [float(word) for word in speeds.split(",")]
    except ValueError:
        raise UsageError(
            "organtwin ramp", "--speeds", expected=f"numbers in {kind.unit} with commas between",
            got=repr(speeds), remedy=f"Write for example --speeds {kind.lower:g},{kind.default:g}.",
        ) from None  # fmt: skip
    try:
        for value in settings:
            kind.at(value)
    except InputError as error:
        raise UsageError(
            "organtwin ramp", "--speeds", expected=error.expected, got=error.got,
            remedy=error.remedy,
        ) from error  # fmt: skip
    return settings


def _text(device: str, steps: Sequence[RampStep]) -> str:
    kind = THERAPIES[device]
    rows = [(f"{step.setting:.{kind.decimals}f}", *_cells(step)) for step in steps]
    header = (f"setting {kind.unit}", *_HEADER)
    table = columns(rows, header, (True,) * len(header))
    told = [
        f"! {step.setting:.{kind.decimals}f} {kind.unit}: {sign}"
        for step in steps
        for sign in (*step.signs, *_ending(step))
    ]
    notes = f"- evidence {kind.evidence}, {kind.population}. {kind.limits}"
    return "\n".join([f"Ramp of {kind.label}", "", table, "", *told, notes])


def _ending(step: RampStep) -> tuple[str, ...]:
    if step.outcome is Outcome.STEADY:
        return ()
    return (f"{step.outcome.meaning}. {step.outcome.remedy}",)


def _cells(step: RampStep) -> tuple[str, ...]:
    return (
        f"{step.flow / L_PER_MIN:.2f}", f"{step.cardiac_output / L_PER_MIN:.2f}",
        f"{step.lv_edv / ML:.0f}", f"{step.septum / ML:.1f}", f"{step.pcwp / MMHG:.1f}",
        f"{step.ra_pressure / MMHG:.1f}", f"{step.mean_arterial_pressure / MMHG:.0f}",
        f"{100 * step.opening:.0f}",
    )  # fmt: skip


def _json(step: RampStep) -> Json:
    names = (
        "flow_l_per_min", "cardiac_output_l_per_min", "lv_edv_ml", "septum_ml", "pcwp_mmhg",
        "ra_pressure_mmhg", "mean_arterial_pressure_mmhg", "aortic_opening_percent",
    )  # fmt: skip
    numbers = dict(zip(names, (float(cell) for cell in _cells(step)), strict=True))
    return {
        "setting": step.setting, **numbers, "signs": list(step.signs),
        "outcome": step.outcome.name,
    }  # fmt: skip
