"""Commands of the library, the ledger and cases as one file; their work is imported when asked."""

import argparse
from pathlib import Path
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
MEMORY_COMMANDS = ("visit", "history", "ledger", "pack", "unpack")


def add_memory_commands(commands: Commands) -> None:
    """Add them to the command line."""
    _add_visit(commands)
    _add_history(commands)
    _add_ledger(commands)
    _add_archives(commands)


def add_library(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the library."""
    parser.add_argument(
        "--library", type=Path, metavar="FILE", help="library (default: the user's own)"
    )


def _add_visit(commands: Commands) -> None:
    visit = commands.add_parser(
        "visit", help="fit a case from what is known of the patient, and keep it as a visit"
    )
    visit.add_argument("case", metavar="CASE")
    visit.add_argument("--patient", required=True, metavar="ID", help="whose visit it is")
    add_library(visit)
    visit.add_argument("--day", metavar="DATE", help="of the visit, where the case states none")
    visit.add_argument(
        "--followed", action="append", type=int, default=[], metavar="N",
        help="the plan of forecast N was carried out before: score it by this visit; repeat",
    )  # fmt: skip
    visit.add_argument("--json", action="store_true", help="print JSON")
    visit.set_defaults(action=_visit)


def _add_history(commands: Commands) -> None:
    history = commands.add_parser("history", help="fitted parameters of a patient over the visits")
    history.add_argument("patient", metavar="PATIENT")
    history.add_argument(
        "--parameter", action="append", default=[], metavar="NAME", help="only this one; repeat"
    )
    add_library(history)
    history.add_argument("--json", action="store_true", help="print JSON")
    history.set_defaults(action=_history)


def _add_ledger(commands: Commands) -> None:
    ledger = commands.add_parser(
        "ledger", help="forecasts and how they turned out, or score one by what was measured"
    )
    add_library(ledger)
    ledger.add_argument("--patient", metavar="ID", help="only this patient's")
    ledger.add_argument("--score", type=int, metavar="N", help="score forecast N (see --measured)")
    ledger.add_argument(
        "--measured", action="append", default=[], metavar='"NAME VALUE UNIT [SD]"',
        help='e.g. "systolic_pressure 124 mmHg 4", after the plan had been carried out; repeat',
    )  # fmt: skip
    ledger.add_argument("--on", metavar="DATE", help="day of the measurement, as 2025-03-01")
    ledger.add_argument(
        "--again", action="store_true", help="score what is scored already; the earlier row stays"
    )
    ledger.add_argument("--json", action="store_true", help="print JSON")
    ledger.set_defaults(action=_ledger)


def _add_archives(commands: Commands) -> None:
    pack = commands.add_parser("pack", help="write a case with all its files as one file")
    pack.add_argument("case", metavar="CASE")
    pack.add_argument("archive", type=Path, metavar="FILE.otwin")
    pack.set_defaults(action=_pack)
    unpack = commands.add_parser("unpack", help="unpack a case that came as one file")
    unpack.add_argument("archive", type=Path, metavar="FILE.otwin")
    unpack.add_argument("folder", type=Path, metavar="FOLDER", help="does not exist yet")
    unpack.set_defaults(action=_unpack)
    for parser in (pack, unpack):
        parser.add_argument("--json", action="store_true", help="print JSON")


def _visit(options: argparse.Namespace) -> int:
    from organtwin.commands.visits import add_visit

    return add_visit(options)


def _history(options: argparse.Namespace) -> int:
    from organtwin.commands.visits import show_history

    return show_history(options)


def _ledger(options: argparse.Namespace) -> int:
    from organtwin.commands.ledger import show_ledger

    return show_ledger(options)


def _pack(options: argparse.Namespace) -> int:
    from organtwin.commands.archives import pack_case

    return pack_case(options.case, options.archive, as_json=options.json)


def _unpack(options: argparse.Namespace) -> int:
    from organtwin.commands.archives import unpack_case

    return unpack_case(options.archive, options.folder, as_json=options.json)
