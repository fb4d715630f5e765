"""What the predictions of one therapy rest on, and how each test of it last ended here."""

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from organtwin.ui.theme import Theme
from organtwin.ui.widgets.wording import pretty_unit

if TYPE_CHECKING:
    from organtwin.store.evidence_card import EvidenceCard, KindOfEvidence

_MARKS = {"good": "✓", "watch": "–", "bad": "✗"}


class EvidenceDialog(QDialog):
    """Shows a card as it was when it was opened; nothing can be changed here."""

    def __init__(self, card: "EvidenceCard", colors: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Evidence: {card.label}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(760, 620)
        self.text = QTextBrowser(self)
        self.text.setAccessibleName(f"Evidence of {card.label}")
        self.text.setToolTip("Run the tests, or a script named here, to have its result shown")
        self.text.setHtml(evidence_html(card, colors))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.text, 1)
        layout.addWidget(buttons)


def evidence_html(card: "EvidenceCard", colors: Theme) -> str:
    """The card as the rich text that Qt understands."""
    risk = f"{card.risk}: influence of the model {card.influence}, consequence {card.consequence}"
    facts = (
        ("Context of use", card.context),
        ("Risk class", f"{risk} (ASME V&V 40)"),
        ("Checked in", card.range_text.replace(card.unit, pretty_unit(card.unit))),
        ("Grade of the numbers", card.grade),
        ("Equation", card.equation),
        ("Sources", card.source),
        ("Model error", card.model_error),
    )
    rows = "".join(
        f"<tr><td style='padding-right:12px; color:{colors.muted}'>{title}</td>"
        f"<td>{_lines(text)}</td></tr>"
        for title, text in facts
    )
    kinds = "".join(_kind(number, kind, colors) for number, kind in enumerate(card.kinds, 1))
    problem = f"<p style='color:{colors.bad}'>{escape(card.problem)}</p>" if card.problem else ""
    return (
        f"<h3>{escape(card.label)}</h3><table cellspacing='0' cellpadding='3'>{rows}</table>"
        f"<h4>Credibility evidence: {card.present} of {len(card.kinds)} kinds, with the last run "
        f"on this machine</h4>{problem}<table cellspacing='0' cellpadding='3'>{kinds}</table>"
        f"<p style='color:{colors.muted}'>A test that passes shows that the program does what it "
        "says, not that the response is right for this patient.</p>"
    )


def _kind(number: int, kind: "KindOfEvidence", colors: Theme) -> str:
    lines = "<br>".join(
        f"<span style='color:{getattr(colors, item.level)}'>{_MARKS[item.level]}</span> "
        f"{escape(item.name)}: <span style='color:{colors.muted}'>{escape(item.told)}</span>"
        for item in kind.items
    )
    if not kind.items:
        lines = f"<span style='color:{colors.watch}'>absent: {escape(kind.absent)}</span>"
    return (
        f"<tr><td style='padding-right:12px'>{number}. {escape(kind.title)}</td>"
        f"<td>{lines}</td></tr>"
    )


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")
