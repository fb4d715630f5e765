"""What files of a heart hold, told before anything is built from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.patient.geometry.contours import read_contours
from organtwin.patient.geometry.labels import MOST_LABELS, fitting_presets, value_counts
from organtwin.patient.geometry.mapping import LabelMapping, preset, preset_names
from organtwin.patient.geometry.raw import LabelImage
from organtwin.patient.geometry.reading import (
    IMAGE_READERS,
    SURFACE_READERS,
    TET_READERS,
    read_label_image,
    read_surfaces,
    read_tets,
)
from organtwin.patient.geometry.source import CONTOUR_SUFFIX, HeartSource, extension
from organtwin.patient.geometry.voxelizing import Part, likely_part

BY_NAMES = "names"
"""The preset that goes by the names in the file."""

SUFFIXES = tuple(dict.fromkeys((*IMAGE_READERS, *SURFACE_READERS, *TET_READERS, CONTOUR_SUFFIX)))
"""Extensions of files that may show a heart."""


class FileKind(Enum):
    """What a file is."""

    IMAGE = "label image"
    SURFACE = "surface"
    TETS = "tetrahedra"
    CONTOURS = "contours"


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A value of a label image; ``volume`` [m3], ``name`` as the file gives it or empty."""

    value: int
    name: str
    voxels: int
    volume: float


@dataclass(frozen=True)
class InspectedFile:
    """``part`` is what the file's name says, ``about`` its size in words."""

    file: Path
    kind: FileKind
    about: str
    part: Part | None = None


@dataclass(frozen=True)
class HeartFiles:
    """Files of one heart.

    ``labels`` are the values of a label image that came alone; ``presets`` all known mappings,
    those in ``fitting`` first and the likeliest of them at the front; ``frames`` the images of a
    series of contours.
    """

    files: tuple[InspectedFile, ...]
    labels: tuple[LabelRow, ...] = ()
    presets: Mapping[str, LabelMapping] = field(default_factory=dict)
    fitting: tuple[str, ...] = ()
    frames: tuple[int, ...] = ()

    def of(self, *kinds: FileKind) -> tuple[InspectedFile, ...]:
        """The files of some kinds."""
        return tuple(file for file in self.files if file.kind in kinds)


def may_show_heart(file: Path) -> bool:
    """Whether a file is to be opened as a heart; a DICOM file may also be a recording."""
    if extension(file) not in SUFFIXES:
        return False
    return extension(file) not in (".dcm", ".dicom") or _is_segmentation(file)


def inspected(files: Sequence[Path]) -> HeartFiles:
    """Read files of one heart and tell what they hold.

    Raises
    ------
    InputError
        A file is of no known kind or cannot be read; file, field, expected, got and remedy.
    """
    for file in files:
        if extension(file) not in SUFFIXES:
            raise InputError(
                str(file), "extension", expected=f"one of {', '.join(SUFFIXES)}",
                got=repr(extension(file)), remedy="The formats are listed in GEOMETRY.md.",
            )  # fmt: skip
    source = HeartSource(tuple(files))
    images = {file: read_label_image(file) for file in source.images}
    found = {file: _image(file, image) for file, image in images.items()}
    found |= _surfaces(source)
    found |= _tets(source)
    frames: tuple[int, ...] = ()
    for file in source.contours:
        sets = read_contours(file)
        frames = tuple(sorted(contours.frame for contours in sets))
        points = sum(len(contours.points) for contours in sets)
        text = f"{points} points, {len(frames)} time frames"
        found[file] = InspectedFile(file, FileKind.CONTOURS, text)
    told = tuple(found[file] for file in files)
    if len(images) != 1:
        return HeartFiles(told, frames=frames)
    image = next(iter(images.values()))
    fitting = likeliest_presets(image)
    names = (*fitting, *(name for name in preset_names() if name not in fitting))
    presets = {name: preset(name) for name in names}
    return HeartFiles(told, label_rows(image), presets, fitting, frames)


def label_rows(image: LabelImage) -> tuple[LabelRow, ...]:
    """Every value of a label image but 0, in order.

    Raises
    ------
    InputError
        There are none, or as many as in a grey image.
    """
    counts = value_counts(image)
    if not 0 < len(counts) <= MOST_LABELS:
        raise InputError(
            image.source, "values", expected=f"1 to {MOST_LABELS} labels",
            got=f"{len(counts)} different values beside 0",
            remedy="Open the segmentation, not the image it was drawn on.",
        )  # fmt: skip
    voxel = float(abs(np.linalg.det(image.affine[:3, :3])))
    return tuple(
        LabelRow(value, image.names.get(value, ""), count, count * voxel)
        for value, count in sorted(counts.items())
    )


def likeliest_presets(image: LabelImage) -> tuple[str, ...]:
    """The presets that fit: first by the names in the file, then by how much of each is there."""
    values = value_counts(image)

    def likelihood(name: str) -> float:
        mapping = preset(name)
        wanted = {kind for kind in mapping.values.values() if kind}
        found = {mapping.structure(value, image.names.get(value, "")) for value in values}
        return 2.0 if name == BY_NAMES else len(wanted & found) / max(len(wanted), 1)

    return tuple(sorted(fitting_presets(image), key=likelihood, reverse=True))


def _image(file: Path, image: LabelImage) -> InspectedFile:
    edges = 1e3 * np.linalg.norm(image.affine[:3, :3], axis=0)
    grid = " x ".join(str(count) for count in image.values.shape)
    text = f"{grid} voxels of {' x '.join(f'{edge:.3g}' for edge in edges)} mm"
    return InspectedFile(file, FileKind.IMAGE, text, likely_part(file.stem))


def _surfaces(source: HeartSource) -> dict[Path, InspectedFile]:
    if not source.surfaces:
        return {}
    return {
        file: InspectedFile(
            file,
            FileKind.SURFACE,
            f"{len(surface.triangles)} triangles, {_extent(surface.points)}",
            likely_part(file.stem),
        )
        for file, surface in zip(source.surfaces, read_surfaces(source.surfaces), strict=True)
    }


def _tets(source: HeartSource) -> dict[Path, InspectedFile]:
    """One mesh is read; openCARP keeps it in several files."""
    told: dict[Path, InspectedFile] = {}
    for file in source.tets:
        if not told:
            mesh = read_tets(file)
            text = f"{len(mesh.tets)} tetrahedra, {_extent(mesh.points)}"
        elif file.with_suffix("") == source.tets[0].with_suffix(""):
            text = f"belongs to {source.tets[0].name}"
        else:
            text = "not used: a heart is one mesh of tetrahedra"
        told[file] = InspectedFile(file, FileKind.TETS, text)
    return told


def _extent(points: FloatArray) -> str:
    edges = " x ".join(f"{1e3 * edge:.0f}" for edge in np.ptp(points, axis=0))
    return f"{edges} mm"


def _is_segmentation(file: Path) -> bool:
    import pydicom
    from pydicom.errors import InvalidDicomError

    try:
        header = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=["Modality"])
    except (OSError, InvalidDicomError):
        return False
    return str(header.get("Modality", "")) == "SEG"
