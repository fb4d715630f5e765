"""How well a warp meets its targets, and what the user should be told about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from organtwin.anatomy.regions import Cavity
from organtwin.anatomy.warping_alignment import MIRRORED_ALIKE, Similarity
from organtwin.anatomy.warping_parts import Part
from organtwin.arrays import FloatArray

POOR_FIT = 5e-3
"""A mean distance [m] beyond which a part is reported as not met."""

POOR_VOLUME = 0.03
FAR_SLICE = 5e-3
"""A slice moved by more than this [m] is named."""


@dataclass(frozen=True)
class Residual:
    """Distances of the target points of one part from the warped template [m]."""

    mean: float
    p95: float
    largest: float
    n_points: int


@dataclass(frozen=True, eq=False)
class WarpReport:
    """How well the warp meets the targets and that it folds nowhere.

    ``volumes`` [m3] are those that were asked for, each with what was reached; ``slice_shifts``
    [m] is by how much each image slice was moved within its plane; ``similarity`` is the size,
    place and direction found first; ``least_determinant`` is taken at all nodes of the tissue;
    ``folded`` counts its elements turned inside out; ``findings`` are sentences for the user.
    """

    residuals: Mapping[Part, Residual]
    volumes: Mapping[Cavity, tuple[float, float]]
    slice_shifts: Mapping[int, float]
    similarity: Similarity
    least_determinant: float
    folded: int
    findings: tuple[str, ...] = ()


def residual(gap: FloatArray) -> Residual:
    """Summary of distances ``(n,)`` [m]."""
    return Residual(float(gap.mean()), float(np.quantile(gap, 0.95)), float(gap.max()), len(gap))


def with_findings(report: WarpReport) -> WarpReport:
    """The report with its findings."""
    return replace(report, findings=tuple(_findings(report)))


def _findings(report: WarpReport) -> Iterator[str]:
    found = report.similarity
    if found.mirrored_distance < MIRRORED_ALIKE * found.distance:
        yield "These points alone hardly tell a heart from its mirror image; check the orientation."
    for part, met in report.residuals.items():
        if met.mean > POOR_FIT:
            name = part.name.lower().replace("_", " ")
            yield f"The {name} is met to {met.mean * 1e3:.1f} mm only; check its contours."
    for cavity, (asked, got) in report.volumes.items():
        if abs(got / asked - 1.0) > POOR_VOLUME:
            yield f"{cavity.name} reaches {got * 1e6:.0f} mL instead of {asked * 1e6:.0f} mL."
    far = [number for number, shift in report.slice_shifts.items() if shift > FAR_SLICE]
    if far:
        yield f"Slices {', '.join(map(str, far))} were moved by more than 5 mm (breath hold?)."
    if report.folded:
        yield f"{report.folded} elements of the wall are folded; they need a new mesh."
