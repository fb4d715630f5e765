"""Fields carried to another heart and back."""

import numpy as np
import pytest

from organtwin.anatomy.architecture import architecture
from organtwin.anatomy.mapping import correspondence, transfer
from tests.anatomy.hearts import biventricular, deformed, lv_alone, template, template_architecture


def _course(heart):
    """Like an activation: late at the base, lateral and outside."""
    return np.nan_to_num(
        heart.apicobasal + 0.3 * heart.transmural + 0.5 * (1 - np.cos(heart.rotational))
    )


def _loss(field, there, back):
    inside = ~np.isnan(there.apicobasal)
    returned = transfer(transfer(field, there, back), back, there)
    return np.abs(returned - field)[inside] / np.ptp(field[inside])


@pytest.mark.parametrize("kind", [0, 1])
def test_a_field_of_places_returns_from_another_heart(kind):
    tissue, boundary = biventricular()
    other, other_boundary = biventricular(5.0)
    x, y, z = (tissue.nodes * 1e3).T
    field = x / 50 + np.sin(y / 30) + z / 100
    loss = _loss(
        field, architecture(tissue, boundary), architecture(deformed(other, kind), other_boundary)
    )
    assert np.percentile(loss, 99) < 0.02
    assert loss.max() < 0.06


@pytest.mark.parametrize("kind", [0, 1])
def test_fields_return_to_the_template_from_a_deformed_one(kind):
    """Muscle beyond the valve rings shares its coordinates with the ring.

    There a field of places does not come back within the 2 % that hold below: 2.7 % in all.
    """
    tissue, boundary = template()
    heart, patient = template_architecture(), architecture(deformed(tissue, kind), boundary)
    course = _loss(_course(heart), heart, patient)
    assert np.percentile(course, 99) < 0.005
    x, y, z = (tissue.nodes * 1e3).T
    places = _loss(np.sin(x / 40) + np.cos(y / 35) + z / 60, heart, patient)
    assert np.sqrt(np.mean(places**2)) < 0.03
    low = heart.apicobasal[~np.isnan(heart.apicobasal)] < 0.8
    assert np.percentile(places[low], 99) < 0.02


def test_coordinates_themselves_are_carried_exactly():
    heart, other = architecture(*biventricular()), architecture(*biventricular(5.0))
    assert transfer(other.apicobasal, other, heart) == pytest.approx(heart.apicobasal, abs=5e-3)


def test_a_constant_stays_and_several_fields_go_at_once():
    heart, other = architecture(*biventricular()), architecture(*biventricular(5.0))
    fields = np.stack([np.full(len(other.right), 3.0), other.apicobasal], axis=1)
    carried = transfer(fields, other, heart)
    assert carried.shape == (len(heart.right), 2)
    assert carried[:, 0] == pytest.approx(3.0)


def test_nothing_reaches_a_side_that_the_source_lacks():
    heart, alone = architecture(*biventricular()), architecture(*lv_alone())
    carried = transfer(np.ones(len(alone.right)), alone, heart)
    assert np.isnan(carried[heart.right == 1]).all()
    assert carried[heart.right == 0] == pytest.approx(1.0)
    assert correspondence(alone, heart).shape == (len(heart.right), len(alone.right))
