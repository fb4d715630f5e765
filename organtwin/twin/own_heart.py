"""From a patient's images or meshes to a heart that the program can use: one way for all.

    files -> label map or contours -> (completed from the template) -> meshes -> fibres

Label images are label maps already; surfaces and tetrahedra are filled into one. Contours, which
leave gaps, bring the template to them instead. Every step tells what it took for granted.
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from organtwin.anatomy.architecture import architecture
from organtwin.anatomy.completion import (
    Completion,
    Provenance,
    anatomy_provenance,
    completed,
    label_targets,
)
from organtwin.anatomy.finding import sentence
from organtwin.anatomy.from_labels import MeshedHeart, anatomy_from_labels
from organtwin.anatomy.label_map import LabelMap, Structure
from organtwin.anatomy.mesh import Anatomy, enclosed_volume
from organtwin.anatomy.regions import Cavity
from organtwin.anatomy.stuffing import MeshQuality, quality
from organtwin.anatomy.template_file import load_template
from organtwin.anatomy.warping import warped
from organtwin.anatomy.warping_map import Warp
from organtwin.anatomy.warping_report import WarpReport
from organtwin.anatomy.warping_targets import Targets
from organtwin.errors import InputError
from organtwin.patient.geometry.contours import read_contours
from organtwin.patient.geometry.label_checks import Position
from organtwin.patient.geometry.labels import PatientLabels, fitting_presets, label_map
from organtwin.patient.geometry.mapping import LabelMapping, preset, preset_names, read_mapping
from organtwin.patient.geometry.masks import label_map_of_masks
from organtwin.patient.geometry.raw import LabelImage, SurfaceFile
from organtwin.patient.geometry.reading import read_label_image, read_surfaces, read_tets
from organtwin.patient.geometry.source import HeartSource
from organtwin.patient.geometry.voxelizing import Part, Shell, voxelized
from organtwin.patient.geometry.voxelizing_tets import voxelized_tets
from organtwin.twin.contour_targets import contour_targets

HEART_SPACING = 2e-3
"""Of the tissue [m]: 300 000 to 800 000 tetrahedra; for electrics, 1.5 mm are asked for."""

CHAMBERS = (Structure.LV_BLOOD, Structure.RV_BLOOD, Structure.LA_BLOOD, Structure.RA_BLOOD)

P = TypeVar("P", bound=Part)
F = TypeVar("F")

_READ, _COMPLETED, _MESHED = 0.1, 0.4, 0.75
"""Where in the progress each stage ends."""


@dataclass(frozen=True, eq=False)
class OwnHeart:
    """A patient's heart from files, with what is known about it.

    ``volumes`` are those of the cavities as meshed [m3]; ``given`` those of the labels, where
    there were labels; ``provenance`` says which structures were measured; ``findings`` are
    sentences for the user. ``warp`` brings the template to it, and with it what makes it beat.
    """

    anatomy: Anatomy
    warp: Warp
    provenance: Mapping[Structure, Provenance]
    volumes: Mapping[Cavity, float]
    given: Mapping[Cavity, float]
    quality: MeshQuality
    findings: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class HeartStep:
    """Progress; the last step carries the heart."""

    fraction: float
    message: str
    heart: OwnHeart | None = None


def building_heart(
    source: HeartSource, *, tissue_spacing: float = HEART_SPACING
) -> Iterator[HeartStep]:
    """Make a heart of the files of a source, step by step.

    Raises
    ------
    InputError
        A file cannot be read, or does not show a heart; file, field, expected, got, remedy.
    """
    yield HeartStep(0.0, "Reading the files")
    source.check_files()
    if source.contours:
        yield from _from_contours(source)
        return
    labels = source_labels(source)
    findings = tuple(map(sentence, labels.findings))
    provenance = dict.fromkeys(labels.volumes, Provenance.MEASURED)
    filled = labels.map
    if not source.complete and not provenance.keys() & set(CHAMBERS):
        raise _incomplete(source, filled)
    if source.complete and not provenance.keys() >= set(CHAMBERS):
        completion = yield from _completed(source, filled)
        filled, warp = completion.label_map, completion.warp
        provenance = dict(completion.provenance)
        findings += completion.findings
    else:
        anywhere = source.position is Position.ANY
        targets = label_targets(filled, source.name, anywhere=anywhere)
        warp, report = yield from _warped(source, targets, _COMPLETED)
        findings += report.findings
    meshed = yield from _meshed(source, filled, tissue_spacing)
    yield HeartStep(_MESHED, "Finding coordinates and fibres")
    anatomy = _with_architecture(meshed.anatomy)
    given = {cavity: pair[0] for cavity, pair in meshed.cavity_volumes.items()}
    volumes = {cavity: pair[1] for cavity, pair in meshed.cavity_volumes.items()}
    findings += tuple(map(sentence, meshed.findings))
    heart = OwnHeart(anatomy, warp, provenance, volumes, given, meshed.quality, findings)
    yield HeartStep(1.0, "The heart is ready", heart)


def source_labels(source: HeartSource) -> PatientLabels:
    """What the images, surfaces or tetrahedra of a source hold, as a label map.

    Raises
    ------
    InputError
        As ``building_heart``.
    """
    if source.images:
        images = {file: read_label_image(file) for file in source.images}
        if len(images) > 1:
            masks = _by_part(source, {file: _mask_part(source, file) for file in images}, images)
            return label_map_of_masks(masks, position=source.position)
        image = next(iter(images.values()))
        return label_map(image, source_mapping(source, image), position=source.position)
    parts = _parts(source)
    if source.tets:
        mesh = read_tets(source.tets[0], unit=source.unit, orientation=source.axes)
        endocardia = {_shell(source, part): surface for part, surface in parts.items()}
        return voxelized_tets(mesh, endocardia=endocardia, position=source.position)
    return voxelized(parts, position=source.position)


def _parts(source: HeartSource) -> dict[Part, SurfaceFile]:
    if not source.surfaces:
        return {}
    surfaces = read_surfaces(source.surfaces, unit=source.unit, orientation=source.axes)
    read = dict(zip(source.surfaces, surfaces, strict=True))
    return _by_part(source, {file: source.part_of(file) for file in read}, read)


def _by_part(source: HeartSource, parts: Mapping[Path, P], read: Mapping[Path, F]) -> dict[P, F]:
    """What was read of each file, by what it shows; two of one part would hide one another."""
    found: dict[P, F] = {}
    for file, part in parts.items():
        if part in found:
            raise InputError(
                source.name, "part", expected="files that each show another part",
                got=f"{', '.join(f.name for f in parts if parts[f] is part)} for the same",
                remedy="Say what each file shows, or leave one out.",
            )  # fmt: skip
        found[part] = read[file]
    return found


def _shell(source: HeartSource, part: Part) -> Shell:
    if isinstance(part, Shell):
        return part
    raise InputError(
        source.name, "part", expected="endocardia beside tetrahedra, such as lv_endocardium",
        got=part.name.lower(), remedy="Leave the surface out, or open surfaces alone.",
    )  # fmt: skip


def _mask_part(source: HeartSource, file: Path) -> Structure:
    part = source.part_of(file)
    if isinstance(part, Structure):
        return part
    raise InputError(
        str(file), "part", expected="a structure, such as lv_blood", got=repr(part.value),
        remedy="A mask fills a structure; an open shell can only be a surface.",
    )  # fmt: skip


def source_mapping(source: HeartSource, image: LabelImage) -> LabelMapping:
    """What the values of a label image mean, as the source says or as only one preset fits.

    Raises
    ------
    InputError
        Nothing says it.
    """
    if isinstance(source.mapping, LabelMapping):
        return source.mapping
    if source.mapping:
        if source.mapping in preset_names():
            return preset(source.mapping)
        if Path(source.mapping).is_file():
            return read_mapping(source.mapping)
        raise InputError(
            image.source, "label mapping", expected="a mapping file, or the name of a mapping",
            got=repr(source.mapping), remedy=f"The mappings: {', '.join(preset_names())}.",
        )  # fmt: skip
    fitting = fitting_presets(image)
    if len(fitting) == 1:
        return preset(fitting[0])
    raise InputError(
        image.source, "label mapping", expected="to be told what the values mean",
        got=f"presets that would fit: {', '.join(fitting) or 'none'}",
        remedy=f"Name a mapping: {', '.join(preset_names())}, or a mapping file.",
    )  # fmt: skip


def _incomplete(source: HeartSource, labels: LabelMap) -> InputError:
    return InputError(
        source.name, "chambers", expected="at least one chamber",
        got=f"the outline of a heart of {1e6 * labels.volume(Structure.HEART):.0f} mL",
        remedy="Let the template fill in the chambers (complete = true); they are marked as such.",
    )  # fmt: skip


def _completed(source: HeartSource, labels: LabelMap) -> Generator[HeartStep, None, Completion]:
    anywhere = source.position is Position.ANY
    for step in completed(labels, load_template(), source.name, anywhere=anywhere):
        share = _READ + (_COMPLETED - _READ) * step.done
        yield HeartStep(share, "Adding from the template what the images do not show")
        if step.completion is not None:
            return step.completion
    raise _no_match(source)


def _warped(
    source: HeartSource, targets: Targets, end: float
) -> Generator[HeartStep, None, tuple[Warp, WarpReport]]:
    for step in warped(load_template(), targets):
        yield HeartStep(_READ + (end - _READ) * step.done, "Bringing the template to the images")
        if step.warp is not None and step.report is not None:
            return step.warp, step.report
    raise _no_match(source)


def _no_match(source: HeartSource) -> InputError:
    return InputError(
        source.name, "chambers", expected="a heart that the template can be brought to",
        got="none", remedy="Check the labels, or open a segmentation with all chambers.",
    )  # fmt: skip


def _meshed(
    source: HeartSource, labels: LabelMap, spacing: float
) -> Generator[HeartStep, None, MeshedHeart]:
    for step in anatomy_from_labels(
        labels, tissue_spacing=spacing, name="patient's heart", source=source.name
    ):
        share = _COMPLETED + (_MESHED - _COMPLETED) * step.fraction
        yield HeartStep(share, f"Meshing: {step.doing}")
        if step.result is not None:
            return step.result
    raise InputError(
        source.name, "labels", expected="a heart that can be meshed", got="no mesh",
        remedy="Check the labels.",
    )  # fmt: skip


def _from_contours(source: HeartSource) -> Iterator[HeartStep]:
    sets = read_contours(source.contours[0], unit=source.unit, orientation=source.axes)
    frames = {contours.frame: contours for contours in sets}
    frame = source.frame if source.frame is not None else min(frames)
    if frame not in frames:
        raise InputError(
            source.name, "frame", expected=f"one of {', '.join(map(str, sorted(frames)))}",
            got=str(frame), remedy="Name a time frame that the file holds.",
        )  # fmt: skip
    targets, told = contour_targets(frames[frame])
    targets = replace(targets, anywhere=source.position is Position.ANY)
    warp, report = yield from _warped(source, targets, _MESHED)
    anatomy = warp.anatomy(load_template())
    yield HeartStep(_MESHED, "Finding coordinates and fibres")
    heart = OwnHeart(
        _with_architecture(anatomy),
        warp,
        anatomy_provenance(targets),
        {cavity: enclosed_volume(surface) for cavity, surface in anatomy.cavities.items()},
        {},
        quality(anatomy.tissue.nodes, anatomy.tissue.tets),
        (*map(sentence, frames[frame].findings), *told, *report.findings),
    )
    yield HeartStep(1.0, "The heart is ready", heart)


def _with_architecture(anatomy: Anatomy) -> Anatomy:
    if anatomy.boundary is None:
        return anatomy
    return replace(anatomy, architecture=architecture(anatomy.tissue, anatomy.boundary))
