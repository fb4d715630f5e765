"""The demanded figures of the wall motion, on the fitted beats of the bundled cases.

``bundled_beats.npz`` holds cavity volumes [m3] and patch strains of 60 frames of each bundled case
as fitted on 25 November 2026, so that these tests do not depend on the fit.
"""

import importlib.util
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from organtwin.anatomy import template_shape as shape
from organtwin.anatomy.mesh import Leaflets
from organtwin.anatomy.regions import Cavity, Valve
from organtwin.anatomy.stuffing import volumes
from organtwin.anatomy.template_file import load_template
from organtwin.physiology.interface import Activation, PatchLayout, Wall
from organtwin.physiology.mechanics.deformation import BeatCourse, heart_motion
from organtwin.physiology.mechanics.wall_riding import wall_modes

LAYOUT = PatchLayout()
LATERAL = np.arange(LAYOUT.slice(Wall.LV).stop - 4, LAYOUT.slice(Wall.LV).stop)
N = 60
CASES = (
    "default", "hfref_lbbb", "aortic_stenosis", "hfpef", "hfref_decompensated",
    "pulmonary_hypertension",
)  # fmt: skip


def _script():
    path = Path(__file__).parents[2] / "scripts" / "measure_motion.py"
    spec = importlib.util.spec_from_file_location("measure_motion", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def beat(case):
    with np.load(Path(__file__).with_name("bundled_beats.npz")) as stored:
        return (
            float(stored[f"{case}_duration"]),
            stored[f"{case}_volumes"].astype(float),
            stored[f"{case}_strain"].astype(float),
        )


@cache
def motion(case):
    return motion_with(case, beat(case)[2])


def motion_with(case, strain, anatomy=None, openings=None, cavity_volumes=None):
    duration, own_volumes, _ = beat(case)
    course = BeatCourse(
        duration,
        np.arange(N) * duration / N,
        own_volumes if cavity_volumes is None else cavity_volumes,
        strain,
        Activation("normal", LAYOUT, np.zeros(LAYOUT.total)),
        0.0,
        np.zeros((N, 4)) if openings is None else openings,
    )
    return heart_motion(anatomy or load_template(), course)


def diastole(case):
    return int(np.argmax(beat(case)[1][:, 0]))


def systole(case):
    return int(np.argmin(beat(case)[1][:, 0]))


@pytest.mark.parametrize("case", CASES)
def test_every_cavity_of_every_case_has_its_volume(case):
    assert motion(case).volume_misfit < 1e-4
    for frame in range(0, N, 7):
        for cavity in Cavity:
            drawn = motion(case).cavity_volume(cavity, frame / N)
            np.testing.assert_allclose(drawn, beat(case)[1][frame, cavity], rtol=1e-3)


@pytest.mark.parametrize("case", CASES)
def test_no_element_of_the_mechanics_is_turned_inside_out(case):
    tets = wall_modes().tets
    for frame in range(N):
        assert volumes(motion(case).mechanics_nodes(frame / N), tets).min() > 0


@pytest.mark.parametrize("case", CASES)
def test_no_element_of_the_tissue_is_turned_inside_out(case):
    """Nor would one be if none were righted."""
    tets = load_template().tissue.tets
    for frame in range(0, N, 2):
        assert volumes(motion(case).plain_tissue_nodes(frame / N), tets).min() > 0


def test_the_healthy_heart_moves_as_healthy_hearts_do():
    found = _script().measured(
        load_template(), motion("default"), diastole("default"), systole("default")
    )
    assert 12 < found.mitral_descent < 16
    assert found.apex_motion < 3
    assert 8 < found.twist < 15
    assert 30 < found.thickening < 50
    assert -22 < found.longitudinal_strain < -18
    assert found.wall_volume_error < 1
    assert found.elements_within_5 > 95


def side_length(case, moving, angle):
    """Length of one side of the LV endocardium in every frame ``(60,)``, 0 septal, pi lateral."""
    places = shape.heart(load_template().cavities[Cavity.LV].points * 1e3)
    outward = np.array([np.cos(angle), np.sin(angle)])
    off = np.abs(places[:, :2] @ np.array([-outward[1], outward[0]]))
    off += 30.0 * (places[:, :2] @ outward < 2.0)
    rows = [np.argsort(np.abs(places[:, 2] - z) + off)[:5] for z in np.arange(-70.0, -9.0, 10.0)]
    out = np.empty(N)
    for frame in range(N):
        points = moving.cavity_points(Cavity.LV, frame / N)
        line = np.stack([points[row].mean(axis=0) for row in rows])
        out[frame] = np.linalg.norm(np.diff(line, axis=0), axis=1).sum()
    return out / out[diastole(case)]


def test_in_bundle_branch_block_the_septum_shortens_while_the_lateral_wall_still_waits():
    case = "hfref_lbbb"
    septal, lateral = (side_length(case, motion(case), angle) for angle in (0.0, np.pi))
    duration = beat(case)[0]
    early = (diastole(case) + np.arange(round(0.12 / duration * N))) % N
    assert (septal - lateral)[early].min() < -0.02
    first_septal, first_lateral = (
        np.flatnonzero(np.roll(side, -diastole(case)) < 0.5 * (1 + side.min()))[0]
        for side in (septal, lateral)
    )
    assert first_septal < first_lateral


def test_a_late_wall_shortens_late():
    strain = beat("default")[2].copy()
    strain[:, LATERAL] = np.roll(strain[:, LATERAL], 5, axis=0)
    late = motion_with("default", strain)
    in_time, delayed = (
        np.roll(side_length("default", m, np.pi), -diastole("default"))
        for m in (motion("default"), late)
    )
    assert delayed[6] > in_time[6] + 0.01
    assert np.argmin(delayed) > np.argmin(in_time)


def test_a_scar_thins_and_bulges():
    strain = beat("default")[2].copy()
    strain[:, LATERAL] = -0.4 * (strain[:, LATERAL] - strain[diastole("default"), LATERAL])
    scarred = motion_with("default", strain)
    nodes = load_template().tissue.nodes
    places = shape.heart(nodes * 1e3)
    outward = shape.body(-1, 0, 0)
    lateral = (places[:, 0] < -24) & (np.abs(places[:, 1]) < 15) & (np.abs(places[:, 2] + 30) < 20)
    inner = lateral & (np.abs(shape.left_blood(nodes * 1e3)) < 1.5)
    outer = lateral & (np.abs(shape.outside(nodes * 1e3)) < 1.5)
    thick, place = [], []
    for moving in (motion("default"), scarred):
        points = moving.tissue_nodes(systole("default") / N)
        thick.append((points[outer].mean(axis=0) - points[inner].mean(axis=0)) @ outward)
        middle = moving.cavity_points(Cavity.LV, systole("default") / N).mean(axis=0)
        place.append((points[inner].mean(axis=0) - middle) @ outward)
    assert thick[1] < 0.9 * thick[0]
    assert place[1] > place[0]


def test_the_same_beat_is_drawn_the_same():
    again = motion_with("hfpef", beat("hfpef")[2])
    np.testing.assert_array_equal(again.amplitudes, motion("hfpef").amplitudes)


EXTREMES = {
    "small": (60, 60, 20, 20),
    "huge left ventricle": (400, 200, 60, 40),
    "huge atria": (150, 150, 250, 250),
    "huge right heart": (90, 320, 40, 200),
}


@pytest.mark.parametrize("heart", EXTREMES)
def test_extreme_hearts_keep_their_volumes_and_all_of_their_tissue(heart):
    _, own, strain = beat("hfref_decompensated")
    largest = np.array(EXTREMES[heart]) * 1e-6
    wanted = own / own.max(axis=0) * largest
    moving = motion_with("hfref_decompensated", strain, cavity_volumes=wanted)
    assert moving.volume_misfit < 1e-3
    tets = load_template().tissue.tets
    for frame in range(0, N, 10):
        assert (volumes(moving.plain_tissue_nodes(frame / N), tets) <= 0).mean() < 5e-3
        assert volumes(moving.tissue_nodes(frame / N), tets).min() > 0


def test_leaflets_follow_their_opening():
    template = load_template()
    points = np.array([5, 6], np.int32)
    opening = np.array([[0.0, 0.0, 0.01], [0.01, 0.0, 0.0]])
    valved = replace(template, leaflets={Valve.AORTIC: Leaflets(points, opening)})
    openings = np.zeros((N, 4))
    openings[20:, Valve.AORTIC] = 1.0
    moving = motion_with("default", beat("default")[2], valved, openings)
    still = motion("default")
    a, b = (np.empty((len(template.surface.points), 3), np.float32) for _ in range(2))
    for frame, share in ((10, 0.0), (30, 1.0)):
        moving.surface_points(frame / N, a)
        still.surface_points(frame / N, b)
        np.testing.assert_allclose((a - b)[points], share * opening, atol=1e-6)
        assert np.abs(np.delete(a - b, points, axis=0)).max() < 1e-6
