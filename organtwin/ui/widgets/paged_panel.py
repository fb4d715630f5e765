"""A panel with several pages, chosen where other panels have their title."""

from PySide6.QtWidgets import QFrame, QTabWidget, QVBoxLayout, QWidget


class PagedPanel(QFrame):
    def __init__(
        self, name: str, pages: tuple[tuple[str, QWidget], ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.pages = QTabWidget(self)
        self.pages.setAccessibleName(name)
        self.pages.tabBar().setAccessibleName(name)
        self.pages.setDocumentMode(True)
        for title, page in pages:
            self.pages.addTab(page, title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 5, 8, 6)
        layout.addWidget(self.pages)
