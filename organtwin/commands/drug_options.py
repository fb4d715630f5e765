"""Commands about drugs and evidence; their work is imported when asked."""

import argparse
from pathlib import Path
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
DRUG_COMMANDS = ("drugs", "evidence")


def add_drug_commands(commands: Commands) -> None:
    """Add them to the command line."""
    _add_drugs(commands)
    _add_evidence(commands)


def _add_drugs(commands: Commands) -> None:
    drugs = commands.add_parser("drugs", help="check a drug file, or list your own drugs")
    actions = drugs.add_subparsers(dest="what", metavar="check | list", required=True)
    check = actions.add_parser(
        "check", help="say whether a drug file would be offered, and why not"
    )
    check.add_argument("file", type=Path, metavar="FILE")
    actions.add_parser("list", help="your own drugs, and files that were refused")
    drugs.set_defaults(action=_drugs)


def _add_evidence(commands: Commands) -> None:
    evidence = commands.add_parser(
        "evidence", help="what a prediction rests on, and how its tests last ended here"
    )
    evidence.add_argument("therapy", nargs="?", metavar="THERAPY")
    evidence.add_argument("--json", action="store_true", help="print JSON")
    evidence.set_defaults(action=_evidence)


def _evidence(options: argparse.Namespace) -> int:
    from organtwin.commands.evidence import show_evidence

    return show_evidence(options.therapy, as_json=options.json)


def _drugs(options: argparse.Namespace) -> int:
    from organtwin.commands.drugs import check_drug, list_own_drugs

    return check_drug(options.file) if options.what == "check" else list_own_drugs()
