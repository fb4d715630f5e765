"""The template's fine mesh for electrics is whole and conducts like the coarse one."""

from functools import cache

import numpy as np
import pytest

from organtwin.anatomy.regions import Cavity, Region
from organtwin.anatomy.template_electric import (
    Muscle,
    load_electric_template,
    save_electric_template,
)
from organtwin.anatomy.template_file import load_template
from organtwin.physiology.electrophysiology.activation.conduction import conduction_named
from organtwin.physiology.electrophysiology.activation.electric_heart import (
    default_speeds,
    electric_heart,
)
from organtwin.physiology.electrophysiology.activation.template import (
    electric_template,
    values_at,
)
from tests.physiology.electrophysiology.electric_hearts import (
    activated,
    epicardium,
    segment_times,
    since_onset,
    template_heart,
)


@cache
def fine():
    return electric_heart(electric_template())


@cache
def finely(name):
    return fine().activation(conduction_named(name), default_speeds())


def test_the_asset_is_a_sound_mesh_of_all_chambers():
    tissue = load_electric_template().tissue
    corners = tissue.nodes[tissue.tets]
    assert (np.linalg.det(corners[:, 1:] - corners[:, :1]) > 0).all()
    assert set(np.unique(tissue.regions)) == {
        Region.LV, Region.SEPTUM, Region.RV, Region.LA, Region.RA,
    }  # fmt: skip


def test_the_asset_lies_where_the_template_lies():
    fine_nodes, template = load_electric_template().tissue.nodes, load_template()
    muscle = np.unique(template.tissue.tets[template.tissue.regions <= Region.RA])
    coarse = template.tissue.nodes[muscle]
    np.testing.assert_allclose(fine_nodes.min(axis=0), coarse.min(axis=0), atol=4e-3)
    np.testing.assert_allclose(fine_nodes.max(axis=0), coarse.max(axis=0), atol=4e-3)


def test_an_electric_template_written_and_read_is_the_same(tmp_path, monkeypatch):
    known = load_electric_template()
    path = tmp_path / "again.npz"
    save_electric_template(known, path)
    monkeypatch.setattr("organtwin.anatomy.template_electric.asset", lambda _: path)
    again: Muscle = load_electric_template.__wrapped__()
    np.testing.assert_array_equal(again.tissue.tets, known.tissue.tets)
    np.testing.assert_array_equal(again.boundary.faces, known.boundary.faces)
    np.testing.assert_allclose(again.tissue.nodes, known.tissue.nodes, atol=3e-6)
    turned = np.sum(again.architecture.fibers * known.architecture.fibers, axis=1)
    assert turned.min() > np.cos(np.radians(1.0))


def test_the_endocardium_of_all_chambers_is_known():
    assert set(fine().tissue.chambers) == set(Cavity)


def test_healthy_landmarks_hold_on_the_fine_mesh():
    heart, found = fine(), finely("normal")
    times, tissue = since_onset(heart, found), heart.tissue
    assert 70e-3 <= found.ventricular_duration <= 100e-3
    assert 7.0 <= times[epicardium(tissue, 1)].min() <= 25.0
    outside = epicardium(tissue, 0)
    last = outside[np.argmax(times[outside])]
    assert 63.0 <= times[last] <= 96.0
    assert tissue.rotational[last] < -np.pi / 3


def test_left_bundle_branch_block_holds_on_the_fine_mesh():
    heart, found = fine(), finely("lbbb")
    times = since_onset(heart, found)
    assert 130e-3 <= found.ventricular_duration <= 160e-3
    assert 113.0 <= times[epicardium(heart.tissue, 0)].max() <= 140.0


@pytest.mark.parametrize("name", ["normal", "lbbb"])
def test_coarse_and_fine_mesh_agree_on_every_segment(name):
    """5 ms; measured 3 at most."""
    coarse, own = (
        segment_times(template_heart(), activated(name)),
        segment_times(fine(), finely(name)),
    )
    for segment, time in own.items():
        assert coarse[segment] == pytest.approx(time, abs=5.0), segment.name


def test_times_of_the_fine_mesh_reach_the_nodes_of_the_anatomy():
    anatomy, found = load_template(), finely("normal")
    field = values_at(fine().tissue, found.times, anatomy.tissue.nodes)
    own = template_heart().tissue.nodes_of_anatomy
    assert np.isnan(field[own]).mean() < 0.02
    coarse = activated("normal").times
    both = np.isfinite(field[own])
    assert np.median(np.abs(field[own] - coarse)[both]) < 3e-3
    assert np.isnan(field).any()


def test_values_that_are_linear_are_carried_exactly():
    tissue = fine().tissue
    inside = tissue.nodes[tissue.tets[::1000]].mean(axis=1)
    values = values_at(tissue, tissue.nodes @ np.array([1.0, 2.0, 3.0]), inside)
    np.testing.assert_allclose(values, inside @ np.array([1.0, 2.0, 3.0]), atol=1e-12)


def test_places_far_from_muscle_have_no_value():
    assert np.isnan(
        values_at(fine().tissue, np.zeros(len(fine().tissue.nodes)), np.full((1, 3), 1.0))
    )
