"""The electrics of a record: intervals met, leads for the ECG view, activation on the surface."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from organtwin.anatomy.regions import Region
from organtwin.anatomy.template_file import load_template
from organtwin.patient.case_file import load_case
from organtwin.patient.record import PatientRecord
from organtwin.twin.comparing_ecg import MOST_SHIFTED, comparison, examination_of
from organtwin.twin.electrics import ElectricAnswer, electric_answers
from tests.patient.ecg.drawn_ecg import drawn


def record(name: str) -> PatientRecord:
    return load_case(name)


@lru_cache(maxsize=2)
def answer(name: str) -> ElectricAnswer:
    return [step.answer for step in electric_answers(record(name)) if step.answer][-1]


@pytest.mark.parametrize("name", ["default", "hfref_lbbb"])
def test_the_measured_qrs_duration_is_met(name: str) -> None:
    measured = {m.name: m.value for m in record(name).measurements}
    found = answer(name).beat.activation.ventricular_duration
    assert found == pytest.approx(measured["qrs_duration"], abs=2e-3)


def test_every_interval_has_the_computed_value_beside_the_measured_one() -> None:
    for _, model, planned in answer("hfref_lbbb").comparison.intervals.values():
        assert model is not None
        assert planned is None


def test_left_bundle_branch_block_excites_the_left_wall_last_on_the_surface() -> None:
    regions = load_template().surface.regions
    arrival = answer("hfref_lbbb").surface.arrival
    right, left = (np.nanmedian(arrival[regions == r]) for r in (Region.RV, Region.LV))
    assert left > right + 0.03


def test_muscle_of_the_surface_is_coloured_and_vessels_are_not() -> None:
    regions, arrival = load_template().surface.regions, answer("default").surface.arrival
    assert np.isfinite(arrival[regions <= Region.RA]).mean() > 0.97
    assert not np.isfinite(arrival[regions == Region.AORTA]).any()


def test_the_voltage_of_the_surface_runs_from_rest_to_plateau_and_back() -> None:
    surface = answer("default").surface
    out = np.empty(len(surface.arrival), np.float32)
    means = []
    for time in (0.0, 0.3, 0.65):
        surface.write("voltage", time, out)
        regions = load_template().surface.regions
        means.append(float(np.nanmean(out[regions == Region.LV])))
    assert means[0] < -0.08
    assert means[1] > 0.0
    assert means[2] < -0.07


def test_recovery_is_activation_and_duration_together() -> None:
    surface = answer("default").surface
    out = np.empty(len(surface.arrival), np.float32)
    surface.write("recovery", 0.0, out)
    np.testing.assert_allclose(out, surface.arrival + surface.lasting, rtol=1e-6)


def test_computed_leads_are_moved_in_time_to_where_they_agree_best_and_it_is_said() -> None:
    drawn_record = replace(record("default"), waveforms=drawn())
    found, beat = examination_of(drawn_record), answer("default").beat
    best = comparison(beat, drawn_record, found)
    fixed = [comparison(beat, drawn_record, found, late=late) for late in (-0.01, 0.0, 0.01)]
    assert abs(best.shift) <= MOST_SHIFTED
    assert [one.shift for one in fixed] == [-0.01, 0.0, 0.01]
    agreement = [sum(one.correlations.values()) for one in fixed]
    assert sum(best.correlations.values()) >= max(agreement)
    assert len(set(np.round(agreement, 6))) == 3
    np.testing.assert_allclose(best.model.times - fixed[1].model.times, best.shift, atol=1e-12)
