"""Electrics and fitted twins of bundled cases, each computed once for all tests that ask for it."""

from functools import cache

from organtwin.patient.case_file import load_case
from organtwin.twin.building import fitting
from organtwin.twin.electrics import ElectricAnswer, electric_answers
from organtwin.twin.twin import Twin


@cache
def electrics(name: str) -> ElectricAnswer:
    """The patient's own, without a fit to an ECG; some seconds."""
    return [step.answer for step in electric_answers(load_case(name)) if step.answer][-1]


@cache
def twin(name: str) -> Twin:
    """The best heart without others of the posterior, so without doubt."""
    *_, last = fitting(load_case(name), members=0)
    assert last.twin is not None
    return last.twin
