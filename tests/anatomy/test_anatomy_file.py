from dataclasses import fields, replace

import numpy as np
import pytest

from organtwin.anatomy.anatomy_file import anatomy_of, arrays_of
from organtwin.anatomy.mesh import MuscleMap
from tests.own_hearts import full_anatomy


@pytest.fixture(scope="module")
def there_and_back():
    heart = full_anatomy()
    shares = np.random.default_rng(2).random((2, *heart.muscle.shares.shape))
    heart = replace(heart, muscle=MuscleMap(*shares.astype(np.float32)))
    return heart, anatomy_of(arrays_of(heart), "again")


def arrays(part):
    return {field.name: getattr(part, field.name) for field in fields(part)}


def assert_same(saved, read, rounding):
    for name, array in arrays(saved).items():
        found = arrays(read)[name]
        assert found.dtype == array.dtype, name
        if np.issubdtype(array.dtype, np.integer):
            np.testing.assert_array_equal(found, array, err_msg=name)
        else:
            np.testing.assert_allclose(found, array, rtol=0, atol=rounding, err_msg=name)


def test_meshes_come_back_to_a_hundredth_of_a_micrometre(there_and_back):
    saved, read = there_and_back
    assert read.name == "again"
    assert_same(saved.tissue, read.tissue, 1e-8)
    assert_same(saved.surface, read.surface, 1e-8)
    assert read.cavities.keys() == saved.cavities.keys()
    for cavity, surface in saved.cavities.items():
        assert_same(surface, read.cavities[cavity], 1e-8)
    assert_same(saved.boundary, read.boundary, 0)


def test_muscle_comes_back_in_steps_of_one_in_255(there_and_back):
    saved, read = there_and_back
    assert_same(saved.muscle, read.muscle, 0.51 / 255)


def test_coordinates_and_fibres_come_back_to_half_precision(there_and_back):
    saved, read = there_and_back
    assert_same(saved.architecture, read.architecture, 2.0**-11)
    assert np.isnan(read.architecture.apicobasal[::7]).all()


def test_leaflets_come_back(there_and_back):
    saved, read = there_and_back
    assert read.leaflets.keys() == saved.leaflets.keys()
    for valve, leaflets in saved.leaflets.items():
        assert_same(leaflets, read.leaflets[valve], 1e-9)


def test_parts_that_a_heart_lacks_stay_absent():
    bare = replace(full_anatomy(), boundary=None, architecture=None, leaflets={}, cavities={})
    read = anatomy_of(arrays_of(bare), "bare")
    assert read.boundary is None
    assert read.architecture is None
    assert not read.leaflets
    assert not read.cavities
