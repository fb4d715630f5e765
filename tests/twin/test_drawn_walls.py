"""Whose walls the drawn template has."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from organtwin.patient.measurement import Measurement
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.physiology.mechanics.template_walls import TEMPLATE_WALLS
from organtwin.physiology.mechanics.wall_thickness import NORMAL_CAVITY, NORMAL_THICKNESS
from organtwin.quantities import quantity
from organtwin.twin import drawn_walls as module
from organtwin.twin.drawn_walls import drawn_walls, measured_walls, tells_walls

VOLUMES = np.array([110e-6, 120e-6, 60e-6, 66e-6])


def record(**values):
    found = (
        Measurement(name, quantity(name).to_si(value), 1.0, date(2026, 1, 1), "echo")
        for name, value in values.items()
    )
    return PatientRecord("test", "a test", "", Demographics(), tuple(found))


@pytest.fixture
def twin(monkeypatch):
    """Makes twins of a beat that keeps its volumes."""
    course = SimpleNamespace(cavity_volumes=np.tile(VOLUMES, (3, 1)))
    monkeypatch.setattr(module, "beat_course", lambda beat: course)

    def made(**values):
        return SimpleNamespace(record=record(**values), baseline=SimpleNamespace(beat=None))

    return lambda **values: _Hashable(**vars(made(**values)))


class _Hashable(SimpleNamespace):
    __hash__ = object.__hash__


def test_only_numbers_about_walls_tell_of_them():
    assert tells_walls(record(septal_thickness=14))
    assert tells_walls(record(lv_mass=180))
    assert not tells_walls(record(lv_edv=110))


def test_one_wall_alone_counts_for_both():
    walls = measured_walls(record(posterior_wall_thickness=12), NORMAL_CAVITY)
    assert walls.free == walls.septum == pytest.approx(12e-3)


def test_a_mass_alone_becomes_the_thickness_that_has_it():
    # The template has 168 g around its own cavity; around less, the same muscle is thicker.
    walls = measured_walls(record(lv_mass=168), NORMAL_CAVITY)
    assert walls.free == pytest.approx(NORMAL_THICKNESS, rel=2e-3)
    assert measured_walls(record(lv_mass=168), 80e-6).septum > 1.1 * NORMAL_THICKNESS


def test_a_measured_thickness_counts_before_a_mass(twin):
    found = drawn_walls(twin(septal_thickness=14, posterior_wall_thickness=11, lv_mass=90))
    assert found.factors.septum > 1.2 > found.factors.free > 1.0
    assert found.said.endswith("measured thickness: free wall 11.0 mm, septum 14.0 mm.")


def test_nothing_known_leaves_the_template(twin):
    found = drawn_walls(twin(lv_edv=110))
    assert found.factors == TEMPLATE_WALLS
    assert found.said == ""


def test_walls_that_cannot_be_drawn_leave_the_template_and_say_why(twin):
    found = drawn_walls(twin(septal_thickness=29))
    assert found.factors == TEMPLATE_WALLS
    assert "cannot be drawn" in found.said
    assert "29.0 mm" in found.said
