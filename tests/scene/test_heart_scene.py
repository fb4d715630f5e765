from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from organtwin.anatomy.regions import Region
from organtwin.scene.fields import CUT_COLOR, FIELDS
from organtwin.scene.picture import Picture
from organtwin.scene.theme import DARK, LIGHT
from tests.synthetic_heart import SolidMotion, SyntheticMotion, filled_anatomy, synthetic_anatomy

ANATOMY = synthetic_anatomy(14)


@pytest.fixture
def picture() -> Iterator[Picture]:
    made = Picture(240, 200)
    made.scene.show(SyntheticMotion(ANATOMY))
    look(made, "AP")
    yield made
    made.close()


def look(picture: Picture, name: str) -> None:
    view = picture.scene.preset(name, picture.aspect)
    picture.scene.look(view.camera)
    picture.scene.set_clip(view.plane)


def rgb(picture: Picture) -> np.ndarray:
    pixels = picture.render()
    return np.stack([(pixels >> shift) & 255 for shift in (16, 8, 0)], axis=-1).astype(int)


def heart(image: np.ndarray) -> np.ndarray:
    """Pixels redder than any text, line or background."""
    return (image[..., 0] > image[..., 1] + 30) & (image[..., 0] > image[..., 2] + 20)


def actors(picture: Picture) -> list[object]:
    props = picture.renderer.GetViewProps()
    return [props.GetItemAsObject(index) for index in range(props.GetNumberOfItems())]


def test_the_picture_shows_a_heart_coloured_heart_on_a_calm_ground(picture):
    image = rgb(picture)
    assert 0.2 < heart(image).mean() < 0.9
    assert tuple(image[3, 120]) == DARK.background


def test_a_phase_changes_the_picture_and_comes_back_to_it(picture):
    start = rgb(picture)
    picture.scene.set_phase(0.5)
    middle = rgb(picture)
    picture.scene.set_phase(1.0)
    assert heart(middle).sum() < 0.9 * heart(start).sum()  # the heart is smaller in systole
    assert (rgb(picture) == start).all()


def test_frames_reuse_every_actor_and_array(picture):
    picture.scene.set_field("strain")
    rgb(picture)
    before = actors(picture)
    mesh = picture.scene._surface.mapper.GetInput()
    arrays = [mesh.GetPoints().GetData(), mesh.GetPointData().GetScalars(), mesh.GetPolys()]
    for phase in (0.2, 0.4, 0.6):
        picture.scene.set_phase(phase)
        rgb(picture)
    assert actors(picture) == before
    after = [mesh.GetPoints().GetData(), mesh.GetPointData().GetScalars(), mesh.GetPolys()]
    assert all(new is old for new, old in zip(after, arrays, strict=True))


def test_a_motion_of_the_same_topology_is_swapped_in_place(picture):
    start = rgb(picture)
    before = actors(picture)
    picture.scene.set_phase(0.5)
    picture.scene.show(SyntheticMotion(ANATOMY, stroke=0.0))
    assert actors(picture) == before
    assert (rgb(picture) == start).all()


def test_another_anatomy_replaces_the_surface(picture):
    before = actors(picture)
    picture.scene.show(SyntheticMotion(synthetic_anatomy(12)))
    after = actors(picture)
    assert len(after) == len(before)
    assert after != before
    assert heart(rgb(picture)).mean() > 0.2


def test_the_same_topology_elsewhere_is_another_heart_and_a_stronger_beat_is_not(picture):
    assert not picture.scene.show(SyntheticMotion(ANATOMY, stroke=0.25))
    surface = replace(ANATOMY.surface, points=ANATOMY.surface.points + 0.06)
    assert picture.scene.show(SyntheticMotion(replace(ANATOMY, surface=surface)))


def test_nothing_is_rendered_before_it_is_asked_for(picture):
    rgb(picture)
    renders = []
    picture.renderer.AddObserver("EndEvent", lambda *_: renders.append(1))
    scene = picture.scene
    scene.set_phase(0.3)
    scene.set_field("activation")
    scene.set_theme(LIGHT)
    scene.show(SyntheticMotion(ANATOMY, 0.1))
    look(picture, "Four-chamber")
    assert renders == []


def test_a_color_means_the_same_strain_in_every_frame_and_motion(picture):
    # The colour of a point depends on its value alone: paint two motions that share values.
    picture.scene.set_field("strain")
    colors = picture.scene._surface.colors
    picture.scene.show(SyntheticMotion(ANATOMY, stroke=0.2))
    picture.scene.set_phase(0.5)
    strong = colors.copy()
    picture.scene.show(SyntheticMotion(ANATOMY, stroke=0.1))
    weak = colors.copy()
    picture.scene.show(SyntheticMotion(ANATOMY, stroke=0.2))
    picture.scene.set_phase(float(np.arcsin(np.sqrt(0.5)) / np.pi))  # half of the stroke
    assert np.abs(strong.astype(int) - weak).max() > 40
    # float32 may move a value across one of 255 steps of the table
    assert np.abs(colors.astype(int) - weak).max() <= 3


def test_what_is_not_muscle_is_grey(picture):
    picture.scene.set_field("activation")
    vessel = picture.scene._surface.colors[ANATOMY.surface.regions >= 5, :3].astype(float)
    ratio = vessel / np.array(DARK.missing)
    assert np.ptp(ratio, axis=1).max() < 0.03
    assert ratio.max() <= 1.0


@pytest.mark.parametrize("name", ["LAO 45", "Left lateral", "Four-chamber", "Short axis"])
def test_each_view_gives_another_picture(picture, name):
    front = rgb(picture)
    look(picture, name)
    assert (rgb(picture) != front).any(axis=-1).mean() > 0.2


def test_a_cut_shows_flat_wall_faces_and_can_be_closed(picture):
    view = picture.scene.preset("Four-chamber", picture.aspect)
    picture.scene.look(view.camera)
    whole = rgb(picture)
    picture.scene.set_clip(view.plane)
    cut = rgb(picture)
    assert (cut != whole).any(axis=-1).mean() > 0.1
    assert not (whole == CUT_COLOR).all(axis=-1).any()
    assert (cut == CUT_COLOR).all(axis=-1).mean() > 0.05
    picture.scene.set_clip(None)
    assert (rgb(picture) == whole).all()


@pytest.mark.parametrize("name", ["AP", "Four-chamber"])
def test_a_ghost_draws_the_outline_of_the_larger_baseline(picture, name):
    look(picture, name)
    picture.scene.set_phase(0.5)
    alone = rgb(picture)
    picture.scene.set_ghost(SyntheticMotion(ANATOMY, stroke=0.05))
    both = rgb(picture)
    changed = (both != alone).any(axis=-1)
    assert 0.005 < changed.mean() < 0.12  # a thin line, not a second body
    close = np.abs(both[changed] - np.array(DARK.ghost)).max(axis=-1) < 12
    assert close.mean() > 0.8
    picture.scene.set_ghost(None)
    assert (rgb(picture) == alone).all()


def test_a_theme_changes_the_ground_and_not_the_heart(picture):
    dark = rgb(picture)
    picture.scene.set_theme(LIGHT)
    light = rgb(picture)
    assert tuple(light[3, 120]) == LIGHT.background
    inside = heart(dark)
    assert (dark[inside] == light[inside]).mean() > 0.99


def test_the_legend_and_the_notice_are_written(picture):
    picture.scene.set_theme(DARK)
    image = rgb(picture)
    lower_right = image[-14:, 120:]
    assert (np.abs(lower_right - np.array(DARK.background)) > 40).any()
    picture.scene.set_field("strain")
    legend = rgb(picture)[60:140, -60:]
    assert (legend[..., 2] > legend[..., 0] + 40).any()  # blue end
    assert (legend[..., 0] > legend[..., 2] + 40).any()  # red end


def test_closing_takes_everything_off_the_renderer():
    made = Picture(64, 64)
    made.scene.show(SyntheticMotion(ANATOMY))
    made.scene.close()
    assert actors(made) == []
    made.close()


def test_arteries_sunk_in_the_wall_do_not_shine_through_a_cut():
    regions = ANATOMY.surface.regions.copy()
    regions[regions == Region.AORTA] = Region.CORONARY_ARTERY
    anatomy = replace(ANATOMY, surface=replace(ANATOMY.surface, regions=regions))
    made = Picture(64, 64)
    made.scene.show(SyntheticMotion(anatomy))
    mesh = made.scene._surface.mapper.GetInput()
    whole = mesh.GetNumberOfPolys()
    look(made, "Four-chamber")
    assert len(made.scene._surface.shown) == whole * 5 // 6
    assert mesh.GetNumberOfPolys() < whole * 5 // 6  # what is cut away is not drawn
    look(made, "AP")
    assert mesh.GetNumberOfPolys() == whole
    made.close()


@pytest.mark.parametrize("name", list(FIELDS))
def test_every_field_can_be_shown_with_its_legend(name):
    made = Picture(160, 120)
    made.scene.show(SolidMotion(filled_anatomy(8)))
    made.scene.set_field(name)
    made.render()
    assert made.scene.field == name
    made.close()
