import pytest

from organtwin.patient.ecg.examination import EcgExamination, examined
from organtwin.patient.ecg.swaps import corrected
from organtwin.patient.recording import Recording
from organtwin.patient.waveform import Waveform
from tests.patient.ecg.drawn_ecg import drawn


def rewired(wiring: dict[str, str]) -> EcgExamination:
    """An ECG in which each lead of ``wiring`` records another one, upside down after a minus."""
    waves = drawn()
    changed = dict(waves)
    for name, source in wiring.items():
        old = waves[source.removeprefix("-")]
        values = -old.values if source.startswith("-") else old.values
        changed[name] = Waveform(name, old.times, values, old.unit, old.source)
    return examined(Recording("drawn", changed))


ARMS = {"I": "-I", "II": "III", "III": "II", "aVR": "aVL", "aVL": "aVR"}
LEG = {"I": "-III", "II": "-II", "III": "-I", "aVR": "aVF", "aVF": "aVR"}


def test_electrodes_in_their_place_raise_no_suspicion() -> None:
    assert rewired({}).swaps == ()


@pytest.mark.parametrize(
    ("wiring", "told"),
    [
        (ARMS, "right and left arm"),
        (LEG, "right arm and left leg"),
        ({"V3": "V4", "V4": "V3"}, "V3 and V4"),
    ],
)
def test_exchanged_electrodes_are_suspected_and_nothing_is_changed(
    wiring: dict[str, str], told: str
) -> None:
    found = rewired(wiring)
    assert [swap.electrodes for swap in found.swaps] == [told]
    assert any(f"{told} may be exchanged" in text for text in found.findings)
    assert found.leads.derived == {}


def test_the_offered_correction_gives_the_true_leads_back() -> None:
    wrong, right = rewired(ARMS), rewired({})
    values = corrected(wrong.leads.names, wrong.leads.values, wrong.swaps[0])
    assert values == pytest.approx(right.leads.values, abs=1e-12)
