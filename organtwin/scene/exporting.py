"""A frame or a whole beat of a heart into files of other programs; the suffix decides which.

===== ======================= ========== =========================================
file  contents                unit       a whole beat
===== ======================= ========== =========================================
.stl  surface                 millimetre one file per frame
.ply  coloured surface        millimetre one file per frame
.glb  coloured surface        metre      one file with an animation
.vtu  tissue with fields      metre      one file per frame, and a list (.pvd)
===== ======================= ========== =========================================
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from organtwin import PURPOSE
from organtwin.arrays import Float32Array, IntArray
from organtwin.errors import InputError
from organtwin.scene.fields import FIELDS
from organtwin.scene.gltf_file import write_glb
from organtwin.scene.layers import hidden_regions
from organtwin.scene.motion import Motion, TissueMotion
from organtwin.scene.painting import painting
from organtwin.scene.surface_files import write_ply, write_stl
from organtwin.scene.tissue_values import transfer
from organtwin.scene.vtu_file import write_pvd, write_vtu

SUFFIXES = (".stl", ".ply", ".glb", ".vtu")
FRAMES = 20
"""Frames of a whole beat: 50 ms apart at 60 per minute; viewers blend between them."""


@dataclass(frozen=True, slots=True)
class Export:
    """What is wanted: ``phase`` of the beat, or all of it; without the layers in ``hidden``."""

    phase: float = 0.0
    whole_beat: bool = False
    hidden: frozenset[str] = frozenset()


def export(motion: Motion, path: Path, wanted: Export) -> Iterator[Path]:
    """Write ``path``, or files named after it; yields each when it is complete.

    Raises
    ------
    InputError
        The suffix is unknown, or the motion does not move the tissue that a .vtu holds.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(
            "export", "file name", expected=f"one that ends in {', '.join(SUFFIXES)}",
            got=path.name, remedy="The ending decides what is written.",
        )  # fmt: skip
    if suffix == ".vtu" and not isinstance(motion, TissueMotion):
        raise InputError(
            "export", "motion", expected="one that moves the tissue", got="surfaces only",
            remedy="Export the surface as .stl, .ply or .glb.",
        )  # fmt: skip
    if suffix == ".glb":
        yield _written(path, partial(_write_glb, motion, wanted))
        return
    phases = [k / FRAMES for k in range(FRAMES)] if wanted.whole_beat else [wanted.phase % 1.0]
    numbered = [path.with_stem(f"{path.stem}_{k:02d}") for k in range(len(phases))]
    files = numbered if wanted.whole_beat else [path]
    for phase, file in zip(phases, files, strict=True):
        yield _written(file, partial(_write_frame, motion, phase, wanted))
    if suffix == ".vtu" and wanted.whole_beat:
        times = [phase * motion.duration for phase in phases]
        yield _written(path.with_suffix(".pvd"), partial(write_pvd, files, times))


def _written(path: Path, write: Callable[[Path], None]) -> Path:
    """Write under a passing name, so that a file is there only when it is complete."""
    passing = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        write(passing)
        passing.replace(path)
    finally:
        passing.unlink(missing_ok=True)
    return path


def _write_frame(motion: Motion, phase: float, wanted: Export, path: Path) -> None:
    title = _title(motion, phase)
    if path.suffix.lower() == ".vtu":
        _write_tissue(motion, path, phase, title)
        return
    points, anatomy = _surface(motion, phase), motion.anatomy
    triangles = _kept(motion, wanted.hidden)
    if path.suffix.lower() == ".stl":
        write_stl(path, points, triangles, title)
    else:
        colors = painting(anatomy).colors
        write_ply(path, points, triangles, colors, anatomy.surface.regions, title)


def _write_glb(motion: Motion, wanted: Export, path: Path) -> None:
    phases = [k / FRAMES for k in range(FRAMES)] if wanted.whole_beat else [wanted.phase]
    frames = [_surface(motion, phase) for phase in phases]
    colors, title = painting(motion.anatomy).colors, motion.anatomy.name
    write_glb(path, frames, motion.duration, _kept(motion, wanted.hidden), colors, title)


def _write_tissue(motion: Motion, path: Path, phase: float, title: str) -> None:
    anatomy = motion.anatomy
    nodes = motion.tissue_nodes(phase) if isinstance(motion, TissueMotion) else anatomy.tissue.nodes
    on_nodes: dict[str, np.ndarray] = {
        "displacement": (nodes - anatomy.tissue.nodes).astype(np.float32)
    }
    values = np.empty(len(anatomy.surface.points), dtype=np.float32)
    for name in FIELDS:
        motion.surface_field(name, phase, values)
        if np.isnan(values).all():
            continue  # not computed
        on_nodes[name] = np.empty(len(nodes), dtype=np.float32)
        transfer(anatomy).to_nodes(values, on_nodes[name])
    on_elements: dict[str, np.ndarray] = {"region": anatomy.tissue.regions.astype(np.int32)}
    if (architecture := anatomy.architecture) is not None:
        on_elements["segment"] = architecture.segments.astype(np.int32)
        on_elements["fiber"], on_elements["sheet"] = architecture.fibers, architecture.sheets
        on_nodes["apicobasal"], on_nodes["transmural"] = (
            architecture.apicobasal, architecture.transmural,
        )  # fmt: skip
    write_vtu(path, nodes, anatomy.tissue.tets, on_nodes, on_elements, title)


def _surface(motion: Motion, phase: float) -> Float32Array:
    points = np.empty(motion.anatomy.surface.points.shape, dtype=np.float32)
    motion.surface_points(phase, points)
    return points


def _kept(motion: Motion, hidden: frozenset[str]) -> IntArray:
    surface = motion.anatomy.surface
    gone = np.isin(surface.regions, [int(region) for region in hidden_regions(hidden)])
    return np.ascontiguousarray(surface.triangles[~gone[surface.triangles].all(axis=1)])


def _title(motion: Motion, phase: float) -> str:
    return f"OrganTwin {motion.anatomy.name}, phase {phase:.2f}. {PURPOSE}"
