"""Borders of beats made of arches, which begin and end where the test says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from organtwin.patient.ecg.delineation import delineated, qrs_borders
from organtwin.patient.ecg.examination import examined
from organtwin.patient.readers import read_recording
from organtwin.patient.readers.wfdb_library import wfdb_module
from tests.patient.ecg.exact_beats import NORMAL, OFFSET, ONSET, P, T, exact, scaled

MS = 1e-3
# An arch starts with no slope, and the derivative looks 7 ms to either side.
NEAR = 5 * MS


def test_qrs_begins_and_ends_with_its_arches() -> None:
    waves = delineated(exact(NORMAL), interval=1.0)
    assert waves.qrs_onset == pytest.approx(ONSET, abs=NEAR)
    assert waves.qrs_offset == pytest.approx(OFFSET, abs=NEAR)


@pytest.mark.parametrize("width", [20, 60, 90])
def test_a_wider_complex_is_measured_wider_by_as_much(width: int) -> None:
    stretched = {
        name: (*shapes, (10 * number - 10, 50 + width, 0.4 * (-1.0) ** number))
        for number, (name, shapes) in enumerate(NORMAL.items())
    }
    beat = exact(stretched)
    _, offset = qrs_borders(beat.times, beat.values)
    assert offset == pytest.approx(OFFSET + width * MS, abs=2 * NEAR)


def test_p_lies_between_its_borders() -> None:
    waves = delineated(exact(NORMAL), interval=1.0)
    # A quarter of the greatest slope is passed 4 % of the arch inside of it.
    assert waves.p_onset == pytest.approx(P[0] * MS, abs=10 * MS)
    assert waves.p_offset == pytest.approx(P[1] * MS, abs=10 * MS)
    assert waves.p_peak == pytest.approx(0.5 * (P[0] + P[1]) * MS, abs=10 * MS)


def test_t_ends_where_the_tangent_of_its_arch_meets_zero() -> None:
    waves = delineated(exact(NORMAL), interval=1.0)
    # Steepest at three quarters, half height; slope pi/length: 1/(2 pi) of the length before 1.
    end = T[1] - (0.25 - 0.5 / np.pi) * (T[1] - T[0])
    assert waves.t_offset == pytest.approx(end * MS, abs=10 * MS)
    assert waves.t_peak == pytest.approx(0.5 * (T[0] + T[1]) * MS, abs=NEAR)


@pytest.mark.parametrize(
    "gains", [{"V1": 6.0}, {"V5": 6.0}, {"V2": 0.2}, {"I": 3.0, "V6": 0.3}, {"II": 0.1}]
)
def test_qrs_borders_do_not_depend_on_the_gains_of_leads(gains: dict[str, float]) -> None:
    """LUDB 10 once lasted 81 instead of 128 ms when V1, which ends last, was small."""
    late = {**NORMAL, "V1": (*NORMAL["V1"], (40, 110, 0.5)), "V6": (*NORMAL["V6"], (40, 110, -0.4))}
    straight = exact(late)
    uneven = scaled(straight, gains)
    expected = qrs_borders(straight.times, straight.values)
    assert qrs_borders(uneven.times, uneven.values) == pytest.approx(expected, abs=4 * MS)
    assert expected[1] == pytest.approx(0.110, abs=NEAR)


def test_a_lead_of_mere_noise_does_not_move_the_borders() -> None:
    beat = exact(NORMAL)
    values = beat.values.copy()
    values[beat.names.index("V2")] = np.random.default_rng(3).normal(0.0, 3e-5, values.shape[1])
    assert qrs_borders(beat.times, values) == pytest.approx((ONSET, OFFSET), abs=2 * NEAR)


def test_the_borders_do_not_depend_on_the_unit() -> None:
    beat = exact(NORMAL)
    small = qrs_borders(beat.times, 1e-3 * beat.values)
    assert small == qrs_borders(beat.times, beat.values)


def test_nothing_is_reported_of_waves_that_are_not_there() -> None:
    waves = delineated(exact(NORMAL, p=None, t=None), interval=1.0)
    assert not waves.has_p
    assert not waves.has_t


def test_a_missing_lead_leaves_the_borders_of_the_others() -> None:
    few = {name: NORMAL[name] for name in ("II", "V5")}
    waves = delineated(exact(few), interval=1.0)
    assert waves.qrs_onset == pytest.approx(ONSET, abs=NEAR)
    assert waves.qrs_offset == pytest.approx(OFFSET, abs=NEAR)


def test_a_recorded_block_is_as_wide_in_any_proportions_of_its_leads(shared_data: Path) -> None:
    """LUDB 10 by its header, and in raw counts; manual marks: 128 ms."""
    path = shared_data / "ecg/ludb/10.hea"
    recording = read_recording(path)
    header = wfdb_module().rdheader(str(path.with_suffix("")))
    gains = dict(zip(map(str.lower, header.sig_name), header.adc_gain, strict=True))
    counts = replace(recording, waveforms={
        name: replace(wave, values=wave.values * gains[name.lower()] / 1000.0)
        for name, wave in recording.waveforms.items()
    })  # fmt: skip
    for each in (recording, counts):
        width = examined(each).measurements.get("qrs_duration")
        assert width == pytest.approx(0.128, abs=5 * MS)


@pytest.mark.parametrize("heights", [(0.12, 0.09), (0.09, 0.12)])
def test_p_of_two_humps_is_one_wave(heights: tuple[float, float]) -> None:
    first, second = ((-220.0, -170.0, heights[0]), (-160.0, -100.0, heights[1]))
    shapes = {name: (*own, second) for name, own in NORMAL.items()}
    waves = delineated(exact(shapes, p=first), interval=1.0)
    assert waves.p_onset == pytest.approx(-0.220, abs=0.012)
    assert waves.p_offset == pytest.approx(-0.100, abs=0.012)
