"""What a fit to a recorded ECG is given, and what it refuses; the fit itself is slow."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from organtwin.errors import InputError, RecordError
from organtwin.patient.case_file import load_case
from organtwin.twin.comparing_ecg import examination_of
from organtwin.twin.ecg_fitting import LEADS, activation_band, ecg_target, fitting_electrics
from tests.patient.ecg.drawn_ecg import drawn


@pytest.fixture(scope="module")
def record():
    return replace(load_case("default"), waveforms=drawn())


def test_the_target_is_the_averaged_beat_from_the_onset_of_the_qrs(record):
    found = examination_of(record)
    target = ecg_target(found, "drawn")
    assert target.leads == LEADS
    assert target.qrs.times[0] == pytest.approx(-0.010)
    assert target.qrs.times[-1] == pytest.approx(
        found.measurements.get("qrs_duration") + 0.020, abs=2e-3
    )
    assert target.recovery.times[0] > target.qrs.times[-1]
    peak = target.qrs.volts[LEADS.index("V5")].max()
    assert peak == pytest.approx(1.4e-3, rel=0.1)


def test_a_lead_that_is_not_there_is_not_made_up(record):
    few = {name: wave for name, wave in record.waveforms.items() if name not in ("V2", "V5")}
    target = ecg_target(examination_of(replace(record, waveforms=few)), "drawn")
    assert target.leads == tuple(lead for lead in LEADS if lead not in ("V2", "V5"))


def test_too_few_leads_and_no_ecg_are_refused(record):
    three = {name: record.waveforms[name] for name in ("I", "II", "V1")}
    with pytest.raises(RecordError, match="at least 4 usable"):
        ecg_target(examination_of(replace(record, waveforms=three)), "drawn")
    with pytest.raises(RecordError, match="a recorded ECG"):
        next(fitting_electrics(replace(record, waveforms={})))


def test_too_few_members_are_refused(record):
    with pytest.raises(InputError, match="16 or more"):
        next(fitting_electrics(record, n_members=3))


@pytest.mark.slow
def test_a_recorded_left_bundle_branch_block_comes_out_of_the_data(shared_data: Path):
    record = load_case(str(shared_data / "ecg/ptb-xl/00286_hr.hea"))
    steps = list(fitting_electrics(replace(record, conduction="normal"), n_members=24))
    found = steps[-1].fitted
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)
    assert found.blocked["left_bundle"] > 0.75  # 0.88 of 24 members, 1.0 of 64 were measured
    assert found.blocked["right_bundle"] < 0.1
    assert found.qrs_correlation > 0.85
    doubt = found.answer.surface.doubt
    assert 1e-3 < np.nanmedian(doubt) < 20e-3
    bands = found.answer.comparison.bands
    inside = found.answer.comparison.model.times > 0.0
    assert (bands[:, 1, inside] >= bands[:, 0, inside]).all()
    assert len(found.rivals) == 3


def test_the_band_of_activation_is_that_of_the_members_widened_about_their_middle():
    members = [SimpleNamespace(activation=np.array([t, 2.0 * t])) for t in np.linspace(0, 1, 101)]
    low, high = activation_band(members)
    assert low.tolist() == pytest.approx([0.5 - 1.25 * 0.45, 1.0 - 1.25 * 0.9])
    assert high.tolist() == pytest.approx([0.5 + 1.25 * 0.45, 1.0 + 1.25 * 0.9])
