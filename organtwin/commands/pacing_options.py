"""Options of ``organtwin pacing-map``; its work is imported when asked."""

import argparse
from pathlib import Path
from typing import TypeAlias

from organtwin.commands.plan_options import add_therapies
from organtwin.simulation.pacing import Lead, Mode

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
KINDS = ("timing", "modes", "sites")


def add_pacing_map(commands: Commands) -> None:
    """Add the command to the command line."""
    found = commands.add_parser(
        "pacing-map", help="what settings of a pacemaker do to pump and QRS, and which are best"
    )
    found.add_argument("case", metavar="CASE")
    found.add_argument(
        "--over", choices=KINDS, default="timing",
        help="timing: AV against VV delay; modes: against AV delay; sites of the LV lead: against "
        "VV delay (default: timing)",
    )  # fmt: skip
    found.add_argument(
        "--mode", choices=[str(m) for m in Mode if m is not Mode.OFF],
        default=str(Mode.BIVENTRICULAR), help="which electrodes pace (default: biventricular)",
    )  # fmt: skip
    found.add_argument("--atrial", action="store_true", help="pace the atrium too")
    found.add_argument("--av", type=float, default=120.0, metavar="MS", help="AV delay of sites")
    found.add_argument(
        "--lead", action="append", default=[], metavar="LEAD=SITE",
        help=f"site of a lead ({', '.join(Lead)}) by name; repeat",
    )  # fmt: skip
    found.add_argument("--csv", type=Path, metavar="FILE", help="write every setting as CSV")
    add_therapies(found)
    found.add_argument("--json", action="store_true", help="print JSON")
    found.set_defaults(action=_pacing_map)


def _pacing_map(options: argparse.Namespace) -> int:
    from organtwin.commands.pacing import show_pacing_map

    return show_pacing_map(options)
