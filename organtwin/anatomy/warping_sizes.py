"""The template sized to numbers alone: volumes of chambers and thickness of walls, as of an echo.

Volumes are met first. Then the outer surface is asked to stand at the given distance from the inner
one, thickness scaled by one factor for each wall, and the warp is fitted to that. Wall thickness
is that of the middle third of the ventricle between mitral ring and apex, where an echocardiogram
measures it (Lang et al. 2015: at the level of the mitral leaflet tips).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from organtwin.anatomy.mesh import Anatomy, enclosed_volume
from organtwin.anatomy.regions import Cavity, Region
from organtwin.anatomy.warping import WarpStep, warped
from organtwin.anatomy.warping_map import Warp
from organtwin.anatomy.warping_parts import Part, Piece, parts
from organtwin.anatomy.warping_targets import Target, Targets
from organtwin.arrays import BoolArray, FloatArray
from organtwin.errors import InputError

THINNEST, THICKEST = 2e-3, 30e-3
"""Walls thinner or thicker are not a heart's [m]; the thickest known are near 30 mm (Spirito et
al. 2000, hypertrophic cardiomyopathy)."""

THICKNESS_TOLERANCE = 0.05
_WALLS = (Region.LV, Region.SEPTUM)


@dataclass(frozen=True)
class Sizes:
    """Numbers at end-diastole: cavity ``volumes`` [m3], ``walls`` thickness [m] by region.

    Walls may be ``Region.LV`` (posterior or lateral wall) and ``Region.SEPTUM``.
    """

    volumes: Mapping[Cavity, float] = field(default_factory=dict)
    walls: Mapping[Region, float] = field(default_factory=dict)


def sized(template: Anatomy, sizes: Sizes, source: str = "echo numbers") -> Iterator[WarpStep]:
    """Bring the template to these numbers; what is not given stays in proportion.

    Raises
    ------
    InputError
        A number is outside what hearts have, or a wall is asked for that has no thickness here.
    """
    _check_walls(sizes, source)
    last = None
    for step in warped(template, Targets(volumes=sizes.volumes, source=source)):
        last = step
        if sizes.walls:
            yield replace(step, done=0.3 * step.done, warp=None, report=None)
        else:
            yield step
    if last is None or last.warp is None or not sizes.walls:
        return
    targets = _thickened(template, last.warp, sizes, source)
    for step in warped(template, targets):
        yield replace(_told(step, template, sizes), done=0.3 + 0.7 * step.done)


def wall_thickness(anatomy: Anatomy) -> dict[Region, float]:
    """Median thickness [m] of the LV free wall and of the septum in their middle third."""
    pieces = parts(anatomy)
    inner = pieces[Part.LV_ENDOCARDIUM]
    depth = _septal_and_free(anatomy, inner, pieces)
    middle = _in_middle_third(inner.points, pieces)
    return {
        region: float(np.median(distance[own & middle]))
        for region, (own, distance) in depth.items()
    }


def _check_walls(sizes: Sizes, source: str) -> None:
    for region, thickness in sizes.walls.items():
        if region not in _WALLS:
            raise InputError(
                source,
                f"{region.name} wall",
                expected="LV or SEPTUM",
                got=region.name,
                remedy="Leave this thickness out.",
            )
        if not THINNEST <= thickness <= THICKEST:
            raise InputError(
                source,
                f"{region.name} wall",
                expected=f"{THINNEST * 1e3:.0f} to {THICKEST * 1e3:.0f} mm",
                got=f"{thickness * 1e3:.4g} mm",
                remedy="Check the number and its unit.",
            )


def _septal_and_free(
    anatomy: Anatomy, inner: Piece, pieces: Mapping[Part, Piece]
) -> dict[Region, tuple[BoolArray, FloatArray]]:
    """Which points of the LV's inside belong to a wall, and its thickness ``(n,)`` [m] there."""
    to_right = pieces[Part.RV_SEPTUM].distances(inner.points)
    to_outside = pieces[Part.EPICARDIUM].distances(inner.points)
    septal = to_right < to_outside
    return {Region.LV: (~septal, to_outside), Region.SEPTUM: (septal, to_right)}


def _in_middle_third(points: FloatArray, pieces: Mapping[Part, Piece]) -> BoolArray:
    base, apex = pieces[Part.MITRAL_RING].points.mean(axis=0), pieces[Part.APEX].points[0]
    height = (points - apex) @ (base - apex) / np.sum((base - apex) ** 2)
    return np.asarray((height > 1 / 3) & (height < 2 / 3))


def _thickened(template: Anatomy, warp: Warp, sizes: Sizes, source: str) -> Targets:
    """Inner surface as it is, outer surfaces at the thickness asked for."""
    sized_heart = warp.anatomy(template, "sized")
    pieces, now = parts(sized_heart), wall_thickness(sized_heart)
    inner = pieces[Part.LV_ENDOCARDIUM]
    outer = {Region.LV: Part.EPICARDIUM, Region.SEPTUM: Part.RV_SEPTUM}
    targets = {Part.LV_ENDOCARDIUM: Target(inner.points, dense=True)}
    for region, part in outer.items():
        points = pieces[part].points
        foot = inner.places(*inner.nearest(points))
        factor = sizes.walls.get(region, now[region]) / now[region]
        near = np.linalg.norm(points - foot, axis=1) < _SAME_WALL * now[region]
        targets[part] = Target((foot + factor * (points - foot))[near])
    volumes = {cavity: enclosed_volume(surface) for cavity, surface in sized_heart.cavities.items()}
    return Targets(targets, volumes | dict(sizes.volumes), source)


_SAME_WALL = 1.6
"""Outer points further from the LV's inside than so many wall thicknesses cover the RV."""


def _told(step: WarpStep, template: Anatomy, sizes: Sizes) -> WarpStep:
    """The last step with a finding for every wall that missed its thickness."""
    if step.warp is None or step.report is None:
        return step
    got = wall_thickness(step.warp.anatomy(template, "sized"))
    missed = tuple(
        f"The {region.name} wall is {got[region] * 1e3:.1f} mm instead of {asked * 1e3:.1f} mm."
        for region, asked in sizes.walls.items()
        if abs(got[region] / asked - 1.0) > THICKNESS_TOLERANCE
    )
    return replace(step, report=replace(step.report, findings=step.report.findings + missed))
