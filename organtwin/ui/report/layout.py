"""Where everything stands on the page, and letters small enough that it all has room."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPaintDevice, QPainter

from organtwin.session.report_words import Cell, HeartPicture, Lines, Page, Table
from organtwin.ui.report.blocks import SIZE, lines, table
from organtwin.ui.report.charts import chart, color_of, lettered
from organtwin.ui.report.sheet import DOT, Placed, Sheet
from organtwin.ui.theme import LIGHT


@dataclass(frozen=True, slots=True)
class Cut:
    """Most characters of a source and of a reason, most warnings and most reasons."""

    source: int = 10**6
    warnings: int = 10**6
    reason: int = 10**6
    reasons: int = 10**6


PAPER = (210.0, 297.0)
"""[mm] A4, upright: the table of four plans is as wide as that, and everything else is long."""
MARGIN = 10.0
BETWEEN = 2.6
"""Between two blocks [mm]."""
LEAST_CHART, MOST_CHART = 34.0, 58.0
LEAST_PICTURE = 30.0
SCALES = (1.0, 0.96, 0.92, 0.88, 0.84, 0.8)
"""Of the letters: the smallest is 5.3 points, which can still be read on paper."""
CUTS = (
    Cut(), Cut(source=320), Cut(source=220, warnings=10), Cut(source=120, warnings=8),
    Cut(source=120, warnings=8, reason=240), Cut(source=90, warnings=6, reason=160),
    Cut(source=60, warnings=4, reason=100, reasons=12),
)  # fmt: skip
"""Sources go first, the reasons of a refusal last."""
SOURCES_ONLY, EASY = 3, 0.88
"""The first cuts, and scales of letters that are easy to read: tried before all others."""
Pictures = Mapping[str, QImage]
"""By letter of plan, empty for the untreated heart."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A page that fits on the paper, with the scale of its letters and the height of its charts."""

    page: Page
    scale: float
    charts: float


def fitting(painter: QPainter, device: QPaintDevice, page: Page, pictures: Pictures) -> Fitted:
    """The page with letters, or at last with sentences, so short that nothing is cut off."""
    room = PAPER[1] - 2 * MARGIN
    easy = [(cut, scale) for cut in CUTS[:SOURCES_ONLY] for scale in SCALES if scale >= EASY]
    small = [(cut, scale) for cut in CUTS[SOURCES_ONLY - 1 :] for scale in SCALES if scale < EASY]
    for cut, scale in (*easy, *small):
        shorter, sheet = _cut(page, cut), Sheet(painter, device, scale)
        spare = room - _lay_out(sheet, shorter, pictures, LEAST_CHART)
        if spare >= 0.0:
            return Fitted(shorter, scale, min(LEAST_CHART + spare, MOST_CHART))
    return Fitted(_cut(page, CUTS[-1]), SCALES[-1], LEAST_CHART)


def paint(
    painter: QPainter, device: QPaintDevice, found: Fitted, pictures: Pictures
) -> list[Placed]:
    """Paint a page; tells where everything stands."""
    sheet = Sheet(painter, device, found.scale)
    sheet.dry = False
    _lay_out(sheet, found.page, pictures, found.charts)
    return sheet.placed


def _lay_out(sheet: Sheet, page: Page, pictures: Pictures, charts: float) -> float:
    """Everything from top to bottom; gives the height [mm]."""
    x, y, width = MARGIN, MARGIN, PAPER[0] - 2 * MARGIN
    y += _head(sheet, page, x, y, width) + BETWEEN
    half = 0.5 * (width - 5.0)
    beside = x + half + 5.0
    left = table(sheet, page.fit, x, y, half)
    _hearts(sheet, page.hearts, pictures, QRectF(beside, y, half, max(left, LEAST_PICTURE)))
    y += max(left, LEAST_PICTURE) + BETWEEN
    y += lines(sheet, page.plans, x, y, width) + BETWEEN
    y += table(sheet, page.response, x, y, width) + BETWEEN
    each = (width - 4.0 * (len(page.charts) - 1)) / max(len(page.charts), 1)
    for number, found in enumerate(page.charts):
        chart(sheet, found, QRectF(x + number * (each + 4.0), y, each, charts))
    y += charts + _legend(sheet, page, x, y + charts, width) + BETWEEN
    below = lines(sheet, page.drivers, x, y, half)
    y += max(below, lines(sheet, page.warnings, beside, y, half)) + BETWEEN
    y += table(sheet, page.evidence, x, y, width) + BETWEEN
    y += lines(sheet, page.digests, x, y, width, SIZE - 1.2)
    return y - MARGIN


def _head(sheet: Sheet, page: Page, x: float, y: float, width: float) -> float:
    stamp = max(sheet.width(text, 7.0) for text in page.stamp) + 1.0
    down = sheet.wrap(Cell(page.title, bold=True), x, y, width - stamp - 3.0, 12.0)
    for number, text in enumerate(page.stamp):
        where = y + number * sheet.line(7.0)
        sheet.write(Cell(text, "muted"), x + width - stamp, where, stamp, 7.0, right=True)
    down = max(down, len(page.stamp) * sheet.line(7.0))
    down += sheet.wrap(Cell(page.subtitle, "muted"), x, y + down, width, 7.6) + 0.8
    bar = sheet.line(7.8) + 1.6
    if not sheet.dry:
        sheet.painter.fillRect(_dots(QRectF(x, y + down, width, bar)), QColor(LIGHT.bad))
    purpose = Cell(f"{page.purpose}.", bold=True)
    sheet.write(purpose, x + 2.0, y + down + 0.8, width - 4.0, 7.8, color="#ffffff")
    return down + bar


def _hearts(
    sheet: Sheet, found: tuple[HeartPicture, ...], pictures: Pictures, box: QRectF
) -> None:  # fmt: skip
    """Up to three side by side, more in two rows."""
    columns = len(found) if len(found) <= 3 else -(-len(found) // 2)
    rows = -(-len(found) // columns)
    width, height = (box.width() - 2.0 * (columns - 1)) / columns, box.height() / rows
    for number, heart in enumerate(found):
        row, column = divmod(number, columns)
        place = QRectF(
            box.x() + column * (width + 2.0), box.y() + row * height, width, height - 1.0
        )
        _heart(sheet, heart, pictures.get(heart.letter), place)


def _heart(sheet: Sheet, heart: HeartPicture, picture: QImage | None, place: QRectF) -> None:
    if sheet.dry:
        return
    line = sheet.line(SIZE)
    told = f"{heart.title}, extrapolation" if heart.extrapolated else heart.title
    tone = "bad" if heart.extrapolated or heart.why else "ink"
    sheet.write(Cell(told, tone), place.x(), place.y(), place.width(), SIZE)
    inside = place.adjusted(0.0, line + 0.3, 0.0, 0.0)
    if picture is None:
        sheet.painter.fillRect(_dots(inside), QColor(LIGHT.raised))
        why = heart.why or "no picture"
        sheet.write(Cell(why, "muted"), inside.x() + 1, inside.center().y(), inside.width(), SIZE)
        return
    size = picture.size().scaled(
        round(inside.width() * DOT),
        round(inside.height() * DOT),
        Qt.AspectRatioMode.KeepAspectRatio,
    )
    x = inside.x() + 0.5 * (inside.width() - size.width() / DOT)
    shown = QRectF(x, inside.y(), size.width() / DOT, size.height() / DOT)
    sheet.painter.drawImage(_dots(shown), picture)
    sheet.note(f"picture {heart.letter}", inside, shown)


def _legend(sheet: Sheet, page: Page, x: float, y: float, width: float) -> float:
    """Whose curves these are, in their colours."""
    known = lettered(page.charts)
    for heart in (heart for heart in page.hearts if heart.letter in known):
        text = f"Plan {heart.letter}" if heart.letter else "dashed: untreated"
        wide = sheet.width(text, SIZE, bold=True) + 4.0
        color = color_of(heart.letter)
        sheet.write(Cell(text, bold=bool(heart.letter)), x, y, wide, SIZE, color=color)
        x += wide
    return sheet.line(SIZE)


def _cut(page: Page, cut: Cut) -> Page:
    return replace(
        page,
        plans=_cut_lines(page.plans, cut.reason, cut.reasons),
        drivers=_cut_lines(page.drivers, cut.reason, cut.reasons),
        warnings=_cut_lines(page.warnings, cut.reason, cut.warnings),
        evidence=_cut_table(page.evidence, cut.source),
    )


def _cut_lines(found: Lines, length: int, count: int) -> Lines:
    kept = tuple(replace(cell, text=_short(cell.text, length)) for cell in found.lines[:count])
    more = len(found.lines) - count
    if more > 0:
        kept += (Cell(f"… and {more} more, told in the window and in the bundle.", "muted"),)
    return Lines(found.title, kept)


def _cut_table(found: Table, length: int) -> Table:
    rows = tuple(
        tuple(replace(cell, text=_short(cell.text, length)) for cell in row) for row in found.rows
    )
    return replace(found, rows=rows)


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 2].rstrip()} …"


def _dots(box: QRectF) -> QRectF:
    return QRectF(box.x() * DOT, box.y() * DOT, box.width() * DOT, box.height() * DOT)
