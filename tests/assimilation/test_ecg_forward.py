"""The forward model of the fit gives what the electrical model gives and solves nothing twice."""

from types import SimpleNamespace

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.assimilation.ecg_forward import VentricularForward, ventricular_forward
from organtwin.assimilation.ecg_levers import NAMES, candidate, prior_place
from organtwin.simulation.electric_model import ElectricState

LEADS = ("I", "V2")
N_NODES = 7


class CurvedModel:
    """Weights as those of a heart in a trunk depend on its state, with random numbers."""

    leads = ("I", "II", "V2")

    def __init__(self) -> None:
        self.numbers = np.random.default_rng(6).normal(size=(2, 16, 3, N_NODES + 2))
        self.solved = 0
        tissue = SimpleNamespace(n_ventricular=N_NODES)
        self.heart = SimpleNamespace(tissue=tissue, activation=self.activation)

    def activation(self, conduction: object, speeds: object) -> SimpleNamespace:
        self.solved += 1
        return SimpleNamespace(ventricular=0.02 + 0.01 * np.arange(N_NODES))

    def weights(self, state: ElectricState) -> FloatArray:
        parts = np.array([*state.pose.shift, *state.pose.turn]) / np.repeat([0.02, 0.2618], 3)
        up = state.electrodes_up / 0.03
        size = np.array([1.0, up, up**2, up**3, *parts, *parts**2])
        usual, along = np.tensordot(size, self.numbers, (0, 1))
        return np.asarray(usual + (state.anisotropy - 2.0) * along)


def forward() -> VentricularForward:
    return ventricular_forward(CurvedModel(), LEADS)  # type: ignore[arg-type]


def test_blended_weights_are_those_of_the_model() -> None:
    model = forward()
    for place in np.random.default_rng(1).random((10, len(NAMES))):
        wanted = candidate(place)
        state = ElectricState(
            pose=wanted.pose, electrodes_up=wanted.electrodes_up, anisotropy=wanted.anisotropy
        )
        found = model.excitation(wanted)
        assert found is not None
        exact = model.model.weights(state)[[0, 2], :N_NODES]
        np.testing.assert_allclose(found.weights, exact, atol=1e-4 * np.abs(exact).max())


def test_activation_begins_at_zero() -> None:
    found = forward().excitation(candidate(prior_place()))
    assert found is not None
    np.testing.assert_allclose(found.activation, 0.01 * np.arange(N_NODES))


def test_another_recording_of_an_activation_solves_nothing_anew() -> None:
    model = forward()
    for at in ({"shift_up": 0.1}, {"anisotropy": 0.9}, {"electrodes_up": 0.7}, {"onset": 0.2}):
        model.excitation(candidate(prior_place(**at)))
    assert model.model.solved == 1  # type: ignore[attr-defined]


def test_another_speed_or_block_is_solved_anew() -> None:
    model = forward()
    for at in ({}, {"dense_speed": 0.9}, {"left_bundle": 0.9}, {"left_bundle": 0.6}):
        model.excitation(candidate(prior_place(**at)))
    assert model.model.solved == 4  # type: ignore[attr-defined]
