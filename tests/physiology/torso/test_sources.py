import numpy as np
import pytest

from organtwin.anatomy.implicit import ellipsoid
from organtwin.anatomy.stuffing import stuffed, volumes
from organtwin.arrays import FloatArray
from organtwin.errors import UnknownNameError
from organtwin.physiology.electrophysiology.torso.leads import LEADS, lead_matrix
from organtwin.physiology.electrophysiology.torso.sources import (
    ANISOTROPY,
    FIBER_PART,
    SOURCE,
    Conductivity,
    Muscle,
    infinite_medium,
    source_weights,
)

ISOTROPIC = Conductivity(0.2, 0.2, 0.2)


def ball_of_muscle(radius: float = 0.01, fiber: tuple[float, float, float] = (1, 0, 0)) -> Muscle:
    reach = np.full(3, 1.2 * radius)
    nodes, tets = stuffed(ellipsoid((0, 0, 0), (radius,) * 3), -reach, reach, radius / 5)
    along = np.tile(np.asarray(fiber, float), (len(tets), 1))
    across = np.tile([-along[0, 1], along[0, 0], 0.0], (len(tets), 1))
    return Muscle(nodes, tets, along, across)


def plain_weights(muscle: Muscle, field: FloatArray, sigma: Conductivity) -> FloatArray:
    """The sum over elements, one after the other, as the equation stands."""
    out = np.zeros(len(muscle.nodes))
    for tet, f, s in zip(muscle.tets, muscle.fibers, muscle.sheets, strict=True):
        n = np.cross(f, s)
        tensor = (
            sigma.fiber * np.outer(f, f)
            + sigma.sheet * np.outer(s, s)
            + sigma.normal * np.outer(n, n)
        )
        corners = np.column_stack([np.ones(4), muscle.nodes[tet]])
        gradients = np.linalg.inv(corners)[1:].T
        volume = np.linalg.det(corners[1:, 1:] - corners[0, 1:]) / 6.0
        out[tet] -= volume * gradients @ tensor @ gradients.T @ field[tet]
    return out


def test_small_source_far_away_is_a_dipole_in_an_infinite_medium() -> None:
    muscle = ball_of_muscle()
    slope = np.array([3.0, -2.0, 1.0])
    electrodes = 0.2 * np.array([[1, 0, 0], [0, 1, 0], [0.6, 0, 0.8], [-0.48, 0.6, 0.64]])
    fields = infinite_medium(muscle.nodes, electrodes, conductivity=0.25)
    found = source_weights(muscle, fields, conductivity=ISOTROPIC) @ (muscle.nodes @ slope)
    moment = -ISOTROPIC.fiber * slope * volumes(muscle.nodes, muscle.tets).sum()
    exact = electrodes @ moment / (4 * np.pi * 0.25 * 0.2**3)
    # A ball 20 times nearer to its centre than the electrode has higher poles below 1 %.
    np.testing.assert_allclose(found, exact, rtol=0.01)


def test_the_fibre_part_gives_a_source_of_any_anisotropy() -> None:
    muscle = ball_of_muscle(fiber=(0.6, 0.8, 0.0))
    fields = infinite_medium(muscle.nodes, np.array([[0.02, 0.01, 0.015]]))
    along = source_weights(muscle, fields, conductivity=FIBER_PART)
    found = source_weights(muscle, fields) + (5.0 - ANISOTROPY) * along
    wanted = Conductivity(5.0 * SOURCE.sheet, SOURCE.sheet, SOURCE.normal)
    exact = source_weights(muscle, fields, conductivity=wanted)
    np.testing.assert_allclose(found, exact, atol=1e-12 * np.abs(exact).max())


def test_fibers_direct_the_current() -> None:
    muscle = ball_of_muscle(fiber=(0.6, 0.8, 0.0))
    sigma = Conductivity(0.3, 0.1, 0.05)
    electrode = np.array([[0.02, 0.01, 0.015]])
    fields = infinite_medium(muscle.nodes, electrode)
    found = source_weights(muscle, fields, conductivity=sigma)[0]
    np.testing.assert_allclose(
        found, plain_weights(muscle, fields[0], sigma), atol=1e-11 * np.abs(found).max()
    )


def test_a_heart_of_one_voltage_shows_nothing() -> None:
    muscle = ball_of_muscle()
    fields = infinite_medium(muscle.nodes, np.array([[0.012, 0, 0], [0, 0.05, 0]]))
    weights = source_weights(muscle, fields)
    # Row 9 of the verification ladder asks 1e-8; only round-off remains.
    assert np.abs(weights.sum(axis=1)).max() <= 1e-12 * np.abs(weights).sum(axis=1).min()


def test_a_front_running_towards_an_electrode_raises_its_voltage() -> None:
    muscle = ball_of_muscle()
    fields = infinite_medium(muscle.nodes, np.array([[0.05, 0, 0], [-0.05, 0, 0]]))
    behind = 0.1 / (1.0 + np.exp(muscle.nodes[:, 0] / 5e-4)) - 0.085
    ahead_of_front, behind_front = source_weights(muscle, fields) @ behind
    assert ahead_of_front > 0.0 > behind_front


def test_elements_without_fibers_are_no_source() -> None:
    muscle = ball_of_muscle()
    passive = Muscle(muscle.nodes, muscle.tets, np.zeros_like(muscle.fibers), muscle.sheets)
    fields = infinite_medium(muscle.nodes, np.array([[0.05, 0, 0]]))
    assert not source_weights(passive, fields).any()


def test_limb_leads_obey_einthoven_and_goldberger() -> None:
    names = ("V1", "V2", "V3", "V4", "V5", "V6", "RA", "LA", "LL", "RL")
    voltage = dict(zip(LEADS, lead_matrix(names) @ np.arange(10.0) ** 2, strict=True))
    assert voltage["I"] + voltage["III"] == pytest.approx(voltage["II"])
    assert voltage["aVR"] + voltage["aVL"] + voltage["aVF"] == pytest.approx(0.0)
    assert voltage["V2"] == pytest.approx(1.0 - (36 + 49 + 64) / 3)


def test_every_lead_is_blind_to_a_common_voltage() -> None:
    matrix = lead_matrix(("RA", "LA", "LL", "V7", "V3R"), leads=("I", "aVF", "V7", "V3R"))
    np.testing.assert_allclose(matrix.sum(axis=1), 0.0, atol=1e-15)


def test_a_missing_electrode_is_named() -> None:
    with pytest.raises(UnknownNameError, match="V9"):
        lead_matrix(("RA", "LA", "LL"), leads=("V9",))
