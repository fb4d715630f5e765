"""What is wrong with files of a heart, and where: looked at before anything is built from them.

Nothing is raised: what would refuse the files is one of the findings, so that broken files can be
shown with the spot marked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from organtwin.anatomy.finding import (
    Findings,
    GeometryFinding,
    GeometryFindingKind,
    without_repeats,
)
from organtwin.anatomy.label_map import Structure
from organtwin.anatomy.voxels_checks import examined
from organtwin.anatomy.warping_raster import outline
from organtwin.arrays import BoolArray, FloatArray, IntArray
from organtwin.errors import InputError
from organtwin.patient.geometry.contours import read_contours
from organtwin.patient.geometry.labels import value_counts
from organtwin.patient.geometry.raw import LabelImage, SurfaceFile, TetFile
from organtwin.patient.geometry.reading import read_label_image, read_surfaces, read_tets
from organtwin.patient.geometry.source import HeartSource
from organtwin.patient.geometry.tet_checks import boundary_faces
from organtwin.twin.own_heart import source_labels, source_mapping

MOST_STEPS = 110
"""Voxels along the longest edge of an image's heart that its outline is drawn from."""

_WORST_FIRST = (
    GeometryFindingKind.REFUSED, GeometryFindingKind.DEFECT, GeometryFindingKind.CONFIRM,
    GeometryFindingKind.REPAIRED, GeometryFindingKind.TOLD, GeometryFindingKind.NOT_USED,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Outline:
    """A file as it is: ``points`` ``(n, 3)`` [m], ``triangles`` ``(m, 3)``, of contours none."""

    name: str
    points: FloatArray
    triangles: IntArray


@dataclass(frozen=True, eq=False)
class Examination:
    """How files look, and what was found in them, the worst first."""

    outlines: tuple[Outline, ...]
    findings: Findings

    @property
    def refused(self) -> bool:
        """Whether no heart can be built of the files."""
        return any(f.kind is GeometryFindingKind.REFUSED for f in self.findings)


def examination(source: HeartSource) -> Examination:
    """Read files of a heart and check them as far as this goes without meshing."""
    outlines: list[Outline] = []
    found: list[GeometryFinding] = []
    for look in (_images, _surfaces, _tets, _contours):
        try:
            outlines += look(source)
        except (InputError, OSError) as error:
            found.append(_refusal(error))
    if not found:
        found += _checked(source)
    findings = sorted(without_repeats(tuple(found)), key=lambda f: _WORST_FIRST.index(f.kind))
    return Examination(tuple(outlines), tuple(findings))


def _checked(source: HeartSource) -> Sequence[GeometryFinding]:
    try:
        source.check_files()
        if source.contours:
            sets = read_contours(source.contours[0], unit=source.unit, orientation=source.axes)
            return [finding for contours in sets[:1] for finding in contours.findings]
        labels = source_labels(source)
    except (InputError, OSError) as error:
        return [_refusal(error)]
    found = examined(labels.map)[1]
    if source.complete:
        # What the labels lack comes from the template.
        found = tuple(f for f in found if not _lacks(f))
    return (*labels.findings, *found)


def _lacks(finding: GeometryFinding) -> bool:
    undivided = finding.structure is Structure.HEART
    refused = finding.kind is GeometryFindingKind.REFUSED
    return not len(finding.places) or (undivided and refused)


def _refusal(error: InputError | OSError) -> GeometryFinding:
    if isinstance(error, InputError):
        text = f"expected {error.expected}, got {error.got}"
        places = np.array(error.places, float).reshape(-1, 3)
        kind = GeometryFindingKind.REFUSED
        return GeometryFinding(kind, error.field, text, places, error.remedy)
    return GeometryFinding(GeometryFindingKind.REFUSED, "file", str(error))


def _images(source: HeartSource) -> Iterator[Outline]:
    for file in source.images:
        image = read_label_image(file)
        inside = _heart(source, image)
        if inside.any():
            yield _label_outline(image, inside)


def _heart(source: HeartSource, image: LabelImage) -> BoolArray:
    """Voxels that the source says are of the heart; all labelled ones while it does not say."""
    if len(source.images) == 1:
        try:
            mapping = source_mapping(source, image)
        except InputError:
            return np.asarray(image.values != 0)
        named = {v: mapping.structure(v, image.names.get(v, "")) for v in value_counts(image)}
        kept = [value for value, structure in named.items() if structure]
        if kept:
            return np.isin(image.values, kept)
    return np.asarray(image.values != 0)


def _label_outline(image: LabelImage, inside: BoolArray) -> Outline:
    used = [np.flatnonzero(inside.any(axis=other)) for other in ((1, 2), (0, 2), (0, 1))]
    start = np.array([along[0] for along in used])
    box = inside[tuple(slice(along[0], along[-1] + 1) for along in used)]
    step = max(1, -(-max(box.shape) // MOST_STEPS))
    points, triangles = outline(box[::step, ::step, ::step])
    places = (start + step * points) @ image.affine[:3, :3].T + image.affine[:3, 3]
    return Outline(image.source, places, triangles)


def _surfaces(source: HeartSource) -> Iterator[Outline]:
    if source.surfaces:
        read = read_surfaces(source.surfaces, unit=source.unit, orientation=source.axes)
        yield from (_of_surface(surface) for surface in read)


def _of_surface(surface: SurfaceFile) -> Outline:
    return Outline(surface.source, surface.points, surface.triangles)


def _tets(source: HeartSource) -> Iterator[Outline]:
    if source.tets:
        mesh: TetFile = read_tets(source.tets[0], unit=source.unit, orientation=source.axes)
        yield Outline(mesh.source, mesh.points, boundary_faces(mesh.tets))


def _contours(source: HeartSource) -> Iterator[Outline]:
    for file in source.contours:
        sets = read_contours(file, unit=source.unit, orientation=source.axes)
        chosen = next((c for c in sets if c.frame == source.frame), sets[0])
        yield Outline(chosen.source, chosen.points, np.empty((0, 3), np.int32))
