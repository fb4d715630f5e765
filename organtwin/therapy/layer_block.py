"""What drugs on ion channels do to every layer of a heart: speed, durations, the AV node.

One cell stands for each layer of the ventricles and one for the atria. Each is paced twice for
``BEATS`` beats: open, at the patient's own cycle, and under what the drugs leave, at the cycle
under the plan,

    lengthening = APD90(under drugs, new cycle) / APD90(open, own cycle),

so drug and rate come together. The ratio is for the patient's own durations, which no cell has.
It is after few beats what it is after many to 1 % (dofetilide 2.14 nmol/L, 0.8 s: endocardium 1.181
after 20 beats, 1.188 after 150), as both drift alike; alternating beats count by their mean.

Assumptions: tissue follows its cells one by one, and the shape of an action potential is that of
the same duration without drug. The mid-myocardial cell is left out: alone it lengthens far more
than it can between its neighbours, and under quinidine 3237 nmol/L it does not recover at all.
Verified in tests/therapy/test_layer_block.py.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.cells.biomarkers import action_potential_duration
from organtwin.physiology.electrophysiology.cells.cell import CellModel, ChannelBlock
from organtwin.physiology.electrophysiology.cells.courtemanche import COURTEMANCHE
from organtwin.physiology.electrophysiology.cells.pacing import pacing
from organtwin.physiology.electrophysiology.cells.torord import TORORD_ENDO, TORORD_EPI
from organtwin.physiology.electrophysiology.ecg.repolarisation import UNCHANGED, Lengthening
from organtwin.therapy.interactions import Given, combined_factors
from organtwin.therapy.kind import Therapy
from organtwin.therapy.slowing import channels_left, sodium_left, speed_factor

BEATS = 30
CYCLE_STEP = 0.02
"""[s] Cycles are rounded to it: action potentials change by less than 1 ms over half of it, and a
pump whose rate settles anew does not ask again."""
NOTABLE_SODIUM = 0.9
"""Less than this share left is told: conduction is then slower by 4 % or more."""
TORSADE = "risk of torsade"
"""How the class of a drug in CiPA begins in its file."""
_LAYERS = (TORORD_ENDO, TORORD_EPI, COURTEMANCHE)
_KEPT = 256


@dataclass(frozen=True, slots=True)
class ElectricEffect:
    """``speed`` on all conduction speeds, ``pr`` on the time to the ventricles, ``lengthening``.

    ``cycle`` [s] of the rhythm under the plan; ``remarks`` are sentences for the user.
    """

    speed: float = 1.0
    pr: float = 1.0
    lengthening: Lengthening = UNCHANGED
    cycle: float | None = None
    remarks: tuple[str, ...] = ()


NO_EFFECT = ElectricEffect()


@dataclass(frozen=True, slots=True)
class EffectStep:
    """Progress; the last step carries the effect."""

    fraction: float
    message: str
    effect: ElectricEffect | None = None


def given_drugs(therapies: Sequence[Therapy]) -> tuple[Given, ...]:
    """The drugs among therapies at their steady exposures."""
    return tuple(
        Given(t.kind.drug, t.kind.drug.exposure(t.dose))
        for t in therapies
        if t.kind.drug is not None
    )


def rounded(cycle: float) -> float:
    """A cycle [s] as cells are paced at it."""
    return CYCLE_STEP * round(cycle / CYCLE_STEP)


def electric_drugs(given: Sequence[Given]) -> tuple[Given, ...]:
    """Those that act on ion channels or on the AV node."""
    return tuple(item for item in given if item.exposure > 0.0 and item.drug.changes_electrics)


def working(given: Sequence[Given], *, own_cycle: float, cycle: float) -> Iterator[EffectStep]:
    """The effect of drugs in a rhythm whose cycle goes from ``own_cycle`` to ``cycle`` [s].

    A second or so for each cell not met before; yields after every beat.

    Raises
    ------
    InputError
        Too little sodium current is left, or cells do not recover before the next beat.
    """
    cycle, own_cycle = rounded(cycle), rounded(own_cycle)
    speed = speed_factor(given, cycle)
    block = ChannelBlock(channels_left(given, cycle))
    runs = [
        (model, factors, length)
        for model in _LAYERS
        for factors, length in ((ChannelBlock(), own_cycle), (block.only(model.currents), cycle))
    ]
    found: list[float] = []
    for model, factors, length in runs:
        last = 0.0
        for done, duration in _durations(model, factors, length):
            last = duration
            yield EffectStep((len(found) + done) / len(runs), f"Pacing {model.name} cells")
        found.append(last)
    longer = 1.0
    for item in given:
        longer += item.drug.longer_action_potential * item.exposure / 100.0
    endo, epi, atrial = (longer * b / a for a, b in zip(found[::2], found[1::2], strict=True))
    effect = ElectricEffect(
        speed=speed,
        pr=combined_factors(given, heart_failure=False).get("av_delay", 1.0),
        lengthening=Lengthening(endo, 0.5 * (endo + epi), epi, atrial),
        cycle=cycle,
        remarks=tuple(_remarks(given, cycle)),
    )
    yield EffectStep(1.0, "Cells paced", effect)


def electric_effect(given: Sequence[Given], *, own_cycle: float, cycle: float) -> ElectricEffect:
    """The finished effect; see ``working``."""
    steps = working(given, own_cycle=own_cycle, cycle=cycle)
    return [step.effect for step in steps if step.effect is not None][-1]


_known: OrderedDict[tuple[str, tuple[tuple[str, float], ...], float], float] = OrderedDict()
"""Durations by cell, currents left and cycle; every entry can be computed again."""


def _durations(
    model: CellModel, block: ChannelBlock, cycle: float
) -> Iterator[tuple[float, float]]:
    """Share done and APD90 [s], the last pair being the answer."""
    key = (model.name, tuple(sorted(block.factors.items())), round(cycle, 6))
    known = _known.get(key)
    if known is not None:
        yield 1.0, known
        return
    last: list[float] = []
    for step in pacing(model, cycle_length=cycle, beats=BEATS, block=block):
        if step.done >= BEATS - 1:
            last.append(action_potential_duration(step.beat))
        yield step.fraction, 0.0
    found = sum(last) / len(last)
    if not found > 0.0:
        raise InputError(
            model.name, "recovery", expected=f"before the next beat, {1e3 * cycle:.0f} ms later",
            got="none", remedy="Choose a smaller dose: such cells set off arrhythmia.",
        )  # fmt: skip
    _known[key] = found
    while len(_known) > _KEPT:
        _known.popitem(last=False)
    yield 1.0, found


def _remarks(given: Sequence[Given], cycle: float) -> Iterator[str]:
    left = sodium_left(given, cycle)
    if left < NOTABLE_SODIUM:
        yield f"{left:.0%} of the sodium current is left at {60.0 / cycle:.0f}/min."
    for item in given:
        for reason in item.drug.contraindications:
            if TORSADE in reason.text and not reason.others:
                yield f"{item.drug.label}: {reason.text.split(':')[0]}."
