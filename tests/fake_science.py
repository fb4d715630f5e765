"""A science of a few lines: quick, deterministic, and shaped like the real one.

Its heart rate follows the dose of the drug called "pacing"; "bleeding" empties the heart above
half of its range; "fluid" fills it; "poison" raises, above half as a
refusal.
"""

import threading
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from organtwin.errors import InputError, ParameterError, RecordError
from organtwin.patient.geometry.inspection import FileKind, HeartFiles, InspectedFile, LabelRow
from organtwin.patient.geometry.mapping import preset
from organtwin.patient.geometry.source import HeartSource
from organtwin.patient.geometry.voxelizing import likely_part
from organtwin.patient.intake import Intake
from organtwin.patient.intake_reading import TakenFile
from organtwin.patient.intake_saving import SavedIntake
from organtwin.patient.measurement import Measurement
from organtwin.patient.numbers.found import Identity, Reason, Unused
from organtwin.patient.record import PatientRecord
from organtwin.session.plan_science import PlanScience
from organtwin.session.science import HEART, IMPORT, OPEN, Science
from organtwin.simulation.beat import Outcome, Solution
from organtwin.simulation.pacing import Mode
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.beyond import Beyond
from organtwin.twin.driving import Driver, Drivers
from organtwin.twin.model_doubt import Band
from organtwin.twin.pacing_grids import timing_grid
from organtwin.twin.pacing_map import ELECTRIC, PUMPED, PacingMap
from organtwin.twin.pacing_survey import Survey, SurveyStep
from organtwin.units import ML
from tests.fake_planning import fake_planning
from tests.fake_values import (
    KINDS,
    fake_beat,
    fake_evidence,
    fake_heart,
    fake_numbers,
    fake_record,
    fake_twin,
    fake_untreated,
)
from tests.synthetic_ecg import comparison

DRIVERS = Drivers(
    (
        Driver("Pacing: effect on rate", 0.7, rising=True, of_therapy=True),
        Driver("Left contractility", 0.3, rising=False, of_therapy=False, first=2, last=3),
    ),
    patient=0.28, therapy=0.65, other=0.07,
)  # fmt: skip


def fake_survey_steps(plan, over):
    """Two AV delays by three VV delays; the best is the last but one, and the last as good."""
    av, vv = (0.1, 0.15), (-0.02, 0.0, 0.02)
    grid = timing_grid(replace(plan.pacemaker, mode=Mode.BIVENTRICULAR), av, vv)
    worth = np.array([1.0, 1.1, 1.2, 1.3, 1.5, 1.4999])
    values = dict.fromkeys((*PUMPED, *ELECTRIC), worth)
    found = PacingMap(grid.settings, dict.fromkeys(values, 1.0), values, np.ones(6))
    return [SurveyStep(1.0, "mapped", Survey(over, grid, found))]


def fake_files(files: Sequence[Path]) -> HeartFiles:
    """A label image of three values if it is called so, else surfaces named by their parts."""
    if files[0].suffix == ".nii":
        told = (InspectedFile(files[0], FileKind.IMAGE, "10 x 10 x 10 voxels of 1 x 1 x 1 mm"),)
        labels = (
            LabelRow(1, "RV", 90_000, 90 * ML),
            LabelRow(2, "", 120_000, 120 * ML),
            LabelRow(3, "LV", 118_000, 118 * ML),
        )
        names = ("acdc", "organtwin", "whole_heart")
        presets = {name: preset(name) for name in names}
        return HeartFiles(told, labels, presets, ("acdc", "organtwin"))
    kind = FileKind.CONTOURS if files[0].suffix == ".txt" else FileKind.SURFACE
    told = tuple(InspectedFile(f, kind, "8 triangles", likely_part(f.stem)) for f in files)
    return HeartFiles(told, frames=(3, 7) if kind is FileKind.CONTOURS else ())


@dataclass
class Lab:
    """The fake's knobs: gates hold work back until the test opens them."""

    with_leads: bool = False
    """Whether the electrics come with an ECG."""
    fit_gate: threading.Event = field(default_factory=threading.Event)
    predict_gate: threading.Event = field(default_factory=threading.Event)
    band_gate: threading.Event = field(default_factory=threading.Event)
    heart_gate: threading.Event = field(default_factory=threading.Event)
    predicted: list[TherapyPlan] = field(default_factory=list)
    hearts: dict[str, str] = field(default_factory=dict)
    """Stands for the files of the heart, by case."""
    opened: list[str] = field(default_factory=list)
    sources: list[HeartSource | str] = field(default_factory=list)
    """What hearts were built from."""

    examined: list[HeartSource] = field(default_factory=list)
    examination: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(outlines=(), findings=(), refused=False)
    )

    def examine(self, source: HeartSource) -> SimpleNamespace:
        self.examined.append(source)
        return self.examination

    saved: list[tuple[PatientRecord, Path]] = field(default_factory=list)

    def save(self, record: PatientRecord, path: Path) -> PatientRecord:
        if path.name == "locked.toml":
            raise PermissionError(13, "Permission denied", str(path))
        self.saved.append((record, path))
        return replace(record, case_file=path)

    imported: list[tuple[Intake, Path]] = field(default_factory=list)

    def take_in(self, files: Sequence[Path]) -> Iterator[TakenFile]:
        """Files that end in ``bad`` are refused; each other one has a heart rate."""
        for file in files:
            if file.stem.endswith("bad"):
                error = RecordError("x", "file", expected="a", got="b", remedy="Mend it.")
                yield TakenFile(file, "refused", error=error)
                continue
            rate = Measurement("heart_rate", 1.2, 0.1, None, "made up")
            who = Identity(frozenset({file.stem[:1]}))
            unused = (Unused("Glucose", Reason.UNKNOWN, count=3),)
            yield TakenFile(
                file, "HL7 v2", "1 quantities", (rate,), identity=who, unused=unused,
                private=("PID-5",),
            )  # fmt: skip

    def make_case(self, intake: Intake, target: Path) -> SavedIntake:
        intake.check()
        self.imported.append((intake, target))
        return SavedIntake(replace(fake_record("Imported"), case_file=target), target)

    def __post_init__(self) -> None:
        self.fit_gate.set()
        self.predict_gate.set()
        self.band_gate.set()
        self.heart_gate.set()

    def load(self, source: str) -> PatientRecord:
        self.opened.append(source)
        if source.endswith("broken.json"):
            raise RecordError(
                "broken.json", "measurement[3].unit", expected="a unit such as 'mmHg'",
                got="'mmHgg'", remedy="Write the unit as 'mmHg'.",
            )  # fmt: skip
        record = fake_record("Case two" if source == "two" else "Case one")
        return replace(record, heart=self.hearts.get(source))

    library: Path = Path("no library")
    unsaved: Path = Path("nothing unsaved")
    priors: list[object] = field(default_factory=list)
    """What each fit began from."""

    def fit(self, record, prior):
        self.priors.append(prior)
        for step in range(5):
            while not self.fit_gate.wait(0.005):
                yield SimpleNamespace(fraction=step / 5, message=f"trial {step}", twin=None)
            yield SimpleNamespace(fraction=step / 5, message=f"trial {step}", twin=None)
        yield SimpleNamespace(fraction=1.0, message="done", twin=fake_twin(record))

    def electrics(self, record, heart):
        """An activation that everybody can recognise, and leads to go with it."""
        yield SimpleNamespace(fraction=0.5, message="electrics", answer=None)
        answer = SimpleNamespace(
            beat=None,
            comparison=comparison() if self.with_leads else None,
            surface="computed",
            cycle=1.0,
            pump=None,
        )
        yield SimpleNamespace(fraction=1.0, message="electrics", answer=answer)

    def fit_electrics(self, record, heart):
        """One explanation with all that the window shows of it."""
        for step in range(3):
            while not self.fit_gate.wait(0.005):
                yield SimpleNamespace(fraction=step / 3, message="fitting", fitted=None)
        answer = SimpleNamespace(
            beat=None, comparison=comparison(), surface="fitted", cycle=1.0, pump="own pump"
        )
        found = SimpleNamespace(
            answer=answer, members=(1,) * 96, rivals=(), qrs_correlation=0.953,
            qrst_correlation=0.91, blocked={"left_bundle": 0.97, "right_bundle": 0.02},
        )  # fmt: skip
        yield SimpleNamespace(fraction=1.0, message="fitted", fitted=found)

    replans: list[object] = field(default_factory=list)

    surveys: list[object] = field(default_factory=list)

    def map_pacing(self, answer, twin, plan, therapies, over, *, insist):
        """The settings of a small grid, each worth its AV delay."""
        self.surveys.append((plan, over))
        while not self.fit_gate.wait(0.005):
            yield SurveyStep(0.4, "mapping")
        yield from fake_survey_steps(plan, over)

    def replan(self, answer, plan):
        """An answer that everybody can tell from the first."""
        self.replans.append(plan)
        return SimpleNamespace(
            comparison=answer.comparison
            and replace(answer.comparison, planned=replace(answer.comparison.model)),
            surface=f"computed for {len(plan.steps)}",
            effect=SimpleNamespace(cycle=None, remarks=()),
            pump=None
            if "AV_NODE" in plan.blocked
            else f"pump under {plan.conduction or plan.pacemaker.mode}",
        )

    def beyond(self, twin, plan):
        """Fluid between 9 and 10 was checked in nobody; all of 10 is for other tests."""
        high = [t for t in plan.therapies if t.kind.name == "fluid" and 9.0 < t.dose < 10.0]
        return tuple(
            Beyond("Fluid", f"{t.dose:g} mL", "0 to 9 mL", "invented", "Give less.", ("fluid",))
            for t in high
        )

    drugged: list[object] = field(default_factory=list)

    def replan_under_drugs(self, answer, plan, therapies, cycle):
        """QTc grows with the dose; refused above 50."""
        self.drugged.append((plan, tuple(t.dose for t in therapies), cycle))
        yield SimpleNamespace(fraction=0.5, message="pacing cells", answer=None)
        dose = sum(t.dose for t in therapies)
        if dose > 50.0:
            raise InputError("drug", "sodium", expected="30 %", got="10 %", remedy="Less.")
        found = self.replan(answer, plan)
        found.surface = f"under {dose:g}"
        found.effect = SimpleNamespace(cycle=cycle or 1.0, remarks=("Sodium current is low.",))
        qtc = 0.4 + 0.01 * dose
        found.comparison = replace(comparison(), intervals={"QTc": (None, 0.4, qtc)})
        yield SimpleNamespace(fraction=1.0, message="predicted", answer=found)

    doubted: list[object] = field(default_factory=list)

    def plan_doubt(self, fitted, planned):
        self.doubted.append(planned)
        answer = SimpleNamespace(**{**vars(planned), "surface": "doubted"})
        yield SimpleNamespace(fraction=1.0, message="doubted", answer=answer)

    excited: list[object] = field(default_factory=list)

    def own_activation(self, twin, excitation):
        self.excited.append(excitation)
        yield SimpleNamespace(fraction=1.0, message="excited", twin=copy(twin))

    def predict(self, twin, plan):
        while not self.predict_gate.wait(0.005):
            yield SimpleNamespace(fraction=0.2, message="beat 2", prediction=None)
        self.predicted.append(plan)
        doses = {t.kind.name: t.dose for t in plan.therapies}
        if "poison" in doses:
            if doses["poison"] > 5.0:
                raise ParameterError("vigour: expected 0 to 1, got 3")
            raise ValueError("poisoned")
        emptied = doses.get("bleeding", 0.0) > 5.0
        filling = doses.get("fluid", 0.0) - doses.get("bleeding", 0.0)
        beat = fake_beat(70.0 + doses.get("pacing", 0.0), 1.0 + 0.05 * filling)
        solution = Solution(
            beat,
            Outcome.EMPTIED if emptied else Outcome.STEADY,
            9,
            "beat 4: the left ventricle ran empty" if emptied else "",
        )
        point = SimpleNamespace(
            plan=plan,
            solution=solution,
            before=fake_numbers(twin.baseline.beat),
            after=fake_numbers(beat),
            warnings=("Outside the checked range.",) if doses.get("pacing", 0) > 8 else (),
            bands={},
            change_bands={},
            drivers={},
            members={},
            beyond=self.beyond(twin, plan),
            survivors=(),
            error_share=1.0,
            certain=frozenset(),
            asked=24,
        )
        yield SimpleNamespace(fraction=0.5, message="steady", prediction=point)
        if not emptied:
            while not self.band_gate.wait(0.005):
                yield SimpleNamespace(fraction=0.5, message="estimating doubt", prediction=None)
            bounded = copy(point)
            bounded.bands = {
                name: Band(*(value * factor for factor in (0.9, 0.95, 1.05, 1.1)))
                for name, value in point.after.items()
            }
            bounded.drivers = {"cardiac_output": DRIVERS}
            bounded.change_bands = {
                name: Band(*(value - point.before[name] + step for step in (-2.0, -1.0, 1.0, 2.0)))
                for name, value in point.after.items()
            }
            spread = 1.0 + 0.05 * np.linspace(-1.0, 1.0, 24)
            bounded.members = {name: tuple(v * spread) for name, v in point.after.items()}
            bounded.survivors = tuple(range(len(spread)))
            bounded.foretold = lambda name: bounded.members.get(name, ())
            yield SimpleNamespace(fraction=1.0, message="predicted", prediction=bounded)

    def inspect(self, files):
        if "broken" in files[0].name:
            raise InputError(
                str(files[0]), "header", expected="348 bytes", got="12", remedy="Copy it again."
            )
        return fake_files(files)

    def heart(self, source):
        while not self.heart_gate.wait(0.005):
            yield SimpleNamespace(fraction=0.3, message="Meshing", heart=None)
        self.sources.append(source)
        if source == "broken":
            raise InputError("h.nii", "values", expected="a heart", got="none", remedy="Look.")
        yield SimpleNamespace(
            fraction=1.0, message="ready", heart=fake_heart(getattr(source, "name", source))
        )

    planning: PlanScience = field(default_factory=fake_planning)
    steps: list = field(default_factory=list)
    """What a live source brings."""
    causes: tuple = ()

    def follow(self, twin, link):
        yield from self.steps

    def science(self) -> Science:
        return Science(
            cases=lambda: (
                SimpleNamespace(name="one", title="Case one", diagnosis="dilated", is_default=True),
                SimpleNamespace(name="two", title="Case two", diagnosis="stiff", is_default=False),
            ),
            load=self.load,
            save=self.save,
            therapies=lambda: KINDS,
            fit=self.fit,
            predict=self.predict,
            beyond=self.beyond,
            evidence=fake_evidence,
            glimpse=lambda record: fake_beat(),
            inspect=self.inspect,
            examine=self.examine,
            dropped=lambda files: (
                HEART
                if files[0].suffix in (".nii", ".ply", ".txt")
                else IMPORT
                if files[0].suffix == ".hl7"
                else OPEN
            ),
            take_in=self.take_in,
            make_case=self.make_case,
            heart=self.heart,
            motion=lambda beat, heart, twin: SimpleNamespace(
                duration=beat.duration, beat=beat, heart=heart
            ),
            electrics=self.electrics,
            fit_electrics=self.fit_electrics,
            untreated=fake_untreated,
            replan=self.replan,
            replan_under_drugs=self.replan_under_drugs,
            plan_doubt=self.plan_doubt,
            own_activation=self.own_activation,
            map_pacing=self.map_pacing,
            follow=self.follow,
            live_beat=lambda heart, interval: (fake_beat(), {"heart_rate": 1.0 / interval}),
            causes=lambda fallen: self.causes,
            library=lambda: self.library,
            unsaved=lambda: self.unsaved,
            planning=self.planning,
            r_peaks=lambda record: (
                (np.arange(12) + 0.3) * 60 / 72 if record.waveforms else np.empty(0)
            ),
        )
