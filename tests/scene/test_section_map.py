import numpy as np
import pytest

from organtwin.anatomy.regions import Cavity, Region
from organtwin.scene.planes import Plane
from organtwin.scene.section_filling import fill_section
from organtwin.scene.section_map import SPREAD, TEXELS, SectionMap, map_frame
from tests.synthetic_heart import block_tissue, synthetic_anatomy

TISSUE = block_tissue((-0.04, -0.04, -0.04), (0.04, 0.04, 0.04))
EVERYTHING = np.ones(len(TISSUE.tets), np.bool_)
TILTED = Plane((0.004, 0.0, 0.0), (0.36, 0.48, 0.8))


def filled(plane, values=None, shown=EVERYTHING):
    made = SectionMap(TISSUE)
    frame = made.frame(plane)
    values = np.zeros(len(TISSUE.nodes), np.float32) if values is None else values
    made.fill(TISSUE.nodes, values.astype(np.float32), shown, frame)
    return made, frame


def places(frame):
    """The position of every texel's middle, (TEXELS, TEXELS, 3)."""
    share = (np.arange(TEXELS) + 0.5) / TEXELS - 0.5
    up, right = np.meshgrid(share, share, indexing="ij")
    return frame.middle + frame.extent * (
        right[..., np.newaxis] * frame.right + up[..., np.newaxis] * frame.up
    )


def test_the_blocks_of_the_fake_tissue_have_positive_volume():
    a, b, c, d = (TISSUE.nodes[TISSUE.tets[:, k]] for k in range(4))
    volume = np.einsum("ij,ij->i", np.cross(b - a, c - a), d - a) / 6
    assert volume.min() > 0
    assert volume.sum() == pytest.approx(0.08**3)


@pytest.mark.parametrize("plane", [Plane((0.0, 0.0, 0.003), (0.0, 0.0, 1.0)), TILTED])
def test_exactly_the_inside_of_the_tissue_is_filled(plane):
    made, frame = filled(plane)
    depth = 0.04 - np.abs(places(frame)).max(axis=-1)
    texel = frame.extent / TEXELS
    assert (made.elements[depth > texel] >= 0).all()
    assert (made.elements[depth < -(SPREAD + 1) * 2 * texel] < 0).all()


def test_a_linear_field_is_carried_exactly():
    slope = np.array([3.0, -2.0, 5.0])
    made, frame = filled(TILTED, TISSUE.nodes @ slope)
    inside = np.abs(places(frame)).max(axis=-1) < 0.039
    np.testing.assert_allclose(made.values[inside], (places(frame) @ slope)[inside], atol=2e-6)


def test_each_texel_names_the_element_that_it_lies_in():
    made, frame = filled(TILTED)
    where = places(frame)
    inside = np.abs(where).max(axis=-1) < 0.039
    left = TISSUE.regions[made.elements[inside]] == Region.LV
    x = where[inside][:, 0]
    assert left[x < -1e-3].all()
    assert not left[x > 1e-3].any()
    row, column = frame.texel(where[150, 140])
    assert (row, column) == (150, 140)


def test_hidden_elements_are_left_out():
    made, _ = filled(TILTED, shown=TISSUE.regions == Region.LV)
    assert (TISSUE.regions[made.elements[made.elements >= 0]] == Region.LV).all()


def test_a_plane_beside_the_tissue_fills_nothing():
    made, _ = filled(Plane((0.0, 0.0, 0.05), (0.0, 0.0, 1.0)))
    assert (made.elements < 0).all()


def test_the_section_of_a_closed_surface_is_filled_with_its_area():
    sphere = synthetic_anatomy(24).cavities[Cavity.LV]
    radii = np.array([23.0, 23.0, 40.0]) * 1e-3  # of the ellipsoid
    middle = sphere.points.mean(axis=0)
    axes = np.linalg.svd(sphere.points - middle)[2]
    plane = Plane(tuple(middle), tuple(axes[0]))  # across its long axis: a circle
    frame = map_frame(plane, middle - 0.05, middle + 0.05)
    pixels = np.zeros((TEXELS, TEXELS, 4), np.uint8)
    fill_section(
        frame.local(sphere.points), sphere.triangles, np.array([9, 8, 7, 255], np.uint8),
        np.zeros((TEXELS, 8), np.float32), np.zeros(TEXELS, np.int32), pixels,
    )  # fmt: skip
    area = (pixels[..., 3] > 0).sum() * (frame.extent / TEXELS) ** 2
    assert area == pytest.approx(np.pi * radii[0] * radii[1], rel=0.02)
    assert set(np.unique(pixels[..., 0])) == {0, 9}
