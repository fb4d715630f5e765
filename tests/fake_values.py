"""What the science of the tests is about: therapies, records, beats, twins of a few lines."""

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from organtwin.anatomy.label_map import Structure
from organtwin.anatomy.regions import Cavity
from organtwin.assimilation.levers import LEVERS
from organtwin.assimilation.observation import observation
from organtwin.parameters.spec import ParameterSpec
from organtwin.patient.finding import Finding, FindingKind
from organtwin.patient.measurement import Measurement, Provenance
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.patient.waveform import Waveform
from organtwin.simulation.beat import Beat, Outcome, Solution
from organtwin.store.evidence_card import EvidenceCard, Item, KindOfEvidence
from organtwin.store.evidence_results import result_now
from organtwin.therapy.checked import CheckedRange
from organtwin.twin.model_doubt import Band
from organtwin.twin.plan_comparison import HeartsUnder
from organtwin.twin.twin import Fit, FitRow, FittedParameter
from organtwin.units import ML, MMHG

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


@dataclass(frozen=True)
class FakeTherapy:
    kind: "FakeKind"
    dose: float

    @property
    def name(self) -> str:
        return self.kind.name


@dataclass(frozen=True)
class FakeKind:
    name: str
    label: str
    unit: str = "mg"
    lower: float = 0.0
    upper: float = 10.0
    default: float = 4.0
    step: float = 0.5
    decimals: int = 1
    equation: str = "rate = rate₀ + dose"
    source: str = "invented for the tests"
    evidence: str = "none"
    population: str = "nobody"
    limits: str = "none"
    conduction: str = ""
    family: str = ""
    whole: str = ""
    drug: object = None

    def at(self, dose: float) -> FakeTherapy:
        return FakeTherapy(self, dose)


KINDS = {
    kind.name: kind
    for kind in (
        FakeKind("pacing", "Pacing", unit="1/min"),
        FakeKind("bleeding", "Bleeding", unit="mL"),
        FakeKind("fluid", "Fluid", unit="mL"),
        FakeKind("poison", "Poison"),
    )
}


def fake_evidence(kind: FakeKind) -> EvidenceCard:
    """Of the eight kinds one that passed, one that failed, one not run and one absent."""
    known = CheckedRange("abstract", "nobody real", "invented", 0.0, 9.0)
    passed, failed = result_now(12, 0), result_now(3, 1)
    kinds = (
        KindOfEvidence("Code verification", (Item("tests/one.py", passed),), ""),
        KindOfEvidence("Model calibration", (Item("tests/two.py", failed),), ""),
        KindOfEvidence("In vivo validation", (Item("scripts/three.py", None),), ""),
        KindOfEvidence("Bench test validation", (), "no bench"),
    )
    return EvidenceCard(
        kind.label, kind.evidence, known, kind.unit, kind.equation, kind.source, "to test",
        "low", "medium", kinds,
    )  # fmt: skip


def fake_beat(rate_per_min: float = 70.0, scale: float = 1.0) -> Beat:
    duration = 60.0 / rate_per_min
    times = np.arange(400) * duration / 400
    phase = times / duration
    squeeze = np.exp(-(((phase - 0.35) / 0.13) ** 2))
    atrial = np.exp(-(((phase - 0.08) / 0.05) ** 2))
    filling = (130 - 75 * np.exp(-(((phase - 0.48) / 0.16) ** 2))) * ML * scale
    traces = {
        "lv_volume": filling,
        "rv_volume": filling * 1.1,
        "la_volume": (60 + 25 * squeeze) * ML,
        "ra_volume": (65 + 25 * squeeze) * ML,
        "lv_pressure": (8 + 112 * squeeze) * MMHG * scale,
        "rv_pressure": (4 + 22 * squeeze) * MMHG,
        "la_pressure": (7 + 5 * atrial) * MMHG,
        "ra_pressure": (4 + 3 * atrial) * MMHG,
        "aortic_pressure": np.maximum(80 - 10 * phase, 8 + 112 * squeeze) * MMHG,
        "pulmonary_artery_pressure": np.maximum(12 - 3 * phase, 4 + 22 * squeeze) * MMHG,
    }
    nothing = np.empty((400, 0))
    return Beat(duration, times, traces, nothing, nothing, None, 0.16, None)


def fake_numbers(beat: Beat) -> dict[str, float]:
    volume = beat.traces["lv_volume"]
    stroke = float(np.ptp(volume))
    return {
        "heart_rate": 1 / beat.duration,
        "stroke_volume": stroke,
        "cardiac_output": stroke / beat.duration,
        "lv_ef": stroke / float(volume.max()),
        "lv_edv": float(volume.max()),
        "lv_esv": float(volume.min()),
        "systolic_pressure": float(beat.traces["aortic_pressure"].max()),
        "diastolic_pressure": float(beat.traces["aortic_pressure"].min()),
        "dp_dt_max": 1200 * MMHG,
    }


def fake_ecg(rate_per_min: float = 72.0) -> dict[str, Waveform]:
    times = np.arange(5000) / 500.0
    phase = times * rate_per_min / 60.0 % 1.0
    complex_ = 1e-3 * np.exp(-(((phase - 0.3) / 0.015) ** 2))
    tail = 0.25e-3 * np.exp(-(((phase - 0.6) / 0.05) ** 2))
    return {
        lead: Waveform(lead, times, (complex_ + tail) * (1.5 - 0.25 * n), "mV", "made up")
        for n, lead in enumerate(LEADS)
    }


def fake_record(title: str = "Case one", *, ecg: bool = True) -> PatientRecord:
    def measured(name, value, sd, provenance=Provenance.MEASURED):
        return Measurement(name, value, sd, None, "test file", provenance)

    return PatientRecord(
        case_id=title.lower().replace(" ", "-"),
        title=title,
        diagnosis="dilated heart",
        demographics=Demographics(sex="female", age=61.0),
        measurements=(
            measured("heart_rate", 72 / 60, 2 / 60),
            measured("lv_edv", 150 * ML, 12 * ML),
            measured("pcwp", 9 * MMHG, 2 * MMHG, Provenance.TYPICAL),
        ),
        waveforms=fake_ecg() if ecg else {},
        rhythm="sinus rhythm",
        remarks="Nothing in this case is real.",
        findings=(Finding(FindingKind.CONTRADICTION, "cuff and ECG differ", ("heart_rate",)),),
    )


@dataclass(eq=False)
class FakeTwin:
    """What the window asks of a twin."""

    record: PatientRecord
    baseline: Solution
    fit: Fit
    observation: Any
    conditions: Any
    ensemble: tuple[Any, ...]
    numbers: dict[str, float]


def fake_twin(record: PatientRecord) -> FakeTwin:
    parameter = ParameterSpec("systemic_resistance", "mmHg", 0.0, 1e6, 100.0, "made up", "made up")
    rows = tuple(
        FitRow(m, m.value + z * m.sd, z)
        for m, z in zip(record.measurements, (0.4, -1.2, 3.4), strict=True)
    )
    parameters = tuple(
        FittedParameter(
            label=name.replace("_", " ").capitalize(), spec=replace(parameter, name=name),
            value=120 * MMHG, prior=100 * MMHG, sd=9 * MMHG, narrowing=0.3, determined=determined,
        )
        for name, determined in (("systemic_resistance", True), ("venous_tone", False))
    )  # fmt: skip
    fit = Fit(rows, parameters, ("PCWP is 3 sd away.",), np.zeros(len(LEVERS)), np.eye(len(LEVERS)))
    seen = observation(record)
    return FakeTwin(
        record=record,
        baseline=Solution(fake_beat(), Outcome.STEADY, 12),
        fit=fit,
        observation=seen,
        conditions=seen.conditions,
        ensemble=tuple(
            SimpleNamespace(values=0.1 * row, residuals=row) for row in np.eye(len(LEVERS))
        ),
        numbers=fake_numbers(fake_beat()),
    )


def fake_untreated(twin: FakeTwin) -> HeartsUnder:
    """The hearts that are also predicted with: their numbers lie around those of the twin."""
    spread = 1.0 + 0.05 * np.linspace(-1.0, 1.0, 24)
    members = {name: tuple(value * spread) for name, value in twin.numbers.items()}
    bands = {
        name: Band(*(value * factor for factor in (0.9, 0.95, 1.05, 1.1)))
        for name, value in twin.numbers.items()
    }
    return HeartsUnder(twin.numbers, bands, members, tuple(range(24)), 24)


class Origin(NamedTuple):
    """Like ``Provenance``, whose module is slow to load."""

    name: str
    value: str


def fake_heart(name: str) -> SimpleNamespace:
    """Large: its left ventricle holds more than the twin's."""
    return SimpleNamespace(
        name=name,
        given={Cavity.LV: 200 * ML},
        volumes={Cavity.LV: 198 * ML, Cavity.RV: 150 * ML},
        provenance={
            Structure.LV_BLOOD: Origin("MEASURED", "measured"),
            Structure.AORTA: Origin("TEMPLATE", "from the template"),
        },
        quality=SimpleNamespace(
            n_tets=1234, volume=150 * ML, least_angle=12.0, greatest_angle=150.0, inverted=0
        ),
        findings=("31 enclosed holes filled.",),
    )
