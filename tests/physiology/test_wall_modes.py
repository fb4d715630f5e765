import numpy as np

from organtwin.anatomy.embedding import nearest_elements
from organtwin.anatomy.mesh import Tissue
from organtwin.anatomy.template_file import load_template
from organtwin.physiology.mechanics.deformation_kernels import volume_gradient
from organtwin.physiology.mechanics.wall_beat import end_diastole, reference_volumes
from organtwin.physiology.mechanics.wall_beat_kernels import ridden, volume_slopes
from organtwin.physiology.mechanics.wall_modes import WallModes
from organtwin.physiology.mechanics.wall_riding import wall_modes
from organtwin.physiology.mechanics.wall_training import amplitudes_of, principal_modes, sampled

CHANCE = np.random.default_rng(5)


def test_modes_of_few_motions_hold_them_all():
    shapes = CHANCE.standard_normal((3, 40, 3))
    snapshots = [np.einsum("k,kni->ni", CHANCE.standard_normal(3), shapes) for _ in range(8)]
    mass = CHANCE.uniform(1.0, 2.0, 40)
    modes = principal_modes(snapshots, mass, 3)
    np.testing.assert_allclose(np.abs(modes).max(axis=(0, 2)), 1.0, rtol=1e-6)
    for u in snapshots:
        again = np.einsum("nki,k->ni", modes, amplitudes_of(u, modes, mass))
        np.testing.assert_allclose(again, u, atol=1e-4)


def test_a_sample_reproduces_the_whole_with_positive_weights():
    pattern = CHANCE.standard_normal((6, 500))
    table = np.concatenate([pattern, np.ones((1, 500))])
    columns, weights, misfit = sampled(table, table.sum(axis=1), 100)
    assert misfit < 1e-2
    assert len(columns) < 100
    assert weights.min() > 0
    np.testing.assert_allclose(table[:, columns] @ weights, table.sum(axis=1), rtol=0.2, atol=8)


def test_modes_survive_their_file(tmp_path):
    model = wall_modes()
    model.save(tmp_path / "modes.npz")
    again = WallModes.load(tmp_path / "modes.npz")
    np.testing.assert_allclose(again.modes, model.modes, atol=2e-5)
    np.testing.assert_array_equal(again.tets, model.tets)
    np.testing.assert_allclose(again.weights, model.weights)


def test_the_bundled_modes_belong_to_the_bundled_template():
    model, template = wall_modes(), load_template()
    mesh = Tissue(model.nodes, model.tets, model.regions)
    _, _, distance = nearest_elements(mesh, template.tissue.nodes)
    assert np.percentile(distance, 99) < 2e-3, "run scripts/build_wall_motion.py"


def test_points_ride_on_modes():
    points, basis = CHANCE.standard_normal((7, 3)), CHANCE.standard_normal((7, 3, 5))
    a, out = CHANCE.standard_normal(5), np.empty((7, 3))
    ridden(points, basis, a, out)
    np.testing.assert_allclose(out, points + basis @ a)


def test_volume_slopes_are_those_of_the_surface():
    corners = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.int32)
    points = np.tile(corners, (4, 1))
    triangles = np.concatenate([faces + 4 * c for c in range(4)]).astype(np.int32)
    basis = CHANCE.standard_normal((16, 3, 5)).astype(np.float32)
    found, slopes = np.empty(4), np.empty((4, 5))
    starts = np.arange(0, 17, 4, dtype=np.int32)
    volume_slopes(points, triangles, starts, starts, basis, found, slopes)
    gradient = np.zeros((4, 3))
    assert volume_gradient(corners, faces, gradient) == found[2]
    np.testing.assert_allclose(found, 1 / 6)
    own = np.einsum("ni,nik->k", gradient, basis[8:12])
    np.testing.assert_allclose(slopes[2], own, rtol=1e-4, atol=1e-6)


def test_the_reference_has_full_ventricles_and_half_full_atria():
    volumes = np.array([[100.0, 90, 20, 20], [120, 110, 30, 60], [60, 50, 80, 40]])
    assert end_diastole(volumes) == 1
    reference = reference_volumes(volumes)
    np.testing.assert_array_equal(reference[:2], [120, 110])
    assert np.all((volumes.min(axis=0) < reference)[2:] & (reference < volumes.max(axis=0))[2:])
