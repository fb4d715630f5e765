"""Draw the pictures by which the heart is judged, and the window of the README, into a folder.

    xvfb-run -a -s "-screen 0 1366x768x24" .venv/bin/python scripts/draw_pictures.py [FOLDER]

Front, back, opened, short axis, both ends of the beat, fibres, and the window with a therapy and
the bull's eye. The window's picture is what ``assets/screenshot.png`` is made of.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtWidgets import QApplication

from organtwin.app import Start
from organtwin.patient.case_file import load_case
from organtwin.physiology.mechanics.deformation import HeartMotion
from organtwin.scene.layers import FIBERS, HIDDEN_AT_FIRST
from organtwin.scene.offscreen import Look, render_png
from organtwin.session.draft import Draft
from organtwin.session.science import heart_science
from organtwin.session.session import Session
from organtwin.tasks.lanes import Lanes
from organtwin.therapy.catalogue import parse_therapy
from organtwin.twin.beating import beating
from organtwin.twin.building import fitting
from organtwin.ui import theme
from organtwin.ui.bridge import Bridge
from organtwin.ui.main_window import MainWindow
from organtwin.ui.widgets.paged_panel import PagedPanel

SIZE = (1000, 1000)
SCREEN = (1366, 768)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    for path in (*stills(folder), *windows(folder)):
        print(f"{path}: {path.stat().st_size // 1000} kB")


def stills(folder: Path) -> Iterator[Path]:
    """The heart of the default case from all sides."""
    motion = default_motion()
    diastole = motion.end_diastole
    systole = (diastole + 0.32) % 1.0
    hidden = HIDDEN_AT_FIRST - {FIBERS}
    for name, view, phase, layers in (
        ("front", "AP", diastole, HIDDEN_AT_FIRST),
        ("front_systole", "AP", systole, HIDDEN_AT_FIRST),
        ("back", "Posterior", diastole, HIDDEN_AT_FIRST),
        ("opened", "Four-chamber", diastole, HIDDEN_AT_FIRST),
        ("opened_systole", "Four-chamber", systole, HIDDEN_AT_FIRST),
        ("short_axis", "Short axis", diastole, HIDDEN_AT_FIRST),
        ("fibres", "LAO 45", diastole, hidden),
    ):
        path = folder / f"{name}.png"
        render_png(motion, path, Look(preset=view, size=SIZE, hidden=layers), phase=phase)
        yield path


def default_motion() -> HeartMotion:
    twin = [step.twin for step in fitting(load_case("default"), members=0) if step.twin][-1]
    return beating(twin.baseline.beat, twin=twin)


def windows(folder: Path) -> Iterator[Path]:
    """The window with a therapy, before and after turning to the bull's eye."""
    application = QApplication(sys.argv[:1])
    session = Session(heart_science(), Lanes(Bridge().post))
    theme.apply(application, session.selection.theme)
    window = MainWindow(session)
    window.resize(*SCREEN)
    start = Start(window, None, None)
    window.show()
    start.go()
    _until(application, lambda: session.twin is not None and not session.fitting)
    session.draft = Draft((parse_therapy("dobutamine 5 ug/kg/min"),))
    _until(application, lambda: session.up_to_date and not session.predicting)
    session.playhead.playing = False
    for name, field, phase in (("window", "region", 0.15), ("window_bullseye", "strain", 0.5)):
        session.selection.field = field
        session.playhead.move(phase - session.playhead.phase)
        if field != "region":
            window.findChild(PagedPanel).pages.setCurrentWidget(window.bullseye)
        _until(application, lambda: not session.jobs.statuses)
        path = folder / f"{name}.png"
        window.grab().save(str(path))
        yield path
    window.close()


def _until(application: QApplication, condition: Callable[[], bool]) -> None:
    while not condition():
        application.processEvents()
    for _ in range(50):
        application.processEvents()


if __name__ == "__main__":
    main()
