import numpy as np
import pytest

from organtwin.anatomy.template_file import load_template
from organtwin.arrays import FloatArray
from organtwin.physiology.electrophysiology.ecg.repolarisation import (
    COORDINATES,
    Repolarisation,
    durations,
    ventricular_coordinates,
)


@pytest.fixture(scope="module")
def coordinates() -> FloatArray:
    architecture = load_template().architecture
    assert architecture is not None
    return ventricular_coordinates(architecture)


@pytest.mark.parametrize("name", COORDINATES)
def test_a_positive_gradient_lengthens_along_its_coordinate(
    name: str, coordinates: FloatArray
) -> None:
    found = durations(Repolarisation(**{name: 1.0}), coordinates)
    ventricular = np.isfinite(coordinates[:, 0])
    along = coordinates[ventricular, COORDINATES.index(name)]
    assert np.corrcoef(found[ventricular], along)[0, 1] == pytest.approx(1.0)


def test_shortest_and_longest_are_reached_whatever_the_gradients(coordinates: FloatArray) -> None:
    chosen = Repolarisation(apex_base=-0.7, right_left=0.2, transmural=0.1)
    found = durations(chosen, coordinates)[np.isfinite(coordinates[:, 0])]
    assert (found.min(), found.max()) == pytest.approx((chosen.shortest, chosen.longest))


def test_without_gradients_ventricles_share_the_mean(coordinates: FloatArray) -> None:
    found = durations(Repolarisation(shortest=0.2, longest=0.3), coordinates)
    np.testing.assert_allclose(found[np.isfinite(coordinates[:, 0])], 0.25)


def test_atria_have_their_own_duration(coordinates: FloatArray) -> None:
    found = durations(Repolarisation(apex_base=1.0, atrial=0.19), coordinates)
    assert set(found[np.isnan(coordinates[:, 0])]) == {0.19}


def test_coordinates_stay_within_zero_and_one(coordinates: FloatArray) -> None:
    known = coordinates[np.isfinite(coordinates[:, 0])]
    assert known.min() >= 0.0
    assert known.max() <= 1.0


def test_both_faces_of_the_septum_count_as_endocardium(coordinates: FloatArray) -> None:
    architecture = load_template().architecture
    assert architecture is not None
    septal = (architecture.right < 0.5) & (np.abs(architecture.rotational) < 0.9)
    right_face = septal & (architecture.transmural > 0.98)
    assert coordinates[right_face, 3].max() < 0.05


def test_a_gradient_beyond_one_is_refused() -> None:
    with pytest.raises(ValueError, match="apex_base"):
        Repolarisation(apex_base=1.5)
