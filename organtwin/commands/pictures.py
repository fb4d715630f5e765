"""``organtwin render``: stills and movies of a case."""

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from organtwin.commands.progress import shown
from organtwin.commands.targets import check_one_of, check_target
from organtwin.commands.twins import fitted_twin, own_heart, prediction_for, written_plan
from organtwin.errors import UsageError

if TYPE_CHECKING:
    from organtwin.patient.record import PatientRecord
    from organtwin.therapy.implants import Implant
    from organtwin.therapy.plan import TherapyPlan
    from organtwin.twin.electrics import ElectricAnswer
    from organtwin.twin.own_heart import OwnHeart


@dataclass(frozen=True, slots=True)
class FrameStep:
    """Progress of a movie."""

    fraction: float
    message: str = "Drawing the movie"


ELECTRIC = frozenset({"activation", "voltage", "recovery", "duration", "doubt"})
"""Fields that need the electrics of the record."""
LETTER = 7
"""[pixels] A little more than a letter of a caption takes: 70 of them filled 430."""
ELECTRIC_LAYERS = frozenset({"conduction", "torso"})
"""Layers that need them too."""


def electrics(record: "PatientRecord", heart: "OwnHeart | None", field: str) -> "ElectricAnswer":
    """The electrics of a record, with progress; for its doubt they are fitted to its ECG."""
    from organtwin.twin.ecg_fitting import fitting_electrics
    from organtwin.twin.electrics import DOUBT, electric_answers

    if field == DOUBT:
        fits = shown(fitting_electrics(record, heart))
        return [step.fitted.answer for step in fits if step.fitted is not None][-1]
    return [step.answer for step in shown(electric_answers(record, heart)) if step.answer][-1]


def render(options: argparse.Namespace) -> int:
    """Draw what the options ask for; see ``organtwin render --help``."""
    _check(options)
    plan = written_plan(options.therapy)
    from organtwin.scene.offscreen import Look, render_movie, render_png
    from organtwin.twin.beating import beating

    twin = fitted_twin(options.case)
    beat, heart, ghost, caption = twin.baseline.beat, own_heart(twin), None, twin.record.title
    if plan:
        prediction = prediction_for(twin, plan, insist=options.insist)
        ghost = beating(beat, heart, twin)
        beat, caption = prediction.solution.beat, f"{caption}\n{prediction.plan}"
        if prediction.beyond:
            caption = f"EXTRAPOLATION, outside the checked range\n{caption}"
    motion = beating(beat, heart, twin)
    hidden, size = _hidden(options), _size(options.size)
    if options.field in ELECTRIC or options.export or not hidden >= ELECTRIC_LAYERS:
        motion.electrics = electrics(twin.record, heart, options.field).surface
    look = Look(
        options.field, options.view, size, wrapped(caption, size[0]), ghost, hidden=hidden,
        markings=twin.record.markings,
        implants=_implants(plan, prediction.after if plan else twin.numbers),
    )  # fmt: skip
    written = []
    if options.out:
        render_png(motion, options.out, look, phase=options.phase % 1.0)
        written.append(options.out)
    if options.movie:
        frames: Iterator[float] = render_movie(motion, options.movie, look)
        for _ in shown(FrameStep(share) for share in frames):
            pass
        written.append(options.movie)
    if options.export:
        from organtwin.scene.exporting import Export, export

        wanted = Export(options.phase, options.beat, hidden)
        written += export(motion, options.export, wanted)
    paths = [str(path) for path in written]
    print(json.dumps({"written": paths}) if options.json else "\n".join(paths))
    return 0


def wrapped(caption: str, width: int) -> str:
    """A caption in lines that fit a picture so wide [pixels]."""
    fitting = max(width // LETTER, 1)
    return "\n".join(line for part in caption.splitlines() for line in wrap(part, fitting))


def _implants(plan: "TherapyPlan", numbers: Mapping[str, float]) -> "tuple[Implant, ...]":
    """What the plan and the patient bring into the picture, as in the window."""
    from organtwin.session.draft import Draft
    from organtwin.therapy.implants import implants

    electrics = Draft(plan.therapies).electric_plan
    return implants(plan.therapies, electrics, numbers.get("pericardial_effusion", 0.0))


def _hidden(options: argparse.Namespace) -> frozenset[str]:
    """The layers that are left out."""
    from organtwin.scene.layers import HIDDEN_AT_FIRST, TORSO

    shown = {*options.show, TORSO} if options.torso else set(options.show)
    return (HIDDEN_AT_FIRST | set(options.hide)) - shown


def _check(options: argparse.Namespace) -> None:
    from organtwin.scene.camera import PRESETS
    from organtwin.scene.exporting import SUFFIXES
    from organtwin.scene.fields import FIELDS, REGION
    from organtwin.scene.layers import LAYERS

    targets = {name: getattr(options, name) for name in ("out", "movie", "export")}
    if all(path is None for path in targets.values()):
        raise UsageError(
            "render", "--out", expected="a file to write",
            got="none of --out, --movie and --export",
            remedy="Add --out heart.png, --movie beat.mp4, --export heart.stl, or several.",
        )  # fmt: skip
    if not 0.0 <= options.phase <= 1.0:
        raise UsageError(
            "render", "--phase", expected="a share of the beat, 0 to 1",
            got=f"{options.phase:g}", remedy="0 is the sinus impulse, 1 the next one.",
        )  # fmt: skip
    check_one_of("render", "--view", options.view, tuple(PRESETS))
    names = tuple(layer.name for layer in LAYERS)
    for option in ("hide", "show"):
        for name in getattr(options, option):
            check_one_of("render", f"--{option}", name, names)
    check_one_of("render", "--field", options.field, (REGION, *FIELDS))
    _size(options.size)
    kinds = {"out": (".png",), "movie": (".mp4",), "export": SUFFIXES}
    for name, path in targets.items():
        if path is not None:
            check_target("render", f"--{name}", path, kinds[name])


def _size(text: str) -> tuple[int, int]:
    try:
        width, height = (int(part) for part in text.lower().split("x"))
    except ValueError:
        width = height = 0
    if not (64 <= width <= 7680 and 64 <= height <= 4320):
        raise UsageError(
            "render", "--size", expected="WIDTHxHEIGHT, 64x64 to 7680x4320 pixels",
            got=repr(text), remedy="Write for example 1920x1080.",
        )  # fmt: skip
    return width, height
