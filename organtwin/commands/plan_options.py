"""What several commands ask of a plan in the same words."""

import argparse


def add_therapies(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """``--therapy`` and ``--insist``."""
    parser.add_argument(
        "--therapy", action="append", default=[], required=required, metavar='"NAME DOSE UNIT"',
        help='e.g. "dobutamine 5 ug/kg/min"; repeat for several at once',
    )  # fmt: skip
    add_insist(parser)


def add_insist(parser: argparse.ArgumentParser) -> None:
    """``--insist`` alone, where therapies are asked for otherwise."""
    parser.add_argument(
        "--insist", action="store_true",
        help="outside the checked range, show what is marked as extrapolation instead of declining",
    )  # fmt: skip
