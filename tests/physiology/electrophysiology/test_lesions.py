"""What ablation does to activation: dead where burnt, a detour around it, and cables cut."""

from dataclasses import replace

import numpy as np

from organtwin.anatomy.regions import Cavity
from organtwin.physiology.electrophysiology.activation.conduction import (
    BLOCKED,
    Conduction,
    Rhythm,
    Stimulus,
    conduction_named,
)
from organtwin.physiology.electrophysiology.activation.electric_heart import default_speeds
from organtwin.physiology.electrophysiology.activation.lesions import Lesion
from organtwin.physiology.electrophysiology.activation.network import Branch
from organtwin.physiology.electrophysiology.activation.pathways import Annulus, Pathway
from tests.physiology.electrophysiology.electric_hearts import activated, template_heart


def with_lesions(base, *lesions):
    return template_heart().activation(replace(base, lesions=lesions), default_speeds())


def ball(node, radius):
    return Lesion(tuple(template_heart().tissue.nodes[node]), radius)


def late_node():
    return int(np.argmax(activated("normal").ventricular))


def test_burnt_muscle_is_not_excited_and_all_else_is_no_earlier():
    node = late_node()
    before, after = activated("normal"), with_lesions(conduction_named("normal"), ball(node, 8e-3))
    gap = np.linalg.norm(
        template_heart().tissue.nodes - template_heart().tissue.nodes[node], axis=1
    )
    assert np.isinf(after.times[gap < 3e-3]).all()
    assert np.isinf(after.times).sum() < (gap < 8e-3).sum()
    both = np.isfinite(after.times)
    assert both[gap > 12e-3].all()
    assert (after.times[both] >= before.times[both] - 1e-6).all()


def test_excitation_goes_round_a_lesion():
    heart = template_heart()
    start = late_node()
    paced = Conduction("paced", Rhythm.NONE, stimuli=(Stimulus(start),))
    paced = paced.slowed(Branch.AV_NODE, BLOCKED)
    for branch in (Branch.LEFT_BUNDLE, Branch.RIGHT_BUNDLE):
        paced = paced.slowed(branch, BLOCKED)
    nodes = heart.tissue.nodes[: heart.tissue.n_ventricular]
    before = heart.activation(paced, default_speeds()).ventricular
    way = np.linalg.norm(nodes - nodes[start], axis=1)
    between = int(np.argmin(np.abs(way - 14e-3)))
    after = with_lesions(paced, ball(between, 9e-3)).ventricular
    behind = nodes[between] + (nodes[between] - nodes[start]) / way[between] * 13e-3
    shadow = int(np.argmin(np.linalg.norm(nodes - behind, axis=1)))
    assert np.isfinite(after[shadow])
    assert after[shadow] > before[shadow] + 3e-3


def test_a_lesion_on_the_right_bundle_is_a_right_bundle_branch_block():
    network = template_heart().network
    trunk = network.cables[network.branches == Branch.RIGHT_BUNDLE]
    middle = network.places[trunk[len(trunk) // 2, 0]]
    after = with_lesions(conduction_named("normal"), Lesion(tuple(middle), 3e-3))
    right = np.unique(template_heart().tissue.endocardium(Cavity.RV))
    delay = np.median(after.times[right] - activated("normal").times[right])
    blocked = np.median(activated("rbbb").times[right] - activated("normal").times[right])
    assert np.isfinite(delay)
    assert delay > 0.5 * blocked > 5e-3


def test_ablating_an_accessory_pathway_ends_preexcitation():
    heart = template_heart()
    crossing = heart.pathways.nearest(Pathway(Annulus.MITRAL, 0.0))
    place = heart.tissue.nodes[heart.pathways.ventricular[crossing]]
    before, healthy = activated("wpw_left"), activated("normal")
    after = with_lesions(conduction_named("wpw_left"), Lesion(tuple(place), 3e-3))
    assert before.ventricular_onset < healthy.ventricular_onset - 0.02
    assert abs(after.ventricular_onset - healthy.ventricular_onset) < 1e-3
