"""The page of the response that tells what drives a change."""

from organtwin.ui.panels.response import DRIVERS
from tests.ui.test_main_window import add_therapy


def test_what_drives_a_change_is_a_page_of_the_response(fitted, settled):
    page = fitted.response.drivers
    fitted.response.page.setCurrentIndex(fitted.response.page.values.index(DRIVERS))
    assert not page.isHidden()
    assert page.bars.nothing == "no plan"
    add_therapy(fitted, "pacing")
    settled()
    assert [row.label for row in page.bars.rows] == ["Pacing: effect on rate", "Left contractility"]
    assert [row.place for row in page.bars.rows] == ["1", "2–3"]
    assert "do not tell its place: 2 to 3" in page.bars.accessibleDescription()
    assert page.shares.text().startswith("spread: 28% patient, 65% therapy")
    assert "Left contractility (the patient's heart): 30%" in page.bars.accessibleDescription()
    page.quantity.setCurrentIndex(page.quantity.values.index("pcwp"))
    assert page.bars.rows == ()
    assert "does not change it" in page.bars.nothing
    assert page.shares.text() == ""
