import numpy as np
import pytest

from organtwin.errors import RecordError
from organtwin.patient.ecg.leads import LIMB, identities, lead_set, with_derived
from organtwin.patient.waveform import Waveform
from tests.patient.ecg.drawn_ecg import drawn, with_values

SIX = tuple(LIMB)


@pytest.mark.parametrize("pair", [("I", "II"), ("II", "III"), ("aVR", "aVF"), ("III", "aVL")])
def test_four_limb_leads_follow_exactly_from_any_two(pair: tuple[str, str]) -> None:
    waveforms = drawn(noise=0.0)
    found = with_derived(lead_set(waveforms, pair))
    whole = lead_set(waveforms, SIX)
    for name in SIX:
        assert found.lead(name) == pytest.approx(whole.lead(name), abs=1e-12)
    assert set(found.derived) == set(SIX) - set(pair)


def test_a_chest_lead_is_never_filled_in() -> None:
    found = with_derived(lead_set(drawn(), ("I", "II", "V1", "V2", "V4", "V5", "V6")))
    assert "V3" not in found.names


def test_one_limb_lead_alone_gives_no_other() -> None:
    assert with_derived(lead_set(drawn(), ("II", "V1"))).names == ("II", "V1")


def test_limb_leads_of_one_recording_agree() -> None:
    assert all(found.holds for found in identities(lead_set(drawn(), SIX)))


def test_a_lead_under_a_wrong_name_breaks_the_algebra() -> None:
    waveforms = drawn()
    wrong = with_values(waveforms, "aVF", waveforms["V5"].values)
    broken = [found.lead for found in identities(lead_set(wrong, SIX)) if not found.holds]
    assert broken == ["aVF"]


def test_gaps_stay_gaps_on_the_common_clock() -> None:
    waveforms = drawn()
    values = waveforms["II"].values.copy()
    values[1000:1500] = np.nan
    leads = lead_set(with_values(waveforms, "II", values), ("I", "II"))
    missing = np.isnan(leads.lead("II"))
    assert leads.times[missing].min() == pytest.approx(2.0, abs=0.002)
    assert missing.sum() == pytest.approx(1000, abs=3)
    assert np.isnan(with_derived(leads).lead("III")[missing]).all()


def test_leads_recorded_one_after_the_other_are_refused() -> None:
    waveforms = drawn()
    late = waveforms["V1"]
    waveforms["V1"] = Waveform("V1", late.times + 9.0, late.values, "mV", "drawn")
    with pytest.raises(RecordError, match="one after the other"):
        lead_set(waveforms, ("I", "V1"))


def test_no_lead_at_all_is_explained() -> None:
    with pytest.raises(RecordError, match="a usable lead"):
        lead_set(drawn(), ())
