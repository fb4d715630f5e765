"""Running beats: the science yields one at a time, whoever calls owns the loop.

``beats`` never ends by itself unless the heart fails; ``to_steady_state`` consumes it until two
successive beats agree. Nothing here knows of progress bars or cancelling: both are adaptors
around the iterator.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from organtwin.physiology import stepping
from organtwin.physiology.circulation.assist import PUMP_SLOTS
from organtwin.physiology.heart import (
    COMPARTMENTS,
    ORIFICES,
    BeatRecord,
    HeartState,
    PackedHeart,
    advance,
    pack,
    resting_state,
)
from organtwin.simulation.beat import Beat, Outcome, Solution
from organtwin.simulation.conditions import Conditions
from organtwin.units import ML, MS

TIME_STEP = 1.0 * MS
"""At 1 ms the reference beat's volumes differ by 0.03 % from those at 0.2 ms."""
LARGEST_VOLUME_STEP = 0.05
"""Share of the blood volume that may enter or leave per beat: 300 mL at once empties a chamber."""

_PRESSURES = (
    "lv_pressure", "rv_pressure", "la_pressure", "ra_pressure", "aortic_pressure",
    "systemic_venous_pressure", "pulmonary_artery_pressure", "pulmonary_venous_pressure",
)  # fmt: skip
_NAMES = (
    *(f"{name}_volume" for name in COMPARTMENTS),
    *_PRESSURES,
    *(f"{name}_flow" for name in ORIFICES),
    "systemic_bed_flow", "pulmonary_bed_flow",
    "septal_volume", "junction_radius", "pericardial_pressure",
    *(f"{name}_flow" for name in PUMP_SLOTS), "balloon_volume",
)  # fmt: skip


class SimulationStopped(Exception):  # noqa: N818 - the end of an iteration, not an error
    """A beat could not be completed; carries the outcome and what happened."""

    def __init__(self, outcome: Outcome, detail: str) -> None:
        super().__init__(f"{outcome.meaning}: {detail}")
        self.outcome, self.detail = outcome, detail


@dataclass(frozen=True, slots=True)
class Periodicity:
    """When a beat counts as steady.

    ``tolerance`` bounds the change of every compartment volume from one beat to the next, as a
    share of that volume (at least 20 mL). The default leaves stroke volume within about 0.2 mL
    of its limit.
    """

    tolerance: float = 1e-3
    beat_limit: int = 200


def beats(
    conditions: Conditions, start: HeartState | None = None, *, time_step: float = TIME_STEP
) -> Iterator[Beat]:
    """Simulate beat after beat under constant conditions.

    Blood volume moves towards ``blood_volume`` through the systemic veins, at most 5 % per beat.

    Raises
    ------
    SimulationStopped
        The heart emptied or left the range of the model.
    """
    heart = pack(conditions.parameters, conditions.activation, conditions.scar)
    n_steps = max(round(heart.cycle_length / time_step), 50)
    wanted = conditions.parameters["blood_volume"]
    limit = LARGEST_VOLUME_STEP * wanted
    state = (
        resting_state(conditions.parameters, conditions.activation.layout)
        if start is None
        else start
    )
    while True:
        missing = float(np.clip(wanted - state.blood_volume, -limit, limit))
        record = advance(heart, state, n_steps, missing / heart.cycle_length)
        if record.status != stepping.COMPLETED:
            raise _stopped(record, heart, n_steps)
        state = record.state
        yield _beat(conditions, heart, record)


def to_steady_state(
    run: Iterable[Beat], rule: Periodicity | None = None, *, otherwise: Beat | None = None
) -> Solution | None:
    """Consume beats until they repeat.

    ``otherwise`` is the beat to report when the run stops before its first one; without it such a
    run gives ``None``.
    """
    rule = rule or Periodicity()
    beat, n_beats, outcome, detail = otherwise, 0, Outcome.BEAT_LIMIT, ""
    try:
        for following in run:
            n_beats += 1
            settled = n_beats > 1 and beat is not None and _repeats(beat, following, rule.tolerance)
            beat = following
            if settled:
                outcome = Outcome.STEADY
                break
            if n_beats >= rule.beat_limit:
                detail = f"after {n_beats} beats"
                break
    except SimulationStopped as stop:
        outcome, detail = stop.outcome, f"beat {n_beats + 1}: {stop.detail}"
    return None if beat is None else Solution(beat, outcome, n_beats, detail)


def _repeats(earlier: Beat, later: Beat, tolerance: float) -> bool:
    before, after = earlier.end_state.volumes, later.end_state.volumes
    scale = np.maximum(np.abs(before), 20 * ML)
    return bool(np.all(np.abs(after - before) < tolerance * scale))


def _stopped(record: BeatRecord, heart: PackedHeart, n_steps: int) -> SimulationStopped:
    if record.status == stepping.EMPTY:
        name = COMPARTMENTS[record.where].replace("_", " ")
        return SimulationStopped(Outcome.EMPTIED, f"the {name} ran empty")
    time = record.where * heart.cycle_length / n_steps
    return SimulationStopped(Outcome.OUT_OF_RANGE, f"{time / MS:.0f} ms into the beat")


def _beat(conditions: Conditions, heart: PackedHeart, record: BeatRecord) -> Beat:
    n_steps = len(record.outputs)
    columns = np.ascontiguousarray(record.outputs.T)
    return Beat(
        duration=heart.cycle_length,
        times=np.arange(n_steps, dtype=float) * (heart.cycle_length / n_steps),
        traces=dict(zip(_NAMES, columns, strict=True)),
        patch_strain=record.strains,
        patch_stress=record.stresses,
        activation=conditions.activation,
        av_delay=heart.av_delay,
        end_state=record.state,
    )
