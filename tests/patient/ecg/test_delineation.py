"""Borders and patterns of beats whose waves begin and end at known times."""

from dataclasses import replace

import numpy as np
import pytest

from organtwin.patient.ecg.delineation import delineated, qrs_borders
from organtwin.patient.ecg.measurements import measured
from organtwin.patient.ecg.patterns import LBBB_MEN, patterns
from tests.patient.ecg.averaged_beats import LEADS, TIMES, averaged_beat, bump, interval_of

MV = 1e-3


def qrs(**heights):
    """Leads with one wave from -40 to 50 ms, of a height [mV] each."""
    return {lead: bump(-0.040, 0.050, heights.get(lead, 0.5)) for lead in LEADS}


def borders(leads):
    onset, offset = qrs_borders(TIMES, np.array([leads[lead] for lead in LEADS]))
    return 1e3 * onset, 1e3 * offset


def test_qrs_begins_and_ends_with_its_wave():
    onset, offset = borders(qrs())
    assert onset == pytest.approx(-40.0, abs=6.0)
    assert offset == pytest.approx(50.0, abs=6.0)


def test_a_lead_that_goes_on_longer_carries_the_end_though_another_is_four_times_as_tall():
    leads = qrs(V3=2.0)
    leads["V1"] = leads["V1"] + bump(0.040, 0.090, 0.5)
    assert borders(leads)[1] == pytest.approx(90.0, abs=8.0)


@pytest.mark.parametrize("gain", [0.5, 2.0, 4.0])
def test_the_gain_of_one_lead_hardly_moves_the_borders(gain):
    leads = qrs()
    leads["V1"] = leads["V1"] + bump(0.040, 0.080, 0.4)
    before = borders(leads)
    leads["V4"] = gain * leads["V4"]
    np.testing.assert_allclose(borders(leads), before, atol=5.0)


def test_small_noise_beside_one_tall_lead_does_not_widen_qrs():
    leads = qrs(**dict.fromkeys(LEADS[1:], 0.02))
    random = np.random.default_rng(1)
    for lead in LEADS[1:]:
        leads[lead] = leads[lead] + random.normal(0.0, 4e-6, len(TIMES))
    onset, offset = borders(leads)
    assert onset == pytest.approx(-40.0, abs=10.0)
    assert offset == pytest.approx(50.0, abs=10.0)


def test_p_and_t_are_found_where_they_are_drawn_and_missed_where_they_are_not():
    leads = qrs()
    for lead in LEADS:
        leads[lead] = leads[lead] + bump(-0.200, -0.100, 0.12) + bump(0.180, 0.380, 0.3)
    waves = delineated(averaged_beat(leads), interval=0.8)
    assert 1e3 * waves.p_peak == pytest.approx(-150.0, abs=8.0)
    assert 1e3 * waves.t_peak == pytest.approx(280.0, abs=8.0)
    bare = delineated(averaged_beat(qrs()), interval=0.8)
    assert not bare.has_p
    assert not bare.has_t


def test_a_spike_is_told_and_a_steep_complex_is_none():
    leads = {lead: bump(-0.010, 0.150, 0.8) for lead in LEADS}
    spiked = {lead: wave + bump(-0.014, -0.010, 6.0) for lead, wave in leads.items()}
    assert delineated(averaged_beat(spiked), interval=0.8).spike
    assert not delineated(averaged_beat(leads), interval=0.8).spike
    assert not delineated(averaged_beat(qrs()), interval=0.8).spike


def holding(leads):
    beat = averaged_beat(leads)
    waves = delineated(beat, interval=0.8)
    found = measured(beat, waves, (), rr=interval_of(0.8))
    return [p.name for p in patterns(beat, waves, found, lbbb_limit=LBBB_MEN) if p.holds]


def test_left_bundle_branch_block_is_a_broad_notched_complex_away_from_v1():
    leads = {lead: bump(-0.060, 0.095, 0.5) for lead in LEADS}
    for lead in ("V1", "V2", "V3"):
        leads[lead] = bump(-0.060, 0.095, -1.5)
    for lead in ("I", "aVL", "V5", "V6"):
        leads[lead] = bump(-0.060, 0.020, 0.8) + bump(0.005, 0.095, 0.9)
    assert "left bundle branch block" in holding(leads)
    assert "right bundle branch block" not in holding(leads)


def test_right_bundle_branch_block_is_a_second_r_in_v1_and_a_broad_s_in_v6():
    leads = {lead: bump(-0.045, 0.030, 0.7) + bump(0.030, 0.090, -0.1) for lead in LEADS}
    leads["V1"] = bump(-0.045, -0.010, 0.2) + bump(-0.015, 0.025, -0.3) + bump(0.015, 0.090, 0.9)
    for lead in ("I", "V6"):
        leads[lead] = bump(-0.045, 0.020, 0.9) + bump(0.015, 0.090, -0.4)
    assert "right bundle branch block" in holding(leads)
    assert "left bundle branch block" not in holding(leads)


def test_a_narrow_complex_of_the_same_shape_is_no_block():
    leads = {lead: bump(-0.030, 0.050, 0.5) for lead in LEADS}
    for lead in ("V1", "V2", "V3"):
        leads[lead] = bump(-0.030, 0.050, -1.5)
    assert not {"left bundle branch block", "right bundle branch block"} & set(holding(leads))


def test_low_voltage_is_told_from_the_limb_leads():
    low = qrs(**dict.fromkeys(("I", "II", "III", "aVR", "aVL", "aVF"), 0.3))
    assert "low voltage" in holding(low)
    chest = dict.fromkeys(("V1", "V2", "V3", "V4", "V5", "V6"), 1.2)
    limbs = dict.fromkeys(("I", "II", "III", "aVR", "aVL", "aVF"), 0.8)
    assert "low voltage" not in holding(qrs(**chest, **limbs))


def test_missing_limb_leads_are_said_and_not_counted_as_low():
    leads = qrs(**dict.fromkeys(("V1", "V2", "V3", "V4", "V5", "V6"), 1.2))
    chest = [lead for lead in LEADS if lead.startswith("V")]
    whole = averaged_beat(leads)
    rows = [LEADS.index(lead) for lead in chest]
    beat = replace(
        whole, names=tuple(chest), values=whole.values[rows], noise=whole.noise[rows],
        beat_noise=whole.beat_noise[rows],
    )  # fmt: skip
    waves = delineated(beat, interval=0.8)
    found = measured(beat, waves, (), rr=interval_of(0.8))
    low = next(p for p in patterns(beat, waves, found, lbbb_limit=LBBB_MEN) if "low" in p.name)
    assert not low.holds
    assert "limb leads not complete" in low.criteria[0].text
