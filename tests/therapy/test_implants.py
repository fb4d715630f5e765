"""What a plan leaves in the heart, for whoever draws it."""

from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.simulation.pacing import Lead, Mode, Pacemaker, Placement
from organtwin.therapy.implants import implants


def sites(pacemaker):
    return [item.where for item in implants((), ElectricPlan(pacemaker=pacemaker))]


def test_the_leads_of_the_pacemaker_lie_in_the_heart():
    """They were left out: biventricular pacing showed no lead in any view."""
    assert sites(Pacemaker(Mode.BIVENTRICULAR, atrial=True)) == [
        "right atrial appendage", "apex of the right ventricle",
        "lateral vein of the left ventricle",
    ]  # fmt: skip


def test_a_lead_that_was_moved_lies_where_it_was_put():
    pacemaker = Pacemaker(Mode.LV).placing(
        Lead.LV, Placement("anterior vein of the left ventricle")
    )
    assert sites(pacemaker) == ["anterior vein of the left ventricle"]


def test_a_pacemaker_that_is_off_leaves_nothing_in_the_heart():
    assert sites(Pacemaker()) == []
