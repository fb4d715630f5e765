import numpy as np
import pytest

from organtwin.arrays import FloatArray
from organtwin.errors import RecordError
from organtwin.patient.ecg.examination import examined
from organtwin.patient.ecg.quality import lead_quality
from organtwin.patient.recording import Recording
from tests.patient.ecg.drawn_ecg import drawn, with_values


def spoiled(values: FloatArray) -> tuple[str, ...]:
    return lead_quality(with_values(drawn(), "V3", values)["V3"]).faults


def test_a_clean_lead_has_no_fault() -> None:
    assert spoiled(drawn()["V3"].values) == ()


def test_a_flat_lead_is_told() -> None:
    assert "is flat" in spoiled(np.full(5000, 1e-4))[0]


def test_a_clipped_lead_is_told() -> None:
    values = np.clip(drawn()["V3"].values, -3e-4, 3e-4)
    assert "is clipped" in spoiled(values)[0]


def test_a_noisy_lead_is_told_with_its_noise() -> None:
    noise = np.random.default_rng(1).normal(0.0, 3e-4, 5000)
    assert "is noisy" in spoiled(drawn()["V3"].values + noise)[0]


def test_a_lead_that_drops_out_is_told() -> None:
    values = drawn()["V3"].values.copy()
    values[1000:2500] = values[1000]
    assert "no signal in 30%" in spoiled(values)[0]


def test_a_bad_lead_is_named_and_not_filled_in() -> None:
    found = examined(Recording("drawn", with_values(drawn(), "V3", np.zeros(5000))))
    assert "V3" not in found.average.names
    assert any("lead V3 is left out: it is flat" in text for text in found.findings)


def test_a_bad_limb_lead_is_computed_and_said_to_be() -> None:
    found = examined(Recording("drawn", with_values(drawn(), "aVF", np.zeros(5000))))
    assert any("lead aVF is computed from I and II" in text for text in found.findings)


def test_only_bad_leads_are_refused_with_the_reasons() -> None:
    flat = with_values(drawn(), "V1", np.zeros(5000))
    with pytest.raises(RecordError, match="V1 is flat"):
        examined(Recording("drawn", {"V1": flat["V1"]}))
