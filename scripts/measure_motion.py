"""Measure the wall motion of the bundled cases: python scripts/measure_motion.py [CASE...].

Lengths and angles are from end-diastole to end-systole in the heart's frame; volumes are the worst
over all frames; the time is that of one beat after everything is loaded.

With ``--heart FILE``, once for each file of a patient's heart, the beats of the cases are drawn in
that heart, and what is measured is whether its tissue holds together.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from organtwin.anatomy import template_shape as shape
from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Cavity, Region
from organtwin.anatomy.stuffing import volumes
from organtwin.anatomy.template_file import load_template
from organtwin.arrays import BoolArray, FloatArray
from organtwin.patient.case_file import load_case
from organtwin.patient.geometry.label_checks import Position
from organtwin.patient.geometry.source import HeartSource
from organtwin.physiology.mechanics.deformation import HeartMotion
from organtwin.physiology.mechanics.wall_riding import wall_modes
from organtwin.simulation.beat import Beat
from organtwin.simulation.motion import FRAMES, beat_motion
from organtwin.twin.beating import beating
from organtwin.twin.building import fitting
from organtwin.twin.own_heart import OwnHeart, building_heart

CASES = (
    "default", "hfref_lbbb", "aortic_stenosis", "hfpef", "hfref_decompensated",
    "pulmonary_hypertension",
)  # fmt: skip


@dataclass(frozen=True)
class MotionFigures:
    """What is asked of a wall motion [mm, degree, %]; element volumes on the mechanics mesh."""

    mitral_descent: float
    tricuspid_descent: float
    apex_motion: float
    twist: float
    thickening: float
    longitudinal_strain: float
    wall_volume_error: float
    elements_within_5: float
    least_volume_ratio: float
    cavity_misfit: float


TISSUE_FRAMES = 50


@dataclass(frozen=True)
class TissueFigures:
    """How the tissue of a patient's own heart holds together in a beat.

    Elements turned over in any frame, as drawn and as they would be without righting; the share of
    nodes that are moved for it and the longest of these ways [mm]; the wall's volume as above [%];
    time [s] to place the first tissue, and the longest for one frame after that.
    """

    turned_over: int
    without_righting: int
    nodes_moved: float
    longest_move: float
    wall_volume_error: float
    cavity_misfit: float
    first_frame: float
    slowest_frame: float


def tissue_figures(heart: OwnHeart, beat: Beat) -> TissueFigures:
    """All figures of a beat in a patient's own heart."""
    motion, tissue = beating(beat, heart), heart.anatomy.tissue
    start = time.perf_counter()
    motion.tissue_nodes(0.0)
    first, slowest, longest = time.perf_counter() - start, 0.0, 0.0
    turned, plainly = (np.zeros(len(tissue.tets), bool) for _ in range(2))
    moved = np.zeros(len(tissue.nodes), bool)
    for frame in range(TISSUE_FRAMES):
        start = time.perf_counter()
        nodes = motion.tissue_nodes(frame / TISSUE_FRAMES)
        slowest = max(slowest, time.perf_counter() - start)
        plain = motion.plain_tissue_nodes(frame / TISSUE_FRAMES)
        turned |= volumes(nodes, tissue.tets) <= 0.0
        plainly |= volumes(plain, tissue.tets) <= 0.0
        way = np.linalg.norm(nodes - plain, axis=1)
        moved |= way > 0.0
        longest = max(longest, float(way.max()))
    before = motion.tissue_nodes(motion.end_diastole)
    return TissueFigures(
        turned_over=int(turned.sum()),
        without_righting=int(plainly.sum()),
        nodes_moved=float(moved.mean()),
        longest_move=1e3 * longest,
        wall_volume_error=100.0 * wall_volumes(motion, before)[0],
        cavity_misfit=100.0 * motion.volume_misfit,
        first_frame=first,
        slowest_frame=slowest,
    )


def timed(anatomy: Anatomy, beat: Beat) -> tuple[MotionFigures, float]:
    """All figures of one beat, and the time [s] it takes once everything is loaded."""
    beat_motion(anatomy, beat)
    start = time.perf_counter()
    motion = beat_motion(anatomy, beat)
    seconds = time.perf_counter() - start
    lv = beat.traces["lv_volume"]
    diastole, systole = (round(f(lv) / len(lv) * FRAMES) % FRAMES for f in (np.argmax, np.argmin))
    return measured(anatomy, motion, diastole, systole), seconds


def measured(anatomy: Anatomy, motion: HeartMotion, diastole: int, systole: int) -> MotionFigures:
    """All figures between two of the ``FRAMES`` frames of a motion of the template."""
    nodes = anatomy.tissue.nodes * 1e3
    before, after = (motion.tissue_nodes(f / FRAMES) for f in (diastole, systole))
    lengths = [contour_length(anatomy, motion, frame) for frame in (diastole, systole)]
    left = np.zeros(len(nodes), bool)
    left[anatomy.tissue.tets[anatomy.tissue.regions <= Region.SEPTUM]] = True
    height = shape.heart(nodes)[:, 2]
    apical, basal = (
        rotation(before, after, left & (np.abs(height - middle) < 6.0)) for middle in (-70, -12)
    )
    walls, within, least = wall_volumes(motion, before)
    return MotionFigures(
        mitral_descent=-mean_shift(nodes, before, after, shape.MITRAL.centre, 20.0)[2],
        tricuspid_descent=-mean_shift(nodes, before, after, shape.TRICUSPID.centre, 22.0)[2],
        apex_motion=float(
            np.linalg.norm(mean_shift(nodes, before, after, shape.body(1, 0, -92), 10.0))
        ),
        twist=apical - basal,
        thickening=100.0 * (thickness_ratio(anatomy, before, after) - 1.0),
        longitudinal_strain=100.0 * (lengths[1] / lengths[0] - 1.0),
        wall_volume_error=100.0 * walls,
        elements_within_5=100.0 * within,
        least_volume_ratio=least,
        cavity_misfit=100.0 * motion.volume_misfit,
    )


def wall_volumes(motion: HeartMotion, before: FloatArray) -> tuple[float, float, float]:
    """Worst error of the muscle's volume, least share of elements within 5 %, least ratio.

    The first on the tissue, the others on the mesh that the mechanics are solved on.
    """
    tissue = motion.anatomy.tissue
    muscle = tissue.regions <= Region.RA
    rest = volumes(before, tissue.tets)[muscle].sum()
    tets = wall_modes().tets
    start = volumes(motion.mechanics_nodes(motion.end_diastole), tets)
    error, within, least = 0.0, 1.0, 1.0
    for frame in range(0, FRAMES, 3):
        now = volumes(motion.tissue_nodes(frame / FRAMES), tissue.tets)[muscle].sum()
        ratio = volumes(motion.mechanics_nodes(frame / FRAMES), tets) / start
        error = max(error, abs(now / rest - 1.0))
        within = min(within, float(np.mean(np.abs(ratio - 1.0) < 0.05)))
        least = min(least, float(ratio.min()))
    return error, within, least


def mean_shift(
    template: FloatArray, before: FloatArray, after: FloatArray, place: FloatArray, radius: float
) -> FloatArray:
    """Mean shift [mm] of the tissue around a place of the template [mm], in the heart's frame."""
    chosen = np.linalg.norm(template - place, axis=1) < radius
    return np.asarray(shape.heart(((after - before)[chosen].mean(axis=0) * 1e3)[None])[0])


def rotation(before: FloatArray, after: FloatArray, chosen: BoolArray) -> float:
    """Rotation [degree] of a slice about its middle, counter-clockwise seen from the apex."""
    a, b = (shape.heart(p[chosen])[:, :2] for p in (before, after))
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    cross = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()
    return float(np.degrees(np.arctan2(cross, (a * b).sum())))


def thickness_ratio(anatomy: Anatomy, before: FloatArray, after: FloatArray) -> float:
    """Mean thickening of the LV free wall at mid-height: distance from endo- to epicardium."""
    nodes = anatomy.tissue.nodes * 1e3
    free = np.zeros(len(nodes), bool)
    free[anatomy.tissue.tets[anatomy.tissue.regions == Region.LV]] = True
    height = shape.heart(nodes)[:, 2]
    mid = free & (height > -55) & (height < -25)
    inner = np.flatnonzero(mid & (np.abs(shape.left_blood(nodes)) < 0.6))
    outer = np.flatnonzero(mid & (np.abs(shape.outside(nodes)) < 0.6))
    was, now = (cKDTree(points[outer]).query(points[inner])[0] for points in (before, after))
    return float(np.mean(now / was))


def contour_length(anatomy: Anatomy, motion: HeartMotion, frame: int) -> float:
    """Length of the LV endocardium from apex to base [m], summed over eight meridians."""
    places = shape.heart(anatomy.cavities[Cavity.LV].points * 1e3)
    points = motion.cavity_points(Cavity.LV, frame / FRAMES)
    total = 0.0
    for angle in np.arange(8) * np.pi / 4.0:
        outward = np.array([np.cos(angle), np.sin(angle)])
        off = np.abs(places[:, :2] @ np.array([-outward[1], outward[0]]))
        off += 30.0 * (places[:, :2] @ outward < 2.0)
        nearest = [
            np.argsort(np.abs(places[:, 2] - z) + off)[:4] for z in np.arange(-82.0, -4.0, 6.0)
        ]
        line = np.stack([points[four].mean(axis=0) for four in nearest])
        total += float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
    return total


def template_row(beat: Beat) -> dict[str, float]:
    """The figures of a beat in the template."""
    found, seconds = timed(load_template(), beat)
    return {**asdict(found), "seconds": seconds}


def own_heart(options: argparse.Namespace) -> OwnHeart:
    """The heart of the files named."""
    source = HeartSource(
        tuple(options.heart),
        unit=options.unit,
        axes=options.axes,
        complete=options.complete,
        position=Position.ANY if options.any_position else Position.USUAL,
    )
    steps = building_heart(source, tissue_spacing=options.spacing * 1e-3)
    return next(step.heart for step in steps if step.heart is not None)


def measured_cases(
    cases: Sequence[str], row: Callable[[Beat], dict[str, float]]
) -> dict[str, dict[str, float]]:
    """A row of figures for the beat of each case."""
    table = {}
    for case in cases:
        twin = next(s.twin for s in fitting(load_case(case), members=0) if s.twin is not None)
        table[case] = row(twin.baseline.beat)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", default=CASES)
    parser.add_argument("--heart", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--unit")
    parser.add_argument("--axes")
    parser.add_argument("--complete", action="store_true")
    parser.add_argument("--any-position", action="store_true")
    parser.add_argument("--spacing", type=float, default=2.0, help="of the tissue, mm")
    options = parser.parse_args()
    if options.heart:
        heart = own_heart(options)
        print(f"{len(heart.anatomy.tissue.nodes)} nodes, {len(heart.anatomy.tissue.tets)} elements")
        table = measured_cases(options.cases, lambda beat: asdict(tissue_figures(heart, beat)))
    else:
        table = measured_cases(options.cases, template_row)
    print(f"{'':22s}" + "".join(f"{case[:12]:>13s}" for case in table))
    for name in next(iter(table.values()), {}):
        print(f"{name:22s}" + "".join(f"{row[name]:13.3f}" for row in table.values()))


if __name__ == "__main__":
    main()
