"""The session's electrics: when they are asked for, and what they change."""

from organtwin.session.draft import Draft
from tests.fake_science import KINDS


def test_the_ecg_comes_after_the_fit(bench, lab):
    lab.with_leads = True
    lab.fit_gate.clear()
    bench.session.open("one")
    bench.until(lambda: bench.session.shown is not None)
    assert bench.session.ecg is None
    lab.fit_gate.set()
    bench.settle()
    assert bench.session.ecg.model.leads[0] == "I"


def test_the_untreated_heart_shows_the_computed_activation(bench):
    bench.fit()
    assert bench.session.baseline.motion.electrics == "computed"


def test_the_planned_heart_shows_it_too(bench):
    bench.fit()
    bench.session.draft = Draft((KINDS["pacing"].at(90.0),))
    bench.settle()
    assert bench.session.planned.motion.electrics == "computed"


def test_another_patient_has_no_ecg_of_the_last_one(bench, lab):
    lab.with_leads = True
    bench.fit()
    lab.fit_gate.clear()
    bench.session.open("two")
    bench.until(lambda: bench.session.record.title == "Case two")
    assert bench.session.ecg is None
    lab.fit_gate.set()
    bench.settle()
