"""What ``organtwin render`` draws into the heart."""

from organtwin.commands.pictures import _implants, wrapped
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.plan import TherapyPlan


def test_the_leads_of_a_picture_are_those_of_the_window():
    plan = TherapyPlan((
        parse_therapy("tavi_balloon 26 mm"), parse_therapy("biventricular_pacing 120 ms"),
    ))  # fmt: skip
    assert [item.label for item in _implants(plan, {})] == [
        "TAVI, balloon-expandable", "Lead, apex of the right ventricle",
        "Lead, lateral vein of the left ventricle",
    ]  # fmt: skip


def test_a_long_caption_goes_on_in_the_next_line():
    """The plan was cut off at the picture's edge."""
    assert wrapped("A patient\nTAVI 26 mm + pacing 120 ms", 150) == (
        "A patient\nTAVI 26 mm + pacing\n120 ms"
    )
