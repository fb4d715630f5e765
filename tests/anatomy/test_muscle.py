"""The muscle map of any heart against the one the template was drawn with."""

import numpy as np
import pytest

from organtwin.anatomy.embedding import embedding
from organtwin.anatomy.muscle import muscle_map
from organtwin.anatomy.regions import Region
from organtwin.anatomy.template_file import load_template
from organtwin.anatomy.ventricles import with_walls
from tests.anatomy.hearts import template, template_architecture


@pytest.fixture(scope="module")
def drawn():
    heart = load_template()
    tissue, boundary = template()
    weights = embedding(tissue, heart.surface)
    own = template_architecture()
    muscular = heart.surface.regions <= Region.RA
    return (
        heart.muscle,
        muscle_map(tissue, own, weights),
        muscular,
        (tissue, boundary, own, weights),
    )


def test_shares_are_a_partition_and_courses_lie_between_nought_and_one(drawn):
    _, found, _, _ = drawn
    assert np.abs(found.shares.sum(axis=1) - 1).max() < 1e-5
    assert found.shares.min() >= 0
    assert found.courses.min() >= 0
    assert found.courses.max() <= 1


def test_walls_are_those_of_the_template(drawn):
    bundled, found, muscular, _ = drawn
    same = found.shares.argmax(axis=1) == bundled.shares.argmax(axis=1)
    assert same[muscular].mean() > 0.97
    assert np.abs(found.shares - bundled.shares)[muscular].mean(axis=0).max() < 0.06


def test_walls_told_apart_by_what_they_see_nearly_agree(drawn):
    bundled, _, muscular, (tissue, boundary, own, weights) = drawn
    found = muscle_map(with_walls(tissue, boundary), own, weights)
    same = found.shares.argmax(axis=1) == bundled.shares.argmax(axis=1)
    assert same[muscular].mean() > 0.92


@pytest.mark.parametrize(("wall", "least"), [(0, 0.94), (1, 0.96), (2, 0.87)])
def test_courses_follow_those_of_the_template(drawn, wall, least):
    bundled, found, muscular, _ = drawn
    own = muscular & (bundled.shares[:, wall] > 0.7)
    one, two = found.courses[own, wall], bundled.courses[own, wall]
    assert np.corrcoef(one, two)[0, 1] > least
    assert np.abs(one - two).mean() < 0.1
