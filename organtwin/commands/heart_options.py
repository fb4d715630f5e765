"""Options of ``organtwin heart``; apart from the command, whose imports are heavy."""

import argparse
from pathlib import Path


def add_heart_options(parser: argparse.ArgumentParser) -> None:
    """Add them to a parser."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="see GEOMETRY.md")
    parser.add_argument("--labels", default="", metavar="MAPPING", help="preset or mapping file")
    parser.add_argument(
        "--part", action="append", default=[], metavar="FILE=PART",
        help="what a surface or mask shows, where its name does not tell",
    )  # fmt: skip
    parser.add_argument("--unit", choices=("m", "cm", "mm", "um"), help="of meshes and contours")
    parser.add_argument("--axes", choices=("LPS", "RAS", "unknown"), help="of meshes and contours")
    parser.add_argument("--frame", type=int, help="time frame of contours (default: the first)")
    parser.add_argument(
        "--complete", action="store_true", help="add missing chambers from the template"
    )
    parser.add_argument(
        "--any-position", action="store_true", help="accept a heart that lies unusually"
    )
    parser.add_argument(
        "--spacing", type=float, default=2.0, metavar="MM", help="of the tissue mesh (default: 2)"
    )
    parser.add_argument("--out", type=Path, metavar="PNG", help="picture to write")
    parser.add_argument("--view", default="AP", help='AP, "LAO 45", ... (default: AP)')
    parser.add_argument("--export", type=Path, metavar="FILE", help="model: .vtu .stl .ply .glb")
    parser.add_argument("--json", action="store_true", help="print JSON")
