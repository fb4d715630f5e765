"""A column of cards that scrolls: nothing in it changes because the wheel passed over it."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QScrollArea,
    QWidget,
)
from shiboken6 import isValid

_TURNED = (QAbstractSlider, QAbstractSpinBox, QComboBox)


class CardScroll(QScrollArea):
    """Scrolls up and down; ``reveal`` brings a card that has grown or is new into sight."""

    def __init__(self, holder: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWidget(holder)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._wanted: QWidget | None = None
        # Once the layout knows how high the card has become.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._reveal)
        self.verticalScrollBar().actionTriggered.connect(self._forget)  # somebody scrolls

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep in sight what was to be seen, also where the verdict below takes more room."""
        super().resizeEvent(event)
        if self._wanted is not None:
            self._soon.start()

    def reveal(self, card: QWidget) -> None:
        """Scroll as little as shows the whole card; of one that is too high, its head."""
        self._wanted = card
        self._soon.start()

    @Slot()
    def _forget(self) -> None:
        self._wanted = None

    @Slot()
    def _reveal(self) -> None:
        card, holder = self._wanted, self.widget()
        if card is None or holder is None:
            return
        if not isValid(card):  # taken away meanwhile
            self._forget()
            return
        if not card.isVisible():
            return
        QCoreApplication.sendPostedEvents(holder, QEvent.Type.LayoutRequest)
        top = card.mapTo(holder, card.rect().topLeft()).y()
        bar, room = self.verticalScrollBar(), self.viewport().height()
        lowest = top + card.height() - room
        if bar.value() < lowest:
            bar.setValue(lowest)
        if bar.value() > top:
            bar.setValue(top)


class _WheelGuard(QObject):
    """Hands a wheel that turns over an unfocused control on to what scrolls."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Wheel:
            return False
        if isinstance(watched, QWidget) and watched.hasFocus():
            return False
        event.ignore()
        return True


def guard_wheel(root: QWidget) -> None:
    """Keep a wheel that passes by from changing any slider, number or choice inside ``root``."""
    guard = _WheelGuard(root)
    for control in root.findChildren(QWidget):
        if isinstance(control, _TURNED):
            control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # not by the wheel
            control.installEventFilter(guard)
