"""Spread of voltage on voxels and tetrahedra."""

import numpy as np
import pytest

from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.monodomain.diffusion import (
    Diffusion,
    VoxelDiffusion,
    consistent,
    fiber_tensors,
    lumped,
    mass,
)
from organtwin.physiology.electrophysiology.monodomain.propagation import Stimulus, propagating
from tests.physiology.electrophysiology.monodomain.boxes import box

D = np.array([1e-4, 4e-5, 2e-5])


def voxels(shape: tuple[int, int, int]) -> VoxelDiffusion:
    return VoxelDiffusion(shape, np.array([1e-3, 1e-3, 1e-3]), D)


def elements(method: type) -> Diffusion:
    nodes, tets = box((10, 6, 4), 1e-3)
    return method(nodes, tets, np.tile(np.diag(D), (len(tets), 1, 1)))


def spread(diffusion: Diffusion, mode: int, time: float) -> float:
    """Decay of a cosine along axis ``mode`` over that of the equation, ``exp(-D k^2 t)``."""
    along = diffusion.places[:, mode]
    k = np.pi / along.max()
    start = np.cos(k * along)
    v = start.copy()
    steps = 100
    for _ in range(steps):
        diffusion.advance(v, time / steps)
    return float((v @ start) / (start @ start) / np.exp(-D[mode] * k**2 * time))


@pytest.mark.parametrize("mode", [0, 1, 2])
@pytest.mark.parametrize(
    "make", [lambda: voxels((11, 7, 5)), lambda: elements(lumped), lambda: elements(consistent)]
)
def test_a_cosine_between_closed_ends_decays_as_it_must(make: object, mode: int) -> None:
    # a mesh of four cells along a half wave changes its decay by k^2 h^2/12, 5 % of the exponent
    assert spread(make(), mode, 0.02) == pytest.approx(1.0, abs=0.02)  # type: ignore[operator]


@pytest.mark.parametrize("method", [lumped, consistent])
def test_nothing_leaks_out_of_the_tissue(method: type) -> None:
    diffusion = elements(method)
    nodes, tets = box((10, 6, 4), 1e-3)
    weights = np.asarray(mass(nodes, tets).sum(axis=1)).ravel()
    v = np.random.default_rng(1).normal(size=len(nodes))
    before = weights @ v
    for _ in range(50):
        diffusion.advance(v, 1e-4)
    assert weights @ v == pytest.approx(before, rel=1e-6)


def test_tensor_is_largest_along_the_fiber() -> None:
    fiber = np.array([[0.6, 0.8, 0.0]])
    tensor = fiber_tensors(fiber, 3.0, 1.0)[0]
    np.testing.assert_allclose(tensor @ fiber[0], 3.0 * fiber[0])
    np.testing.assert_allclose(tensor @ [0.0, 0.0, 1.0], [0.0, 0.0, 1.0])


def test_too_long_a_step_is_refused_with_the_longest_one() -> None:
    diffusion = voxels((11, 7, 5))
    stimulus = Stimulus(np.ones(11 * 7 * 5, np.bool_))
    with pytest.raises(InputError, match="time step"):
        next(propagating(diffusion, stimulus, end=0.1, time_step=2.0 * diffusion.limit))
