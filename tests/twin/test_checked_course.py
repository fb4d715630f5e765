"""A plan in time is declined for what is given together at any of its times."""

from organtwin.therapy.catalogue import parse_therapy
from organtwin.twin.checked_course import beyond_in_time
from organtwin.twin.time_course import Scheduled
from tests.unfitted_twin import explained_twin


def scheduled(text: str, start: float = 0.0, stop: float | None = None) -> Scheduled:
    return Scheduled(parse_therapy(text), start, stop)


def subjects(*course: Scheduled) -> list[str]:
    return [reason.subject for reason in beyond_in_time(explained_twin(), course)]


def test_inside_nothing_is_told():
    assert subjects(scheduled("dobutamine 5 ug/kg/min", 60.0)) == []


def test_a_dose_outside_is_told_once_however_late_it_begins():
    found = subjects(
        scheduled("dobutamine 15 ug/kg/min", 600.0), scheduled("fluid 500 mL", 0.0, 900.0)
    )
    assert found == ["Dobutamine"]


def test_drugs_that_oppose_each_other_are_declined_only_where_they_meet():
    pressor, dilator = "norepinephrine 0.1 ug/kg/min", "nitroprusside 1 ug/kg/min"
    apart = subjects(scheduled(pressor, 0.0, 600.0), scheduled(dilator, 600.0))
    together = subjects(scheduled(pressor, 0.0, 601.0), scheduled(dilator, 600.0))
    assert not [subject for subject in apart if " with " in subject]
    assert [subject for subject in together if " with " in subject]
