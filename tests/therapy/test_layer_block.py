"""What drugs do to every layer of a heart."""

import pytest

from organtwin.errors import InputError, ParameterError
from organtwin.physiology.electrophysiology.cells.biomarkers import action_potential_duration
from organtwin.physiology.electrophysiology.cells.cell import ChannelBlock
from organtwin.physiology.electrophysiology.cells.pacing import paced
from organtwin.physiology.electrophysiology.cells.torord import TORORD_ENDO
from organtwin.simulation.conditions import Conditions
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.interactions import open_channels
from organtwin.therapy.layer_block import (
    electric_drugs,
    electric_effect,
    given_drugs,
    working,
)
from organtwin.therapy.plan import TherapyPlan

NORMAL = Conditions()


def given(*texts):
    return electric_drugs(given_drugs([parse_therapy(text) for text in texts]))


def under(*texts) -> Conditions:
    return TherapyPlan(tuple(parse_therapy(text) for text in texts)).apply(NORMAL)


def test_only_drugs_on_channels_or_on_the_av_node_count():
    names = [item.drug.name for item in given("dobutamine 5 ug/kg/min", "verapamil 81 nmol/L")]
    assert names == ["verapamil"]
    assert given("dofetilide 0 nmol/L") == ()


def test_few_beats_lengthen_the_endocardium_as_many_do():
    """APD90 259.8 to 308.6 ms after 150 beats at 0.8 s: x 1.188."""
    found = electric_effect(given("dofetilide 2.14 nmol/L"), own_cycle=0.8, cycle=0.8)
    assert found.lengthening.endocardial == pytest.approx(1.188, rel=0.01)
    assert found.lengthening.epicardial > found.lengthening.endocardial
    assert found.remarks == ("Dofetilide: high risk of torsade by its class in CiPA.",)


def test_a_faster_rhythm_alone_shortens_action_potentials():
    found = electric_effect(given("amiodarone_iv 10 %"), own_cycle=1.0, cycle=0.6)
    assert found.lengthening.endocardial < 0.95
    assert found.cycle == pytest.approx(0.6)


def test_progress_comes_beat_by_beat_and_cells_once_paced_are_known():
    dose = given("sotalol 14000 nmol/L")
    first = list(working(dose, own_cycle=1.0, cycle=1.0))
    again = list(working(dose, own_cycle=1.0, cycle=1.0))
    assert len(first) > 60
    assert [step.fraction for step in first] == sorted(step.fraction for step in first)
    assert len(again) == 7
    assert again[-1].effect == first[-1].effect


def test_too_little_sodium_current_is_refused_by_cells_and_by_the_plan():
    with pytest.raises(InputError, match="sodium conductance"):
        electric_effect(given("flecainide 3012 nmol/L"), own_cycle=1.0, cycle=1.0)
    with pytest.raises(ParameterError, match=r"Flecainide.*sodium conductance"):
        under("flecainide 3012 nmol/L")


def test_flecainide_lengthens_action_potentials_as_in_people():
    """Monophasic action potentials +9.6 % after 2 mg/kg iv in nine patients."""
    found = electric_effect(given("flecainide 753 nmol/L"), own_cycle=1.0, cycle=1.0)
    assert found.lengthening.middle == pytest.approx(1.096, abs=0.02)


def test_the_pump_is_excited_as_slowly_as_flecainide_makes_it():
    """Conduction time +16.8 % after 2 mg/kg iv in nine patients."""
    last = under("flecainide 753 nmol/L").activation.delays.max()
    assert last / NORMAL.activation.delays.max() == pytest.approx(1.168, abs=0.01)


def test_ventricular_pacing_under_flecainide_is_slow_too():
    plain = under("rv_pacing 100 ms").activation.delays.max()
    slow = under("rv_pacing 100 ms", "flecainide 753 nmol/L").activation.delays.max()
    assert slow / plain == pytest.approx(1.168, abs=0.01)


def test_verapamil_prolongs_the_pr_interval_as_measured():
    """ECGRDVQ: 30.4 +- 4.7 ms on 162 ms at 27.3 nmol/L free."""
    share = "av_delay_fraction"
    factor = under("verapamil 27.3 nmol/L").parameters[share] / NORMAL.parameters[share]
    assert factor == pytest.approx(1.0 + 30.4 / 162.0, abs=0.01)
    assert electric_effect(
        given("verapamil 27.3 nmol/L"), own_cycle=1.0, cycle=1.0
    ).pr == pytest.approx(factor)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        # APD90 [ms] of an independent implementation, 150 beats at 1 Hz; control 272.3.
        ("dofetilide 2 nmol/L", 320.9),
        ("verapamil 81 nmol/L", 296.4),
        ("diltiazem 122 nmol/L", 245.4),
        ("mexiletine 4129 nmol/L", 273.1),
    ],
)
def test_the_action_potential_at_the_usual_peak_is_the_reference_one(text, reference):
    left = ChannelBlock(open_channels(given(text))).only(TORORD_ENDO.currents)
    beat = paced(TORORD_ENDO, cycle_length=1.0, beats=150, block=left)
    assert action_potential_duration(beat) == pytest.approx(reference * 1e-3, abs=0.002)
