from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from organtwin.anatomy.mesh import Surface
from organtwin.anatomy.regions import Region
from organtwin.scene.fields import REGION_COLORS
from organtwin.scene.layers import BLOOD, HIDDEN_AT_FIRST, LAYERS, hidden_regions, offered
from organtwin.scene.picture import Picture
from organtwin.session.selection import Selection
from tests.synthetic_heart import SolidMotion, SyntheticMotion, filled_anatomy

HEART = filled_anatomy()


@pytest.fixture
def picture() -> Iterator[Picture]:
    made = Picture(240, 200)
    made.scene.show(SolidMotion(HEART))
    made.scene.look(made.scene.preset("AP", made.aspect).camera)
    yield made
    made.close()


def rgb(picture: Picture) -> np.ndarray:
    pixels = picture.render()
    return np.stack([(pixels >> shift) & 255 for shift in (16, 8, 0)], axis=-1).astype(int)


def blue(image: np.ndarray) -> float:
    return float((image[..., 2] > image[..., 0] + 25).mean())


def red(image: np.ndarray) -> float:
    return float((image[..., 0] > image[..., 2] + 40).mean())


def test_every_region_has_a_layer_and_a_colour():
    assert frozenset().union(*(layer.regions for layer in LAYERS)) == frozenset(Region)
    assert set(REGION_COLORS) == set(Region)


def test_the_session_begins_with_the_same_layers():
    assert Selection().hidden == HIDDEN_AT_FIRST


def test_only_what_the_heart_has_is_offered():
    names = [layer.name for layer in offered(HEART)]
    assert names == ["walls", "vessels", BLOOD]
    surface = HEART.surface
    regions = surface.regions.copy()
    regions[:9] = Region.VALVE_LEAFLET
    with_valves = replace(HEART, surface=Surface(surface.points, surface.triangles, regions))
    assert "leaflets" in [layer.name for layer in offered(with_valves)]


def test_hidden_layers_name_their_regions():
    assert hidden_regions(frozenset({"vessels", BLOOD})) >= {Region.AORTA}
    assert Region.LV not in hidden_regions(HIDDEN_AT_FIRST)


def test_without_the_walls_the_vessels_remain(picture):
    whole = rgb(picture)
    picture.scene.set_hidden(frozenset({"walls", BLOOD}))
    rest = rgb(picture)
    assert 0.0 < red(rest) < 0.6 * red(whole)
    assert blue(rest) > 0.0
    picture.scene.set_hidden(HIDDEN_AT_FIRST)
    assert (rgb(picture) == whole).all()


def test_blood_is_red_and_blue_and_beats(picture):
    picture.scene.set_hidden(frozenset({"walls", "vessels"}))
    full = rgb(picture)
    assert red(full) > 0.03
    assert blue(full) > 0.03
    picture.scene.set_phase(0.5)
    assert red(rgb(picture)) < 0.9 * red(full)


def test_in_an_opened_heart_the_blood_fills_the_chambers(picture):
    view = picture.scene.preset("Four-chamber", picture.aspect)
    picture.scene.look(view.camera)
    picture.scene.set_clip(view.plane)
    empty = rgb(picture)
    picture.scene.set_hidden(frozenset())
    filled = rgb(picture)
    changed = (filled != empty).any(axis=-1)
    assert changed.mean() > 0.05
    bluer = (filled[..., 2] > empty[..., 2] + 10) & (filled[..., 0] < empty[..., 0])
    assert 0.2 < bluer[changed].mean() < 0.8  # the right side's blood; the rest is red


def test_a_motion_without_cavities_shows_no_blood(picture):
    picture.scene.show(SyntheticMotion(HEART))
    picture.scene.set_hidden(frozenset({"walls", "vessels"}))
    assert red(rgb(picture)) == 0.0


def test_layers_taken_away_also_leave_the_cut_face(picture):
    view = picture.scene.preset("Four-chamber", picture.aspect)
    picture.scene.look(view.camera)
    picture.scene.set_clip(view.plane)
    picture.scene.set_hidden(frozenset({"walls", BLOOD}))
    assert (picture.scene._surface.face.map.elements < 0).all()
