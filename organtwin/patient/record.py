"""Everything known about one patient at one time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from organtwin.errors import UnknownNameError
from organtwin.patient.finding import Finding
from organtwin.patient.measurement import Measurement
from organtwin.patient.recording import RecordingFile
from organtwin.patient.waveform import Waveform

if TYPE_CHECKING:
    from pathlib import Path

    from organtwin.anatomy.marking import Marking
    from organtwin.patient.geometry.source import HeartSource


@dataclass(frozen=True, slots=True)
class Demographics:
    """Who the patient is, as far as the model needs it; ``None`` where unknown. SI: s, m, kg."""

    sex: str | None = None
    """``female``, ``male`` or ``None``."""
    age: float | None = None
    """[years]: the one unit kept as people use it."""
    height: float | None = None
    weight: float | None = None

    @property
    def body_surface_area(self) -> float | None:
        """[m2], Du Bois and Du Bois 1916: 0.007184 W^0.425 H^0.725 with kg and cm."""
        if self.height is None or self.weight is None:
            return None
        return float(0.007184 * self.weight**0.425 * (100.0 * self.height) ** 0.725)

    @property
    def body_mass_index(self) -> float | None:
        """Weight by height squared [kg/m2]."""
        if self.height is None or self.weight is None:
            return None
        return self.weight / self.height**2


@dataclass(frozen=True)
class PatientRecord:
    """The patient as recorded. Frozen: a new visit is a new record.

    ``conduction`` names the known ventricular activation pattern: ``normal``, ``lbbb``, ``rbbb``
    or ``paced``; ``rhythm`` is free text for display. ``remarks`` says what is real and what is
    typical in this case. ``findings`` are facts worth showing that came from reading the files,
    such as contradictions, gaps, or annotated intervals that were not used. ``median_beat`` is the
    averaged beat of each lead where the recorder stored one; ``recordings`` are the files behind
    the waveforms, ``heart`` those that show the patient's own heart. ``markings`` are the landmarks
    and measurements that were saved with the case, ``case_file`` is where it was read from.
    ``conditions`` are names of ``patient.conditions.vocabulary``, each once.
    """

    case_id: str
    title: str
    diagnosis: str
    demographics: Demographics
    measurements: tuple[Measurement, ...]
    waveforms: Mapping[str, Waveform] = field(default_factory=dict)
    conduction: str = "normal"
    rhythm: str = ""
    remarks: str = ""
    findings: tuple[Finding, ...] = ()
    median_beat: Mapping[str, Waveform] = field(default_factory=dict)
    recordings: tuple[RecordingFile, ...] = ()
    heart: "HeartSource | None" = None
    markings: "tuple[Marking, ...]" = ()
    case_file: "Path | None" = None
    conditions: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Measurement:
        """The measurement called ``name``.

        Raises
        ------
        UnknownNameError
            The record has none of that name.
        """
        for measurement in self.measurements:
            if measurement.name == name:
                return measurement
        raise UnknownNameError("measurement", name, tuple(m.name for m in self.measurements))

    def __contains__(self, name: object) -> bool:
        return any(measurement.name == name for measurement in self.measurements)
