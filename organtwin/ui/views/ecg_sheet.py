"""Where on the paper each lead of one beat is drawn.

Everything is first laid out in millimetres, as on a printed record, and then turned to pixels: at
true size where the room allows it, else reduced until the widest row and all rows fit. Reduction
reckons with 10 mm/mV, so that a larger gain draws taller waves, over their neighbours if need be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from organtwin.patient.channels import ECG_LEADS
from organtwin.ui.views.ecg_paper import CALIBRATION_MM, MV, Paper

RHYTHM = "rhythm"
RHYTHM_LEAD = "II"
GAP_MM = 2.0
"""Between two columns, and between the calibration mark and the first one."""
MARGIN_MM = 1.0
ROW_ROOM_MM = 4.0
"""Kept above the waves of a row, for the name of the lead."""
USUAL_GAIN = 10.0
LARGEST = 6.0
"""No beat is enlarged to more than this many times its true size."""
RHYTHM_ROOM = 240.0
"""[pixels] In less height there is no rhythm strip under the leads."""
_COLUMNS = {"3x4": (3, 4), "6x2": (6, 2), "12x1": (12, 1)}

Extent = tuple[float, float]
"""How far a lead reaches below and above 0 V [V]: ``(-0.2e-3, 1.1e-3)``."""


@dataclass(frozen=True, slots=True)
class Room:
    """What is to be fitted: the paper's area [pixels] and the stretch of time [s] of one beat."""

    area: QRectF
    start: float
    end: float

    @property
    def duration(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Cell:
    """One lead: its box [pixels], and the point of 0 s and 0 V in it.

    ``key`` is the name of the lead, or ``RHYTHM`` for the strip below.
    """

    key: str
    lead: str
    box: QRectF
    origin: QPointF


@dataclass(frozen=True, slots=True)
class Sheet:
    """``levels`` [pixels] are the heights of the rows' 0 V, where calibration marks stand."""

    paper: Paper
    cells: tuple[Cell, ...]
    levels: tuple[float, ...]
    left: float

    def cell(self, key: str) -> Cell | None:
        return next((cell for cell in self.cells if cell.key == key), None)

    def at(self, place: QPointF) -> Cell | None:
        """Give the cell under ``place``."""
        return next((cell for cell in self.cells if cell.box.contains(place)), None)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user chose: ``layout`` may be empty, ``fills`` enlarges beyond true size."""

    layout: str
    speed: float
    gain: float
    pixels_per_mm: float
    fills: bool = False


def rows_of(layout: str, leads: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Order the standard twelve as on paper; further leads that are given come below."""
    height, width = _COLUMNS[layout]
    standard = tuple(
        tuple(ECG_LEADS[column * height + row] for column in range(width)) for row in range(height)
    )
    further = [lead for lead in leads if lead not in ECG_LEADS]
    more = tuple(tuple(further[at : at + width]) for at in range(0, len(further), width))
    return standard + more


def sheet(room: Room, wish: Wish, extents: Mapping[str, Extent]) -> Sheet:
    """Lay out all leads of ``extents``; the standard twelve always have their place.

    An empty layout takes the one whose paper comes out largest, the usual ones first.
    """
    names = (wish.layout,) if wish.layout else tuple(_COLUMNS)
    sheets = [
        _laid_out(rows_of(name, [lead for lead in extents if lead != RHYTHM]), room, wish, extents)
        for name in names
    ]
    return max(sheets, key=lambda laid: round(laid.paper.scale, 2))


def single(lead: str, room: Room, wish: Wish, extents: Mapping[str, Extent]) -> Sheet:
    """One lead, enlarged to fill the room with its waves and the mark of 1 mV."""
    low, high = extents.get(lead, (0.0, 0.0))
    enlarged = Wish(wish.layout, wish.speed, wish.gain, wish.pixels_per_mm, fills=True)
    return _laid_out(((lead,),), room, enlarged, {lead: (low, max(high, MV))})


def _laid_out(
    rows: tuple[tuple[str, ...], ...], room: Room, wish: Wish, extents: Mapping[str, Extent]
) -> Sheet:
    if len(rows) > 1 and len(rows[0]) > 2 and room.area.height() >= RHYTHM_ROOM:
        rows = (*rows, (RHYTHM,))
    reaches = [_joined([_extent(key, extents) for key in row]) for row in rows]
    needs = [ROW_ROOM_MM + (high - low) / MV * USUAL_GAIN for low, high in reaches]
    columns, beat = len(rows[0]), room.duration * wish.speed
    width = MARGIN_MM + CALIBRATION_MM + columns * (GAP_MM + beat)
    fitting = min(room.area.width() / width, room.area.height() / sum(needs))
    largest = LARGEST if wish.fills else 1.0
    paper = Paper(min(fitting, largest * wish.pixels_per_mm), wish.speed, wish.gain)
    # Columns move apart on wide paper, but not so far that rows fall to pieces.
    spread = min(max((room.area.width() / paper.scale - width) / columns, 0.0), 0.35 * beat)
    pitch = (GAP_MM + beat + spread) * paper.scale
    left = max(room.area.width() - (width + columns * spread) * paper.scale, 0.0) / 2
    left = room.area.left() + MARGIN_MM * paper.scale + left // paper.scale * paper.scale
    head = left + CALIBRATION_MM * paper.scale
    levels, cells, top = [], [], room.area.top()
    spare = max(room.area.height() - sum(needs) * paper.scale, 0.0) / len(needs)
    for row, need, (low, high) in zip(rows, needs, reaches, strict=True):
        height = need * paper.scale + spare
        middle = top + (height + 0.7 * ROW_ROOM_MM * paper.scale) / 2
        levels.append(middle + (high + low) / 2 * paper.pixels_per_volt)
        for column, key in enumerate(row):
            box = QRectF(head + column * pitch, top, pitch, height)
            if key == RHYTHM:
                box.setWidth(columns * pitch)
            onset = 0.0 if key == RHYTHM else -room.start * paper.pixels_per_second
            origin = QPointF(box.left() + 0.8 * GAP_MM * paper.scale + onset, levels[-1])
            cells.append(Cell(key, _lead(key), box, origin))
        top += height
    return Sheet(paper, tuple(cells), tuple(levels), left)


def _lead(key: str) -> str:
    return RHYTHM_LEAD if key == RHYTHM else key


def _extent(key: str, extents: Mapping[str, Extent]) -> Extent:
    """Of a lead; the strip has one of its own where there is a recording."""
    return extents.get(key, extents.get(_lead(key), (0.0, 0.0)))


def _joined(extents: Sequence[Extent]) -> Extent:
    return min(low for low, _ in extents), max(high for _, high in extents)
