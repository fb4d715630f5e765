"""What ``organtwin course`` takes."""

import argparse
from pathlib import Path
from typing import TypeAlias

from organtwin.commands.plan_options import add_insist

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_course(commands: Commands) -> None:
    """Add the command; what it does is imported when it is called."""
    course = commands.add_parser(
        "course", help="run a plan in time: drugs come and go, the reflex answers"
    )
    course.add_argument("case", metavar="CASE")
    course.add_argument(
        "--therapy", action="append", default=[], required=True, metavar='"NAME DOSE UNIT ..."',
        help='e.g. "dobutamine 5 ug/kg/min from 5 min to 2 h"; repeat for several',
    )  # fmt: skip
    course.add_argument(
        "--duration", default="1 h", metavar='"N UNIT"', help="in s, min, h or d (default: 1 h)"
    )
    course.add_argument(
        "--members", type=int, default=20, metavar="N",
        help="hearts for the 90 %% bands, 0 for the point estimate alone (default: 20)",
    )  # fmt: skip
    course.add_argument("--csv", type=Path, metavar="FILE", help="file for every beat that was run")
    add_insist(course)
    course.add_argument("--json", action="store_true", help="print JSON")
    course.set_defaults(action=_course)


def _course(options: argparse.Namespace) -> int:
    from organtwin.commands.course import show_course

    return show_course(options)
