"""What a recording file holds: waveforms, intervals annotated in it, and facts from its header."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from organtwin.patient.measurement import Measurement
from organtwin.patient.waveform import Waveform


@dataclass(frozen=True, eq=False)
class Recording:
    """One file, read completely.

    ``median_beat`` holds the averaged beat that some recorders store beside the rhythm strip.
    ``measurements`` are intervals annotated in the file. ``facts`` are header entries as given
    (age, sex, diagnosis codes, statements), never interpreted here.
    """

    source: str
    waveforms: Mapping[str, Waveform]
    median_beat: Mapping[str, Waveform] = field(default_factory=dict)
    measurements: tuple[Measurement, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordingFile:
    """Where a recording lies: the full path, or ``pydicom:<file>`` for one inside that package.

    ``leads`` are those asked for; empty means all.
    """

    file: str
    reader: str
    leads: tuple[str, ...] = ()
