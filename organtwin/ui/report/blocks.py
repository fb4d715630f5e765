"""Tables and lines on a sheet; each takes a place and a width, and gives its height [mm]."""

from organtwin.session.report_words import Cell, Lines, Table
from organtwin.ui.report.sheet import Sheet

SIZE, TITLE = 6.6, 7.4
"""Letters of text and of titles [points] before scaling."""
GAP = 1.6
"""Between two columns [mm]."""
LOOSEST = 9.0
"""By how much a column is wider than it needs [mm]: farther apart, rows are misread."""
PAD = 0.35
"""Above and below a row [mm]."""


def title(sheet: Sheet, text: str, x: float, y: float, width: float) -> float:
    """The title of a block, with a rule under it."""
    sheet.write(Cell(text, bold=True), x, y, width, TITLE)
    under = y + sheet.line(TITLE) + 0.3
    sheet.rule(x, under, width)
    return under - y + 0.7


def lines(
    sheet: Sheet, found: Lines, x: float, y: float, width: float, size: float = SIZE
) -> float:
    """Sentences under a title."""
    down = title(sheet, found.title, x, y, width)
    for cell in found.lines:
        down += sheet.wrap(cell, x, y + down, width, size) + PAD
    return down


def table(sheet: Sheet, found: Table, x: float, y: float, width: float) -> float:
    """A table as wide as it is allowed to be, with its note below."""
    down = title(sheet, found.title, x, y, width)
    if found.rows:
        widths, size = _fitted(sheet, found, width)
        down += _row(sheet, found, tuple(Cell(t, "muted") for t in found.header), widths, size,
                     (x, y + down))  # fmt: skip
        for row in found.rows:
            down += _row(sheet, found, row, widths, size, (x, y + down))
    else:
        down += sheet.wrap(Cell("Nothing to list.", "muted"), x, y + down, width, SIZE) + PAD
    if found.note:
        down += sheet.wrap(Cell(found.note, "muted"), x, y + down + PAD, width, SIZE - 0.4) + PAD
    return down


def _row(
    sheet: Sheet, found: Table, cells: tuple[Cell, ...], widths: list[float], size: float,
    place: tuple[float, float],
) -> float:  # fmt: skip
    x, y = place
    height = sheet.line(size)
    for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        if column == found.widest:
            height = max(height, sheet.wrap(cell, x, y + PAD, width, size))
        else:
            sheet.write(cell, x, y + PAD, width, size, right=column not in found.left)
        x += width + GAP
    return height + 2 * PAD


def _fitted(sheet: Sheet, found: Table, width: float) -> tuple[list[float], float]:
    """Widths of the columns, and the size of letters at which they have room."""
    room, size = width - GAP * (len(found.header) - 1), SIZE
    while True:
        natural = [_natural(sheet, found, column, size) for column in range(len(found.header))]
        fixed = sum(w for column, w in enumerate(natural) if column != found.widest)
        if found.widest is not None:
            natural[found.widest] = max(room - fixed, 0.25 * room)
        if sum(natural) <= room or size < 0.6 * SIZE:
            break
        size -= 0.1
    if found.widest is None:
        spare = (room - sum(natural)) / len(natural)
        natural = [w + min(max(spare, 0.0), LOOSEST) for w in natural]
    return natural, size


def _natural(sheet: Sheet, found: Table, column: int, size: float) -> float:
    texts = [Cell(found.header[column]), *(row[column] for row in found.rows)]
    return max(sheet.width(cell.text, size, bold=cell.bold) for cell in texts) + 0.3
