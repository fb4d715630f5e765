"""What drugs on ion channels do to one cell and to conduction.

Currents left by all drugs together (``interactions.open_channels``) go into an ionic model, paced
at the patient's cycle; its longer or shorter action potential estimates the change of QT:

    dQT = dAPD90 + (QRS/speed - QRS)

A cell alone is not a heart: against the clinic (ECGRDVQ), static block gives dofetilide 51 ms for
79 and quinidine 81 for 78. Sodium block slows all conduction by ``conduction_speed_ratio``; there
the block that use adds counts, in the cell it does not.
Verified in tests/therapy/test_channel_block.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from organtwin.physiology.electrophysiology.cells.biomarkers import action_potential_duration
from organtwin.physiology.electrophysiology.cells.cell import CellModel, ChannelBlock
from organtwin.physiology.electrophysiology.cells.pacing import paced
from organtwin.therapy.interactions import Given, open_channels
from organtwin.therapy.kind import Therapy
from organtwin.therapy.slowing import speed_factor

BEATS = 150
"""As the reference values were computed; sodium and potassium drift on for hundreds of beats."""
USUAL_QRS = 0.09
"""[s] Where the patient's is not known: a healthy adult's."""


@dataclass(frozen=True, slots=True)
class ElectricResponse:
    """``before`` and ``after``: APD90 [s]; ``speed``: factor on every conduction speed."""

    before: float
    after: float
    speed: float

    @property
    def longer(self) -> float:
        """Change of APD90 [s]."""
        return self.after - self.before

    def longer_qt(self, qrs: float = USUAL_QRS) -> float:
        """Estimated change of QT [s] at a QRS [s]."""
        return self.longer + qrs / self.speed - qrs


def given_drugs(therapies: Sequence[Therapy]) -> tuple[Given, ...]:
    """The drugs among therapies at their steady exposures."""
    return tuple(
        Given(t.kind.drug, t.kind.drug.exposure(t.dose))
        for t in therapies
        if t.kind.drug is not None
    )


def electric_response(
    given: Sequence[Given], model: CellModel, *, cycle_length: float, beats: int = BEATS
) -> ElectricResponse:
    """Action potential and speed under drugs; some seconds.

    Raises
    ------
    InputError
        The drugs leave too little sodium current, or the cell cannot follow.
    """
    left = open_channels(given)
    block = ChannelBlock(left).only(model.currents)
    before, after = (
        action_potential_duration(paced(model, cycle_length=cycle_length, beats=beats, block=b))
        for b in (ChannelBlock(), block)
    )
    longer = 1.0
    for item in given:
        longer += item.drug.longer_action_potential * item.exposure / 100.0
    return ElectricResponse(before, after * longer, speed_factor(given, cycle_length))
