"""Options of ``organtwin report``; its work is imported when asked."""

import argparse
from pathlib import Path
from typing import TypeAlias

from organtwin.commands.plan_options import add_therapies

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_report(commands: Commands) -> None:
    """Add the command to the command line."""
    found = commands.add_parser(
        "report", help="write a report of one page, and a bundle that programs can read"
    )
    found.add_argument("case", metavar="CASE")
    found.add_argument("--out", type=Path, metavar="PDF", help="report to write, one page")
    found.add_argument(
        "--bundle", type=Path, metavar="ZIP",
        help="report, predictions, tables, curves and case in one file",
    )  # fmt: skip
    found.add_argument(
        "--plan", action="append", default=[], metavar='"NAME DOSE UNIT + ..."',
        help="a plan of its own; repeat for up to four, those of --therapy being the first",
    )  # fmt: skip
    found.add_argument(
        "--ecg", action="store_true", help="with a lead of the simulated ECG (takes longer)"
    )
    add_therapies(found)
    found.add_argument("--json", action="store_true", help="print JSON")
    found.set_defaults(action=_report)


def _report(options: argparse.Namespace) -> int:
    from organtwin.commands.report import write_report

    return write_report(options)
