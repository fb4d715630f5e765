"""The electrical model of the template heart: a healthy ECG and its textbook disturbances.

Ranges: QRS 60 to 100 ms, frontal axis -30 to 90 degrees, R growing over the chest, S larger than R
in V1 and R larger than S in V5 and V6 (checks of Camps et al. 2024); PR 162 +- 22 ms and QTcF 396
+- 17 ms in 22 healthy adults (ECGRDVQ, PhysioNet).
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from organtwin.anatomy.template_file import load_template
from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.activation.conduction import conduction_named
from organtwin.physiology.electrophysiology.activation.tissue import electric_tissue
from organtwin.physiology.electrophysiology.torso.body import Physique, Sex
from organtwin.physiology.electrophysiology.torso.placement import HeartPose
from organtwin.simulation.electric_model import (
    ElectricBeat,
    ElectricModel,
    ElectricState,
    electric_model,
)


@lru_cache(maxsize=1)
def model() -> ElectricModel:
    template = load_template()
    return electric_model(template, electric_tissue(template))


BODIES = {
    "small woman": (Physique(Sex.FEMALE, 1.50, 45.0), 0.875),
    "large man": (Physique(Sex.MALE, 1.90, 95.0), 1.075),
}
"""Trunk, and length of the heart over the template's that ``twin.physique`` gives it."""


@lru_cache(maxsize=8)
def beat(name: str) -> ElectricBeat:
    if name in BODIES:
        template, (physique, size) = load_template(), BODIES[name]
        own = electric_model(template, electric_tissue(template), physique=physique, size=size)
        return own.beat(ElectricState())
    return model().beat(ElectricState(conduction=conduction_named(name)))


def part(name: str, lead: str, start: float, end: float) -> FloatArray:
    """Volts of a lead from ``start`` to ``end`` [s] after the onset of the QRS."""
    found = beat(name)
    since = found.times - found.activation.ventricular_onset
    chosen = (since >= start) & (since < end)
    return np.asarray(found.volts[found.leads.index(lead)][chosen])


def r_and_s(name: str, lead: str) -> tuple[float, float]:
    qrs = part(name, lead, 0.0, beat(name).activation.ventricular_duration + 0.02)
    return float(qrs.max()), float(-qrs.min())


def test_healthy_qrs_lasts_60_to_100_ms() -> None:
    assert 0.060 <= beat("normal").activation.ventricular_duration <= 0.100


def test_healthy_pr_interval_is_that_of_healthy_adults() -> None:
    assert beat("normal").activation.ventricular_onset == pytest.approx(0.162, abs=0.022)


def test_healthy_axis_points_down_and_left() -> None:
    one, down = (np.subtract(*r_and_s("normal", lead)) for lead in ("I", "aVF"))
    assert -30.0 <= np.degrees(np.arctan2(2.0 / 3.0**0.5 * down, one)) <= 90.0


def test_r_grows_from_v1_to_v3() -> None:
    heights = [r_and_s("normal", f"V{k}")[0] for k in (1, 2, 3)]
    assert heights == sorted(heights)


def test_s_is_larger_than_r_in_v1_and_smaller_in_v5_and_v6() -> None:
    assert r_and_s("normal", "V1")[0] < r_and_s("normal", "V1")[1]
    for lead in ("V5", "V6"):
        assert r_and_s("normal", lead)[0] > r_and_s("normal", lead)[1]


@pytest.mark.parametrize("lead", ["I", "II", "V3", "V4", "V5", "V6"])
def test_healthy_t_wave_is_upright(lead: str) -> None:
    wave = part("normal", lead, 0.2, 0.45)
    assert wave.max() > 2.0 * -wave.min()


def test_healthy_qt_interval_is_that_of_healthy_adults() -> None:
    size = np.sqrt(sum(part("normal", lead, 0.15, 0.6) ** 2 for lead in beat("normal").leads))
    end = 0.15 + 1e-3 * np.flatnonzero(size > 0.1 * size.max())[-1]
    assert end == pytest.approx(0.396, abs=2 * 0.017)


@pytest.mark.slow
@pytest.mark.parametrize("body", list(BODIES))
def test_a_healthy_ecg_is_healthy_in_other_bodies(body: str) -> None:
    found = beat(body).activation
    assert 0.060 <= found.ventricular_duration <= 0.100
    assert found.ventricular_onset == pytest.approx(0.162, abs=0.022)
    one, down = (np.subtract(*r_and_s(body, lead)) for lead in ("I", "aVF"))
    assert -30.0 <= np.degrees(np.arctan2(2.0 / 3.0**0.5 * down, one)) <= 90.0
    heights = [r_and_s(body, f"V{k}")[0] for k in (1, 2, 3)]
    assert heights == sorted(heights)
    assert r_and_s(body, "V1")[0] < r_and_s(body, "V1")[1]
    for lead in ("V5", "V6"):
        assert r_and_s(body, lead)[0] > r_and_s(body, lead)[1]
    for lead in ("I", "II", "V3", "V4", "V5", "V6"):
        wave = part(body, lead, 0.2, 0.45)
        assert wave.max() > 2.0 * -wave.min(), lead


def test_a_larger_heart_is_excited_later_by_its_longer_ways() -> None:
    heart = model().heart
    state = ElectricState()
    usual = heart.activation(state.conduction, state.speeds)
    large = replace(heart, size=1.2).activation(state.conduction, state.speeds)
    speeds = state.speeds.replace(junction_delay=0.0)
    quick = [replace(heart, size=size).activation(state.conduction, speeds) for size in (1.0, 1.2)]
    assert large.ventricular_duration > 1.1 * usual.ventricular_duration
    ratio = quick[1].ventricular_duration / quick[0].ventricular_duration
    assert ratio == pytest.approx(1.2, abs=1e-6)


def test_left_bundle_branch_block_turns_v1_down_and_v6_up() -> None:
    assert beat("lbbb").activation.ventricular_duration > 0.120
    r, s = r_and_s("lbbb", "V1")
    assert s > 3.0 * r
    r, s = r_and_s("lbbb", "V6")
    assert r > 3.0 * s


def test_right_bundle_branch_block_ends_with_an_r_in_v1_and_an_s_in_v6() -> None:
    late = (0.06, beat("rbbb").activation.ventricular_duration)
    v1, v6 = part("rbbb", "V1", *late), part("rbbb", "V6", *late)
    assert v1.max() > -v1.min()
    assert -v6.min() > v6.max()


def test_an_accessory_pathway_shortens_the_pr_interval_and_widens_the_qrs() -> None:
    healthy, preexcited = beat("normal").activation, beat("wpw_left").activation
    assert preexcited.ventricular_onset < 0.120
    assert preexcited.ventricular_duration > healthy.ventricular_duration + 0.020


def test_a_dropped_beat_has_a_p_wave_and_no_qrs() -> None:
    found = beat("av_block_2")
    assert np.isinf(found.activation.ventricular_onset)
    assert np.abs(found.volts[:, :120]).max() > 0.02e-3
    assert np.abs(found.volts[:, 500:]).max() < 5e-6  # the end of atrial recovery


def test_weights_of_every_lead_sum_to_zero() -> None:
    weights = model().weights(ElectricState())
    assert np.abs(weights.sum(axis=1)).max() < 1e-8 * np.abs(weights).sum(axis=1).min()


def test_anisotropy_changes_the_source_in_proportion() -> None:
    usual, more, most = (
        model().weights(ElectricState(anisotropy=ratio)) for ratio in (2.0, 3.0, 5.0)
    )
    np.testing.assert_allclose(most - usual, 3.0 * (more - usual), atol=1e-12)
    assert np.abs(more - usual).max() > 0.01 * np.abs(usual).max()


def test_another_anisotropy_is_refused_where_the_fibre_part_was_not_solved() -> None:
    with pytest.raises(InputError, match="anisotropy"):
        replace(model(), along=None).weights(ElectricState(anisotropy=1.0))


def test_a_turned_heart_is_refused_where_only_the_usual_pose_was_solved() -> None:
    with pytest.raises(InputError, match="pose"):
        model().weights(ElectricState(pose=HeartPose(turn=(0.1, 0.0, 0.0))))
