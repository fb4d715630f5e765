import numpy as np
import pytest

from organtwin.anatomy.stuffing import volumes
from organtwin.anatomy.template_file import load_template
from organtwin.physiology.electrophysiology.torso.body import TrunkSizes
from organtwin.physiology.electrophysiology.torso.electrodes import (
    electrode_places,
    standard_electrodes,
)
from organtwin.physiology.electrophysiology.torso.leads import LEADS
from organtwin.physiology.electrophysiology.torso.organs import Organ, heart_voxels, organs_at
from organtwin.physiology.electrophysiology.torso.placement import (
    HeartPose,
    Seat,
    chamber_nodes,
)
from organtwin.physiology.electrophysiology.torso.trunk import (
    Trunk,
    lead_weights,
    muscle_of,
    trunk_with_heart,
)

SIZES = TrunkSizes()


@pytest.fixture(scope="module")
def trunk() -> Trunk:
    return trunk_with_heart(load_template(), SIZES, fine=0.012, coarse=0.025)


def organ_volumes(trunk: Trunk) -> dict[Organ, float]:
    """Volume [l] of each organ, by the middles of elements."""
    conductor = trunk.conductor
    organs, _ = organs_at(
        conductor.nodes[conductor.tets].mean(axis=1),
        SIZES,
        heart=heart_voxels(load_template()),
        seat=trunk.seat,
    )
    sizes = volumes(conductor.nodes, conductor.tets)
    return {organ: 1e3 * float(sizes[organs == organ].sum()) for organ in Organ}


def test_every_organ_is_there(trunk: Trunk) -> None:
    found = organ_volumes(trunk)
    assert min(found.values()) > 0.01
    # Both lungs of an adult at rest hold 2 to 6 l of air and 1 l of tissue.
    assert 3.0 < found[Organ.LUNG] < 7.0
    # Livers of adults have 1 to 2.5 l.
    assert 1.0 < found[Organ.LIVER] < 2.5


def test_the_heart_lies_within_the_rib_cage(trunk: Trunk) -> None:
    template = load_template()
    organs, _ = organs_at(
        trunk.seat.in_trunk(chamber_nodes(template)), SIZES, heart=None, seat=None
    )
    outside = np.isin(organs, (Organ.FAT, Organ.CAGE))
    assert outside.mean() < 0.02


def test_leads_are_blind_to_a_uniform_voltage(trunk: Trunk) -> None:
    weights = lead_weights(trunk, muscle_of(load_template()), electrodes=standard_electrodes(SIZES))
    assert weights.shape[0] == len(LEADS)
    # 1e-8: row 9 of the verification ladder.
    assert np.abs(weights.sum(axis=1)).max() <= 1e-8 * np.abs(weights).sum(axis=1).min()


def test_a_front_from_the_septum_to_the_left_points_to_the_left(trunk: Trunk) -> None:
    muscle = muscle_of(load_template())
    weights = lead_weights(trunk, muscle, electrodes=standard_electrodes(SIZES))
    behind = np.where(muscle.nodes[:, 0] < muscle.nodes[:, 0].mean(), 0.02, -0.085)
    leads = dict(zip(LEADS, weights @ behind, strict=True))
    assert leads["I"] > 0.0
    assert leads["V6"] > 0.0 > leads["V1"]
    assert leads["aVR"] < 0.0


def test_the_seat_leads_there_and_back() -> None:
    pose = HeartPose(shift=(0.01, -0.02, 0.005), turn=(0.1, 0.2, -0.3))
    chosen = Seat(np.array([0.04, 0.01, 0.02]), np.array([0.03, -0.01, 0.02]), pose)
    points = np.random.default_rng(0).normal(size=(5, 3))
    np.testing.assert_allclose(chosen.in_anatomy(chosen.in_trunk(points)), points, atol=1e-12)


def test_a_pose_turns_about_the_middle_and_then_shifts() -> None:
    middle = np.array([0.03, -0.01, 0.02])
    pose = HeartPose(shift=(0.0, 0.0, 0.01), turn=(0.0, 0.0, np.pi / 2))
    chosen = Seat(np.zeros(3), middle, pose)
    found = chosen.in_trunk(np.array([[0.02, 0, 0], [0, 0, 0]]) + middle)
    np.testing.assert_allclose(found - middle, [[0, 0.02, 0.01], [0, 0, 0.01]], atol=1e-12)
    np.testing.assert_allclose(chosen.turned(np.array([[1.0, 0, 0]])), [[0, 1, 0]], atol=1e-12)


def test_muscle_conducts_along_its_fibers_wherever_the_heart_is_turned() -> None:
    template = load_template()
    turn = Seat(np.zeros(3), np.zeros(3), HeartPose(turn=(0.0, 0.0, 0.5)))
    voxels = heart_voxels(template)
    at = np.argwhere(voxels.organs == Organ.HEART)[::400]
    points = voxels.grid.lower + voxels.grid.spacing * at
    organs, fibers = organs_at(turn.in_trunk(points) * 1.0, SIZES, heart=voxels, seat=turn)
    known = organs == Organ.HEART
    assert known.mean() > 0.5
    own = voxels.fibers[tuple(at.T)]
    np.testing.assert_allclose(fibers[known], turn.turned(own)[known], atol=1e-9)


def test_electrodes_stand_on_the_meshed_skin(trunk: Trunk) -> None:
    places = electrode_places(standard_electrodes(SIZES), SIZES)
    faces = trunk.conductor.nodes[trunk.conductor.faces].mean(axis=1)
    gaps = np.linalg.norm(places[:, None] - faces[None], axis=2).min(axis=1)
    assert gaps.max() < 0.025
