"""From a segmentation's own numbers to a label map of the heart, with every doubt told."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from organtwin.anatomy.finding import Findings, GeometryFinding, GeometryFindingKind
from organtwin.anatomy.label_map import LabelArray, LabelMap, Structure
from organtwin.arrays import IntArray
from organtwin.errors import InputError
from organtwin.patient.geometry.label_checks import Position, checked_heart
from organtwin.patient.geometry.mapping import LabelMapping, preset, preset_names
from organtwin.patient.geometry.raw import LabelImage

_LISTED = 8

_COUNTABLE = 65536
"""Values from 0 up to this are counted and renamed by a table instead of by sorting."""

MOST_LABELS = 500
"""More different values than this are grey levels; the largest label sets have about 150."""


@dataclass(frozen=True, eq=False)
class PatientLabels:
    """A heart on a grid, where it came from, and what should be seen before trusting it."""

    map: LabelMap
    source: str
    findings: Findings = ()

    @property
    def volumes(self) -> Mapping[Structure, float]:
        """Volume [m3] of every structure present."""
        present = np.unique(self.map.labels)
        return {
            Structure(kind): self.map.volume(Structure(kind)) for kind in present.tolist() if kind
        }


def label_map(
    image: LabelImage, mapping: LabelMapping, *, position: Position = Position.USUAL
) -> PatientLabels:
    """Name the voxels of a segmentation.

    Raises
    ------
    InputError
        A value has no meaning, no value means a part of the heart, there are two hearts, or its
        size or place is not that of a heart.
    """
    counts = value_counts(image)
    if not counts:
        raise InputError(
            image.source, "values", expected="labelled voxels", got="background only",
            remedy="Save the segmentation with its labels.",
        )  # fmt: skip
    if len(counts) > MOST_LABELS:
        raise InputError(
            image.source, "values", expected=f"labels, at most {MOST_LABELS} of them",
            got=f"{len(counts)} different values, as in an image",
            remedy="Open the segmentation, not the image it was drawn on.",
        )  # fmt: skip
    _check_known(image, mapping, counts)
    meaning = {value: mapping.structure(value, image.names.get(value, "")) for value in counts}
    if not any(meaning.values()):
        raise _no_heart(image, counts, mapping)
    labels = _renamed(image.values, meaning)
    labelled = LabelMap(labels, image.affine)
    findings = (*image.findings, *_ignored(image, counts, meaning), *_absent(mapping, meaning))
    return PatientLabels(
        labelled,
        image.source,
        (*findings, *checked_heart(labelled, image.source, position)),
    )


def value_counts(image: LabelImage) -> dict[int, int]:
    """Voxels of every value that is not 0."""
    values = image.values
    if values.size and int(values.min()) >= 0 and int(values.max()) < _COUNTABLE:
        counted = np.bincount(values.ravel())
        return {int(value): int(counted[value]) for value in np.flatnonzero(counted) if value}
    distinct, counts = np.unique(values, return_counts=True)
    return {int(value): int(count) for value, count in zip(distinct, counts, strict=True) if value}


def _renamed(values: IntArray, meaning: Mapping[int, Structure]) -> LabelArray:
    """Structures in place of the file's values; values without a meaning are background."""
    if int(values.min()) >= 0 and int(values.max()) < _COUNTABLE:
        direct = np.zeros(int(values.max()) + 1, np.uint8)
        direct[list(meaning)] = list(meaning.values())
        return np.asarray(direct[values])
    labels = np.zeros(values.shape, np.uint8)
    for value, kind in meaning.items():
        labels[values == value] = kind
    return labels


def fitting_presets(image: LabelImage) -> tuple[str, ...]:
    """Presets that know every value of an image and find a heart in it: to be offered."""
    counts = value_counts(image)
    fitting = []
    for name in preset_names():
        mapping = preset(name)
        named = {value: image.names.get(value, "") for value in counts}
        if all(mapping.knows(value, name) for value, name in named.items()) and any(
            mapping.structure(value, name) for value, name in named.items()
        ):
            fitting.append(name)
    return tuple(fitting)


def _check_known(image: LabelImage, mapping: LabelMapping, counts: Mapping[int, int]) -> None:
    unknown = [v for v in counts if not mapping.knows(v, image.names.get(v, ""))]
    if unknown:
        named = {value: image.names.get(value, "") for value in counts if value not in unknown}
        heart = any(mapping.structure(value, name) for value, name in named.items())
        raise InputError(
            image.source, "values", expected=f"values that the mapping {mapping.title!r} knows",
            got=f"{'' if heart else 'no heart it knows, but '}{_told(image, counts, unknown)}",
            remedy='Add them to the mapping: a structure, or "ignore".',
        )  # fmt: skip


def _no_heart(image: LabelImage, counts: Mapping[int, int], mapping: LabelMapping) -> InputError:
    return InputError(
        image.source, "values", expected="at least one part of the heart",
        got=f"no heart: {_told(image, counts, list(counts))}",
        remedy=f"Open a segmentation of the heart, or another mapping than {mapping.title!r}.",
    )  # fmt: skip


def _told(image: LabelImage, counts: Mapping[int, int], values: list[int]) -> str:
    texts = []
    for value in values[:_LISTED]:
        name = f" ({image.names[value]})" if value in image.names else ""
        texts.append(f"{value}{name} in {counts[value]} voxels")
    more = len(values) - _LISTED
    return ", ".join(texts) + (f" and {more} more" if more > 0 else "")


def _ignored(
    image: LabelImage, counts: Mapping[int, int], meaning: Mapping[int, Structure]
) -> Findings:
    values = [value for value, kind in meaning.items() if kind == Structure.BACKGROUND]
    if not values:
        return ()
    text = f"not part of the heart by the mapping: {_told(image, counts, values)}"
    return (GeometryFinding(GeometryFindingKind.NOT_USED, "values", text),)


def _absent(mapping: LabelMapping, meaning: Mapping[int, Structure]) -> Findings:
    # The undivided heart is what a segmentation has instead of chambers.
    wanted = {kind for kind in mapping.values.values() if kind and kind is not Structure.HEART}
    missing = sorted(wanted - set(meaning.values()))
    if not missing:
        return ()
    names = ", ".join(kind.name.lower() for kind in missing)
    return (GeometryFinding(GeometryFindingKind.TOLD, "values", f"no voxel of: {names}"),)
