"""What a beat tells of the machines that work on it, as texts for a person.

Suction, an aortic valve that stays shut, blood that goes in circles; each with what to do.
"""

from collections.abc import Iterator

import numpy as np

from organtwin.physiology.circulation.assist import EJECTION
from organtwin.physiology.devices import SUCTION_PRESSURE
from organtwin.simulation.beat import Beat
from organtwin.simulation.conditions import Conditions

LEFT_PUMPS = ("lvad_speed", "impella_2_5_speed", "impella_cp_speed")
_INLETS = (
    ("left pump", LEFT_PUMPS, "lv"),
    ("right pump", ("rvad_speed",), "ra"),
    ("right pump", ("rvad_ventricular_speed",), "rv"),
    ("ECMO", ("ecmo_flow",), "ra"),
)
SUCTION_SHARE = 0.05
"""Of the beat; less is the low point of a normal early diastole. Chosen, not published."""
CIRCLING_SHARE = 0.1
"""Of the pump's flow that comes back through the aortic valve. Chosen, not published."""
BACKWARD_SHARE = 0.05
"""Of the flow of a pump that runs backward. Chosen, not published."""


def aortic_opening(beat: Beat) -> float:
    """Share of the beat during which blood leaves through the aortic valve."""
    return float(np.mean(beat.traces["aortic_flow"] > EJECTION))


def suction(beat: Beat, chamber: str) -> float:
    """Share of the beat during which the pressure of a chamber lies below that of suction."""
    return float(np.mean(beat.traces[f"{chamber}_pressure"] < SUCTION_PRESSURE))


def machine_signs(beat: Beat, conditions: Conditions) -> Iterator[str]:
    """What is wrong between heart and machines, worst first; nothing where none runs."""
    running = {name for name in conditions.parameters if conditions.parameters[name] > 0.0}
    for machine, names, chamber in _INLETS:
        share = suction(beat, chamber)
        if running & set(names) and share > SUCTION_SHARE:
            yield (
                f"suction: the inlet of the {machine} is below 1 mmHg for {share:.0%} of the beat; "
                "lower its speed or give volume"
            )
    if running & {*LEFT_PUMPS, "ecmo_flow"} and aortic_opening(beat) == 0.0:
        yield "the aortic valve never opens: blood stands at its root; less support would open it"
    yield from _circling(beat, running)


def _circling(beat: Beat, running: set[str]) -> Iterator[str]:
    traces = beat.traces
    for name in ("lvad", "impella", "rvad"):
        flow = traces[f"{name}_flow"]
        backward, forward = -np.minimum(flow, 0.0).sum(), np.maximum(flow, 0.0).sum()
        if backward > BACKWARD_SHARE * max(forward, 1e-12) and backward > 0.0:
            label = {"lvad": "LVAD", "impella": "Impella", "rvad": "RVAD"}[name]
            yield f"blood runs back through the {label} in diastole; raise its speed"
    if running & set(LEFT_PUMPS):
        pumped = (traces["lvad_flow"] + traces["impella_flow"]).sum()
        returned = -np.minimum(traces["aortic_flow"], 0.0).sum()
        if pumped > 0.0 and returned > CIRCLING_SHARE * pumped:
            yield (
                f"recirculation: {returned / pumped:.0%} of the pump's flow comes back through "
                "the leaking aortic valve"
            )
