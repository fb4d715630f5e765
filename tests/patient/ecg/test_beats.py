import numpy as np
import pytest

from organtwin.patient.ecg.examination import examined
from organtwin.patient.recording import Recording
from organtwin.patient.waveform import Waveform
from tests.patient.ecg.drawn_ecg import RATE, drawn, with_values


def with_extrasystole(waveforms: dict[str, Waveform], at: float) -> dict[str, Waveform]:
    """An early complex of another shape in every lead."""
    for number, name in enumerate(tuple(waveforms)):
        wave = waveforms[name]
        shape = (-1.0) ** number * 2e-3 * np.exp(-0.5 * ((wave.times - at) / 0.02) ** 2)
        waveforms = with_values(waveforms, name, wave.values + shape)
    return waveforms


def test_beats_lie_where_they_were_drawn_to_a_millisecond() -> None:
    found = examined(Recording("drawn", drawn(interval=0.8503)))
    times = np.array([beat.time for beat in found.beats if beat.used])
    assert np.diff(times) == pytest.approx(0.8503, abs=1e-3)


def test_an_extrasystole_is_of_another_kind_and_left_out() -> None:
    found = examined(Recording("drawn", with_extrasystole(drawn(), 4.75 + 0.42)))
    other = [beat for beat in found.beats if beat.kind != 0]
    assert len(other) == 1
    assert "another shape" in other[0].reason


def test_the_average_is_closer_to_the_truth_than_a_beat_by_the_root_of_their_number() -> None:
    found = examined(Recording("drawn", drawn(noise=4e-5)))
    row = found.average.names.index("V2")
    assert found.average.beat_noise[row] == pytest.approx(4e-5, rel=0.3)
    assert found.average.noise[row] == pytest.approx(
        found.average.beat_noise[row] / found.average.n_beats**0.5
    )


def test_beats_beside_a_gap_are_left_out() -> None:
    waveforms = drawn()
    values = waveforms["II"].values.copy()
    values[int(4.7 * RATE) : int(4.9 * RATE)] = np.nan
    found = examined(Recording("drawn", with_values(waveforms, "II", values)))
    assert any("gap" in beat.reason for beat in found.beats)
