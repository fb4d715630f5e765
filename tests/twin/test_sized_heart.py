"""The template with the walls that numbers tell."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from organtwin.anatomy.regions import Cavity, Region
from organtwin.anatomy.warping_sizes import wall_thickness
from organtwin.patient.measurement import Measurement
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.quantities import quantity
from organtwin.twin import heart_cache
from organtwin.twin.heart_cache import opening_sized
from organtwin.twin.sized_heart import has_walls, sizes_of, sizing_heart

VOLUMES = {Cavity.LV: 101.3e-6, Cavity.RV: 121e-6, Cavity.LA: 60e-6, Cavity.RA: 64e-6}


def record(**values):
    found = (
        Measurement(name, quantity(name).to_si(value), 1.0, date(2026, 1, 1), "echo")
        for name, value in values.items()
    )
    return PatientRecord("test", "a test", "", Demographics(), tuple(found))


def twin(**values):
    """A twin whose left ventricle is fullest in the second of three frames."""
    traces = {
        f"{cavity.name.lower()}_volume": volume * np.array([0.8, 1.0, 0.5])
        for cavity, volume in VOLUMES.items()
    }
    beat = SimpleNamespace(traces=traces)
    return SimpleNamespace(record=record(**values), baseline=SimpleNamespace(beat=beat))


def test_only_numbers_about_walls_change_the_template():
    assert has_walls(record(septal_thickness=14))
    assert has_walls(record(lv_mass=180))
    assert not has_walls(record(lv_edv=110))


def test_sizes_are_those_measured_around_the_fitted_cavities():
    sizes = sizes_of(twin(septal_thickness=14, posterior_wall_thickness=12.04))
    assert sizes.walls == pytest.approx({Region.LV: 12.0e-3, Region.SEPTUM: 14.0e-3})
    assert sizes.volumes[Cavity.LV] == pytest.approx(101e-6)
    assert sizes.volumes[Cavity.RA] == pytest.approx(64e-6)


def test_a_mass_alone_becomes_the_thickness_that_has_it():
    # 168 g around the template's own 117.5 mL are its 9.5 mm; less cavity, thicker.
    sizes = sizes_of(twin(lv_mass=168))
    assert 9.5e-3 < sizes.walls[Region.LV] < 11e-3
    assert sizes.walls[Region.LV] == sizes.walls[Region.SEPTUM]


def test_the_heart_has_the_walls_and_cavities_asked_for_and_says_so():
    sizes = sizes_of(twin(septal_thickness=15, posterior_wall_thickness=12))
    steps = list(sizing_heart(sizes))
    assert all(0.0 <= a.fraction <= b.fraction for a, b in zip(steps, steps[1:], strict=False))
    heart = steps[-1].heart
    found = wall_thickness(heart.anatomy)
    for region, thickness in sizes.walls.items():
        assert found[region] == pytest.approx(thickness, rel=0.05)
    for cavity, volume in sizes.volumes.items():
        assert heart.volumes[cavity] == pytest.approx(volume, rel=0.02)
    assert not heart.shown_by_files
    assert heart.quality.inverted == 0
    assert heart.findings[0].startswith("The template with the patient's walls: LV 12.")


def test_a_heart_once_sized_is_kept(tmp_path, monkeypatch):
    from tests.own_hearts import own_heart

    made = []

    def sizing(sizes):
        made.append(sizes)
        yield heart_cache.HeartStep(1.0, "ready", own_heart())

    monkeypatch.setattr(heart_cache, "user_cache", lambda kind: tmp_path)
    monkeypatch.setattr(heart_cache, "sizing_heart", sizing)
    for thickness in (14, 14, 15):
        list(opening_sized(sizes_of(twin(septal_thickness=thickness))))
    assert len(made) == 2
