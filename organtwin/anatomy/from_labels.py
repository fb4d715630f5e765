"""From a segmented heart to its meshes: one way for every label map, step by step.

Check and repair, find where the heart is cut, smooth, grow what walls are missing, fill them with
tetrahedra, draw their surface, close the cavities. Same labels, same meshes, to the last bit.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

import numpy as np

from organtwin.anatomy.finding import Findings, GeometryFinding, GeometryFindingKind, label_finding
from organtwin.anatomy.from_labels_parts import muscle_map, tissue_boundary
from organtwin.anatomy.from_labels_walls import (
    CAVITY_OF,
    GROUP_OF,
    GROWN_WALL,
    Walls,
    cut_shape,
    grown_walls,
    labelled_groups,
)
from organtwin.anatomy.implicit import Shape
from organtwin.anatomy.label_map import LabelMap, Structure
from organtwin.anatomy.level_surface import level_surface, with_volume
from organtwin.anatomy.mesh import Anatomy, Boundary, Surface, Tissue, enclosed_volume
from organtwin.anatomy.regions import Cavity, Region
from organtwin.anatomy.simplices import parts_of
from organtwin.anatomy.stuffing import MeshQuality, quality, stuffed
from organtwin.anatomy.voxels import Grid, Partition, partition, work_grid
from organtwin.anatomy.voxels_axes import HeartAxes, heart_axes, turned
from organtwin.anatomy.voxels_checks import examined
from organtwin.anatomy.voxels_fields import sampled
from organtwin.anatomy.voxels_openings import continued, found_openings
from organtwin.arrays import FloatArray, IntArray
from organtwin.errors import InputError

Result = TypeVar("Result")

TISSUE_SPACING = 1.5e-3
"""Usual lattice spacing [m]: 0.6 million tetrahedra for two ventricles, 1.4 for a whole heart."""

DRAWN_TRIANGLES = 60_000
_DRAWN_SPACINGS = 1.2e-3, 2.6e-3
"""Above the second, thin walls would have to be drawn too thick."""

LEAST_WALL_SPACINGS = 1.15
"""Thin walls are thickened inwards to this many spacings; below 1.12 the lattice can miss one."""

CAVITY_SPACING = 0.75
"""Spacing of the cavities' surfaces in spacings of the drawn one: chords lose less volume."""

_MOST_SHIFT = 0.25
_LOST_VOLUME = 0.03
"""A cavity whose mesh lacks more than this part of its labels is told."""


@dataclass(frozen=True, eq=False)
class MeshedHeart:
    """The meshes of a labelled heart and what there is to say about them.

    ``cavity_volumes`` gives each cavity's labelled and meshed volume [m3].
    """

    anatomy: Anatomy
    findings: Findings
    quality: MeshQuality
    cavity_volumes: Mapping[Cavity, tuple[float, float]]
    axes: HeartAxes | None


@dataclass(frozen=True, eq=False)
class MeshingStep:
    """How far it is, what comes next, and with the last step the result."""

    fraction: float
    doing: str
    result: MeshedHeart | None = None


def anatomy_from_labels(
    label_map: LabelMap,
    *,
    tissue_spacing: float = TISSUE_SPACING,
    surface_spacing: float | None = None,
    name: str = "labelled heart",
    source: str = "label map",
) -> Iterator[MeshingStep]:
    """Mesh a label map; spacings in metres. The last step carries the result.

    Without a ``surface_spacing`` the drawn surface gets about ``DRAWN_TRIANGLES``.

    Raises
    ------
    InputError
        The labels are no heart, or need a guess; ``voxels_checks`` and ``voxels_openings`` tell.
    """
    yield MeshingStep(0.0, "checking the labels")
    cleaned, findings = examined(label_map)
    _refuse(findings, source)
    yield MeshingStep(0.1, "looking for cuts and holes")
    cuts, holed, told = found_openings(cleaned)
    findings += told
    _refuse(findings, source)
    axes = heart_axes(cleaned, cuts)
    findings += turned(axes) if axes is not None else ()
    yield MeshingStep(0.12, "continuing the heart beyond its cuts")
    whole = continued(cleaned, cuts, _margin(cleaned))
    grid = work_grid(whole, 0.5 * tissue_spacing)
    found = yield from _told(partition(whole, grid), 0.15, 0.35, "smoothing the structures")
    growing = grown_walls(found, cuts, holed)
    walls, grown = yield from _told(growing, 0.35, 0.5, "growing the walls")
    findings += grown
    yield MeshingStep(0.5, "filling the walls")
    tissue = _tissue(walls, tissue_spacing)
    yield MeshingStep(0.7, "finding what the tissue borders on")
    boundary = tissue_boundary(tissue, walls, found, LEAST_WALL_SPACINGS * tissue_spacing)
    yield MeshingStep(0.75, "drawing the surface")
    drawn = surface_spacing or _drawn_spacing(tissue, boundary)
    surface = _surface(walls.sides(LEAST_WALL_SPACINGS * drawn), walls, drawn)
    yield MeshingStep(0.85, "closing the cavities")
    labelled = {blood: cleaned.volume(blood) for blood in GROUP_OF}
    cavities = dict(_cavities(found, walls, drawn, labelled))
    yield MeshingStep(0.95, "sharing out the muscle")
    muscle = muscle_map(surface.points, walls, axes)
    anatomy = Anatomy(name, tissue, surface, cavities, muscle, boundary)
    volumes = {
        CAVITY_OF[blood]: (labelled[blood], enclosed_volume(cavities[CAVITY_OF[blood]]))
        for blood in GROUP_OF
        if CAVITY_OF[blood] in cavities
    }
    findings += tuple(_lost_volumes(volumes))
    heart = MeshedHeart(anatomy, findings, quality(tissue.nodes, tissue.tets), volumes, axes)
    yield MeshingStep(1.0, "done", heart)


def outline(label_map: LabelMap, spacing: float, source: str = "label map") -> Surface:
    """Closed outer surface of everything labelled, such as an undivided heart, without walls."""
    cleaned, findings = examined(label_map)
    _refuse(tuple(f for f in findings if f.structure is not Structure.HEART), source)
    cuts, _, _ = found_openings(cleaned)
    whole = continued(cleaned, cuts, 4.0 * spacing)
    found = result_of(partition(whole, work_grid(whole, 0.5 * spacing)))
    level, cut = _near_level(found, labelled_groups(found)), cut_shape(found.grid, cuts)
    points, triangles = level_surface((level,), *_box(found.grid), spacing, cut=cut)
    regions = np.full(len(points), Region.PERICARDIUM, np.int32)
    return Surface(found.grid.places(points / found.grid.spacing), triangles, regions)


def result_of(work: Generator[None, None, Result]) -> Result:
    """What a generator returns, its pauses left out."""
    while True:
        try:
            next(work)
        except StopIteration as stop:
            return cast("Result", stop.value)


def _told(
    work: Generator[None, None, Result], start: float, end: float, doing: str
) -> Generator[MeshingStep, None, Result]:
    """The same work with a step at every pause; how many there will be is not known before."""
    fraction = start
    yield MeshingStep(start, doing)
    while True:
        try:
            next(work)
        except StopIteration as stop:
            return cast("Result", stop.value)
        fraction += 0.15 * (end - fraction)
        yield MeshingStep(fraction, doing)


def _refuse(findings: Findings, source: str) -> None:
    for finding in findings:
        if finding.kind is GeometryFindingKind.REFUSED:
            raise InputError(
                source,
                finding.structure.name if finding.structure is not None else "labels",
                expected="one segmented heart",
                got=finding.text,
                remedy=finding.remedy,
                places=finding.places.tolist(),
            )


def _lost_volumes(volumes: Mapping[Cavity, tuple[float, float]]) -> Iterator[GeometryFinding]:
    for blood, cavity in CAVITY_OF.items():
        labelled, found = volumes.get(cavity, (1.0, 1.0))
        if abs(found / labelled - 1.0) > _LOST_VOLUME:
            yield label_finding(
                blood,
                f"the mesh of {blood.name} encloses {found * 1e6:.1f} mL, its labels hold "
                f"{labelled * 1e6:.1f} mL",
                None,
                GeometryFindingKind.TOLD,
                "Part of it lies beyond the cut base; end all chambers at one plane.",
            )


def _margin(label_map: LabelMap) -> float:
    """Room [m] around the labels for grown walls and the tail of the smoothing."""
    voxel = float(np.linalg.norm(label_map.affine[:3, :3], axis=0).max())
    return max(GROWN_WALL[Structure.LV_BLOOD] if _grows_lv(label_map) else 0.0, 4e-3) + 4.0 * voxel


def _grows_lv(label_map: LabelMap) -> bool:
    return not (label_map.labels == Structure.LV_MUSCLE).any()


def _box(grid: Grid) -> tuple[FloatArray, FloatArray]:
    return np.zeros(3), grid.spacing * (np.array(grid.shape) - 1.0)


def _tissue(walls: Walls, spacing: float) -> Tissue:
    nodes, tets = stuffed(walls.level(LEAST_WALL_SPACINGS * spacing), *_box(walls.grid), spacing)
    nodes, tets = _largest_part(nodes, tets)
    nodes = walls.grid.places(nodes / walls.grid.spacing)
    return Tissue(nodes, tets, walls.regions(nodes[tets].mean(axis=1)))


def _drawn_spacing(tissue: Tissue, boundary: Boundary) -> float:
    """Spacing that gives the usual number: a net has three triangles per square of its spacing."""
    a, b, c = (tissue.nodes[boundary.faces[:, i]] for i in range(3))
    area = 0.5 * float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum())
    return float(np.clip(np.sqrt(3.0 * area / DRAWN_TRIANGLES), *_DRAWN_SPACINGS))


def _largest_part(nodes: FloatArray, tets: IntArray) -> tuple[FloatArray, IntArray]:
    part = parts_of(tets, len(nodes))
    kept = part == np.bincount(part).argmax()
    number = np.cumsum(kept) - 1
    return nodes[kept], number[tets[kept[tets[:, 0]]]].astype(np.int32)


def _surface(sides: Sequence[Shape], walls: Walls, spacing: float) -> Surface:
    cut = cut_shape(walls.grid, walls.cuts)
    points, triangles = level_surface(sides, *_box(walls.grid), spacing, cut=cut)
    points = walls.grid.places(points / walls.grid.spacing)
    return Surface(points, triangles, walls.regions(points))


def _cavities(
    found: Partition, walls: Walls, spacing: float, volumes: Mapping[Structure, float]
) -> Iterator[tuple[Cavity, Surface]]:
    for blood, group in GROUP_OF.items():
        if not found.holds(group):
            continue
        surface = _surface((_near_level(found, (group,)),), walls, CAVITY_SPACING * spacing)
        free = walls.cuts.beyond(surface.points) < -0.1 * spacing
        yield CAVITY_OF[blood], with_volume(surface, volumes[blood], free, _MOST_SHIFT * spacing)


def _near_level(found: Partition, groups: Sequence[int]) -> Shape:
    """About the distance to the surface of some groups, in the grid's frame, near it."""
    level, spacing = np.float32(found.width) * found.level(groups), found.grid.spacing
    return lambda points: sampled(level, np.ascontiguousarray(points / spacing))
