"""Two outcomes of all plans against each other, and how probably one plan beats another in both."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from organtwin.arrays import FloatArray
from organtwin.quantities import QUANTITIES, Quantity
from organtwin.session.plan_table import UNTREATED, Beside
from organtwin.session.session import Session
from organtwin.twin.plan_comparison import Aim, usual_aim
from organtwin.ui.theme import theme
from organtwin.ui.views.axis import Axis, joined
from organtwin.ui.views.chart import Chart, Curve, Dot, Strip
from organtwin.ui.views.compare_numbers import SHOWN
from organtwin.ui.widgets.choice_box import ChoiceBox
from organtwin.ui.widgets.fact_table import Cell, Column, FactTable
from organtwin.ui.widgets.plan_wording import COLORS

AT_FIRST = ("cardiac_output", "pcwp")
MARGIN = 0.06
"""Room around what is drawn, as a share of it."""
_NOTE = (
    "Dot: predicted. Box: 50 % range of each outcome, cross: 90 %, with model error. Shares are "
    "counted heart by heart, without it."
)
_COLUMNS = (
    Column("of two", "A or untreated", numeric=False),
    Column("first better", "first better", tooltip="Share of hearts in which the first plan is "
           "better in both outcomes"),
    Column("second better", "second better", tooltip="Share of hearts in which the second is"),
    Column("neither", "neither", tooltip="Each has its merit, or nothing differs"),
    Column("hearts", "1000", tooltip="Hearts that fit the patient, each tried under both"),
)  # fmt: skip
_SIGN = {True: "↑ higher is better", False: "↓ lower is better"}


class DominancePage(QWidget):
    """The chart, the choices of outcomes, and a row for every pair of plans."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: tuple[Beside, ...] = ()
        self.outcomes = tuple(_outcome_box(axis, self) for axis in ("across", "up"))
        self.wishes = tuple(_wish_box(axis, self) for axis in ("across", "up"))
        for box, name in zip(self.outcomes, AT_FIRST, strict=True):
            box.select(name)
        self.chart = Chart("Two outcomes of all plans", self)
        self.table = FactTable("How often one plan beats another", _COLUMNS, self)
        note = QLabel(_NOTE, self)
        note.setObjectName("small")
        note.setWordWrap(True)
        side = QVBoxLayout()
        for title, box, wish in zip(
            ("Across", "Up"), self.outcomes, self.wishes, strict=True
        ):  # fmt: skip
            row = QHBoxLayout()
            label = QLabel(title, self)
            label.setMinimumWidth(label.fontMetrics().horizontalAdvance("Across") + 4)
            row.addWidget(label)
            row.addWidget(box, 1)
            row.addWidget(wish)
            side.addLayout(row)
        side.addWidget(self.table, 1)
        side.addWidget(note)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(self.chart, 1)
        layout.addLayout(side)
        self._hope_as_usual()
        for box in self.outcomes:
            box.activated.connect(self._choose)
        for wish in self.wishes:
            wish.activated.connect(self._draw)

    @property
    def aims(self) -> tuple[Aim, ...]:
        """The two outcomes, and which way is better."""
        return tuple(
            Aim(box.value, higher=wish.value)
            for box, wish in zip(self.outcomes, self.wishes, strict=True)
        )

    def show_plans(self, shown: Sequence[Beside]) -> None:
        """Draw the plans that have numbers."""
        self._shown = tuple(shown)
        self._draw()

    @Slot()
    def _choose(self) -> None:
        self._hope_as_usual()
        self._draw()

    def _hope_as_usual(self) -> None:
        for box, wish in zip(self.outcomes, self.wishes, strict=True):
            wish.select(usual_aim(box.value).higher)

    @Slot()
    def _draw(self) -> None:
        self._draw_chart(*(QUANTITIES[box.value] for box in self.outcomes))
        self.table.show_rows(self._rows())

    def _draw_chart(self, across: Quantity, up: Quantity) -> None:
        self.chart.set_theme(theme(self._session.selection.theme))
        self.chart.set_extrapolated(any(plan.extrapolation for plan in self._shown))
        known = [p for p in self._shown if across.name in p.numbers and up.name in p.numbers]
        if not known:
            self.chart.set_empty("The plans appear here once they are predicted.")
            return
        curves, strips, dots = [], [], []
        for plan in known:
            x, y = (q.from_si(plan.numbers[q.name]) for q in (across, up))
            color = COLORS[plan.letter]
            dots.append(Dot(x, y, color, hollow=not plan.letter))
            curves += _cross(plan, across, up, (x, y))
            strips += _box(plan, across, up)
        self.chart.set_curves(
            _axis(across, [c.x for c in curves]), _axis(up, [c.y for c in curves]), curves, strips
        )
        self.chart.set_marks(None, dots)

    def _rows(self) -> list[tuple[Cell, ...]]:
        colors = theme(self._session.selection.theme)
        rows = []
        plans = [plan.letter for plan in self._shown if plan.letter]
        doubted = {plan.letter for plan in self._shown if plan.extrapolation}
        for first, second in (*((letter, "") for letter in plans), *combinations(plans, 2)):
            found = self._session.plan_desk.dominance(first, second, self.aims)
            name = Cell(f"{first} or {second or UNTREATED}", colors.text)
            if found is None:
                why = "Not known before all hearts were tried under both"
                rows.append((name, *(Cell("–", colors.muted, why) for _ in _COLUMNS[1:])))
                continue
            shares = (
                (found.probability, COLORS[first]), (found.reverse, COLORS[second]),
                (found.mixed, "muted"),
            )  # fmt: skip
            cells = [Cell(_share(share), getattr(colors, color)) for share, color in shares]
            if doubted & {first, second}:
                cells = [Cell(cell.text, colors.bad, _EXTRAPOLATED, True) for cell in cells]
            rows.append((name, *cells, Cell(str(found.hearts), colors.muted)))
        return rows


_EXTRAPOLATED = "Extrapolation: one of these plans lies outside what was checked"


def _outcome_box(axis: str, parent: QWidget) -> ChoiceBox[str]:
    choices = [(f"{QUANTITIES[name].label} · {QUANTITIES[name].meaning}", name) for name in SHOWN]
    box = ChoiceBox[str](f"Outcome {axis}", choices, parent)
    box.setToolTip(f"Outcome that is drawn {axis}")
    box.setSizeAdjustPolicy(box.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(16)
    return box


def _wish_box(axis: str, parent: QWidget) -> ChoiceBox[bool]:
    choices = [(text, higher) for higher, text in _SIGN.items()]
    box = ChoiceBox[bool](f"Better direction {axis}", choices, parent)
    box.setToolTip("Which way is better for this patient")
    return box


def _cross(plan: Beside, across: Quantity, up: Quantity, point: tuple[float, float]) -> list[Curve]:
    """The 90 % ranges; without bands two lines of no length, which keep the legend."""
    x, y = point
    color = COLORS[plan.letter]
    title = f"{plan.title} (extrapolation)" if plan.extrapolation else plan.title
    wide, high = (plan.bands.get(q.name) for q in (across, up))
    xs = [across.from_si(v) for v in (wide.low90, wide.high90)] if wide else [x, x]
    ys = [up.from_si(v) for v in (high.low90, high.high90)] if high else [y, y]
    return [
        Curve(title, color, np.array(xs), np.array([y, y])),
        Curve(title, color, np.array([x, x]), np.array(ys)),
    ]


def _box(plan: Beside, across: Quantity, up: Quantity) -> list[Strip]:
    wide, high = (plan.bands.get(q.name) for q in (across, up))
    if wide is None or high is None:
        return []
    x = np.array([across.from_si(v) for v in (wide.low50, wide.high50)])
    low, top = (np.full(2, up.from_si(v)) for v in (high.low50, high.high50))
    return [Strip(COLORS[plan.letter], x, low, top)]


def _axis(q: Quantity, values: Sequence[FloatArray]) -> Axis:
    low, high = joined(*((float(v.min()), float(v.max())) for v in values))
    # Of plans that change nothing all points are one.
    room = MARGIN * (high - low) or MARGIN * max(abs(high), 1.0)
    return Axis.covering(q.label, q.unit, (low - room, high + room))


def _share(share: float) -> str:
    return f"{100.0 * share:.0f} %"
