"""``organtwin heart``: make a heart of a patient's files and say what was measured."""

import argparse
import json
from collections.abc import Iterator

from organtwin.commands.progress import shown
from organtwin.commands.tables import columns
from organtwin.commands.targets import check_one_of, check_target
from organtwin.errors import InputError, UsageError
from organtwin.patient.geometry.label_checks import Position
from organtwin.patient.geometry.source import PART_NAMES, HeartSource
from organtwin.patient.geometry.voxelizing import Part
from organtwin.twin.heart_cache import opening_heart
from organtwin.twin.own_heart import HeartStep, OwnHeart
from organtwin.units import ML

MM = 1e-3


def show_heart(options: argparse.Namespace) -> int:
    """Build the heart of the files named, print the report, write what was asked for."""
    if not 0.8 <= options.spacing <= 6.0:
        raise UsageError(
            "heart", "--spacing", expected="0.8 to 6 mm", got=f"{options.spacing:g}",
            remedy="1.5 mm suits electrics, 2.5 mm is quick.",
        )  # fmt: skip
    _check_outputs(options)
    source = heart_source(options)
    heart = None
    for step in shown(_steps(source, options.spacing * MM)):
        heart = step.heart or heart
    if heart is None:  # unreachable: building either raises or ends with a heart
        raise RuntimeError("the files were read without a heart")
    if options.export is not None:
        from organtwin.scene.exporting import Export, export
        from organtwin.scene.still import StillHeart

        list(export(StillHeart(heart.anatomy), options.export, Export()))
    if options.out is not None:
        from organtwin.scene.offscreen import Look, render_png
        from organtwin.scene.still import StillHeart

        render_png(StillHeart(heart.anatomy), options.out, Look(preset=options.view))
    print(json.dumps(heart_json(heart), indent=2) if options.json else heart_text(heart))
    return 0


def _check_outputs(options: argparse.Namespace) -> None:
    """Refuse a view or a place to write to before anything is built."""
    from organtwin.scene.camera import PRESETS
    from organtwin.scene.exporting import SUFFIXES

    check_one_of("heart", "--view", options.view, tuple(PRESETS))
    for option, path, kinds in (
        ("--out", options.out, (".png",)),
        ("--export", options.export, SUFFIXES),
    ):
        if path is not None:
            check_target("heart", option, path, kinds)


def heart_source(options: argparse.Namespace) -> HeartSource:
    """What the options say about the files.

    Raises
    ------
    UsageError
        A part has no file, or is none.
    """
    parts: dict[str, Part] = {}
    for text in options.part:
        name, _, part = text.rpartition("=")
        if part not in PART_NAMES or name not in {file.name for file in options.files}:
            raise UsageError(
                "heart", "--part", expected="FILE=PART, FILE one of those given",
                got=repr(text), remedy=f"PART is one of {', '.join(PART_NAMES)}.",
            )  # fmt: skip
        parts[name] = PART_NAMES[part]
    return HeartSource(
        tuple(options.files), options.labels, parts, options.unit, options.axes, options.frame,
        options.complete, Position.ANY if options.any_position else Position.USUAL,
    )  # fmt: skip


def _steps(source: HeartSource, spacing: float) -> Iterator[HeartStep]:
    for file in source.files:
        if not file.exists():
            raise InputError(
                str(file), "file", expected="a file", got="nothing there",
                remedy="Check the name and the folder.",
            )  # fmt: skip
    yield from opening_heart(source, tissue_spacing=spacing)


def heart_text(heart: OwnHeart) -> str:
    """The report for people."""
    rows = [
        (
            cavity.name,
            f"{heart.given[cavity] / ML:.1f}" if cavity in heart.given else "–",
            f"{volume / ML:.1f}",
            "mL",
        )
        for cavity, volume in heart.volumes.items()
    ]
    sizes = columns(rows, ("cavity", "in the images", "meshed", "unit"), (False, True, True, False))
    quality, surface = heart.quality, heart.anatomy.surface
    mesh = (
        f"tissue: {quality.n_tets} tetrahedra of {quality.volume / ML:.0f} mL, "
        f"angles {quality.least_angle:.0f} to {quality.greatest_angle:.0f} degrees, "
        f"{quality.inverted} inverted; surface: {len(surface.triangles)} triangles"
    )
    origin = "\n".join(
        f"{structure.name.lower():16s} {kind.value}" for structure, kind in heart.provenance.items()
    )
    told = "\n".join(f"- {finding}" for finding in heart.findings)
    return f"{sizes}\n\n{mesh}\n\n{origin}\n\n{told}\n"


def heart_json(heart: OwnHeart) -> dict[str, object]:
    """The report for programs; volumes in mL."""
    quality = heart.quality
    return {
        "volumes_ml": {c.name.lower(): v / ML for c, v in heart.volumes.items()},
        "image_volumes_ml": {c.name.lower(): v / ML for c, v in heart.given.items()},
        "provenance": {s.name.lower(): p.value for s, p in heart.provenance.items()},
        "tetrahedra": quality.n_tets,
        "tissue_ml": quality.volume / ML,
        "least_angle_deg": quality.least_angle,
        "greatest_angle_deg": quality.greatest_angle,
        "inverted": quality.inverted,
        "triangles": len(heart.anatomy.surface.triangles),
        "findings": list(heart.findings),
    }
