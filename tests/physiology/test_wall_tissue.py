"""How the finer tissue follows the mechanics mesh, and the repair where it turns over."""

import numpy as np
import pytest

from organtwin.anatomy.mesh import Tissue
from organtwin.anatomy.stuffing import stuffed, volumes
from organtwin.physiology.mechanics.wall_tissue import (
    Example,
    FreedNodes,
    followed,
    least_ratios,
    repaired,
    tissue_modes,
)

STRETCH = np.diag([0.2, -0.1, -0.1]).astype(np.float32)


def block(spacing, height):
    def shape(p):
        return np.max([np.abs(p[:, 0]) - 0.02, np.abs(p[:, 1]) - 0.02, np.abs(p[:, 2]) - height], 0)

    nodes, tets = stuffed(shape, np.full(3, -25e-3), np.full(3, 25e-3), spacing)
    return Tissue(nodes, tets, np.zeros(len(tets), np.int32))


@pytest.fixture(scope="module")
def mesh():
    return block(5e-3, 0.010)


@pytest.fixture(scope="module")
def tissue():
    return block(3e-3, 0.013)


def test_tissue_within_the_mechanics_follows_it(mesh, tissue):
    flat = (mesh.nodes @ STRETCH).astype(np.float32)
    modes = tissue_modes(mesh, flat, tissue)[..., 0]
    inside = ~followed(mesh, flat, tissue)[1]
    assert inside.sum() > 100
    expected = (tissue.nodes @ STRETCH)[inside]
    np.testing.assert_allclose(modes[inside], expected, atol=0.2 * 5e-4)


def test_tissue_that_stands_off_keeps_its_volume_better_than_by_its_nearest_element(mesh, tissue):
    """A shear of the mechanics mesh that its corners exaggerate."""
    flat = np.zeros((len(mesh.nodes), 3), np.float32)
    flat[:, 0] = 0.3 * np.sign(mesh.nodes[:, 0]) * np.abs(mesh.nodes[:, 2])
    rest = volumes(tissue.nodes, tissue.tets)
    values, apart = followed(mesh, flat, tissue)
    assert apart.any()
    nearest, filled_in = (
        np.abs(volumes(tissue.nodes + moved, tissue.tets) / rest - 1.0).max()
        for moved in (values, tissue_modes(mesh, flat, tissue)[..., 0])
    )
    assert filled_in <= nearest


def turning(tissue):
    """A mode that pushes one inner node through its neighbours."""
    values = np.zeros((len(tissue.nodes), 3), np.float32)
    middle = int(np.argmin(np.linalg.norm(tissue.nodes, axis=1)))
    values[middle, 0] = 1.0
    return values, Example(tissue.nodes, np.array([[0.0], [8e-3]]))


def test_the_least_ratio_is_that_of_the_volumes(tissue):
    values, example = turning(tissue)
    expected = volumes(tissue.nodes + 8e-3 * values, tissue.tets) / volumes(
        tissue.nodes, tissue.tets
    )
    found = least_ratios(tissue.tets, values[..., None], [example])
    np.testing.assert_allclose(found, np.minimum(expected, 1.0), rtol=1e-6, atol=1e-6)
    assert found.min() < 0


def test_repair_leaves_no_element_turned_over(tissue):
    values, example = turning(tissue)
    freed = repaired(tissue, values, np.zeros(len(values), bool), [example])
    modes = values[..., None].copy()
    modes[freed.nodes] = freed.modes
    assert least_ratios(tissue.tets, modes, [example]).min() > 0.1
    assert len(freed.nodes) < len(values) / 2


def test_nothing_is_freed_where_nothing_turns_over(tissue):
    values = (0.1 * tissue.nodes).astype(np.float32)
    example = Example(tissue.nodes, np.array([[1.0]]))
    assert len(repaired(tissue, values, np.zeros(len(values), bool), [example]).nodes) == 0


def test_freed_nodes_survive_their_file(tmp_path):
    modes = np.random.default_rng(1).uniform(-1, 1, (5, 3, 4)).astype(np.float32)
    FreedNodes(9, np.array([1, 2, 4, 7, 8], np.int32), modes).save(tmp_path / "freed.npz")
    again = FreedNodes.load(tmp_path / "freed.npz")
    assert again.n_tissue == 9
    np.testing.assert_array_equal(again.nodes, [1, 2, 4, 7, 8])
    np.testing.assert_allclose(again.modes, modes, atol=2e-5)
