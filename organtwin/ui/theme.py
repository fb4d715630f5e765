"""Colours, fonts and the one stylesheet.

Signal colours are Okabe and Ito's colour-blind-safe set (2008), toned for each background.
"""

from dataclasses import asdict, dataclass
from string import Template

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

TEXT_SIZE = 12
"""Height of ordinary text [pixels before scaling by the screen]."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Every colour of the program, by what it stands for."""

    name: str
    window: str
    panel: str
    raised: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    measured: str
    good: str
    watch: str
    bad: str
    lv: str
    rv: str
    la: str
    ra: str
    aorta: str
    pulmonary_artery: str
    cursor: str
    grid: str
    paper: str
    paper_minor: str
    paper_major: str
    ink: str
    model: str
    """The simulated ECG on paper; broad, under the measured one."""
    plan: str


DARK = Theme(
    name="dark",
    window="#14171b", panel="#1a1e24", raised="#232931", border="#2f3741",
    text="#dbe1e8", muted="#8b97a5", accent="#4f9fc4", on_accent="#0e1317",
    measured="#dfe5ec", good="#7fb69a", watch="#e0ad4d", bad="#e5795b",
    lv="#e5795b", rv="#5aa5dd", la="#57b894", ra="#a9a3e0", aorta="#e3b04b",
    pulmonary_artery="#7fd0e8", cursor="#aeb8c4", grid="#262d36",
    paper="#1c1a1b", paper_minor="#2a2425", paper_major="#40322f", ink="#e6e2dc",
    model="#3f86b8", plan="#e3b04b",
)  # fmt: skip
LIGHT = Theme(
    name="light",
    window="#eceff2", panel="#ffffff", raised="#f2f5f7", border="#cfd6dd",
    text="#1d242b", muted="#5b6773", accent="#1f6f9c", on_accent="#ffffff",
    measured="#1d242b", good="#2c7a57", watch="#875a05", bad="#b8431f",
    lv="#c2481f", rv="#1668a8", la="#147a57", ra="#5e54ab", aorta="#a26d00",
    pulmonary_artery="#1a87a5", cursor="#4b5661", grid="#e6eaee",
    paper="#fff9f6", paper_minor="#f8e3dc", paper_major="#eebfb1", ink="#22201e",
    model="#6fb1e0", plan="#5b2a86",
)  # fmt: skip
_THEMES = {theme.name: theme for theme in (DARK, LIGHT)}
_STYLE = Template("""
QToolTip { background: ${raised}; color: ${text};
    border: 1px solid ${border}; padding: 4px; }
#panel { background: ${panel}; border: 1px solid ${border}; border-radius: 4px; }
#panelTitle { color: ${muted}; font-size: 11px; font-weight: 600; letter-spacing: 1px; }
#muted { color: ${muted}; }
#small { color: ${muted}; font-size: 11px; }
#patientTitle { font-size: 14px; font-weight: 600; }
#status { color: ${muted}; }
#status[level="good"] { color: ${good}; }
#status[level="watch"] { color: ${watch}; }
#status[level="bad"] { color: ${bad}; }
#trouble { color: ${bad}; font-size: 11px; }
#banner { background: ${raised}; border: 1px solid ${bad}; border-radius: 4px; }
#badge { color: ${muted}; font-size: 11px; padding: 0px 4px; }
#card { background: ${raised}; border: 1px solid ${border}; border-radius: 4px; }
#card[applied="false"] QLabel { color: ${muted}; }
#overlay { background: transparent; }
#placeholder { color: ${muted}; font-size: 14px; }
QSplitter::handle { background: ${window}; }
QSplitter::handle:hover { background: ${accent}; }
QTableView { background: ${panel}; border: none; font-size: 11px;
    gridline-color: ${border}; selection-background-color: ${raised};
    selection-color: ${text}; }
QHeaderView::section { background: ${panel}; color: ${muted}; border: none;
    border-bottom: 1px solid ${border}; padding: 2px 4px; font-size: 11px; }
QTabWidget::pane { border: none; }
QTabBar { qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: ${muted}; padding: 3px 7px;
    border: none; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: ${text}; border-bottom: 2px solid ${accent}; }
QScrollArea { border: none; background: transparent; }
QScrollArea > QWidget > QWidget { background: transparent; }
QToolButton { border: 1px solid transparent; border-radius: 4px; padding: 3px 7px; }
QToolButton:hover { background: ${raised}; border-color: ${border}; }
QToolButton:checked { background: ${raised}; border-color: ${accent}; }
QToolButton:focus { border-color: ${accent}; }
QToolButton#primary { background: ${accent}; color: ${on_accent};
    font-weight: 600; padding: 4px 10px; }
QToolButton#primary:disabled { background: ${raised}; color: ${muted}; }
QToolButton::menu-indicator { image: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: ${border}; border-radius: 4px;
    min-height: 24px; margin: 0 1px; }
QScrollBar::handle:vertical:hover { background: ${muted}; }
QScrollBar::add-line, QScrollBar::sub-line { height: 0; width: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QPlainTextEdit { background: ${panel}; border: none; }
QProgressBar { background: ${raised}; border: 1px solid ${border};
    border-radius: 3px; max-height: 8px; }
QProgressBar::chunk { background: ${accent}; border-radius: 2px; }
""")


def theme(name: str) -> Theme:
    """Give the theme called ``dark`` or ``light``."""
    return _THEMES[name]


def apply(application: QApplication, name: str) -> None:
    """Dress the whole application."""
    chosen = theme(name)
    application.setStyle("Fusion")
    font = application.font()
    font.setPixelSize(TEXT_SIZE)
    application.setFont(font)
    application.setPalette(_qt_palette(chosen))
    application.setStyleSheet(_STYLE.substitute(asdict(chosen)))


def _qt_palette(colors: Theme) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: colors.window,
        QPalette.ColorRole.Base: colors.panel,
        QPalette.ColorRole.AlternateBase: colors.raised,
        QPalette.ColorRole.Button: colors.raised,
        QPalette.ColorRole.ToolTipBase: colors.raised,
        QPalette.ColorRole.WindowText: colors.text,
        QPalette.ColorRole.Text: colors.text,
        QPalette.ColorRole.ButtonText: colors.text,
        QPalette.ColorRole.ToolTipText: colors.text,
        QPalette.ColorRole.PlaceholderText: colors.muted,
        QPalette.ColorRole.Highlight: colors.accent,
        QPalette.ColorRole.HighlightedText: colors.on_accent,
        QPalette.ColorRole.Link: colors.accent,
        QPalette.ColorRole.Light: colors.border,
        QPalette.ColorRole.Mid: colors.border,
        QPalette.ColorRole.Dark: colors.border,
    }
    for role, color in roles.items():
        palette.setColor(role, QColor(color))
    for role in (
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
        QPalette.ColorRole.WindowText,
    ):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colors.muted))
    return palette
