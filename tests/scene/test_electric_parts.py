"""Conduction system and torso in the picture: there with a model, in step, gone without trace."""

from collections.abc import Iterator

import numpy as np
import pytest

from organtwin.anatomy.strands import Strands
from organtwin.scene.conduction import BLOCKED_COLOR, BRANCH_COLORS, pieces_of, strand_colors
from organtwin.scene.fields import FIELDS
from organtwin.scene.layers import HIDDEN_AT_FIRST, offered
from organtwin.scene.picture import Picture
from organtwin.scene.tubes import SIDES, Tubes
from tests.electric_motion import HEART, Electrics, electric_motion, strands

CONDUCTION, TORSO = HIDDEN_AT_FIRST - {"conduction"}, HIDDEN_AT_FIRST - {"torso"}


@pytest.fixture
def picture() -> Iterator[Picture]:
    made = Picture(300, 240)
    made.scene.show(electric_motion(Electrics()))
    made.scene.look(made.scene.preset("AP", made.aspect).camera)
    yield made
    made.close()


def rgb(picture: Picture) -> np.ndarray:
    pixels = picture.render()
    return np.stack([(pixels >> shift) & 255 for shift in (16, 8, 0)], axis=-1).astype(int)


@pytest.mark.parametrize("electrics", [None, Electrics(None), Electrics()])
def test_both_layers_are_offered_only_when_there_is_a_model(electrics):
    made = Picture(64, 48)
    made.scene.show(electric_motion(electrics))
    names = {layer.name for layer in made.scene.layers}
    there = electrics is not None and electrics.drawing is not None
    assert ({"conduction", "torso"} <= names) == there
    assert not {"conduction", "torso"} & {layer.name for layer in offered(HEART)}
    made.close()


def test_nothing_is_computed_before_it_is_wanted(picture):
    model = picture.scene._motion.electrics.drawing
    rgb(picture)
    picture.scene.set_phase(0.3)
    assert model.asked == []
    picture.scene.set_hidden(CONDUCTION)
    assert set(model.asked) == {"strands"}


def test_a_model_that_comes_later_is_drawn_when_the_motion_is_shown_again():
    made = Picture(200, 160)
    waiting = electric_motion(None)
    made.scene.set_hidden(CONDUCTION)
    made.scene.show(waiting)
    made.scene.look(made.scene.preset("AP", made.aspect).camera)
    without = rgb(made)
    object.__setattr__(waiting, "electrics", Electrics())
    made.scene.show(waiting)
    assert (rgb(made) != without).any()
    made.close()


def test_tubes_are_seen_through_the_walls_and_turning_them_off_restores_the_picture(picture):
    before = rgb(picture)
    picture.scene.set_hidden(CONDUCTION)
    golden = rgb(picture)
    changed = (golden != before).any(axis=-1)
    assert 0.001 < changed.mean() < 0.2
    assert golden[changed][:, 1].mean() > before[changed][:, 1].mean() + 10  # red turns to gold
    picture.scene.set_hidden(HIDDEN_AT_FIRST)
    assert (rgb(picture) == before).all()


def test_tubes_follow_the_beat(picture):
    picture.scene.set_hidden(CONDUCTION)
    mesh = picture.scene._electric.conduction._mesh
    at_rest = vertices(mesh)
    picture.scene.set_phase(0.5)
    centre = HEART.surface.points.mean(axis=0)
    squeezed = centre + 0.8 * (at_rest - centre)  # SolidMotion's stroke is 0.2
    assert np.abs(vertices(mesh) - squeezed).max() < 0.5e-3  # a tube keeps its thickness
    assert np.abs(vertices(mesh) - at_rest).max() > 4e-3
    picture.scene.set_phase(1.0)
    np.testing.assert_allclose(vertices(mesh), at_rest, atol=1e-7)


def vertices(mesh) -> np.ndarray:
    from vtkmodules.util.numpy_support import vtk_to_numpy

    return vtk_to_numpy(mesh.GetPoints().GetData()).astype(float)


def tubes_of(own: Strands) -> tuple[Tubes, np.ndarray]:
    pieces = [
        (piece, bool(blocked))
        for line, blocked in zip(own.lines, own.blocked, strict=True)
        for piece in pieces_of(line, blocked=bool(blocked))
    ]
    tubes = Tubes(
        [piece for piece, _ in pieces], [np.full(len(piece), 1e-3) for piece, _ in pieces],
        own.places(HEART.tissue.nodes),
    )  # fmt: skip
    return tubes, np.array([blocked for _, blocked in pieces])[tubes.pieces]


def test_blocked_branches_are_grey_dashes_whatever_colours_the_others():
    own = strands()
    tubes, blocked = tubes_of(own)
    assert len(pieces_of(own.lines[0], blocked=False)) == 1
    dashes = pieces_of(own.lines[1], blocked=True)
    assert len(dashes) >= 5
    assert not set(dashes[0].tolist()) & set(dashes[1].tolist())
    for name in (None, "activation", "strain"):
        colors = strand_colors(own, tubes, None if name is None else FIELDS[name])
        assert (colors[blocked] == BLOCKED_COLOR).all()
        assert not (colors[~blocked] == BLOCKED_COLOR).all(axis=1).any()


def test_tubes_have_the_colour_of_their_branch_or_of_their_arrival():
    own = strands()
    tubes, blocked = tubes_of(own)
    assert (strand_colors(own, tubes, None)[~blocked] == BRANCH_COLORS[3]).all()
    arrival = strand_colors(own, tubes, FIELDS["activation"])[~blocked].astype(int)
    early, late = arrival[: 2 * SIDES].mean(axis=0), arrival[-2 * SIDES :].mean(axis=0)
    assert early[0] - early[2] > 100  # yellow
    assert late[0] - late[2] < 0  # violet


def test_a_tube_has_its_radius_all_along_and_looks_outwards():
    line = np.arange(20, dtype=np.int32)
    turn = np.linspace(0.0, 3.0, 20)
    places = np.stack([0.02 * np.cos(turn), 0.02 * np.sin(turn), 0.005 * turn], 1)
    tubes = Tubes([line], [np.full(20, 1e-3)], places)
    points, normals = tubes.shape(places)
    inner = slice(SIDES, -SIDES)
    out = points[inner] - places[tubes.owners[inner]]
    np.testing.assert_allclose(np.linalg.norm(out, axis=1), 1e-3, rtol=1e-4)
    assert np.einsum("ij,ij->i", out, normals[inner]).min() > 0.6e-3
    a, b, c = (points[tubes.triangles[:, k]].astype(float) for k in range(3))
    facing = np.einsum("ij,ij->i", np.cross(b - a, c - a), normals[tubes.triangles[:, 0]])
    assert (facing > 0.0).all()


def test_the_torso_makes_the_camera_stand_back_and_holds_heart_and_electrodes(picture):
    near = picture.scene.preset("AP", picture.aspect).camera
    picture.scene.set_hidden(TORSO)
    far = picture.scene.preset("AP", picture.aspect).camera
    distances = [np.linalg.norm(np.subtract(c.position, c.focal_point)) for c in (near, far)]
    assert distances[1] > 1.5 * distances[0]
    np.testing.assert_allclose(far.direction, near.direction, atol=1e-9)
    picture.scene.look(far)
    image = rgb(picture)
    heart = (image[..., 0] > image[..., 1] + 40) & (image[..., 0] > image[..., 2] + 40)
    assert 0.01 < heart.mean() < 0.2
    pale = np.ptp(image[..., :], axis=-1) < 40
    assert pale[~heart].mean() > 0.95  # what surrounds the heart is calm


def test_toggling_the_torso_twice_restores_the_picture(picture):
    camera = picture.scene.preset("AP", picture.aspect).camera
    before = rgb(picture)
    picture.scene.set_hidden(TORSO)
    picture.scene.look(picture.scene.framed(camera, picture.aspect))
    assert (rgb(picture) != before).any(axis=-1).mean() > 0.3
    picture.scene.set_hidden(HIDDEN_AT_FIRST)
    assert picture.scene.framed(camera, picture.aspect) == camera
    picture.scene.look(camera)
    assert (rgb(picture) == before).all()


def test_closing_takes_conduction_and_torso_off_the_renderer():
    made = Picture(64, 48)
    made.scene.set_hidden(frozenset())
    made.scene.show(electric_motion(Electrics()))
    rgb(made)
    made.scene.close()
    assert made.renderer.GetViewProps().GetNumberOfItems() == 0
