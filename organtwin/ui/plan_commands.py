"""What the menus do with several plans."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog, QWidget

from organtwin.session.draft import Draft
from organtwin.session.session import Session

if TYPE_CHECKING:
    from organtwin.ui.views.compare_dialog import CompareDialog
    from organtwin.ui.views.ramp_dialog import RampDialog


class PlanCommands(QObject):
    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._comparing: CompareDialog | None = None
        self._ramping: RampDialog | None = None

    def copy(self) -> None:
        """One more plan like the one on the table."""
        self._session.plan_desk.duplicate(self._session.plans.active)

    def empty(self) -> None:
        """One more plan with nothing in it."""
        self._session.plan_desk.add(Draft())

    def rename(self) -> None:
        """Ask for the name of the plan on the table; an empty one leaves the letter."""
        plans = self._session.plans
        name, agreed = QInputDialog.getText(
            self._window, f"Plan {plans.active}", "Name of the plan", text=plans[plans.active].name
        )
        if agreed:
            self._session.plan_desk.rename(plans.active, name)

    def remove(self) -> None:
        """Take the plan on the table away; undo brings it back."""
        self._session.plan_desk.remove(self._session.plans.active)

    def choose(self, letter: str) -> None:
        self._session.plan_desk.choose(letter)

    def ramp(self, device: str = "") -> None:
        """Step a pump of the plan through its settings; the first one where none is named."""
        from organtwin.ui.views.ramp_dialog import RampDialog

        device = device or next((kind.name for kind in self._session.ramps.devices), "")
        if not device:
            return
        if self._ramping is None:
            self._ramping = RampDialog(self._session, self._window)
        self._ramping.ramp(device)

    def compare(self) -> None:
        """Show all plans beside each other in a window of their own."""
        if self._comparing is None:
            from organtwin.ui.views.compare_dialog import CompareDialog

            self._comparing = CompareDialog(self._session, self._window)
        self._comparing.show()
        self._comparing.raise_()
