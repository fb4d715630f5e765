"""The clinical numbers of all plans beside each other."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from organtwin.quantities import QUANTITIES, Quantity
from organtwin.session.plan_table import HEADER, Beside, file_rows
from organtwin.session.session import Session
from organtwin.ui.theme import Theme, theme
from organtwin.ui.views.csv_export import ExportButton
from organtwin.ui.widgets.fact_table import Cell, Column, FactTable
from organtwin.ui.widgets.plan_wording import COLORS
from organtwin.ui.widgets.wording import ABSENT, number, pretty_unit, signed

SHOWN = (
    "heart_rate", "systolic_pressure", "diastolic_pressure", "mean_arterial_pressure",
    "cardiac_output", "stroke_volume", "lv_ef", "lv_edv", "lv_esv", "lv_edp", "pcwp", "pa_systolic",
    "pa_mean", "ra_pressure", "rv_ef", "dp_dt_max", "systemic_vascular_resistance",
    "pulmonary_vascular_resistance", "aortic_mean_gradient", "mitral_regurgitant_fraction",
)  # fmt: skip
BAND = "−12.8 to 15.0"
"""The longest band: of a right atrium that may be emptied, or ``1200–1300``."""
FLOWS = ("native_output", "pump_flow", "rvad_flow", "ecmo_flow")
"""Shown where a plan has a machine."""
_NOTE = (
    "Change: predicted under the plan minus untreated; pale where its 90 % band holds no change. "
    "Bands: 90 %, of hearts that fit, response and model error. Struck through: extrapolation."
)


class NumbersPage(QWidget):
    """A column group for each plan; the table is made anew when plans come or go."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: tuple[Beside, ...] = ()
        self._letters: tuple[str, ...] | None = None
        self.table: FactTable | None = None
        self.export = ExportButton(session, "compared plans", HEADER, self._rows, self)
        note = QLabel(_NOTE, self)
        note.setObjectName("small")
        note.setWordWrap(True)
        below = QHBoxLayout()
        below.addWidget(note, 1)
        below.addWidget(self.export)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 4, 0, 0)
        self._layout.addLayout(below)

    def show_plans(self, shown: Sequence[Beside]) -> None:
        """Fill the table."""
        self._shown = tuple(shown)
        letters = tuple(plan.letter for plan in shown)
        if self.table is None or letters != self._letters:
            self._letters = letters
            self._new_table()
        if self.table is not None:
            colors = theme(self._session.selection.theme)
            self.table.show_rows([_cells(QUANTITIES[name], shown, colors) for name in rows(shown)])
        self.export.setEnabled(bool(shown))

    def _new_table(self) -> None:
        if self.table is not None:
            self._layout.removeWidget(self.table)
            self.table.hide()
            self.table.deleteLater()
        self.table = FactTable("Numbers of all plans", _columns(self._shown), self)
        # Four plans are wider than a small screen: then the table scrolls, not the window.
        self.table.setMinimumWidth(400)
        self._layout.insertWidget(0, self.table, 1)

    def _rows(self) -> Sequence[tuple[object, ...]]:
        return list(file_rows(self._shown, rows(self._shown)))


def rows(shown: Sequence[Beside]) -> tuple[str, ...]:
    """Names of the quantities that are compared: with flows where a machine makes one."""
    pumped = any(plan.numbers.get(name) for plan in shown for name in FLOWS[1:])
    place = SHOWN.index("stroke_volume")
    return (*SHOWN[:place], *FLOWS, *SHOWN[place:]) if pumped else SHOWN


def _columns(shown: Sequence[Beside]) -> list[Column]:
    columns = [
        Column("quantity", "AV mean grad", numeric=False),
        Column("unit", "dyn·s/cm⁵", numeric=False),
    ]
    for plan in shown:
        if plan.letter:
            title, letter = plan.title, plan.letter
            columns += [
                Column(letter, "1200", tooltip=f"Predicted under plan {title}"),
                Column("90 %", BAND, tooltip=f"90 % band under plan {title}"),
                Column("change", "+1200", tooltip=f"Plan {title} minus untreated"),
            ]
        else:
            columns += [
                Column("untreated", "1200", tooltip="Simulated: the fitted twin without a plan"),
                Column("90 %", BAND, tooltip="90 % band of the untreated hearts"),
            ]
    return [*columns, Column("", "")]


def _cells(q: Quantity, shown: Sequence[Beside], colors: Theme) -> list[Cell]:
    cells = [Cell(q.label, colors.text, q.meaning), Cell(pretty_unit(q.unit), colors.muted)]
    before = shown[0].numbers.get(q.name) if shown else None
    for plan in shown:
        color = getattr(colors, COLORS[plan.letter])
        value, band = plan.numbers.get(q.name), plan.bands.get(q.name)
        text = partial(_text, q)
        about = f"50 % band {text(band.low50)} to {text(band.high50)}" if band else plan.why
        first = len(cells)
        cells.append(Cell(text(value), color, about))
        between = f"{text(band.low90)}–{text(band.high90)}" if band else ""
        if band is not None and band.low90 < 0.0:
            between = f"{text(band.low90)} to {text(band.high90)}"
        cells.append(Cell(between, colors.muted, about))
        if plan.letter:
            cells.append(_change(q, before, plan, colors))
        if plan.extrapolation:
            cells[first:] = [_struck(cell, plan, colors) for cell in cells[first:]]
    return [*cells, Cell("")]


def _struck(cell: Cell, plan: Beside, colors: Theme) -> Cell:
    told = "Extrapolation: nobody knows this.\n" + "\n".join(plan.extrapolation)
    return replace(cell, struck=cell.text not in ("", ABSENT), color=colors.bad, tooltip=told)


def _change(q: Quantity, before: float | None, plan: Beside, colors: Theme) -> Cell:
    value, band = plan.numbers.get(q.name), plan.change_bands.get(q.name)
    if value is None or before is None:
        return Cell(ABSENT, colors.muted, plan.why)
    # Of the rounded values, so that the row adds up as it is read.
    scale = 10**q.decimals
    then, now = (round(q.from_si(x) * scale) / scale for x in (before, value))
    told = signed(now - then, q.decimals)
    if band is None:
        return Cell(told, colors.muted)
    sure = band.low90 > 0.0 or band.high90 < 0.0
    low, high = (signed(q.from_si(x), q.decimals) for x in (band.low90, band.high90))
    about = f"90 % band of the change {low} to {high} {pretty_unit(q.unit)}"
    return Cell(told, colors.accent if sure else colors.muted, about)


def _text(q: Quantity, value: float | None) -> str:
    return ABSENT if value is None else number(q.from_si(value), q.decimals)
