"""The ECG fit on a forward model of a few lines, its levers and its measure of agreement."""

from dataclasses import replace

import numpy as np
import pytest

from organtwin.arrays import FloatArray
from organtwin.assimilation.ecg_agreement import Window, agreement, correlation
from organtwin.assimilation.ecg_fit import (
    RECOVERY_NAMES,
    EcgTarget,
    Excitation,
    fitting_ecg,
    repolarisation,
)
from organtwin.assimilation.ecg_levers import NAMES, Candidate, candidate, prior_place
from organtwin.physiology.electrophysiology.activation.conduction import BLOCKED
from organtwin.physiology.electrophysiology.activation.network import Branch
from organtwin.physiology.electrophysiology.ecg.repolarisation import Repolarisation

LEADS = ("I", "II", "V1", "V6")
QRS = np.arange(-10, 140) * 1e-3
LATE = np.arange(150, 460) * 1e-3


class TwoWalls:
    """Right and left wall; the left is late by what the left bundle says, and slow by its speed."""

    weights = np.array([[-0.5, 1.0], [0.3, 0.8], [1.0, -0.7], [-0.6, 1.0]])

    def excitation(self, wanted: Candidate) -> Excitation:
        delay = wanted.conduction.delays.get(Branch.LEFT_BUNDLE, 1.0)
        late = 0.045 if delay == BLOCKED else 3e-3 * (delay - 1.0)
        spread = 0.02 / wanted.speeds["ventricular_sheet_speed"]
        return Excitation(np.array([0.0, late, spread]), self.weights)

    def leads(
        self, excitation: Excitation, times: FloatArray, repolarisation: Repolarisation
    ) -> FloatArray:
        right, left, spread = excitation.activation
        waves = []
        for start, width in ((right + 0.02, 0.012), (left + 0.03, spread / 5.0)):
            up = np.exp(-0.5 * ((times - start) / width) ** 2)
            end = start + repolarisation.shortest
            waves.append(up + 0.3 * np.exp(-0.5 * ((times - end) / 0.04) ** 2))
        return 1e-3 * excitation.weights @ np.stack(waves)


def planted(**at: float) -> EcgTarget:
    model, wanted = TwoWalls(), candidate(prior_place(**at))
    excitation = model.excitation(wanted)
    noise = np.random.default_rng(7)
    windows = []
    for times in (QRS, LATE):
        volts = model.leads(excitation, times, Repolarisation(shortest=0.28, longest=0.34))
        windows.append(
            Window(
                times, 2.0 * volts + noise.normal(0.0, 1e-5, volts.shape), np.full(len(LEADS), 1e-5)
            )
        )
    return EcgTarget(LEADS, *windows)


def fitted(target: EcgTarget) -> tuple:
    steps = list(fitting_ecg(TwoWalls(), target, n_members=48, seed=2))
    assert [step.done for step in steps][-1] == 1.0
    return steps[-1].members


def test_a_block_is_found_in_the_leads_and_not_told() -> None:
    members = fitted(planted(left_bundle=0.9))
    blocked = [m.candidate.conduction.delays.get(Branch.LEFT_BUNDLE) == BLOCKED for m in members]
    assert np.mean(blocked) > 0.8


def test_healthy_leads_do_not_come_out_as_a_block() -> None:
    members = fitted(planted())
    blocked = [m.candidate.conduction.delays.get(Branch.LEFT_BUNDLE) == BLOCKED for m in members]
    assert np.mean(blocked) < 0.2


def test_the_planted_activation_lies_within_the_members() -> None:
    members = fitted(planted(left_bundle=0.9, ventricular_sheet_speed=0.3))
    late = np.array([m.activation[1] for m in members])
    assert np.quantile(late, 0.02) - 2e-3 <= 0.045 <= np.quantile(late, 0.98) + 2e-3


def test_members_carry_the_factor_between_model_and_record() -> None:
    assert np.median([m.amplitude for m in fitted(planted())]) == pytest.approx(2.0, rel=0.15)


def test_recovery_is_fitted_with_the_activation_of_its_member() -> None:
    assert np.median([m.recovery_misfit for m in fitted(planted())]) < 0.1


def test_a_model_turned_upside_down_agrees_with_nothing() -> None:
    window = planted().qrs
    assert agreement(window, -window.volts).log_likelihood == -np.inf


def test_agreement_does_not_depend_on_the_size_of_the_model() -> None:
    window = planted().qrs
    small, large = (agreement(window, factor * window.volts) for factor in (0.1, 10.0))
    assert small.log_likelihood == pytest.approx(large.log_likelihood)
    assert small.amplitude == pytest.approx(10.0)


def test_correlation_of_a_flat_signal_is_zero() -> None:
    assert correlation(np.zeros(5), np.arange(5.0)) == 0.0


def test_the_cube_spans_the_ranges_of_the_speeds() -> None:
    low, high = (
        candidate(prior_place(ventricular_sheet_speed=u)).speeds["ventricular_sheet_speed"]
        for u in (0.0, 1.0)
    )
    spec = candidate(prior_place()).speeds.specs["ventricular_sheet_speed"]
    assert (low, high) == pytest.approx((spec.lower, spec.upper))


def test_every_place_of_the_cube_is_a_candidate_the_torso_was_solved_for() -> None:
    for corner in np.random.default_rng(3).integers(0, 2, (20, len(NAMES))):
        pose = candidate(corner.astype(float)).pose
        assert max(map(abs, pose.shift)) <= 0.02 + 1e-9
        assert max(map(abs, pose.turn)) <= np.radians(15.0) + 1e-9


def test_no_place_asks_for_a_duration_beyond_the_library() -> None:
    for corner in np.random.default_rng(3).integers(0, 2, (20, len(RECOVERY_NAMES))):
        recovered = repolarisation(corner.astype(float))
        assert 0.2 <= recovered.shortest < recovered.longest <= 0.4 + 1e-12


def test_anisotropy_reaches_from_none_to_that_inside_cells() -> None:
    found = [candidate(prior_place(anisotropy=u)).anisotropy for u in (0.0, 0.5, 1.0)]
    inside = 0.34 / 0.06  # Bishop and Plank 2011
    assert found == pytest.approx([1.0, inside**0.5, inside])


def test_the_t_wave_does_not_choose_among_activations() -> None:
    """Leads after the QRS that no recovery explains leave the activations what they were."""
    target = planted(left_bundle=0.5)
    noise = np.random.default_rng(9).normal(0.0, 1e-3, target.recovery.volts.shape)
    wild = replace(target, recovery=replace(target.recovery, volts=noise))
    known, unknown = (np.array([m.activation for m in fitted(t)]) for t in (target, wild))
    np.testing.assert_array_equal(known, unknown)


def test_progress_never_falls_back_and_ends_with_at_least_fifty_members() -> None:
    steps = list(fitting_ecg(TwoWalls(), planted(), seed=2))
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert len(steps[-1].members) >= 50
