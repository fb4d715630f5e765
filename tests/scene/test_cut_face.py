from collections.abc import Iterator

import numpy as np
import pytest

from organtwin.anatomy.regions import Region
from organtwin.scene.colormaps import color_table
from organtwin.scene.fields import CUT_COLOR, CUT_COLORS, FIELDS
from organtwin.scene.picture import Picture
from tests.synthetic_heart import SolidMotion, SyntheticMotion, filled_anatomy

HEART = filled_anatomy()


@pytest.fixture
def picture() -> Iterator[Picture]:
    made = Picture(300, 240)
    made.scene.show(SolidMotion(HEART))
    open_heart(made)
    yield made
    made.close()


def open_heart(picture: Picture) -> None:
    view = picture.scene.preset("Four-chamber", picture.aspect)
    picture.scene.look(view.camera)
    picture.scene.set_clip(view.plane)


def rgb(picture: Picture) -> np.ndarray:
    pixels = picture.render()
    return np.stack([(pixels >> shift) & 255 for shift in (16, 8, 0)], axis=-1).astype(int)


def share(image: np.ndarray, color) -> float:
    return float((np.abs(image - np.array(color)).max(axis=-1) <= 1).mean())


def test_each_region_shows_its_own_tone_on_the_cut_face(picture):
    image = rgb(picture)
    assert share(image, CUT_COLORS[Region.LV]) > 0.01
    assert share(image, CUT_COLORS[Region.RV]) > 0.01
    assert share(image, CUT_COLOR) == 0.0


def test_the_tones_keep_to_their_side_of_the_border(picture):
    # The border is a plane of constant x, which the four-chamber view crosses from left to right.
    image = rgb(picture)
    found = [
        np.nonzero(np.abs(image - np.array(CUT_COLORS[region])).max(axis=-1) <= 1)[1].mean()
        for region in (Region.LV, Region.RV)
    ]
    right = np.array([1.0, 0.0, 0.0]) @ np.cross(
        picture.renderer.GetActiveCamera().GetViewUp(),
        picture.renderer.GetActiveCamera().GetViewPlaneNormal(),
    )
    assert np.sign(found[1] - found[0]) == np.sign(right)


def test_a_field_reaches_the_cut_face_with_its_own_colours(picture):
    picture.scene.set_field("activation")
    face = picture.scene._surface.face
    inside = face.map.elements >= 0
    seen = face._pixels[:, :3].reshape(*inside.shape, 3)[inside].astype(int)
    table = color_table(FIELDS["activation"].table).astype(int)
    nearest = np.abs(seen[::50, np.newaxis] - table).max(axis=-1).min(axis=1)
    assert (nearest == 0).mean() > 0.95
    image = rgb(picture)
    assert share(image, CUT_COLOR) == 0.0


def test_the_face_follows_the_beat_and_comes_back(picture):
    start = rgb(picture)
    picture.scene.set_phase(0.5)
    assert (rgb(picture) != start).any()
    picture.scene.set_phase(0.0)
    assert (rgb(picture) == start).all()


def test_a_motion_without_tissue_keeps_the_flat_tone(picture):
    picture.scene.show(SyntheticMotion(HEART))
    image = rgb(picture)
    assert share(image, CUT_COLOR) > 0.02
    assert share(image, CUT_COLORS[Region.LV]) == 0.0


def test_a_place_on_the_face_knows_its_element(picture):
    face = picture.scene._surface.face
    plane = picture.scene.plane
    surface = HEART.surface.points
    place = surface[np.abs((surface - plane.origin) @ np.array(plane.normal)).argmin()]
    element = face.element_at(place)
    corners = HEART.tissue.nodes[HEART.tissue.tets[element]]
    assert np.linalg.norm(corners.mean(axis=0) - place) < 0.02
    assert face.element_at(place + 1.0) == -1
