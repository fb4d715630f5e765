"""Parsing the command line and turning endings into exit statuses.

0 done, 1 it could not be done (input refused, no fit, the heart failed), 2 wrong usage,
130 interrupted.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TypeAlias

from organtwin import PURPOSE, __version__
from organtwin.commands.course_options import add_course
from organtwin.commands.drug_options import DRUG_COMMANDS, add_drug_commands
from organtwin.commands.follow_options import add_follow_options
from organtwin.commands.heart_options import add_heart_options
from organtwin.commands.memory_options import MEMORY_COMMANDS, add_library, add_memory_commands
from organtwin.commands.pacing_options import add_pacing_map
from organtwin.commands.plan_options import add_insist, add_therapies
from organtwin.commands.report_options import add_report
from organtwin.errors import InputError, OrganTwinError, UnknownNameError, UsageError

_COMMANDS = (
    "window", "import", "fit", "follow", "predict", "compare", "ramp", "course",
    "pacing-map", "report", "render", "heart", "ecg", "cases", "therapies", "conditions",
    *DRUG_COMMANDS, *MEMORY_COMMANDS,
)  # fmt: skip


def run(arguments: list[str]) -> int:
    """Run one command line."""
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(errors="backslashreplace")  # a title may hold what the terminal cannot show
    if not arguments or arguments[0] not in (*_COMMANDS, "-h", "--help", "--version"):
        _refuse_misspelt_command(arguments)
        arguments = ["window", *arguments]
    options = _parser().parse_args(arguments)
    try:
        status = int(options.action(options))
        sys.stdout.flush()  # at exit it would be too late to tell that the reader has left
    except OrganTwinError as error:
        return _report(error, as_json=getattr(options, "json", False))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of a pipe has left, as `| head` does; there is nobody to tell.
        _abandon_output()
        return 0
    except OSError as error:
        place = error.filename or "standard output"
        print(f"organtwin: {place}: {error.strerror or error}", file=sys.stderr)
        _abandon_output()
        return 1
    return status


def _refuse_misspelt_command(arguments: list[str]) -> None:
    """``organtwin fti default`` is meant as a command, not as the name of a case."""
    word = arguments[0] if arguments else ""
    error = UnknownNameError("command", word, _COMMANDS)
    if error.suggestions and not Path(word).exists():
        _parser().error(str(error))


def _abandon_output() -> None:
    """Let nothing be written at exit, where it would fail once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report(error: OrganTwinError, *, as_json: bool) -> int:
    """Tell an error, as JSON too where it was asked for; the exit status."""
    print(f"organtwin: {error}", file=sys.stderr)
    if as_json:
        facts = {"type": type(error).__name__, "message": str(error)}
        if isinstance(error, InputError):
            names = ("source", "field", "expected", "got", "remedy")
            facts |= {name: getattr(error, name) for name in names}
        print(json.dumps({"error": facts}, indent=2))
    return 2 if isinstance(error, UsageError) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="organtwin",
        description=f"One patient's heart as a mechanistic twin. {PURPOSE}.",
        epilog="CASE is the name of a bundled case (see: organtwin cases) or a case file.",
    )
    parser.add_argument("--version", action="version", version=f"organtwin {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_window(commands)
    _add_import(commands)
    _add_fit(commands)
    _add_follow(commands)
    _add_predict(commands)
    _add_compare(commands)
    add_report(commands)
    _add_ramp(commands)
    add_course(commands)
    add_pacing_map(commands)
    _add_render(commands)
    _add_heart(commands)
    _add_ecg(commands)
    add_memory_commands(commands)
    add_drug_commands(commands)
    for name, what, action in (
        ("cases", "list the bundled cases", _cases),
        ("therapies", "list the therapies", _therapies),
        ("conditions", "list the conditions that a case may state", _conditions),
    ):
        listing = commands.add_parser(name, help=what, description=what.capitalize())
        listing.add_argument("--json", action="store_true", help="print JSON")
        listing.set_defaults(action=action)
    return parser


Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _add_window(commands: Commands) -> None:
    window = commands.add_parser(
        "window",
        help="open the window (default); without a display, draw the same into a folder",
    )
    window.add_argument("case", nargs="?", metavar="CASE", help="case to open")
    window.add_argument("--offscreen", action="store_true", help="draw into a folder anyway")
    window.add_argument("--out", type=Path, default=Path("out"), help="that folder (default: out)")
    window.add_argument("--profile-start", action="store_true", help=argparse.SUPPRESS)
    window.add_argument("--json", action="store_true", help="print JSON (off screen)")
    window.set_defaults(action=_window)


def _add_import(commands: Commands) -> None:
    intake = commands.add_parser(
        "import", help="make a case of files: recordings, FHIR, HL7, DICOM reports, tables, hearts"
    )
    intake.add_argument("files", nargs="+", type=Path, metavar="FILE")
    intake.add_argument(
        "--into", type=Path, metavar="CASE",
        help="case file to make or to add to (default: a new one in this folder)",
    )  # fmt: skip
    intake.add_argument(
        "--keep-identity", action="store_true",
        help="keep names, dates and files as they are (default: de-identify)",
    )  # fmt: skip
    intake.add_argument(
        "--same-patient", action="store_true", help="files that name different patients are of one"
    )
    intake.add_argument("--check", action="store_true", help="only say what would be done")
    intake.add_argument("--json", action="store_true", help="print JSON")
    intake.set_defaults(action=_import)


def _add_fit(commands: Commands) -> None:
    fit = commands.add_parser("fit", help="fit the twin of a case and say how well it fits")
    fit.add_argument("case", metavar="CASE")
    fit.add_argument(
        "--identifiability", action="store_true",
        help="what the data tell of each parameter, and what to measure next",
    )  # fmt: skip
    fit.add_argument("--json", action="store_true", help="print JSON")
    fit.set_defaults(action=_fit)


def _add_predict(commands: Commands) -> None:
    predict = commands.add_parser("predict", help="predict the response to therapies")
    predict.add_argument("case", metavar="CASE")
    add_therapies(predict, required=True)
    predict.add_argument("--patient", metavar="ID", help="enter the forecast in the ledger")
    add_library(predict)
    predict.add_argument("--json", action="store_true", help="print JSON")
    predict.set_defaults(action=_predict)


def _add_compare(commands: Commands) -> None:
    compare = commands.add_parser(
        "compare", help="predict several plans and say which is better, heart by heart"
    )
    compare.add_argument("case", metavar="CASE")
    compare.add_argument(
        "--plan", action="append", required=True, metavar='"NAME DOSE UNIT + ..."',
        help='e.g. "dobutamine 5 ug/kg/min + fluid 250 mL"; repeat for up to four plans',
    )  # fmt: skip
    compare.add_argument(
        "--outcomes", default="cardiac_output,pcwp", metavar="A,B",
        help="outcomes in which a plan must be better (default: cardiac_output,pcwp); "
        "a sign before a name says which way is better, e.g. +lv_edp",
    )  # fmt: skip
    add_insist(compare)
    compare.add_argument("--json", action="store_true", help="print JSON")
    compare.set_defaults(action=_compare)


def _add_ramp(commands: Commands) -> None:
    ramp = commands.add_parser("ramp", help="step a pump's speed and show the heart at each")
    ramp.add_argument("case", metavar="CASE")
    ramp.add_argument(
        "--device", default="lvad", help="lvad, impella_cp, ecmo, ... (default: lvad)"
    )
    ramp.add_argument(
        "--speeds", default="4600,5000,5400,5800,6200", metavar="A,B,C",
        help="settings in the device's unit (default: 4600,5000,5400,5800,6200)",
    )  # fmt: skip
    add_therapies(ramp)
    ramp.add_argument("--json", action="store_true", help="print JSON")
    ramp.set_defaults(action=_ramp)


def _add_render(commands: Commands) -> None:
    render = commands.add_parser("render", help="draw the heart of a case, or export it")
    render.add_argument("case", metavar="CASE")
    render.add_argument("--out", type=Path, metavar="PNG", help="picture to write")
    render.add_argument("--movie", type=Path, metavar="MP4", help="movie of two beats to write")
    render.add_argument(
        "--export", type=Path, metavar="FILE",
        help="3D model to write: .stl or .ply (surface, mm), .glb (surface, m), .vtu (tissue, m)",
    )  # fmt: skip
    render.add_argument("--beat", action="store_true", help="export the whole beat, not one phase")
    render.add_argument("--view", default="AP", help='AP, "LAO 45", ... (default: AP)')
    render.add_argument(
        "--field",
        default="region",
        help="region, strain, activation, voltage, recovery, duration, or doubt (minutes)",
    )
    for option, what in (("hide", "leave out"), ("show", "add")):
        render.add_argument(
            f"--{option}", action="append", default=[], metavar="LAYER",
            help=f"{what} walls, vessels, coronaries, blood, fibers, conduction, ...; repeat",
        )  # fmt: skip
    render.add_argument(
        "--torso", action="store_true", help="from farther back, in the trunk with electrodes"
    )
    render.add_argument("--phase", type=float, default=0.0, help="share of the beat, 0 to 1")
    render.add_argument("--size", default="1280x960", help="pixels, e.g. 1920x1080")
    add_therapies(render)
    render.add_argument("--json", action="store_true", help="print JSON")
    render.set_defaults(action=_render)


def _add_heart(commands: Commands) -> None:
    heart = commands.add_parser(
        "heart", help="make a heart of a patient's images or meshes and say what was measured"
    )
    add_heart_options(heart)
    heart.set_defaults(action=_heart)


def _add_ecg(commands: Commands) -> None:
    ecg = commands.add_parser("ecg", help="examine a recorded ECG: leads, intervals, patterns")
    ecg.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="a recording; see FORMAT.md for what is read",
    )
    ecg.add_argument(
        "--fit", action="store_true",
        help="find the activations of the heart that explain it (minutes)",
    )  # fmt: skip
    ecg.add_argument("--members", type=int, metavar="N", help="how many explanations (with --fit)")
    ecg.add_argument("--json", action="store_true", help="print JSON")
    ecg.set_defaults(action=_ecg)


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _add_follow(commands: Commands) -> None:
    follow = commands.add_parser(
        "follow", help="keep the twin of a case in step with a live source, and tell what happens"
    )
    add_follow_options(follow)
    follow.set_defaults(action=_follow)


def _window(options: argparse.Namespace) -> int:
    if options.offscreen or not _has_display():
        from organtwin.commands.offscreen import draw_everything

        return draw_everything(options.case, options.out, as_json=options.json)
    from organtwin.app import run_window

    return run_window(options.case, profile_start=options.profile_start)


def _import(options: argparse.Namespace) -> int:
    from organtwin.commands.intake import import_files

    return import_files(options)


def _fit(options: argparse.Namespace) -> int:
    from organtwin.commands.twins import show_fit

    return show_fit(options.case, as_json=options.json, told=options.identifiability)


def _follow(options: argparse.Namespace) -> int:
    from organtwin.commands.follow import follow

    return follow(options)


def _predict(options: argparse.Namespace) -> int:
    from organtwin.commands.twins import show_prediction

    return show_prediction(options)


def _compare(options: argparse.Namespace) -> int:
    from organtwin.commands.compare import show_comparison

    return show_comparison(options)


def _ramp(options: argparse.Namespace) -> int:
    from organtwin.commands.ramp import show_ramp

    return show_ramp(
        options.case, options.device, options.speeds, options.therapy, as_json=options.json,
        insist=options.insist,
    )  # fmt: skip


def _render(options: argparse.Namespace) -> int:
    from organtwin.commands.pictures import render

    return render(options)


def _heart(options: argparse.Namespace) -> int:
    from organtwin.commands.own_heart import show_heart

    return show_heart(options)


def _ecg(options: argparse.Namespace) -> int:
    if options.fit:
        from organtwin.commands.ecg_fit import show_ecg_fit

        return show_ecg_fit(options.file, members=options.members, as_json=options.json)
    from organtwin.commands.ecg import show_ecg

    return show_ecg(options.file, as_json=options.json)


def _cases(options: argparse.Namespace) -> int:
    from organtwin.commands.listings import list_cases

    return list_cases(as_json=options.json)


def _therapies(options: argparse.Namespace) -> int:
    from organtwin.commands.listings import list_therapies

    return list_therapies(as_json=options.json)


def _conditions(options: argparse.Namespace) -> int:
    from organtwin.commands.listings import list_conditions

    return list_conditions(as_json=options.json)
