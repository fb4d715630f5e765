"""Ventricular pacing added to a draft is a pacemaker; what was kept as a therapy stays one."""

import pytest

from organtwin.session.draft import Draft
from organtwin.session.pacing_drafts import added
from organtwin.simulation.pacing import Mode
from organtwin.therapy.catalogue import THERAPIES, parse_therapy
from organtwin.therapy.pacing import VENTRICULAR


def test_biventricular_pacing_sets_the_pacemaker_with_its_delay():
    draft = added(Draft(), parse_therapy("biventricular_pacing 110 ms"))
    assert draft.therapies == ()
    assert draft.electrics.pacemaker.mode is Mode.BIVENTRICULAR
    assert draft.electrics.pacemaker.av == pytest.approx(0.11)


def test_every_kind_of_ventricular_pacing_is_a_mode():
    modes = {added(Draft(), kind.at(kind.default)).electrics.pacemaker.mode for kind in VENTRICULAR}
    assert len(modes) == len(VENTRICULAR)
    assert Mode.OFF not in modes


def test_a_plan_that_was_kept_with_pacing_as_a_therapy_stays_as_it_is():
    kept = Draft((parse_therapy("biventricular_pacing 100 ms"),))
    assert kept.electric_plan.pacemaker.mode is Mode.BIVENTRICULAR
    assert added(kept, parse_therapy("fluid 500 mL")).therapies[0] == kept.therapies[0]


def test_what_does_not_pace_the_ventricles_is_added_as_a_therapy():
    rate = THERAPIES["heart_rate"]
    assert added(Draft(), rate.at(80.0)).therapies == (rate.at(80.0),)
