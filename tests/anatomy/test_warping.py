"""The template brought to contours and volumes: quick looks at hearts of known shape."""

from dataclasses import replace

import numpy as np
import pytest

from organtwin.anatomy.regions import Cavity
from organtwin.anatomy.template_file import load_template
from organtwin.anatomy.warping import COARSE_LEVELS, warped
from organtwin.anatomy.warping_parts import Part, parts
from organtwin.anatomy.warping_targets import Target, Targets
from organtwin.errors import InputError
from tests.warped_hearts import (
    carried_parts,
    contours,
    hidden_warp,
    last,
    mean_distance,
    volumes_ml,
)

VENTRICLES = (Part.LV_ENDOCARDIUM, Part.RV_ENDOCARDIUM, Part.EPICARDIUM)


@pytest.fixture(scope="module")
def heart():
    return load_template()


@pytest.fixture(scope="module")
def hidden(heart):
    """A heart the fit does not know, and contours of it: slices 8 mm apart, noise 1 mm."""
    truth = hidden_warp(1)
    return truth, contours(carried_parts(heart, truth), noise=1e-3, seed=1)


@pytest.fixture(scope="module")
def steps(heart, hidden):
    return list(warped(heart, hidden[1], COARSE_LEVELS))


def test_coarse_levels_come_near_a_hidden_heart(heart, hidden, steps):
    truth, warp = hidden[0], steps[-1].warp
    for part in VENTRICLES:
        assert mean_distance(heart, warp, truth, part) < 1.5e-3, part
    right, ours = volumes_ml(truth.anatomy(heart)), volumes_ml(warp.anatomy(heart))
    for cavity in (Cavity.LV, Cavity.RV):
        assert ours[cavity] == pytest.approx(right[cavity], rel=0.05)


def test_the_map_folds_nowhere_in_and_around_the_heart(heart, steps):
    warp, report = steps[-1].warp, steps[-1].report
    rng = np.random.default_rng(0)
    lower, upper = heart.tissue.nodes.min(axis=0) - 0.03, heart.tissue.nodes.max(axis=0) + 0.03
    assert warp.determinants(rng.uniform(lower, upper, (20_000, 3))).min() > 0
    assert 0 < report.least_determinant <= warp.determinants(heart.tissue.nodes[::50]).min()
    assert report.folded == 0


def test_the_same_contours_give_the_same_warp(heart, hidden, steps):
    again = last(warped(heart, hidden[1], COARSE_LEVELS)).warp
    nodes = heart.tissue.nodes[::20]
    np.testing.assert_array_equal(again.carried(nodes), steps[-1].warp.carried(nodes))


def test_steps_report_progress_and_only_the_last_has_the_warp(steps):
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert done[-1] == 1.0
    assert [step.warp is not None for step in steps] == [False] * (len(steps) - 1) + [True]


def test_a_target_that_is_the_template_leaves_it_as_it_is(heart):
    pieces = parts(heart)
    targets = Targets({part: Target(pieces[part].points, dense=True) for part in VENTRICLES})
    answer = last(warped(heart, targets, COARSE_LEVELS[:1]))
    moved = np.linalg.norm(answer.warp.carried(heart.tissue.nodes) - heart.tissue.nodes, axis=1)
    assert moved.max() < 0.02e-3
    assert answer.report.similarity.scale == pytest.approx(1.0, abs=1e-3)


def test_slices_of_another_breath_hold_are_moved_back(heart, hidden):
    truth, targets = hidden
    own = targets.parts[Part.LV_ENDOCARDIUM]
    points = own.points[own.slices == 4]
    in_plane = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)[2]
    away = {4: 9e-3 * in_plane[0], 7: -9e-3 * in_plane[1]}
    shifted = {
        part: replace(
            t, points=t.points + np.array([away.get(int(n), np.zeros(3)) for n in t.slices])
        )
        for part, t in targets.parts.items()
    }
    answer = last(warped(heart, replace(targets, parts=shifted), COARSE_LEVELS))
    found = answer.report.slice_shifts
    assert found[4] == pytest.approx(9e-3, rel=0.35)
    assert found[7] == pytest.approx(9e-3, rel=0.35)
    assert max(shift for number, shift in found.items() if number not in away) < 3e-3
    assert any("Slices 4, 7" in sentence for sentence in answer.report.findings)
    assert mean_distance(heart, answer.warp, truth, Part.LV_ENDOCARDIUM) < 1.5e-3


def test_volumes_alone_are_reached(heart):
    asked = {Cavity.LV: 250e-6, Cavity.RV: 160e-6, Cavity.LA: 90e-6}
    answer = last(warped(heart, Targets(volumes=asked)))
    ours = volumes_ml(answer.warp.anatomy(heart))
    for cavity, volume in asked.items():
        assert ours[cavity] == pytest.approx(volume * 1e6, rel=0.01)
    assert answer.report.folded == 0
    assert not answer.report.findings


def test_a_part_that_the_template_lacks_is_named(heart, hidden):
    lone = replace(heart, cavities={Cavity.LV: heart.cavities[Cavity.LV]})
    atrium = {Part.LA_ENDOCARDIUM: hidden[1].parts[Part.LV_ENDOCARDIUM]}
    with pytest.raises(InputError, match="la_endocardium"):
        last(warped(lone, Targets(atrium)))
