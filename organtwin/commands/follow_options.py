"""The options of ``organtwin follow``; read at every start, so nothing heavy is imported."""

import argparse
from pathlib import Path

DEFAULT_PORT = 2575
"""Registered for HL7 (``link.mllp.PORT``)."""


def add_follow_options(follow: argparse.ArgumentParser) -> None:
    """The case, one source, and what is to be told."""
    follow.add_argument("case", metavar="CASE")
    _add_sources(follow)
    _add_details(follow)
    follow.add_argument(
        "--for", type=float, dest="seconds", metavar="S", help="stop after so long, source time"
    )
    follow.add_argument("--members", type=int, default=100, metavar="N", help="hearts that follow")
    follow.add_argument("--every", type=float, default=5.0, metavar="S", help="between two lines")
    follow.add_argument(
        "--log", type=Path, metavar="FILE", help="everything that happens, as JSON lines"
    )
    follow.add_argument("--json", action="store_true", help="print JSON lines")


def _add_sources(follow: argparse.ArgumentParser) -> None:
    source = follow.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--replay", nargs="+", type=Path, metavar="FILE",
        help="recordings of one moment, played as if they were arriving now",
    )  # fmt: skip
    source.add_argument("--lsl", action="store_true", help="streams of the Lab Streaming Layer")
    source.add_argument(
        "--mllp", nargs="?", const=DEFAULT_PORT, type=int, metavar="PORT",
        help=f"listen for HL7 v2 results (default port: {DEFAULT_PORT})",
    )  # fmt: skip
    source.add_argument(
        "--fhir", metavar="URL", help="ask a FHIR server for cuff pressures and other numbers"
    )
    source.add_argument("--folder", type=Path, metavar="DIR", help="recordings put into a folder")


def _add_details(follow: argparse.ArgumentParser) -> None:
    follow.add_argument("--speed", type=float, default=1.0, help="of a replay, 0.25 to 16")
    follow.add_argument(
        "--from", type=float, dest="begin", metavar="S", help="where a replay begins"
    )
    follow.add_argument(
        "--name", action="append", default=[], metavar="NAME",
        help="of an LSL stream; repeat for several (default: those of type ECG and vitals)",
    )  # fmt: skip
    follow.add_argument("--bind", default="", metavar="ADDRESS", help="to listen on for HL7")
    follow.add_argument(
        "--allow", action="append", default=[], metavar="PEER",
        help="address or network that may send HL7; needed beyond this computer; repeat",
    )  # fmt: skip
    follow.add_argument(
        "--token", type=Path, metavar="FILE", help="file with the access token of the FHIR server"
    )
    follow.add_argument("--patient", metavar="ID", help="on the FHIR server; in HL7: PID-3")
