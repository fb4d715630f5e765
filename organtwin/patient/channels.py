"""What the channels of a recording are called, and what they must measure.

Files spell the same lead in many ways (``avr``, ``AVR``, ``Lead aVR``); inside the program a lead
has one name. A channel that is not in this vocabulary is refused rather than guessed: a lead that
is taken for another one turns the electrical axis.
"""

from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import RecordError, UnitError, UnknownNameError
from organtwin.units import si_factor

ECG_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The standard twelve, in the order of the paper record."""

FURTHER_ECG_LEADS = (
    "V3R", "V4R", "V7", "V8", "V9", "VX", "VY", "VZ", "V", "MCL1", "MLI", "MLII", "MLIII",
)  # fmt: skip
"""Right and posterior leads, Frank's three, and the modified leads of monitors and Holters."""

PRESSURES = ("ABP", "ART", "AOP", "PAP", "CVP", "RAP", "LAP", "PCWP", "LVP", "RVP")
OTHER_SIGNALS = ("PLETH", "RESP")

_CANONICAL = {
    name.lower(): name for name in (*ECG_LEADS, *FURTHER_ECG_LEADS, *PRESSURES, *OTHER_SIGNALS)
}
_SPELLINGS = {"mv": "mV", "uv": "uV", "µV": "uV", "mm[Hg]": "mmHg", "mmhg": "mmHg"}
"""Units as recorders and UCUM write them, where that differs from ``units``."""
_ARBITRARY = ("NU", "adu", "nd")
"""Marks for a signal without a physical scale; allowed for ``OTHER_SIGNALS`` only."""


LARGEST = 20e-3
"""[V] Twice the largest lead of the public sets: 9.5 mV, V6 of CinC 2021 JS20007."""


@dataclass(frozen=True, slots=True)
class Channel:
    """Where a channel stands in its file, for messages: ``field`` is e.g. ``lead V2``."""

    source: str
    field: str
    name: str


def canonical_channel(name: str, source: str) -> str:
    """The one name inside this program for a channel called ``name`` on file.

    Raises
    ------
    RecordError
        The name is not a known lead, pressure or signal; the message offers the nearest one.
    """
    words = name.strip().lower().removeprefix("lead").removeprefix("ecg").strip(" _-:")
    if words in _CANONICAL:
        return _CANONICAL[words]
    unknown = UnknownNameError("channel", name, tuple(_CANONICAL.values()))
    raise RecordError(
        source, f"lead {name!r}", expected="a known lead or signal name", got=f"{unknown}",
        remedy="Correct the name in the file, or list the leads to be read under `leads` in the "
        "case file; the others are then left alone.",
    )  # fmt: skip


def values_in_si(values: FloatArray, unit: str, channel: Channel, rate: float) -> FloatArray:
    """Samples ``(n,)`` at ``rate`` [Hz] in the unit on file, converted to SI and checked.

    Raises
    ------
    RecordError
        The unit is unknown, or does not measure what this channel must measure, or an ECG is
        larger than any heart makes it.
    """
    factor = factor_to_si(unit, channel)
    if channel.name in (*ECG_LEADS, *FURTHER_ECG_LEADS):
        _refuse_giant(values * factor, unit.strip(), channel, rate)
    return values * factor


def factor_to_si(unit: str, channel: Channel) -> float:
    """Multiplier from the unit on file to SI; 1 for a signal without a physical scale.

    Raises
    ------
    RecordError
        The unit is unknown, or does not measure what this channel must measure.
    """
    spelled = _SPELLINGS.get(unit.strip(), unit.strip())
    if channel.name in OTHER_SIGNALS and spelled in _ARBITRARY:
        return 1.0
    like = {**dict.fromkeys(PRESSURES, "mmHg"), **dict.fromkeys(OTHER_SIGNALS, spelled)}
    try:
        return si_factor(spelled, like.get(channel.name, "mV"))
    except UnitError as error:
        raise RecordError(
            channel.source, f"{channel.field} unit", expected=error.expected, got=error.got,
            remedy="Correct the unit in the file: it is needed to scale the samples.",
        ) from error  # fmt: skip


def _refuse_giant(values: FloatArray, unit: str, channel: Channel, rate: float) -> None:
    """Median over stretches of 2 s, so that a shock or a loose electrode does not count."""
    present = values[~np.isnan(values)]
    count = min(max(round(2.0 * rate), 1), len(present))
    stretches = present[: len(present) // count * count].reshape(-1, count)
    size = float(np.median(np.ptp(stretches, axis=1)))
    if size > LARGEST:
        raise RecordError(
            channel.source, f"{channel.field} gain and unit",
            expected=f"an ECG of less than {1e3 * LARGEST:g} mV from peak to peak",
            got=f"{1e3 * size:.4g} mV by the gain on file, in {unit}",
            remedy="Correct gain or unit in the file: a QRS complex has 0.5 to 5 mV.",
        )  # fmt: skip
