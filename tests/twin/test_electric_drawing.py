"""What is drawn of the electrical model of the template: its branches and the body around it."""

from functools import lru_cache
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.spatial import cKDTree

from organtwin.anatomy.regions import Region
from organtwin.anatomy.template_file import load_template
from organtwin.physiology.electrophysiology.activation.conduction import conduction_named
from organtwin.physiology.electrophysiology.activation.electric_heart import (
    ElectricHeart,
    default_speeds,
    electric_heart,
)
from organtwin.physiology.electrophysiology.activation.network import (
    LEFT_TREE,
    RIGHT_TREE,
    Branch,
)
from organtwin.physiology.electrophysiology.activation.template import electric_template
from organtwin.physiology.electrophysiology.torso.body import TrunkSizes
from organtwin.physiology.electrophysiology.torso.electrodes import STANDARD, standard_electrodes
from organtwin.simulation.electric_model import ElectricState
from organtwin.twin.electric_drawing import SINUS_NODE, ElectricDrawing


@lru_cache(maxsize=1)
def heart() -> ElectricHeart:
    return electric_heart(electric_template())


@lru_cache(maxsize=4)
def drawing(conduction: str) -> ElectricDrawing:
    state = ElectricState(conduction=conduction_named(conduction))
    sizes = TrunkSizes()
    model = SimpleNamespace(
        heart=heart(), sizes=sizes, electrodes=lambda up: standard_electrodes(sizes)
    )
    activation = heart().activation(state.conduction, default_speeds())
    return ElectricDrawing(model, SimpleNamespace(state=state, activation=activation),
                           load_template())  # fmt: skip


def branches(conduction: str, *, blocked: bool) -> set[int]:
    own = drawing(conduction).strands
    return set(own.branches[own.blocked == blocked].tolist())


def test_every_branch_of_the_model_and_the_sinus_node_are_drawn_where_they_are():
    own = drawing("normal").strands
    assert branches("normal", blocked=False) == {*map(int, Branch), SINUS_NODE}
    places = own.places(load_template().tissue.nodes)
    np.testing.assert_allclose(places, heart().network.places, atol=1e-9)
    pieces = sum(len(line) - 1 for line in own.lines)
    sinus = len(own.lines[-1]) - 1  # drawn on the crest a second time
    assert pieces - sinus == len(heart().network.cables)


@pytest.mark.parametrize(
    ("conduction", "expected"),
    [
        ("normal", set()),
        ("lbbb", set(LEFT_TREE)),
        ("rbbb", set(RIGHT_TREE)),
        ("lafb", {Branch.LEFT_ANTERIOR_FASCICLE}),
    ],
)
def test_a_block_marks_its_branch_and_what_lies_beyond(conduction, expected):
    assert branches(conduction, blocked=True) == expected
    assert not branches(conduction, blocked=False) & expected


def test_the_body_holds_the_heart_and_carries_the_electrodes_on_its_skin():
    body, anatomy = drawing("normal").surroundings, load_template()
    assert body.electrodes == STANDARD
    lower, upper = body.skin.points.min(axis=0), body.skin.points.max(axis=0)
    for points in (anatomy.surface.points, body.places):
        assert (points > lower - 1e-3).all()
        assert (points < upper + 1e-3).all()
    # on the skin, whose rings lie 8 mm apart, and the heart well inside of it
    assert cKDTree(body.skin.points).query(body.places)[0].max() < 8e-3
    middle = body.skin.points.mean(axis=0)
    outwards = np.einsum("ij,ij->i", body.facing, (body.places - middle) * [1.0, 1.0, 0.0])
    assert (outwards > 0.0).all()


def test_lungs_lie_beside_the_heart_and_not_in_it():
    lungs = drawing("normal").surroundings.organs["lungs"]
    points = load_template().surface.points[load_template().surface.regions <= Region.RA]
    place = np.round((points - lungs.lower) / lungs.spacing).astype(int)
    assert (lungs.shares[tuple(place.T)] > 0.5).mean() < 0.01
    litres = (lungs.shares > 0.5).sum() * lungs.spacing**3 * 1e3
    assert 2.0 < litres < 7.0  # adults, between residual volume and full inspiration
