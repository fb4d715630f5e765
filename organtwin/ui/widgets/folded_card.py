"""A card of one line that says what is set, its controls folded away until they are wanted."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from organtwin.ui.widgets.card_scroll import guard_wheel
from organtwin.ui.widgets.elided_label import ElidedLabel


class FoldedCard(QFrame):
    """``content`` is shown below the line while the card is unfolded; ``switch`` heads the line.

    What comes into use unfolds the card, so that it is seen; it may be folded again.
    """

    def __init__(
        self, title: str, content: QFrame, parent: QWidget | None = None,
        *, switch: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName("card")
        self._used = False
        self.content = content
        content.setObjectName("")  # one frame around both
        self.button = QToolButton(self)
        self.button.setText(title)
        self.button.setCheckable(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setArrowType(Qt.ArrowType.RightArrow)
        self.button.setToolTip(f"Show or hide the controls of {title.lower()}")
        self.button.setAccessibleName(f"{title}: controls")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.summary = ElidedLabel(self)
        self.summary.setObjectName("small")
        line = QHBoxLayout()
        line.setSpacing(6)
        if switch is not None:
            line.addWidget(switch)
        line.addWidget(self.button)
        line.addWidget(self.summary, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 1, 2, 1)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(content)
        content.hide()
        guard_wheel(content)
        self.button.toggled.connect(self._fold)

    def tell(self, summary: str, *, used: bool) -> None:
        """Say in the line what is set; unfold where it has come into use."""
        self.summary.setText(summary)
        if used and not self._used:
            self.button.setChecked(True)
        self._used = used

    @Slot(bool)
    def _fold(self, shown: bool) -> None:
        arrow = Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow
        self.button.setArrowType(arrow)
        self.content.setVisible(shown)
