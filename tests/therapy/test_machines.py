"""Pumps, balloon, valves and volume: direction, size and bookkeeping of what they do to a heart."""

from dataclasses import replace

import numpy as np
import pytest

from organtwin.physiology.circulation import assist
from organtwin.physiology.devices import heartmate_head
from organtwin.physiology.heart import advance, pack
from organtwin.simulation.beat import Outcome
from organtwin.simulation.biomarkers import biomarkers
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.machine_signs import aortic_opening, machine_signs
from organtwin.simulation.reflex import steady_under
from organtwin.simulation.simulator import Periodicity, beats, to_steady_state
from organtwin.simulation.valve_numbers import energy_loss_area, severe_lesions
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.units import CM2, L_PER_MIN, ML, MMHG, PER_MIN

RULE = Periodicity(3e-4, 150)
NORMAL = Conditions()
FAILING = NORMAL.scaled(lv_active_stress=0.4, septum_active_stress=0.4, blood_volume=1.25)


def untreated(conditions):
    return to_steady_state(beats(conditions), RULE).beat


def under(conditions, *therapies, reflex=False):
    plan = TherapyPlan(tuple(parse_therapy(text) for text in therapies))
    treated = replace(plan.apply(conditions), reflex=reflex)
    solution, reached = steady_under(treated, untreated(conditions), RULE)
    assert solution.outcome is Outcome.STEADY
    return solution.beat, biomarkers(solution.beat, reached), reached


def numbers(conditions):
    return biomarkers(untreated(conditions), conditions)


@pytest.mark.parametrize(
    "therapy",
    ["lvad 5400 rpm", "impella_cp 40000 rpm", "rvad 3500 rpm", "ecmo 3 L/min", "iabp 40 mL"],
)
def test_no_blood_is_made_or_lost_by_a_machine(therapy):
    beat, _, conditions = under(FAILING, therapy)
    held = sum(beat.traces[f"{name}_volume"] for name in (
        "lv", "rv", "la", "ra", "systemic_artery", "systemic_vein", "pulmonary_artery",
        "pulmonary_vein",
    ))  # fmt: skip
    assert np.ptp(held) < 1e-9
    assert held[0] == pytest.approx(conditions.parameters["blood_volume"], rel=1e-3)


def test_a_left_ventricular_pump_unloads_the_ventricle_and_raises_output_with_its_speed():
    before = numbers(FAILING)
    slow, fast = (under(FAILING, f"lvad {speed} rpm")[1] for speed in (4600, 6200))
    assert before["cardiac_output"] < slow["cardiac_output"] < fast["cardiac_output"]
    assert before["lv_edv"] > slow["lv_edv"] > fast["lv_edv"]
    assert before["pcwp"] > slow["pcwp"] > fast["pcwp"]


def test_the_heartmate_meets_the_published_chart():
    """Maker's chart as fitted: 5400 per minute against 75 mmHg gives about 5 L/min."""
    a, b, c, d = heartmate_head(5400 * PER_MIN)
    flow = 5.0 * L_PER_MIN
    head = a + b * flow + c * flow**2 + d * flow**3
    assert head / MMHG == pytest.approx(66.1, abs=0.5)


def test_a_pump_that_is_too_fast_is_told_of():
    beat, _, conditions = under(FAILING, "lvad 7500 rpm")
    told = " ".join(machine_signs(beat, conditions))
    assert aortic_opening(beat) == 0.0
    assert "never opens" in told


def test_blood_that_comes_back_through_a_leaking_valve_is_told_of():
    leaking = FAILING.with_parameters(aortic_leak_area=0.35 * CM2)
    beat, _, conditions = under(leaking, "lvad 6200 rpm")
    assert "recirculation" in " ".join(machine_signs(beat, conditions))


def test_nothing_is_told_of_a_heart_without_machines():
    assert list(machine_signs(untreated(NORMAL), NORMAL)) == []


def test_extracorporeal_flow_goes_past_the_heart_and_loads_the_left_ventricle():
    """Ostadal et al. 2015 J Transl Med 13:266 (pigs): output of the ventricle falls with flow."""
    before = numbers(FAILING)
    beat, after, _ = under(FAILING, "ecmo 4 L/min")
    assert beat.traces["ecmo_flow"].mean() / L_PER_MIN == pytest.approx(4.0, abs=0.2)
    assert after["mean_arterial_pressure"] > before["mean_arterial_pressure"]
    assert beat.traces["aortic_flow"].mean() < untreated(FAILING).traces["aortic_flow"].mean()


def test_a_balloon_lifts_diastole_and_takes_load_off_systole():
    before, beat = untreated(FAILING), under(FAILING, "iabp 40 mL")[0]
    after = beat.traces["aortic_pressure"]
    assert after.max() > before.traces["aortic_pressure"].max()
    assert beat.traces["lv_pressure"].max() < before.traces["lv_pressure"].max()
    assert beat.traces["aortic_flow"].mean() > before.traces["aortic_flow"].mean()


def test_two_machines_work_together():
    both = under(FAILING, "impella_cp 40000 rpm", "ecmo 3 L/min")[1]
    alone = under(FAILING, "ecmo 3 L/min")[1]
    assert both["pcwp"] < alone["pcwp"]


def test_a_tamponade_is_that_of_textbooks_and_drainage_undoes_it():
    before = numbers(NORMAL)
    _, full, _ = under(NORMAL, "pericardial_effusion 200 mL", reflex=True)
    _, drained, _ = under(
        NORMAL, "pericardial_effusion 200 mL", "pericardiocentesis 200 mL", reflex=True
    )
    assert full["cardiac_output"] < 0.8 * before["cardiac_output"]
    assert full["heart_rate"] > 1.1 * before["heart_rate"]
    assert full["ra_pressure"] > before["ra_pressure"] + 2.0 * MMHG
    # Right and left filling pressures come nearer to each other.
    apart = [found["pcwp"] - found["ra_pressure"] for found in (before, full)]
    assert apart[1] < 0.8 * apart[0]
    assert drained["cardiac_output"] == pytest.approx(before["cardiac_output"], rel=0.01)


def test_blood_lost_is_felt_in_filling_pressure_and_output():
    before, (_, after, _) = numbers(NORMAL), under(NORMAL, "bleeding 800 mL", reflex=True)
    assert after["ra_pressure"] < before["ra_pressure"]
    assert after["cardiac_output"] < before["cardiac_output"]
    assert after["heart_rate"] > before["heart_rate"]


@pytest.mark.parametrize(("valve", "chamber"), [
    ("aortic", "lv"), ("pulmonary", "rv"), ("mitral", "la"), ("tricuspid", "ra"),
])  # fmt: skip
def test_a_narrowed_valve_loads_the_chamber_before_it(valve, chamber):
    area = {"aortic": 0.9, "pulmonary": 0.9, "mitral": 1.2, "tricuspid": 1.2}[valve]
    beat, after, _ = under(NORMAL, f"{valve}_stenosis {area} cm2")
    before = numbers(NORMAL)
    assert beat.traces[f"{chamber}_pressure"].max() > (
        untreated(NORMAL).traces[f"{chamber}_pressure"].max()
    )
    assert after[f"{valve}_mean_gradient"] > 3.0 * max(before[f"{valve}_mean_gradient"], 1.0)


def test_a_clip_takes_regurgitation_away():
    leaking = NORMAL.with_parameters(mitral_leak_area=0.5 * CM2)
    before, (_, after, _) = numbers(leaking), under(leaking, "mitral_clip 75 %")
    assert any(s.lesion == "mitral regurgitation" for s in severe_lesions(before))
    assert after["mitral_regurgitant_volume"] < 0.5 * before["mitral_regurgitant_volume"]
    assert after["cardiac_output"] > before["cardiac_output"]
    assert not any(s.lesion == "mitral regurgitation" for s in severe_lesions(after))


def test_pressure_recovered_in_the_aorta_is_what_catheter_and_doppler_differ_by():
    _, found, conditions = under(NORMAL, "aortic_stenosis 1 cm2")
    aorta = conditions.parameters["systemic_artery_reference_area"]
    share = (1.0 - 1.0 * CM2 / aorta) ** 2
    ratio = found["aortic_net_gradient"] / found["aortic_mean_gradient"]
    assert ratio == pytest.approx(share, rel=1e-6)
    assert energy_loss_area(1.0 * CM2, aorta) > 1.0 * CM2
    assert energy_loss_area(aorta, aorta) == float("inf")


def test_a_criterion_whose_number_is_missing_is_not_met():
    (only,) = severe_lesions({"aortic_valve_area": 0.6 * CM2})
    assert only.met[0].startswith("AVA")
    assert list(severe_lesions({"mitral_regurgitant_volume": 10 * ML})) == []


def test_the_reflex_answers_a_clip_with_less_resistance():
    """Siegel 2011: resistance 1226 to 1004 dyn s/cm5; without the reflex it does not move."""
    leaking = NORMAL.with_parameters(mitral_leak_area=0.4 * CM2)
    assert TherapyPlan((parse_therapy("mitral_clip 75 %"),)).apply(leaking).reflex
    before, (_, after, _) = numbers(leaking), under(leaking, "mitral_clip 75 %", reflex=True)
    assert after["systemic_vascular_resistance"] < 0.98 * before["systemic_vascular_resistance"]
    assert after["cardiac_output"] > before["cardiac_output"]


@pytest.mark.parametrize("every", [2, 3])
def test_a_balloon_in_every_second_or_third_beat_is_the_mean_of_beats_that_really_alternate(every):
    """Beats between rest their balloon: emptied at once, which with a short AV delay is on time."""
    heart = FAILING.with_parameters(av_delay_fraction=0.05)
    mean = under(heart, f"iabp_1_{every} 40 mL")[1]
    packed = pack(heart.with_parameters(balloon_volume=40 * ML).parameters, heart.activation)
    resting = packed.balloon.copy()
    resting[assist.DEFLATION] = 10 * packed.cycle_length  # never blown up again in this beat
    state, alternating = untreated(heart).end_state, []
    for beat in range(20 * every):
        pumped = packed if beat % every == 0 else replace(packed, balloon=resting)
        if beat % every:
            state.machines[assist.BLOWN_UP] = 0.0
        record = advance(pumped, state, round(1e3 * packed.cycle_length), 0.0)
        state = record.state
        alternating.append(record.outputs[:, 17].mean())  # flow through the aortic valve
    assert mean["cardiac_output"] == pytest.approx(np.mean(alternating[-every:]), rel=0.01)
    assert np.ptp(alternating[-every:]) > 0.05 * mean["cardiac_output"]


def test_rarer_beats_of_a_balloon_help_less():
    outputs = [numbers(FAILING)["cardiac_output"], *(
        under(FAILING, f"{name} 40 mL")[1]["cardiac_output"]
        for name in ("iabp_1_3", "iabp_1_2", "iabp")
    )]  # fmt: skip
    assert outputs == sorted(outputs)
    assert len(set(outputs)) == 4
