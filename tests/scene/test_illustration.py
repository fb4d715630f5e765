from dataclasses import replace

import numpy as np

from organtwin.anatomy.mesh import MuscleMap
from organtwin.anatomy.regions import Region
from organtwin.scene.fields import FAT_COLOR, REGION_COLORS
from organtwin.scene.illustration import illustration_colors, outside_of_chambers
from tests.synthetic_heart import synthetic_anatomy

BASE = synthetic_anatomy(36)
SHELL = len(BASE.surface.points) // 12  # outer and inner shell of each part, in turn
OUTER_LV, INNER_LV = slice(0, SHELL), slice(SHELL, 2 * SHELL)


def _with_groove_across_the_left_ventricle():
    """The upper half of every part counts as atrium."""
    points = BASE.surface.points
    level = points[OUTER_LV, 2].mean()
    shares = np.zeros((len(points), 5), dtype=np.float32)
    shares[:, Region.LA] = np.clip(0.5 + (points[:, 2] - level) / 0.01, 0.0, 1.0)
    shares[:, Region.LV] = 1.0 - shares[:, Region.LA]
    return replace(BASE, muscle=MuscleMap(shares, shares)), np.abs(points[:, 2] - level)


def _likeness(colors, color):
    """Cosine between colours: blind to light and shade."""
    colors = colors.astype(float)
    return colors @ color / (np.linalg.norm(colors, axis=-1) * np.linalg.norm(color))


def test_each_part_has_its_own_hue():
    colors = illustration_colors(BASE, np.ones(len(BASE.surface.points), dtype=np.float32))
    for region in (Region.LV, Region.PULMONARY_ARTERY):
        own = colors[BASE.surface.regions == region]
        assert np.median(_likeness(own, REGION_COLORS[region])) > 0.999


def test_less_light_is_darker():
    bright, dark = (
        illustration_colors(BASE, np.full(len(BASE.surface.points), light, dtype=np.float32))
        for light in (1.0, 0.3)
    )
    assert dark.mean() < 0.7 * bright.mean()


def test_the_outside_of_a_chamber_is_told_from_its_inside():
    outside = outside_of_chambers(BASE)
    assert outside[OUTER_LV].mean() > 0.8  # where two parts overlap, the nearest may be another
    assert outside[INNER_LV].mean() < 0.1
    assert not outside[BASE.surface.regions > Region.RA].any()


def test_fat_lies_in_the_groove_outside_and_nowhere_else():
    anatomy, distance = _with_groove_across_the_left_ventricle()
    colors = illustration_colors(anatomy, np.ones(len(distance), dtype=np.float32)).astype(float)
    muscle, fat = np.array(REGION_COLORS[Region.LV]), np.array(FAT_COLOR)
    cover = (colors - muscle) @ (fat - muscle) / ((fat - muscle) @ (fat - muscle))
    near, far = distance < 0.001, distance > 0.014
    assert cover[OUTER_LV][near[OUTER_LV]].mean() > 0.5
    assert np.abs(cover[OUTER_LV][far[OUTER_LV]]).max() < 0.1
    assert cover[INNER_LV].mean() < 0.05
