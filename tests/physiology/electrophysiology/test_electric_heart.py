"""Activation of the healthy heart and of blocks against measured hearts.

Ranges: Durrer et al. 1970 (Circulation 41:899), Wyndham et al. 1979 (healthy epicardium) and 1980
(left bundle branch block).
"""

import numpy as np
import pytest

from organtwin.anatomy.regions import Cavity, Region, Segment
from organtwin.errors import InputError, UnknownNameError
from organtwin.physiology.electrophysiology.activation.conduction import (
    BLOCKED,
    Conduction,
    Rhythm,
    Stimulus,
    conduction_named,
)
from organtwin.physiology.electrophysiology.activation.electric_heart import (
    activation,
    default_speeds,
)
from organtwin.physiology.electrophysiology.activation.network import Branch
from organtwin.physiology.electrophysiology.activation.pathways import Annulus, Pathway
from organtwin.physiology.electrophysiology.activation.sites import Site
from organtwin.physiology.electrophysiology.activation.tissue import Health
from tests.physiology.electrophysiology.electric_hearts import (
    activated,
    epicardium,
    left_ventricle,
    segment_times,
    since_onset,
    template_heart,
    two_ventricles,
)

LATERAL = (Segment.BASAL_ANTEROLATERAL, Segment.BASAL_INFEROLATERAL, Segment.MID_ANTEROLATERAL,
           Segment.MID_INFEROLATERAL)  # fmt: skip
SEPTAL = (Segment.MID_ANTEROSEPTAL, Segment.MID_INFEROSEPTAL, Segment.APICAL_SEPTAL)
RIGHT = (Segment.RV_BASAL, Segment.RV_MID, Segment.RV_APICAL)


def endocardium(cavity):
    return np.unique(template_heart().tissue.endocardium(cavity))


def mean(times, segments):
    return np.mean([times[segment] for segment in segments])


def test_the_three_left_sites_merge_in_15_to_20_ms():
    """The first time by which excited endocardium joins them (Durrer), read as 15 to 22 ms."""
    heart, times = template_heart(), since_onset(template_heart(), activated("normal"))
    network, sites = heart.network, []
    for branch in (Branch.LEFT_ANTERIOR_FASCICLE, Branch.LEFT_SEPTAL_FASCICLE,
                   Branch.LEFT_POSTERIOR_FASCICLE):  # fmt: skip
        sites.append(network.junction_nodes[network.junction_branches == branch][0])
    faces = heart.tissue.endocardium(Cavity.LV)
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    merged = next(t for t in np.arange(0.0, 60.0) if joined(edges, times, t, sites))
    assert 13.0 <= merged <= 22.0


def joined(edges, times, until, sites):
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    excited = edges[(times[edges] <= until).all(axis=1)]
    n = len(times)
    graph = sparse.coo_array((np.ones(len(excited)), (excited[:, 0], excited[:, 1])), (n, n))
    part = connected_components(graph, directed=False)[1]
    return len(set(part[sites])) == 1 and (times[sites] <= until).all()


def test_left_sites_are_excited_within_10_ms():
    """Durrer: 0 to 5 ms; the posterior one is 7 ms late here."""
    network, found = template_heart().network, activated("normal")
    first = []
    for branch in (Branch.LEFT_ANTERIOR_FASCICLE, Branch.LEFT_SEPTAL_FASCICLE,
                   Branch.LEFT_POSTERIOR_FASCICLE):  # fmt: skip
        first.append(found.times[network.junction_nodes[network.junction_branches == branch][0]])
    assert np.ptp(first) < 10e-3


def test_right_ventricle_follows_the_left_by_5_to_10_ms():
    times = since_onset(template_heart(), activated("normal"))
    assert times[endocardium(Cavity.LV)].min() < 1.0
    assert 5.0 <= times[endocardium(Cavity.RV)].min() <= 10.0


def test_epicardium_is_reached_first_on_the_front_of_the_rv_in_7_to_25_ms():
    heart = template_heart()
    times = since_onset(heart, activated("normal"))
    outside = epicardium(heart.tissue, 1)
    first = outside[np.argmin(times[outside])]
    assert 7.0 <= times[first] <= 25.0
    assert heart.tissue.nodes[first, 1] < heart.tissue.nodes[outside, 1].mean()


def test_last_epicardium_of_the_lv_is_posterobasal_at_63_to_96_ms():
    heart = template_heart()
    times = since_onset(heart, activated("normal"))
    outside = epicardium(heart.tissue, 0)
    last = outside[np.argmax(times[outside])]
    assert 63.0 <= times[last] <= 96.0
    assert heart.tissue.apicobasal[last] > 0.8
    assert heart.tissue.rotational[last] < -np.pi / 3


def test_basal_inferior_wall_is_the_last_of_the_lv():
    times = segment_times(template_heart(), activated("normal"))
    left = {segment: time for segment, time in times.items() if segment < Segment.RV_OUTFLOW}
    assert max(left, key=left.get) in (Segment.BASAL_INFERIOR, Segment.BASAL_INFEROLATERAL)


def test_healthy_ventricles_are_excited_in_70_to_100_ms():
    assert 70e-3 <= activated("normal").ventricular_duration <= 100e-3


def test_pr_interval_is_that_of_healthy_adults():
    """162 +- 22 ms (ECGRDVQ, 22 adults): within one sd."""
    assert 140e-3 <= activated("normal").ventricular_onset <= 184e-3


def test_both_atria_are_excited_before_the_ventricles_the_left_later():
    tissue, found = template_heart().tissue, activated("normal")
    right, left = (found.times[tissue.touching(side)] for side in (Region.RA, Region.LA))
    assert right.min() == 0.0
    assert left.min() > 20e-3
    assert 80e-3 <= max(left.max(), right.max()) <= 120e-3


def test_left_bundle_branch_block_has_the_times_of_patients():
    """Wyndham 1980: total 130 to 160 ms, last LV epicardium 113 to 140, RV breakthrough 5 to 26."""
    heart, found = template_heart(), activated("lbbb")
    times = since_onset(heart, found)
    assert 130e-3 <= found.ventricular_duration <= 160e-3
    assert 113.0 <= times[epicardium(heart.tissue, 0)].max() <= 140.0
    assert 5.0 <= times[epicardium(heart.tissue, 1)].min() <= 26.0


def test_in_left_bundle_branch_block_the_lv_is_entered_through_the_septum():
    tissue = template_heart().tissue
    inner = endocardium(Cavity.LV)
    first = inner[np.argmin(activated("lbbb").times[inner])]
    assert abs(tissue.rotational[first]) < np.pi / 3


def test_left_bundle_branch_block_goes_from_right_over_septum_to_the_lateral_wall():
    times = segment_times(template_heart(), activated("lbbb"))
    assert mean(times, RIGHT) < mean(times, LATERAL) - 40.0
    assert mean(times, SEPTAL) < mean(times, LATERAL) - 40.0


def test_right_bundle_branch_block_leaves_the_left_and_delays_the_right():
    heart = template_heart()
    normal, blocked = (segment_times(heart, activated(name)) for name in ("normal", "rbbb"))
    assert mean(blocked, LATERAL) == pytest.approx(mean(normal, LATERAL), abs=2.0)
    assert mean(blocked, RIGHT) > mean(normal, RIGHT) + 15.0


def test_left_anterior_block_delays_the_front_not_the_back():
    heart = template_heart()
    normal, blocked = (segment_times(heart, activated(name)) for name in ("normal", "lafb"))
    assert blocked[Segment.BASAL_ANTERIOR] > normal[Segment.BASAL_ANTERIOR] + 15.0
    assert blocked[Segment.MID_INFERIOR] == pytest.approx(normal[Segment.MID_INFERIOR], abs=2.0)


def test_left_posterior_block_delays_the_back_not_the_front():
    heart = template_heart()
    normal, blocked = (segment_times(heart, activated(name)) for name in ("normal", "lpfb"))
    assert blocked[Segment.MID_INFEROLATERAL] > normal[Segment.MID_INFEROLATERAL] + 5.0
    assert blocked[Segment.MID_ANTERIOR] == pytest.approx(normal[Segment.MID_ANTERIOR], abs=2.0)


@pytest.mark.parametrize(("part", "whole"), [("incomplete_lbbb", "lbbb"),
                                             ("incomplete_rbbb", "rbbb")])  # fmt: skip
def test_incomplete_blocks_lie_between(part, whole):
    durations = [activated(name).ventricular_duration for name in ("normal", part, whole)]
    assert durations == sorted(durations)


def test_a_pathway_excites_its_own_side_early_and_shortens_pr():
    heart = template_heart()
    times = segment_times(heart, activated("wpw_left"))
    assert min(times, key=times.get) == Segment.BASAL_ANTEROLATERAL
    assert activated("wpw_left").ventricular_onset < activated("normal").ventricular_onset - 30e-3
    assert mean(segment_times(heart, activated("wpw_right")), RIGHT) < mean(times, RIGHT) - 20.0


def test_pathways_sit_at_their_angle():
    heart = template_heart()
    rows = [
        heart.pathways.nearest(Pathway(Annulus.MITRAL, turn)) for turn in (np.pi / 2, -np.pi / 2)
    ]
    front, back = heart.tissue.nodes[heart.pathways.ventricular[rows]]
    assert front[1] < back[1]


def test_right_ventricular_pacing_goes_from_the_apex_to_the_lateral_base():
    times = segment_times(template_heart(), activated("rv_paced"))
    assert min(times, key=times.get) in (Segment.RV_APICAL, Segment.APICAL_SEPTAL)
    left = {segment: time for segment, time in times.items() if segment < Segment.RV_OUTFLOW}
    assert max(left, key=left.get) in (Segment.BASAL_ANTEROLATERAL, Segment.BASAL_INFEROLATERAL)


def test_left_ventricular_pacing_goes_from_left_to_right():
    times = segment_times(template_heart(), activated("lv_paced"))
    assert mean(times, LATERAL) < mean(times, RIGHT) - 40.0


def test_pacing_both_ventricles_shortens_left_bundle_branch_block():
    times = [segment_times(template_heart(), activated(n)) for n in ("lbbb", "biventricular")]
    assert mean(times[1], LATERAL) < mean(times[0], LATERAL) - 30.0


def test_pacing_beyond_the_block_excites_the_left_as_in_health():
    heart = template_heart()
    normal, paced = (segment_times(heart, activated(n)) for n in ("normal", "left_bundle_paced"))
    assert mean(paced, LATERAL) == pytest.approx(mean(normal, LATERAL), abs=2.0)


def test_first_degree_block_delays_the_ventricles_and_nothing_else():
    normal, delayed = activated("normal"), activated("av_block_1")
    assert delayed.ventricular_onset > 0.2
    assert delayed.ventricular_duration == pytest.approx(normal.ventricular_duration, abs=1e-4)


def test_a_beat_that_is_not_conducted_leaves_the_ventricles_alone():
    found = activated("av_block_2")
    assert np.isinf(found.ventricular).all()
    assert np.isinf(found.ventricular_onset)
    assert np.isfinite(found.times[template_heart().network.sinus_node])


def test_in_third_degree_block_the_ventricles_beat_by_themselves():
    found = activated("av_block_3")
    assert found.ventricular_onset > 0.3
    assert [start.name for start in found.starts] == ["sinus node", "His bundle"]


def test_an_ectopic_beat_begins_where_it_is_put():
    heart = template_heart()
    node = int(np.argmax(heart.tissue.rotational[: heart.tissue.n_ventricular] > 3.0))
    place = tuple(heart.tissue.nodes[node])
    beat = Conduction("ectopic", Rhythm.NONE, stimuli=(Stimulus(place, 0.0),))
    found = heart.activation(beat, default_speeds())
    assert found.times[node] == 0.0
    assert found.ventricular.argmin() == node
    assert found.ventricular_onset == 0.0


def test_a_node_can_be_paced_and_must_exist():
    heart = template_heart()
    beat = Conduction("ectopic", Rhythm.NONE, stimuli=(Stimulus(7, 0.02),))
    assert heart.activation(beat, default_speeds()).times[7] == pytest.approx(0.02)
    nowhere = Conduction("ectopic", Rhythm.NONE, stimuli=(Stimulus(10**8),))
    with pytest.raises(InputError, match="node from 0"):
        heart.activation(nowhere, default_speeds())


def test_scar_is_never_excited_and_a_border_zone_late():
    heart, speeds = template_heart(), default_speeds()
    scarred = Conduction("scar", scar=(Segment.MID_INFEROLATERAL,),
                         border_zone=(Segment.BASAL_INFEROLATERAL,))  # fmt: skip
    found = heart.activation(scarred, speeds)
    tissue = heart.tissue
    alive = np.unique(tissue.tets[tissue.segments != Segment.MID_INFEROLATERAL])
    dead = np.setdiff1d(np.unique(tissue.tets[tissue.segments == Segment.MID_INFEROLATERAL]), alive)
    assert np.isinf(found.times[dead]).all()
    zone = Segment.BASAL_INFEROLATERAL
    slow = np.unique(tissue.tets[tissue.segments == zone])
    assert found.times[slow].mean() > activated("normal").times[slow].mean() + 10e-3


def test_a_scar_drawn_element_by_element_does_the_same():
    heart, speeds = template_heart(), default_speeds()
    drawn = np.where(heart.tissue.segments == Segment.APEX, Health.SCAR, Health.HEALTHY)
    tissue = heart.tissue.with_health(drawn.astype(np.int32))
    one = activation(tissue, heart.network, conduction_named("normal"), speeds)
    other = heart.activation(Conduction(scar=(Segment.APEX,)), speeds)
    np.testing.assert_allclose(one.times, other.times, atol=1e-6)


def test_slower_muscle_takes_longer():
    heart, speeds = template_heart(), default_speeds()
    slow = heart.activation(Conduction(), speeds.scaled(ventricular_sheet_speed=0.7))
    assert slow.ventricular_duration > activated("normal").ventricular_duration + 2e-3


def test_halving_all_speeds_doubles_the_spread_through_the_ventricles():
    """All but the fixed delays at junctions."""
    heart, speeds = template_heart(), default_speeds().replace(junction_delay=0.0)
    normal, slow = (
        heart.activation(Conduction(), speeds.replace(speed_factor=factor)) for factor in (1.0, 0.5)
    )
    assert slow.ventricular_duration == pytest.approx(2.0 * normal.ventricular_duration, rel=1e-3)


def test_atrial_pacing_begins_in_the_appendage():
    heart = template_heart()
    found = heart.activation(Conduction("aai", Rhythm.ATRIAL_PACING), default_speeds())
    assert found.starts[0].name == Site.RIGHT_ATRIUM.value
    assert found.starts[0].node in heart.tissue.touching(Region.RA)
    assert np.isfinite(found.ventricular_duration)


@pytest.mark.parametrize("heart", [left_ventricle, two_ventricles])
@pytest.mark.parametrize("name", ["normal", "lbbb", "lv_paced"])
def test_hearts_without_atria_are_excited_completely(heart, name):
    found = heart().activation(conduction_named(name), default_speeds())
    assert np.isfinite(found.ventricular).all()


def test_left_block_delays_the_left_in_every_heart():
    for heart in (left_ventricle(), two_ventricles()):
        normal, blocked = (
            heart.activation(conduction_named(name), default_speeds())
            for name in ("normal", "lbbb")
        )
        assert blocked.ventricular_duration > normal.ventricular_duration + 25e-3


def test_pacing_a_chamber_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="apex of the right ventricle"):
        left_ventricle().activation(conduction_named("rv_paced"), default_speeds())


def test_a_pathway_without_atria_is_refused():
    with pytest.raises(InputError, match="atrium"):
        two_ventricles().activation(conduction_named("wpw_left"), default_speeds())


def test_a_heart_that_nothing_excites_is_refused():
    with pytest.raises(InputError, match="neither"):
        template_heart().activation(Conduction("none", Rhythm.NONE), default_speeds())


def test_an_unknown_conduction_offers_the_nearest():
    with pytest.raises(UnknownNameError, match="lbbb"):
        conduction_named("lbb")


def test_a_branch_can_be_blocked_and_slowed():
    state = Conduction().slowed(Branch.RIGHT_BUNDLE, 2.0).slowed(Branch.LEFT_BUNDLE, BLOCKED)
    assert state.delays == {Branch.RIGHT_BUNDLE: 2.0, Branch.LEFT_BUNDLE: BLOCKED}
