"""One lead of the pacemaker: its name, where it lies, and how much later it fires."""

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from organtwin.anatomy.anchor import Anchor
from organtwin.simulation.pacing import LEAD_RANGE, USUAL, Lead, Placement
from organtwin.ui.widgets.elided_label import ElidedLabel
from organtwin.units import MS

SITES = {
    Lead.ATRIAL: ("right atrial appendage",),
    Lead.RV: (
        "apex of the right ventricle", "right side of the septum",
        "right ventricular outflow tract",
    ),
    Lead.HIS: ("His bundle",),
    Lead.LEFT_BUNDLE: ("left bundle branch area",),
    **dict.fromkeys((Lead.LV, Lead.LV2), (
        "lateral vein of the left ventricle", "posterolateral vein of the left ventricle",
        "anterior vein of the left ventricle", "endocardium at the apex of the left ventricle",
    )),
}  # fmt: skip
"""Names of ``sites.Site`` that suit each lead."""
BRIEF = {
    "apex of the right ventricle": "apex", "right side of the septum": "septum",
    "right ventricular outflow tract": "outflow tract",
    "lateral vein of the left ventricle": "lateral vein",
    "posterolateral vein of the left ventricle": "posterolateral",
    "anterior vein of the left ventricle": "anterior vein",
    "endocardium at the apex of the left ventricle": "inside, apex",
    "right atrial appendage": "appendage", "left bundle branch area": "septum, left",
}  # fmt: skip
"""What there is room for beside the name of the lead; the tooltip tells the whole name."""
CLICKED = "where clicked"
SYSTEM = (Lead.HIS, Lead.LEFT_BUNDLE)


class LeadRow(QWidget):
    """Emits what the user does; shows what it is given."""

    changed = Signal(object, object)
    tool_taken = Signal(str)
    settled = Signal()

    def __init__(self, lead: Lead, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lead, self.placement = lead, Placement(USUAL[lead])
        self.tool = f"{lead} lead"
        self.site = ElidedLabel(self)
        self.place = QToolButton(self)
        self.place.setText("Set ▾")
        self.place.setAccessibleName(f"Set the {lead} lead")
        self.place.setToolTip("Click on the heart, or choose a usual site")
        self.place.setCheckable(True)
        self.place.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.place.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.place.setMenu(self._filled_menu())
        self.delay = QDoubleSpinBox(self)
        self.delay.setRange(LEAD_RANGE[0] / MS, LEAD_RANGE[1] / MS)
        self.delay.setDecimals(0)
        self.delay.setSingleStep(5.0)
        self.delay.setSuffix(" ms")
        self.delay.setKeyboardTracking(False)
        self.delay.setAccessibleName(f"Delay of the {lead} lead")
        self.delay.setToolTip("How much later than its side this lead fires")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        name = QLabel("LBBA" if lead is Lead.LEFT_BUNDLE else str(lead), self)
        name.setMinimumWidth(name.fontMetrics().horizontalAdvance("atrial "))
        for widget in (name, self.site, self.place, self.delay):
            layout.addWidget(widget, 1 if widget is self.site else 0)
        self.delay.setVisible(lead is not Lead.ATRIAL)
        self.delay.valueChanged.connect(self._delay)
        self.delay.editingFinished.connect(self.settled)

    def _filled_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction("Where I click on the heart").setData("")
        menu.addSeparator()
        for site in SITES[self.lead]:
            menu.addAction(f"{site[:1].upper()}{site[1:]}").setData(site)
        self.selective: QAction | None = None
        if self.lead in SYSTEM:
            menu.addSeparator()
            self.selective = menu.addAction("Captures the bundle alone (selective)")
            self.selective.setCheckable(True)
        menu.triggered.connect(self._choose)
        return menu

    def show_placement(self, placement: Placement, tool: str) -> None:
        """Show what came from elsewhere; emits nothing."""
        self.placement = placement
        whole = CLICKED if isinstance(placement.where, Anchor) else placement.where
        brief = BRIEF.get(whole, whole)
        self.site.setText(f"{brief}, selective" if placement.selective else brief)
        self.site.whole = whole
        self.site.setToolTip(whole)
        self.place.setChecked(tool == self.tool)
        with QSignalBlocker(self.delay):
            self.delay.setValue(placement.delay / MS)
        if self.selective is not None:
            with QSignalBlocker(self.selective):
                self.selective.setChecked(placement.selective)

    @Slot(QAction)
    def _choose(self, action: QAction) -> None:
        if action is self.selective:
            self._give(replace(self.placement, selective=action.isChecked()))
        elif action.data():
            self._give(replace(self.placement, where=action.data()))
        else:
            self.tool_taken.emit(self.tool)

    @Slot(float)
    def _delay(self, value: float) -> None:
        self._give(replace(self.placement, delay=value * MS))

    def _give(self, placement: Placement) -> None:
        self.placement = placement
        self.changed.emit(self.lead, placement)
