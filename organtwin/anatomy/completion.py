"""Missing chambers and vessels taken from the template, and said so.

The template is warped to what the images give; where they give nothing, the warped template is
filled in. Measured voxels are never changed. Every structure of the answer carries its provenance,
and the findings name what was added and how large it is, because its size is an estimate.
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from organtwin.anatomy.completion_filling import NAMES, filled_in, template_labels
from organtwin.anatomy.label_map import LabelMap, Structure
from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Cavity
from organtwin.anatomy.warping import COARSE_LEVELS, warped
from organtwin.anatomy.warping_map import Warp
from organtwin.anatomy.warping_parts import Part
from organtwin.anatomy.warping_raster import outline
from organtwin.anatomy.warping_report import WarpReport
from organtwin.anatomy.warping_targets import Target, Targets
from organtwin.arrays import BoolArray, FloatArray
from organtwin.errors import InputError

FINEST_NEEDED = 2.5e-3
"""Voxel edge [m] with which a whole heart can be completed: 2.5 mm was measured to do, 4 mm not."""


class Provenance(Enum):
    """Where a structure of a completed heart comes from."""

    MEASURED = "measured"
    SIZED = "from the template, volume measured"
    DIVIDED = "outline measured, inner borders from the template"
    TEMPLATE = "from the template"


@dataclass(frozen=True, eq=False)
class Completion:
    """A label map with all structures, where each comes from, and what to tell the user."""

    label_map: LabelMap
    provenance: Mapping[Structure, Provenance]
    warp: Warp
    report: WarpReport
    findings: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class CompletionStep:
    """Progress of ``completed``, share done; the last one has the answer."""

    done: float
    completion: Completion | None = None


def completed(
    label_map: LabelMap, template: Anatomy, source: str = "label map", *, anywhere: bool = False
) -> Iterator[CompletionStep]:
    """Add to a label map what it lacks of a whole heart.

    The grid grows where the added structures need room; its voxels stay where they are. Voxels
    larger than ``FINEST_NEEDED`` are divided first, because what is added has thin walls.
    ``anywhere``: the heart may lie in any direction.

    Raises
    ------
    InputError
        No chamber and no heart is labelled, or what is labelled does not fit a heart.
    """
    label_map, told = divided(label_map)
    present = _present(label_map)
    targets = label_targets(label_map, source, anywhere=anywhere)
    if Part.HEART in targets.parts:
        targets = yield from _with_better_outline(targets, template)
    last = None
    for step in warped(template, targets):
        last = step
        yield CompletionStep(0.15 + 0.7 * step.done)
    if last is None or last.warp is None or last.report is None:
        return
    ours, added = template_labels(label_map, template, last.warp)
    yield CompletionStep(0.95)
    answer = filled_in(ours, added)
    provenance = _provenance(present, answer)
    findings = (*told, *last.report.findings, *_findings(answer, provenance, targets))
    yield CompletionStep(1.0, Completion(answer, provenance, last.warp, last.report, findings))


def divided(label_map: LabelMap) -> tuple[LabelMap, tuple[str, ...]]:
    """Voxels no larger than ``FINEST_NEEDED``, each of the given ones a whole number of them.

    Every volume stays exactly what it was; the second value says so where anything was done.
    """
    size = np.linalg.norm(label_map.affine[:3, :3], axis=0)
    parts = np.ceil(size / FINEST_NEEDED - 1e-6).astype(int)
    if (parts == 1).all():
        return label_map, ()
    labels = label_map.labels
    for axis, count in enumerate(parts):
        labels = np.repeat(labels, count, axis=axis)
    affine = label_map.affine.copy()
    affine[:3, :3] = label_map.affine[:3, :3] / parts
    first_middle = 0.5 * (1.0 / parts - 1.0)
    affine[:3, 3] += label_map.affine[:3, :3] @ first_middle
    before, after = (" x ".join(f"{1e3 * s:.1f}" for s in sizes) for sizes in (size, size / parts))
    told = f"Voxels of {before} mm were divided into {after} mm, so that thin walls can be added."
    return LabelMap(labels, affine), (told,)


def anatomy_provenance(targets: Targets) -> dict[Structure, Provenance]:
    """Where each structure of ``Warp.anatomy`` comes from when the warp had these targets."""
    given = set(targets.parts)
    outlined = bool(given & {Part.HEART, Part.HEART_AND_TRUNK})
    found = dict.fromkeys(NAMES, Provenance.TEMPLATE)
    for structure, (cavity, needed) in _SHOWN_BY.items():
        if any(parts <= given for parts in needed):
            found[structure] = Provenance.MEASURED
        elif cavity in targets.volumes:
            found[structure] = Provenance.SIZED
        elif outlined:
            found[structure] = Provenance.DIVIDED
    return found


_LV_OUTSIDE = ({Part.LV_EPICARDIUM}, {Part.EPICARDIUM})
_SHOWN_BY: dict[Structure, tuple[Cavity | None, tuple[set[Part], ...]]] = {
    Structure.LV_BLOOD: (Cavity.LV, ({Part.LV_ENDOCARDIUM},)),
    Structure.RV_BLOOD: (
        Cavity.RV,
        ({Part.RV_ENDOCARDIUM}, {Part.RV_FREE_WALL, Part.RV_SEPTUM}),
    ),
    Structure.LA_BLOOD: (Cavity.LA, ({Part.LA_ENDOCARDIUM},)),
    Structure.RA_BLOOD: (Cavity.RA, ({Part.RA_ENDOCARDIUM},)),
    Structure.LV_MUSCLE: (None, tuple({Part.LV_ENDOCARDIUM} | outside for outside in _LV_OUTSIDE)),
    Structure.RV_MUSCLE: (None, ({Part.RV_ENDOCARDIUM, Part.EPICARDIUM},)),
    Structure.LA_MUSCLE: (None, ()),
    Structure.RA_MUSCLE: (None, ()),
}
"""The parts that together show a structure, any one of the sets."""

_ENDOCARDIA = {
    Structure.LV_BLOOD: Part.LV_ENDOCARDIUM,
    Structure.RV_BLOOD: Part.RV_ENDOCARDIUM,
    Structure.LA_BLOOD: Part.LA_ENDOCARDIUM,
    Structure.RA_BLOOD: Part.RA_ENDOCARDIUM,
}
_LEFT = (Structure.LV_MUSCLE, Structure.LV_BLOOD)
_BOTH = (*_LEFT, Structure.RV_MUSCLE, Structure.RV_BLOOD)


def _present(label_map: LabelMap) -> set[Structure]:
    return {Structure(int(v)) for v in np.unique(label_map.labels)} - {Structure.BACKGROUND}


def label_targets(
    label_map: LabelMap, source: str = "label map", *, anywhere: bool = False
) -> Targets:
    """What the template is brought to by a label map: its endocardia and its outside.

    ``anywhere``: the heart may lie in any direction.

    Raises
    ------
    InputError
        No chamber and no heart is labelled.
    """
    present = _present(label_map)
    labels, parts = label_map.labels, {}
    for structure, part in _ENDOCARDIA.items():
        if structure in present:
            parts[part] = Target(_border(label_map, labels == structure), dense=True)
    if present >= set(_BOTH):
        parts[Part.EPICARDIUM] = _outside(label_map, _BOTH)
    elif present >= set(_LEFT):
        parts[Part.LV_EPICARDIUM] = _outside(label_map, _LEFT)
    if not parts and Structure.HEART in present:
        parts[Part.HEART] = Target(_border(label_map, labels == Structure.HEART), dense=True)
    if not parts:
        raise InputError(
            source,
            "labels",
            expected="at least one chamber or the heart",
            got=", ".join(sorted(s.name for s in present)) or "background only",
            remedy="Say in the label mapping which label is which chamber.",
        )
    return Targets(parts, source=source, anywhere=anywhere)


def _border(label_map: LabelMap, inside: BoolArray) -> FloatArray:
    """Points ``(n, 3)`` [m] on the smoothed border of some voxels."""
    corner = np.array([s.start for s in ndimage.find_objects(inside.astype(np.uint8))[0]])
    points, _ = outline(_cropped(inside))
    return _placed(label_map, points + corner)


def _cropped(inside: BoolArray) -> BoolArray:
    return np.asarray(inside[ndimage.find_objects(inside.astype(np.uint8))[0]])


def _placed(label_map: LabelMap, index: FloatArray) -> FloatArray:
    return np.asarray(index @ label_map.affine[:3, :3].T + label_map.affine[:3, 3])


def _outside(label_map: LabelMap, structures: tuple[Structure, ...]) -> Target:
    """The border of muscle and blood together, but only where it is muscle that borders on it."""
    inside = np.isin(label_map.labels, structures)
    points = _border(label_map, inside)
    muscle = np.isin(label_map.labels, (Structure.LV_MUSCLE, Structure.RV_MUSCLE))
    other = (label_map.labels != Structure.BACKGROUND) & ~inside
    size = np.linalg.norm(label_map.affine[:3, :3], axis=0)
    to_muscle, to_other = (_distance(mask, size) for mask in (muscle, other))
    index = np.linalg.solve(label_map.affine[:3, :3], (points - label_map.affine[:3, 3]).T)
    place = tuple(np.clip(np.round(index).astype(int).T, 0, np.array(inside.shape) - 1).T)
    near = float(size.max())
    keep = (to_muscle[place] <= 1.5 * near) & (to_other[place] > 2.0 * near)
    return Target(points[keep])


def _distance(mask: BoolArray, size: FloatArray) -> NDArray[np.float64]:
    if not mask.any():
        return np.full(mask.shape, np.inf)
    return np.asarray(ndimage.distance_transform_edt(~mask, sampling=size))


def _with_better_outline(
    targets: Targets, template: Anatomy
) -> Generator[CompletionStep, None, Targets]:
    """The same target as outline with or without the pulmonary trunk, whichever fits better."""
    target = targets.parts[Part.HEART]
    best, least = targets, np.inf
    for number, part in enumerate((Part.HEART, Part.HEART_AND_TRUNK)):
        tried = replace(targets, parts={part: target})
        for step in warped(template, tried, COARSE_LEVELS):
            yield CompletionStep(0.07 * (number + step.done))
        residual = step.report.residuals[part].mean if step.report else np.inf
        if residual < least:
            best, least = tried, residual
    return best


def _provenance(present: set[Structure], answer: LabelMap) -> dict[Structure, Provenance]:
    found = {}
    for structure in NAMES:
        if structure in present:
            found[structure] = Provenance.MEASURED
        elif (answer.labels == structure).any():
            divided = Structure.HEART in present and structure not in _VESSELS
            found[structure] = Provenance.DIVIDED if divided else Provenance.TEMPLATE
    return found


_VESSELS = (
    Structure.AORTA,
    Structure.PULMONARY_ARTERY,
    Structure.SYSTEMIC_VEIN,
    Structure.PULMONARY_VEIN,
)


def _findings(
    answer: LabelMap, provenance: Mapping[Structure, Provenance], targets: Targets
) -> Iterator[str]:
    for kind, beginning in (
        (Provenance.TEMPLATE, "Taken from the template, fitted to the rest"),
        (Provenance.DIVIDED, "Divided as in the template within the measured outline"),
    ):
        added = [s for s, p in provenance.items() if p is kind]
        if added:
            sizes = [f"{NAMES[s]} {answer.volume(s) * 1e6:.0f} mL" for s in added]
            yield f"{beginning}: {', '.join(sizes)}. These sizes are estimates."
    if Part.HEART_AND_TRUNK in targets.parts:
        yield "The outline holds the pulmonary trunk; it was told apart from the chambers."
