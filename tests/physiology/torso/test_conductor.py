import numpy as np
import pytest

from organtwin.anatomy.embedding import nearest_elements
from organtwin.anatomy.implicit import ellipsoid
from organtwin.anatomy.mesh import Tissue
from organtwin.anatomy.stuffing import least_dihedral_angle, stuffed, volumes
from organtwin.arrays import FloatArray
from organtwin.physiology.electrophysiology.torso.conductor import (
    VolumeConductor,
    isotropic,
    skin_currents,
    solved,
    stretched_mesh,
    volume_conductor,
)
from organtwin.physiology.electrophysiology.torso.sources import (
    Conductivity,
    Muscle,
    source_weights,
)

RADIUS, SIGMA = 0.15, 0.2
INSIDE = Conductivity(0.1, 0.1, 0.1)


@pytest.fixture(scope="module")
def sphere() -> VolumeConductor:
    """An insulated sphere, fine in the middle: 24 000 nodes."""
    reach = np.full(3, 1.05 * RADIUS)
    nodes, tets = stretched_mesh(
        ellipsoid((0, 0, 0), (RADIUS,) * 3), -reach, reach,
        fine_lower=np.full(3, -0.04), fine_upper=np.full(3, 0.04), fine=0.008, coarse=0.016,
    )  # fmt: skip
    return volume_conductor(nodes, tets, tensors=isotropic(np.full(len(tets), SIGMA)))


@pytest.fixture(scope="module")
def electrodes() -> FloatArray:
    """Nine places all over the sphere; the first is the reference."""
    places = np.random.default_rng(1).normal(size=(9, 3))
    return np.asarray(RADIUS * places / np.linalg.norm(places, axis=1, keepdims=True))


def ball_of_muscle(middle: FloatArray, radius: float = 0.012) -> Muscle:
    nodes, tets = stuffed(
        ellipsoid(middle, (radius,) * 3), middle - 1.2 * radius, middle + 1.2 * radius, radius / 4
    )
    along, across = np.tile([1.0, 0, 0], (len(tets), 1)), np.tile([0, 1.0, 0], (len(tets), 1))
    return Muscle(nodes, tets, along, across)


def weights_in(
    conductor: VolumeConductor, muscle: Muscle, electrodes: FloatArray, tolerance: float = 1e-6
) -> FloatArray:
    loads = skin_currents(conductor, electrodes)
    fields = solved(conductor, loads[1:] - loads[0], tolerance=tolerance)
    corners, shares = located(conductor, muscle)
    return source_weights(
        muscle, np.einsum("knc,nc->kn", fields[:, corners], shares), conductivity=INSIDE
    )


def located(conductor: VolumeConductor, muscle: Muscle) -> tuple[np.ndarray, FloatArray]:
    tissue = Tissue(conductor.nodes, conductor.tets, np.zeros(len(conductor.tets), np.int32))
    return nearest_elements(tissue, muscle.nodes)[:2]


def green(source: FloatArray, skin: FloatArray) -> FloatArray:
    """Potential on an insulated sphere of a point current, up to a constant.

    Neumann's function of the sphere: the image and the line of sinks behind it, for points on the
    surface.
    """
    gap = np.linalg.norm(skin - source, axis=1)
    along = skin @ source / RADIUS
    shadow = np.log((RADIUS - along + gap) / (2 * RADIUS)) / RADIUS
    return np.asarray((2 / gap - shadow) / (4 * np.pi * SIGMA))


def dipole(place: FloatArray, moment: FloatArray, skin: FloatArray) -> FloatArray:
    unit = moment / np.linalg.norm(moment)
    step = 1e-5
    pair = green(place + step * unit, skin) - green(place - step * unit, skin)
    return np.asarray(np.linalg.norm(moment) * pair / (2 * step))


@pytest.mark.parametrize("slope", [(1.0, 0, 0), (0, 1.0, 0), (0.5, -0.5, 0.7)])
def test_central_dipole_in_an_insulated_sphere(
    slope: tuple[float, float, float], sphere: VolumeConductor, electrodes: FloatArray
) -> None:
    muscle = ball_of_muscle(np.zeros(3))
    found = weights_in(sphere, muscle, electrodes) @ (muscle.nodes @ np.array(slope))
    moment = -0.1 * np.array(slope) * volumes(muscle.nodes, muscle.tets).sum()
    exact = 3 * (electrodes @ moment / RADIUS) / (4 * np.pi * SIGMA * RADIUS**2)
    # 1 %: row 9 of the verification ladder.
    assert np.abs(found - exact[1:] + exact[0]).max() <= 0.01 * np.abs(exact).max()


def test_eccentric_dipole_in_an_insulated_sphere(
    sphere: VolumeConductor, electrodes: FloatArray
) -> None:
    place, slope = np.array([0.03, 0.02, -0.02]), np.array([0.3, 0.9, 0.3])
    muscle = ball_of_muscle(place)
    found = weights_in(sphere, muscle, electrodes) @ (muscle.nodes @ slope)
    moment = -0.1 * slope * volumes(muscle.nodes, muscle.tets).sum()
    exact = dipole(place, moment, electrodes)
    assert np.abs(found - exact[1:] + exact[0]).max() <= 0.01 * np.abs(exact).max()


def test_the_exact_eccentric_dipole_agrees_with_the_central_formula(
    electrodes: FloatArray,
) -> None:
    moment = np.array([1.0, 2.0, -1.0])
    found = dipole(np.zeros(3), moment, electrodes)
    exact = 3 * (electrodes @ moment / RADIUS) / (4 * np.pi * SIGMA * RADIUS**2)
    np.testing.assert_allclose(found, exact, rtol=1e-6)


def test_lead_field_and_direct_solution_are_reciprocal(
    sphere: VolumeConductor, electrodes: FloatArray
) -> None:
    muscle = ball_of_muscle(np.array([0.02, 0.01, 0.0]))
    voltage = np.sin(300 * muscle.nodes[:, 0])
    by_leads = weights_in(sphere, muscle, electrodes, tolerance=1e-12) @ voltage
    corners, shares = located(sphere, muscle)
    # K_i is symmetric: its product with the voltage is what the weights of that field are.
    currents = source_weights(muscle, voltage[None], conductivity=INSIDE)[0]
    load = np.zeros(len(sphere.nodes))
    np.add.at(load, corners, shares * currents[:, None])
    potential = solved(sphere, load[None], tolerance=1e-12)[0]
    at_skin = skin_currents(sphere, electrodes) @ potential
    direct = at_skin[1:] - at_skin[0]
    # 1e-8: row 9 of the verification ladder.
    np.testing.assert_allclose(by_leads, direct, atol=1e-8 * np.abs(direct).max())


def test_solution_fulfils_the_equation(sphere: VolumeConductor, electrodes: FloatArray) -> None:
    loads = skin_currents(sphere, electrodes[:2])
    load = loads[1:] - loads[:1]
    found = solved(sphere, load, tolerance=1e-10)[0]
    rows = np.repeat(np.arange(len(sphere.nodes)), np.diff(sphere.starts))
    product = np.bincount(rows, weights=sphere.values * found[sphere.columns])
    np.testing.assert_allclose(product, load[0], atol=1e-8)


def test_current_entering_between_nodes_is_shared_among_them(sphere: VolumeConductor) -> None:
    corners = sphere.nodes[sphere.faces[7]]
    load = skin_currents(sphere, (np.array([0.2, 0.3, 0.5]) @ corners)[None])[0]
    np.testing.assert_allclose(load[sphere.faces[7]], [0.2, 0.3, 0.5], atol=1e-9)
    assert load.sum() == pytest.approx(1.0)


def test_a_tensor_conducts_along_its_axis() -> None:
    reach = np.full(3, 0.06)
    nodes, tets = stretched_mesh(
        ellipsoid((0, 0, 0), (0.05,) * 3), -reach, reach,
        fine_lower=-reach, fine_upper=reach, fine=0.01, coarse=0.01,
    )  # fmt: skip
    axis = np.array([0.6, 0.8, 0.0])
    tensor = 0.1 * np.eye(3) + 0.3 * np.outer(axis, axis)
    packed = tensor[[0, 1, 2, 0, 1, 0], [0, 1, 2, 1, 2, 2]]
    conductor = volume_conductor(nodes, tets, tensors=np.tile(packed, (len(tets), 1)))
    rows = np.repeat(np.arange(len(nodes)), np.diff(conductor.starts))
    for direction in (axis, np.array([-0.8, 0.6, 0.0]), np.array([0, 0, 1.0])):
        field = nodes @ direction
        power = field @ np.bincount(rows, weights=conductor.values * field[conductor.columns])
        expected = direction @ tensor @ direction * volumes(nodes, tets).sum()
        assert power == pytest.approx(expected, rel=1e-9)


def test_stretched_mesh_is_fine_only_where_asked() -> None:
    reach = np.full(3, 0.16)
    nodes, tets = stretched_mesh(
        ellipsoid((0, 0, 0), (RADIUS,) * 3), -reach, reach,
        fine_lower=np.array([0.0, -0.02, -0.02]), fine_upper=np.array([0.04, 0.02, 0.02]),
        fine=0.006, coarse=0.018,
    )  # fmt: skip
    size, middles = volumes(nodes, tets), nodes[tets].mean(axis=1)
    fine = ((middles > [0.002, -0.018, -0.018]) & (middles < [0.038, 0.018, 0.018])).all(axis=1)
    np.testing.assert_allclose(size[fine], 0.006**3 / 12, rtol=1e-6)
    assert size[np.linalg.norm(middles, axis=1) > 0.1].mean() > 5 * 0.006**3 / 12
    assert size.min() > 0.0
    # Stretched threefold the angles of the lattice shrink, but no element is flat.
    assert np.degrees(least_dihedral_angle(nodes, tets).min()) > 4.0


def test_currents_that_do_not_leave_are_refused(sphere: VolumeConductor) -> None:
    with pytest.raises(ValueError, match="what enters must leave"):
        solved(sphere, skin_currents(sphere, np.array([[RADIUS, 0, 0]])))
