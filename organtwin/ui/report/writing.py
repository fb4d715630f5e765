"""The page as a PDF of one sheet: vector text with its fonts inside, made without a screen."""

from datetime import datetime

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QSizeF
from PySide6.QtGui import QFontDatabase, QPageLayout, QPageSize, QPainter, QPdfWriter

from organtwin import __version__
from organtwin.errors import InputError
from organtwin.session.report import Reported
from organtwin.session.report_digests import ReportDigests
from organtwin.session.report_page import page as page_of
from organtwin.session.report_words import Page
from organtwin.ui.report.layout import PAPER, Pictures, fitting, paint
from organtwin.ui.report.sheet import RESOLUTION, Placed
from organtwin.ui.widgets.wording import pretty_unit


def report_pdf(
    found: Reported, digests: ReportDigests, made: datetime, pictures: Pictures
) -> bytes:  # fmt: skip
    """The report as the bytes of a PDF."""
    return pdf(page_of(found, digests, made, pretty_unit), pictures)[0]


def pdf(page: Page, pictures: Pictures) -> tuple[bytes, list[Placed]]:
    """A page as the bytes of a PDF, and where everything stands on it.

    Raises
    ------
    InputError
        There is no font on this machine, or Qt could not write.
    """
    if not QFontDatabase.families():
        raise InputError(
            "report", "font", expected="a font on this machine", got="none",
            remedy="Install one, for example DejaVu Sans.",
        )  # fmt: skip
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    placed = _written(buffer, page, pictures)
    buffer.close()
    return bytes(content.data()), placed


def _written(buffer: QBuffer, page: Page, pictures: Pictures) -> list[Placed]:
    writer = QPdfWriter(buffer)
    writer.setResolution(RESOLUTION)
    size = QPageSize(QSizeF(*PAPER), QPageSize.Unit.Millimeter, "A4")
    none = QMarginsF(0.0, 0.0, 0.0, 0.0)
    writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, none))
    writer.setTitle(page.title)
    writer.setCreator(f"OrganTwin {__version__}")
    painter = QPainter()
    if not painter.begin(writer):
        raise InputError(
            "report", "PDF", expected="a page to paint on", got="a failure of Qt",
            remedy="Report this fault of the program.",
        )  # fmt: skip
    try:
        return paint(painter, writer, fitting(painter, writer, page, pictures), pictures)
    finally:
        painter.end()
