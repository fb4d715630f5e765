"""What drives the response: for one quantity, the five things on which its change depends most."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from organtwin.quantities import QUANTITIES
from organtwin.session.session import Session
from organtwin.ui.theme import Theme, theme
from organtwin.ui.widgets.choice_box import ChoiceBox
from organtwin.ui.widgets.driver_bars import DriverBars, DriverRow
from organtwin.ui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from organtwin.twin.driving import Driver, Drivers

FIRST = "cardiac_output"
_HINT = (
    "On what the change depends most, over the hearts that fit the patient, each with its own "
    "response to the therapies. Arrows: ↑ more of it gives a higher value. In front the place; "
    "where the hearts do not tell it, the places that it may have (90 %)."
)


class DriversPage(QWidget):
    """Chooses a quantity; ``choices`` are those of the table."""

    def __init__(self, session: Session, choices: tuple[str, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        named = [(QUANTITIES[name].label, name) for name in choices]
        self.quantity: ChoiceBox[str] = ChoiceBox("Quantity whose change is explained", named, self)
        self.quantity.setToolTip("Change of which quantity?")
        self.quantity.select(FIRST)
        self.shares = ElidedLabel("", self)
        self.shares.setAccessibleName("Whose doubt the spread of the hearts is")
        self.bars = DriverBars(self)
        self.bars.setToolTip(_HINT)
        row = QHBoxLayout()
        row.addWidget(self.quantity)
        row.addWidget(self.shares, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.bars, 1)
        self.quantity.currentIndexChanged.connect(self.show_drivers)

    @Slot()
    def show_drivers(self) -> None:
        """Show what the present prediction carries."""
        session = self._session
        colors = theme(session.selection.theme)
        prediction = session.prediction if session.planned else None
        known = prediction.drivers.get(self.quantity.value) if prediction else None
        rows = () if known is None else tuple(_row(driver, colors) for driver in known.ranked)
        nothing = (
            "" if known else self._nothing(has_drivers=bool(prediction and prediction.drivers))
        )
        self.bars.show_rows(rows, nothing, colors)
        self.shares.setText("" if known is None else _shares(known))

    def _nothing(self, *, has_drivers: bool) -> str:
        if not self._session.plan:
            return "no plan"
        if has_drivers:
            return "the plan does not change it, or alike in every heart"
        return "told when the doubt has been estimated"


def _row(driver: "Driver", colors: Theme) -> DriverRow:
    whose = "how patients respond" if driver.of_therapy else "the patient's heart"
    more = "higher" if driver.rising else "lower"
    about = f"{driver.label} ({whose}): {driver.share:.0%}; more of it, {more} change"
    color = colors.plan if driver.of_therapy else colors.accent
    if driver.first != driver.last:
        about += f"; the hearts at hand do not tell its place: {driver.first} to {driver.last}"
    place = driver.place.replace("-", "–")
    return DriverRow(driver.label, driver.share, driver.rising, color, about, place)


def _shares(known: "Drivers") -> str:
    return (
        f"spread: {known.patient:.0%} patient, {known.therapy:.0%} therapy, "
        f"{known.other:.0%} neither alone"
    )
