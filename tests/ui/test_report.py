"""The report as a PDF, and the menu entries that write it."""

import re
import zipfile

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog

from organtwin.errors import OrganTwinError
from organtwin.session.draft import Draft
from organtwin.session.plans import Plans
from organtwin.session.report_words import (
    Cell,
    Chart,
    Curve,
    HeartPicture,
    Lines,
    Page,
    Table,
)
from organtwin.ui import report_commands
from organtwin.ui.actions import TABLE
from organtwin.ui.report.layout import MARGIN, PAPER
from organtwin.ui.report.writing import pdf
from tests.fake_values import KINDS

LETTERS = "ABCD"
LONG = "Milrinone: no heart failure, checked: severe heart failure. Choose another therapy. "


def picture():
    image = QImage(48, 40, QImage.Format.Format_RGB888)
    image.fill(0xFF8040)
    return image


def page(plans=1, *, reasons=0, struck=False, warnings=4, source=300):
    """A page as full as is asked for."""
    letters = LETTERS[:plans]
    cells = [Cell("1000 to 1300", struck=struck)] * 3 * plans
    turn = np.linspace(0.0, 2 * np.pi, 60)
    curves = tuple(Curve(k, 80 + n * np.cos(turn), 60 + 60 * np.sin(turn))
                   for n, k in enumerate(("", *letters), 20))  # fmt: skip
    doubtful = "extrapolation: plan A" if struck else ""
    return Page(
        "A patient with a long title, " * 4, "dilated heart", ("OrganTwin 0", "2026"), "To teach",
        Table("Fit", ("quantity", "measured", "z"), ((Cell("LVEDV"), Cell("150"), Cell("1")),) * 9),
        (HeartPicture("Untreated", ""), *(HeartPicture(f"Plan {k}", k) for k in letters)),
        Lines("Plans", tuple(Cell(f"{k}: {LONG * 2}", "bad") for k in letters * (1 + reasons))),
        Table("Response", ("quantity", "unit", "before", *("plan", "90 % band", "change") * plans),
              ((Cell("dP/dt max"), Cell("mmHg/s"), Cell("1200"), *cells),) * 17, frozenset((0, 1))),
        tuple(Chart(t, ("volume", "mL"), ("pressure", "mmHg"), curves, doubtful) for t in "abc"),
        Lines("Drivers", (Cell(LONG, struck=struck),) * 4),
        Lines("Warnings", (Cell(LONG, "watch"),) * warnings),
        Table("Evidence", ("therapy", "grade", "source"),
              ((Cell("Milrinone"), Cell("derived"), Cell("word " * (source // 5))),) * 2 * plans,
              frozenset((0, 1, 2)), widest=2),
        Lines("Digests", (Cell("record " + 64 * "0" + "   twin " + 64 * "f"),) * 3),
    )  # fmt: skip


FULL = {
    "one": page(),
    "four": page(4),
    "extrapolated": page(2, struck=True),
    "declined at length": page(4, reasons=6, warnings=40, source=3000),
}


@pytest.fixture(params=FULL, ids=lambda name: name)
def written(qapp, request):
    shown = FULL[request.param]
    pictures = {"": picture(), **{k: picture() for k in LETTERS}}
    return shown, *pdf(shown, pictures)


def test_there_is_one_page_with_the_fonts_in_it(written):
    _, content, _ = written
    assert content.startswith(b"%PDF-1.")
    assert len(re.findall(rb"/Type /Page\b(?!s)", content)) == 1
    fonts = re.findall(rb"/FontName /(\S+)", content)
    assert fonts
    assert len(re.findall(rb"/FontFile\d? ", content)) == len(fonts)


def test_nothing_is_cut_off(written):
    _, _, placed = written
    paper = QRectF(0.0, 0.0, *PAPER).adjusted(MARGIN - 1, MARGIN - 1, 1 - MARGIN, 1 - MARGIN)
    outside = [item.what for item in placed if not paper.contains(item.needed)]
    assert outside == []


def test_a_text_has_the_room_it_needs(written):
    _, _, placed = written
    spare = 0.3  # [mm]: letters lean a little over their own width
    tight = [
        item.what
        for item in placed
        if item.needed.width() > item.rect.width() + spare
        or item.needed.height() > item.rect.height() + spare
    ]
    assert tight == []


def test_a_full_page_cuts_sources_before_reasons(qapp):
    shown = page(4, source=3000)
    texts = [item.what for item in pdf(shown, {})[1]]
    assert any(text.startswith("word") and text.endswith("…") for text in texts)
    assert all(cell.text in texts for cell in shown.plans.lines)


def test_what_is_left_out_is_counted(qapp):
    texts = [item.what for item in pdf(page(1, warnings=90), {})[1]]
    assert any(re.fullmatch(r"… and \d+ more, told in the window and in the bundle\.", text)
               for text in texts)  # fmt: skip


def test_the_shortcuts_are_free():
    keys = [spec.shortcut for spec in TABLE if spec.shortcut]
    assert keys.count("Ctrl+Shift+R") == keys.count("Ctrl+Shift+B") == 1


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Every file dialog answers with a name without ending; hearts are drawn at once."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine"), ""))
    monkeypatch.setattr(report_commands, "drawn_hearts", lambda found: iter([("", picture())]))
    return tmp_path


def run(window, key, qtbot, file):
    window.session.plans = Plans().with_draft(Draft((KINDS["fluid"].at(2.0),)))
    qtbot.waitUntil(lambda: window.actions_[key].isEnabled(), timeout=5000)
    window.actions_[key].trigger()
    qtbot.waitUntil(file.exists, timeout=10_000)


def test_the_menu_writes_a_report(fitted, qtbot, asked):
    run(fitted, "report", qtbot, asked / "mine.pdf")
    assert (asked / "mine.pdf").read_bytes().startswith(b"%PDF")


def test_the_menu_writes_a_bundle_and_says_that_the_case_is_missing(fitted, qtbot, asked, settled):
    run(fitted, "bundle", qtbot, asked / "mine.zip")
    settled()
    with zipfile.ZipFile(asked / "mine.zip") as archive:
        assert "report.pdf" in archive.namelist()
    assert "without the case" in fitted.session.notice.title


def test_without_graphics_the_report_goes_without_pictures(fitted, qtbot, asked, monkeypatch):
    def fail(found):
        raise OrganTwinError("graphics: no OpenGL")
        yield

    monkeypatch.setattr(report_commands, "drawn_hearts", fail)
    run(fitted, "report", qtbot, asked / "mine.pdf")
    assert "no OpenGL" in fitted.session.notice.text
